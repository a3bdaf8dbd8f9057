"""Log-rank tests, worked by hand or printed in textbooks."""

import numpy as np
import pytest

from analysis.stats.errors import NoEventsError, ParameterError, TooFewGroupsError
from analysis.stats.logrank import logrank, logrank_pairwise, logrank_trend
from analysis.stats.multiplicity import benjamini_hochberg
from tests.analysis.stats.remission import EVENT, ON_PLACEBO, TIME


def test_four_patients_are_as_worked_by_hand() -> None:
    # t=1: 4 at risk, 2 of a: expected 1/2, variance 1/4. t=2: 3 at risk, 1 of a: expected 1/3, variance 2/9.
    test = logrank([1, 2, 3, 4], [1, 1, 0, 0], ["a", "a", "b", "b"])
    assert test.groups == ("a", "b")
    assert test.expected == pytest.approx([5 / 6, 7 / 6])
    assert test.chi2 == pytest.approx((7 / 6) ** 2 / (1 / 4 + 2 / 9))
    assert test.df == 1


def test_the_remission_trial_is_as_printed() -> None:
    test = logrank(TIME, EVENT, ON_PLACEBO)
    assert round(test.chi2, 2) == 16.79
    assert [round(value, 2) for value in test.expected] == [19.25, 10.75]
    assert test.observed.tolist() == [9, 21]


def test_weights_follow_the_pooled_curve_just_before_each_time() -> None:
    # S(t-) is 1 and then 3/4.
    test = logrank([1, 2, 3, 4], [1, 1, 0, 0], ["a", "a", "b", "b"], rho=1)
    difference = 1 * (1 - 1 / 2) + 0.75 * (1 - 1 / 3)
    assert test.chi2 == pytest.approx(difference**2 / (1 / 4 + 0.75**2 * 2 / 9))


def test_strata_are_summed() -> None:
    time, event, group = [1, 2, 3, 4], [1, 1, 0, 0], ["a", "a", "b", "b"]
    alone = logrank(time, event, group)
    doubled = logrank(time * 2, event * 2, group * 2, strata=[1] * 4 + [2] * 4)
    assert doubled.chi2 == pytest.approx(2 * alone.chi2)


def test_numeric_groups_are_ordered_by_size() -> None:
    assert logrank([1, 2, 3], [1, 1, 1], [10, 9, 2]).groups == ("2", "9", "10")
    assert logrank([1, 2, 3], [1, 1, 1], [10.0, 9.5, 2.0]).groups == ("2", "9.5", "10")


def test_a_group_that_leaves_before_the_first_event_does_not_count() -> None:
    test = logrank([1, 2, 3, 4, 5], [0, 1, 1, 1, 1], ["gone", "a", "b", "a", "b"])
    assert test.df == 1
    assert test.chi2 == pytest.approx(logrank([2, 3, 4, 5], [1, 1, 1, 1], ["a", "b", "a", "b"]).chi2)


def test_trend_with_two_groups_is_the_plain_test() -> None:
    assert logrank_trend(TIME, EVENT, ON_PLACEBO).chi2 == pytest.approx(logrank(TIME, EVENT, ON_PLACEBO).chi2)


def test_trend_scores_count_only_up_to_a_line() -> None:
    group = np.arange(42) % 3
    once, shifted = (logrank_trend(TIME, EVENT, group, scores=scores) for scores in ([1, 2, 4], [10, 30, 70]))
    assert once.chi2 == pytest.approx(shifted.chi2)


def test_pairs_are_adjusted_over_all_pairs() -> None:
    tests = logrank_pairwise(TIME, EVENT, [index % 3 for index in range(42)])
    assert [(test.a, test.b) for test in tests] == [("0", "1"), ("0", "2"), ("1", "2")]
    assert [test.p_adjusted for test in tests] == pytest.approx(benjamini_hochberg([test.p for test in tests]))


def test_adjusted_p_values_are_as_worked_by_hand() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert benjamini_hochberg([0.02, float("nan")]) == pytest.approx([0.02, float("nan")], nan_ok=True)


def test_one_group_or_no_event_is_refused() -> None:
    with pytest.raises(TooFewGroupsError):
        logrank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(NoEventsError):
        logrank([1, 2], [0, 0], ["a", "b"])
    with pytest.raises(TooFewGroupsError):
        logrank([1, 2], [0, 1], ["a", "b"])
    with pytest.raises(ParameterError):
        logrank([1, 2], [1, 1], ["a", "b"], rho=float("inf"))
    with pytest.raises(ParameterError):
        logrank_trend([1, 2], [1, 1], ["a", "b"], scores=[1, 1])
