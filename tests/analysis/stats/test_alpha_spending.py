"""Boundaries of several looks, against published tables, an independent integration and simulation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from analysis.stats.alpha_spending import (
    OBRIEN_FLEMING,
    POCOCK,
    SPENDING,
    alpha_spent,
    boundaries,
    crossing_probabilities,
)
from analysis.stats.errors import EmptyInputError, LengthMismatchError, MissingValueError, ParameterError

FAST = settings(max_examples=40, deadline=None, derandomize=True)
FIVE = [0.2, 0.4, 0.6, 0.8, 1.0]
LOOKS = st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True).map(lambda shares: np.sort(shares) / 50)


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        # Lan-DeMets bounds for alpha 0.05, two-sided, as ldbounds and gsDesign print them.
        (OBRIEN_FLEMING, [4.877, 3.357, 2.680, 2.290, 2.031]),
        (POCOCK, [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_five_equal_looks_are_the_published_ones(spending: str, published: list[float]) -> None:
    assert boundaries(FIVE, spending=spending).bounds == pytest.approx(published, abs=5e-4)


def test_one_look_is_the_ordinary_test() -> None:
    for spending in SPENDING:
        found = boundaries([1.0], alpha=0.01, spending=spending)
        assert found.bounds == pytest.approx([norm.isf(0.005)])
        assert found.nominal_p == pytest.approx([0.01])


def test_the_second_look_after_one_that_spends_nothing_spends_all() -> None:
    found = boundaries([0.01, 0.02, 1.0])
    # What stops at the first look is as good as nothing beside the second: its bound is that of one look.
    assert found.bounds[1] == pytest.approx(norm.isf(found.spent[1] / 2))
    assert boundaries([0.001, 1.0]).bounds[0] == np.inf


@pytest.mark.parametrize("spending", SPENDING)
def test_another_integration_gives_the_same_chances(spending: str) -> None:
    looks = np.array([0.3, 0.55, 1.0])
    found = boundaries(looks, spending=spending)
    covariance = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    inside = [
        float(multivariate_normal(cov=covariance[:k, :k], abseps=1e-8, releps=1e-8).cdf(b, lower_limit=-b))
        for k in (1, 2, 3)
        for b in [found.bounds[:k]]
    ]
    assert 1 - np.array(inside) == pytest.approx(found.spent, abs=1e-6)


def test_simulated_trials_stop_as_often_as_they_may() -> None:
    random = np.random.default_rng(4)
    found = boundaries(FIVE, spending=POCOCK)
    scores = np.cumsum(random.normal(size=(400_000, 5)), axis=1) / np.sqrt(np.arange(1, 6))
    crossed = np.abs(scores) >= found.bounds
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 5)
    assert np.bincount(first, minlength=6)[:5] / 400_000 == pytest.approx(found.increments, abs=1e-3)


def test_testing_five_times_at_196_errs_in_one_of_seven() -> None:
    # Armitage, McPherson and Rowe 1969, table 2: 0.142 of five looks, 0.193 of ten.
    assert crossing_probabilities(FIVE, [1.96] * 5).sum() == pytest.approx(0.142, abs=5e-4)
    assert crossing_probabilities(np.arange(1, 11) / 10, [1.96] * 10).sum() == pytest.approx(0.193, abs=5e-4)


@FAST
@given(LOOKS, st.sampled_from([0.001, 0.05, 0.2]), st.sampled_from(SPENDING))
def test_what_is_spent_rises_and_the_bounds_spend_exactly_that(looks: np.ndarray, alpha: float, spending: str) -> None:
    found = boundaries(looks, alpha=alpha, spending=spending)
    assert (np.diff(found.spent) > 0).all()
    assert found.spent[-1] <= alpha * (1 + 1e-12)
    assert found.increments.sum() == pytest.approx(found.spent[-1])
    finite = np.where(np.isfinite(found.bounds), found.bounds, 37.0)
    assert crossing_probabilities(looks, finite) == pytest.approx(found.increments, rel=1e-6, abs=1e-14)
    if looks[-1] == 1:
        assert found.spent[-1] == pytest.approx(alpha)


@FAST
@given(LOOKS, st.sampled_from(SPENDING))
def test_looking_more_often_costs_and_never_pays(looks: np.ndarray, spending: str) -> None:
    found = boundaries(looks, spending=spending)
    alone = norm.isf(alpha_spent(looks, spending=spending) / 2)
    # What a look may spend alone is all that was spent so far; having looked before leaves less.
    assert (found.bounds >= alone - 1e-9).all()
    assert (found.nominal_p <= found.spent + 1e-12).all()


def test_obrien_and_fleming_ask_more_at_first_and_less_at_last() -> None:
    early, late = boundaries(FIVE), boundaries(FIVE, spending=POCOCK)
    assert early.bounds[0] > late.bounds[0]
    assert early.bounds[-1] < late.bounds[-1]
    assert (np.diff(early.bounds) < 0).all()


@pytest.mark.parametrize(
    ("fractions", "options", "error"),
    [
        ([0.5, 0.5], {}, ParameterError),
        ([0.5, 0.4], {}, ParameterError),
        ([0.0, 1.0], {}, ParameterError),
        ([0.5, 1.1], {}, ParameterError),
        ([0.5, 0.5004], {}, ParameterError),
        ([], {}, EmptyInputError),
        ([0.5, np.nan], {}, MissingValueError),
        ([1.0], {"alpha": 0}, ParameterError),
        ([1.0], {"alpha": 1}, ParameterError),
        ([1.0], {"spending": "haybittle"}, ParameterError),
    ],
)
def test_designs_that_make_no_sense_are_refused(
    fractions: list[float], options: dict[str, Any], error: type[Exception]
) -> None:
    for ask in (alpha_spent, boundaries):
        with pytest.raises(error):
            ask(fractions, **options)


def test_bounds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ParameterError):
        crossing_probabilities([0.5, 1.0], [2.0, 0.0])
    with pytest.raises(LengthMismatchError):
        crossing_probabilities([0.5, 1.0], [2.0])
