"""Which test a comparison takes by the rule, and that the reason goes with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.errors import LengthMismatchError, ParameterError, StatsInputError, TooFewGroupsError
from analysis.stats.group_test import (
    MANN_WHITNEY,
    PAIRED_T,
    SIGNED_RANK,
    SMALL_PAIRED,
    STUDENT,
    compare_pairs,
    compare_samples,
)
from analysis.stats.rank_tests import mann_whitney, signed_rank
from analysis.stats.t_tests import paired_t_test, t_test
from tests.analysis.stats.test_properties import FAST

# Normal scores: as normal as a sample can be.
BELL = np.array([-1.5, -1.0, -0.7, -0.4, -0.1, 0.1, 0.4, 0.7, 1.0, 1.5])
SKEWED = np.array([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.6, 5.0, 40.0])


def test_few_pairs_are_ranked_without_asking_for_normality() -> None:
    x, y = np.array([3.4, 2.3, 4.6, 1.9, 3.0, 5.1, 2.5]), np.zeros(7)
    found = compare_pairs(x, y)
    assert (found.test, found.checks) == (SIGNED_RANK, ())
    assert found.p == found.least_p == 2 / 2**7
    assert found.method == "exact"
    assert found.difference == 3.0
    assert found.why == (
        "7 pairs are too few to judge whether the differences are normal (fewer than 10), "
        "therefore the Wilcoxon signed-rank test."
    )


def test_normal_differences_have_the_paired_t_test() -> None:
    found = compare_pairs(10 + BELL, np.full(10, 9.5))
    expected = paired_t_test(10 + BELL, np.full(10, 9.5))
    assert (found.test, found.p, found.df) == (PAIRED_T, expected.p, 9)
    assert (found.difference, found.low, found.high) == (expected.difference, expected.low, expected.high)
    assert [check.holds for check in found.checks] == [True]
    assert found.why.startswith("Normality of the differences holds (Shapiro-Wilk p = ")
    assert found.why.endswith(", therefore the paired t test.")


def test_skewed_differences_are_ranked() -> None:
    found = compare_pairs(SKEWED, np.zeros(10))
    assert (found.test, found.p) == (SIGNED_RANK, signed_rank(SKEWED, np.zeros(10)).p)
    assert [check.holds for check in found.checks] == [False]
    assert "does not hold (Shapiro-Wilk p < 0.0001)" in found.why


def test_differences_that_are_all_equal_are_ranked() -> None:
    found = compare_pairs(BELL + 8, BELL)
    assert found.test == SIGNED_RANK
    assert found.p < 0.05


def test_normal_samples_that_vary_alike_have_students_t_test() -> None:
    found = compare_samples(BELL, BELL + 1)
    expected = t_test(BELL, BELL + 1, equal_var=True)
    assert (found.test, found.p, found.df) == (STUDENT, expected.p, 18)
    assert [check.what for check in found.checks] == [
        "normality of the first group",
        "normality of the second group",
        "equal variances",
    ]
    assert "; equal variances holds" not in found.why
    assert "equal variances hold (Levene p = 1.00)" in found.why


def test_samples_that_vary_differently_are_ranked() -> None:
    found = compare_samples(BELL, 20 * BELL + 3)
    assert (found.test, found.p) == (MANN_WHITNEY, mann_whitney(BELL, 20 * BELL + 3).p)
    assert [check.holds for check in found.checks] == [True, True, False]
    assert "equal variances do not hold" in found.why


def test_samples_that_are_not_normal_are_ranked_and_their_variances_not_asked_for() -> None:
    found = compare_samples(SKEWED, BELL)
    assert found.test == MANN_WHITNEY
    assert [check.holds for check in found.checks] == [False, True]


def test_tiny_samples_are_ranked_with_the_least_p_that_they_can_give() -> None:
    found = compare_samples([5, 6], [1, 2, 3])
    assert (found.test, found.checks) == (MANN_WHITNEY, ())
    assert found.p == pytest.approx(0.2)
    assert found.least_p == pytest.approx(0.2)
    assert found.why.startswith("A group of 2 is too small to judge its distribution")


def test_a_group_without_a_spread_cannot_be_tested_for_normality() -> None:
    found = compare_samples([2, 2, 2, 2], [1, 3, 4, 6])
    assert found.test == MANN_WHITNEY
    assert "normality of the first group cannot be tested" in found.why.lower()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(TooFewGroupsError):
        compare_pairs([1], [2])
    with pytest.raises(LengthMismatchError):
        compare_pairs([1, 2], [1, 2, 3])
    with pytest.raises(ParameterError, match="No pair differs"):
        compare_pairs([1, 2, 3], [1, 2, 3])
    with pytest.raises(ParameterError, match="All values are equal"):
        compare_samples([1, 1, 1], [1, 1])
    with pytest.raises(StatsInputError):
        compare_samples([], [1])


VALUES = st.lists(st.integers(-20, 20), min_size=2, max_size=30)


@FAST
@given(VALUES, VALUES)
def test_the_groups_can_be_swapped(first: list[int], second: list[int]) -> None:
    try:
        found, swapped = compare_samples(first, second), compare_samples(second, first)
    except StatsInputError:
        return
    assert found.test == swapped.test
    assert found.difference == pytest.approx(-swapped.difference, abs=1e-9)
    assert found.p == pytest.approx(swapped.p)
    assert 0 <= found.p <= 1


@FAST
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=2, max_size=30))
def test_pairs_are_compared_by_their_differences_only(pairs: list[tuple[int, int]]) -> None:
    x, y = np.array(pairs, dtype=float).T
    try:
        found = compare_pairs(x, y)
    except StatsInputError:
        assert (x == y).all()
        return
    shifted = compare_pairs(x + 8, y + 8)
    assert found.test == shifted.test
    assert found.difference == pytest.approx(shifted.difference, abs=1e-9)
    assert found.p == pytest.approx(shifted.p)
    assert (found.test == SIGNED_RANK) or len(pairs) >= SMALL_PAIRED
    if found.method == "exact":
        assert found.least_p is not None
        assert found.p >= found.least_p - 1e-12
