"""A univariate screen says of every column what a Cox model of that column alone says."""

import numpy as np
import pytest

from analysis.stats.cox import cox
from analysis.stats.errors import LengthMismatchError, NoEventsError, ParameterError
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.screen import FLAT_AT_RISK, INFINITE, MAGNITUDE, NO_EVENT, SAME_VALUE, SEPARATED, screen


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_every_column_is_its_own_cox_model(ties: str, missing: float) -> None:
    rng = np.random.default_rng(7)
    n, p = 90, 12
    time, event = np.ceil(rng.exponential(6, n)), rng.random(n) < 0.5
    x = rng.normal(size=(n, p)) * 10.0 ** np.arange(-4, 8)
    x[:, 0] = x[:, 0] > 0
    x[:, 1] -= 1e3
    x[:, 2] -= np.log(time)
    x[rng.random(x.shape) < missing] = np.nan
    found = screen(time, event, x, names=[f"g{column}" for column in range(p)], ties=ties, conf_level=0.9)
    assert found.refused == ("",) * p
    for column in range(p):
        kept = ~np.isnan(x[:, column])
        own = cox(time[kept], event[kept], x[kept, column], names=["g"], ties=ties, conf_level=0.9)
        ours = [getattr(found, name)[column] for name in ("n", "events", "coef", "se", "hr", "low", "high", "z", "p")]
        theirs = np.hstack([own.n, own.events, own.coef, own.se, own.hr, own.low, own.high, own.z, own.p])
        assert ours == pytest.approx(theirs, rel=1e-8)
    assert found.q == pytest.approx(benjamini_hochberg(found.p))


def test_a_column_without_an_estimate_says_why_and_leaves_the_others_alone() -> None:
    time, event = np.array([1, 2, 3, 4, 5, 6, 7, 8.0]), np.array([1, 1, 1, 0, 1, 1, 0, 0])
    good = [3, 1, 2, 2, 4, 1, 3, 1.0]
    some = [np.nan if dead else value for dead, value in zip(event, good, strict=True)]
    last = [0, 0, 0, 0, 0, 0, 0, 1.0]
    x = np.column_stack([good, [1.0] * 8, -time, last, [np.inf, *good[1:]], time * 1e90, some, [np.nan] * 8])
    found = screen(time, event, x, names=list("abcdefgh"))
    assert found.refused == ("", SAME_VALUE, SEPARATED, SEPARATED, INFINITE, MAGNITUDE, NO_EVENT, NO_EVENT)
    assert np.isfinite(found.q).tolist() == [True] + [False] * 7
    assert found.q[0] == found.p[0]
    assert found.n.tolist() == [8] * 6 + [3, 0]
    # The only row that differs has left before the first event.
    assert screen(time, time > 1, (time == 1)[:, None], names=["x"]).refused == (FLAT_AT_RISK,)


def test_input_that_describes_no_screen_is_refused() -> None:
    with pytest.raises(NoEventsError):
        screen([1, 2], [0, 0], [[1], [2]], names=["x"])
    with pytest.raises(LengthMismatchError):
        screen([1, 2], [1, 0], [[1], [2], [3]], names=["x"])
    with pytest.raises(ParameterError):
        screen([1, 2], [1, 0], [[1], [2]], names=["x", "y"])
    with pytest.raises(ParameterError):
        screen([1, 2], [1, 0], [[1], [2]], names=["x"], ties="exact")
