"""The minimum of a quadratic with absolute values: its conditions, whatever the quadratic is like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from analysis.stats.lasso_quadratic import minimum_from


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000), a=st.integers(1, 12), rank=st.integers(1, 12), begun=st.booleans(), free=st.booleans()
)
def test_every_condition_holds_at_the_minimum(seed: int, a: int, rank: int, begun: bool, free: bool) -> None:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rank, a))
    hessian, b = x.T @ x, chance.normal(size=a) * (chance.random(a) < 0.5) * begun
    l1 = chance.uniform(0.1, 1.5, a)
    l1[0] = 0.0 if free else l1[0]
    # A slope that the Hessian cannot level would lead to no minimum: it lies in the range of the Hessian.
    slope = hessian @ chance.normal(size=a)
    found = minimum_from(b, hessian, slope, l1, np.zeros(a))
    left = slope - hessian @ (found - b)
    assert np.abs(left - l1 * np.sign(found))[found != 0].max(initial=0) < 1e-7
    assert (np.abs(left) <= l1 + 1e-7)[found == 0].all()


def test_no_minimum_is_looked_for_where_the_quadratic_falls_without_end() -> None:
    with pytest.raises(linalg.LinAlgError, match="semidefinite"):
        minimum_from(np.ones(2), np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2), np.ones(2), np.zeros(2))
