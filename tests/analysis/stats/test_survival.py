"""Kaplan-Meier curves, worked by hand or printed in textbooks."""

import numpy as np
import pytest

from analysis.stats.errors import EntryAfterExitError, ParameterError
from analysis.stats.follow_up import prodlim_reverse, reverse_kaplan_meier
from analysis.stats.hazard import fleming_harrington, nelson_aalen
from analysis.stats.survival import kaplan_meier
from tests.analysis.stats.remission import PLACEBO, RELAPSED, TREATED


def test_a_curve_of_six_patients_steps_as_worked_by_hand() -> None:
    km = kaplan_meier([1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 0, 1])
    assert km.time.tolist() == [1, 2, 3, 4, 5]
    assert km.n_risk.tolist() == [6, 5, 3, 2, 1]
    assert km.n_event.tolist() == [1, 1, 1, 0, 1]
    assert km.n_censor.tolist() == [0, 1, 0, 1, 0]
    assert km.survival == pytest.approx([5 / 6, 4 / 6, 4 / 9, 4 / 9, 0])


def test_the_treated_arm_of_the_remission_trial_is_as_printed() -> None:
    points = kaplan_meier(TREATED, RELAPSED).at([6, 7, 10, 13, 16, 22, 23])
    assert [round(point.survival, 3) for point in points] == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]
    assert [round(point.std_err, 4) for point in points][:3] == [0.0764, 0.0869, 0.0963]
    assert [point.n_risk for point in points] == [21, 17, 15, 12, 11, 7, 6]


def test_the_medians_of_the_remission_trial_are_as_printed() -> None:
    assert kaplan_meier(TREATED, RELAPSED).median().value == 23
    assert kaplan_meier(PLACEBO, [1] * 21).median().value == 8


def test_greenwoods_variance_without_censoring_is_binomial() -> None:
    km = kaplan_meier(range(1, 11), [1] * 10)
    share = np.arange(9, 0, -1) / 10
    assert km.std_err[:-1] == pytest.approx(np.sqrt(share * (1 - share) / 10))


def test_the_median_is_the_midpoint_of_a_step_at_exactly_one_half() -> None:
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert km.median().value == 2.5
    assert km.quantile(0.25).value == 1.5


def test_rounding_does_not_hide_a_step_at_one_half() -> None:
    # (19/20)(18/19)…(10/11) is not 0.5 to the last bit.
    assert kaplan_meier(range(1, 21), [1] * 20).median().value == 10.5


def test_a_curve_that_ends_flat_at_one_half_reaches_its_median_there() -> None:
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0])
    assert km.median().value == 2
    assert km.quantile(0.5).value == 3


def test_a_median_that_is_not_reached_is_none() -> None:
    median = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median()
    assert (median.value, median.high) == (None, None)


def test_log_limits_of_a_single_step_are_worked_by_hand() -> None:
    km = kaplan_meier([1, 2, 2, 2], [1, 0, 0, 0])
    # Var log S = 1 / (4 * 3)
    half = 1.959963984540054 * np.sqrt(1 / 12)
    assert km.low[0] == pytest.approx(0.75 * np.exp(-half))
    assert km.high[0] == 1


@pytest.mark.parametrize("conf_type", ["plain", "log", "log-log", "logit", "arcsin"])
def test_limits_hold_the_curve_and_widen_with_the_level(conf_type: str) -> None:
    narrow = kaplan_meier(TREATED, RELAPSED, conf_type=conf_type, conf_level=0.5)
    wide = kaplan_meier(TREATED, RELAPSED, conf_type=conf_type, conf_level=0.99)
    assert (wide.low <= narrow.low).all()
    assert (narrow.low <= narrow.survival).all()
    assert (narrow.survival <= narrow.high).all()
    assert (narrow.high <= wide.high).all()


def test_limits_are_not_defined_once_everybody_had_the_event() -> None:
    km = kaplan_meier([1, 2], [1, 1])
    assert np.isnan([km.low[-1], km.high[-1], km.std_err[-1]]).all()


def test_events_between_times_and_nobody_at_risk_after_the_end() -> None:
    points = kaplan_meier([1, 2, 2, 3], [1, 1, 1, 0]).at([0, 2, 9])
    assert [point.n_event for point in points] == [0, 3, 0]
    assert [point.n_risk for point in points] == [4, 3, 0]
    assert [point.survival for point in points] == [1, 0.25, 0.25]


def test_an_event_at_time_zero_counts() -> None:
    km = kaplan_meier([0, 1, 2, 3], [1, 0, 1, 0])
    assert km.at([0])[0].survival == 0.75
    assert km.survival == pytest.approx([0.75, 0.75, 0.375, 0.375])


def test_the_restricted_mean_is_the_area_under_the_steps() -> None:
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert km.rmst(2).mean == 1 + 0.75
    assert km.rmst(4).mean == 1 + 0.75 + 0.5 + 0.25
    assert km.rmst(10).mean == 2.5
    # Without censoring and to the end it is the mean, and its variance that of the mean (divided by n).
    assert km.rmst(4).std_err == pytest.approx(np.sqrt(np.var([1, 2, 3, 4]) / 4))


def test_late_entry_counts_only_from_its_time_on() -> None:
    km = kaplan_meier([2, 3, 5, 6], [1, 1, 1, 0], entry=[0, 2, 1, 3])
    # The second enters at the first death and the fourth at the second: neither is at risk of it.
    assert km.n_risk.tolist() == [2, 2, 2, 1]
    assert km.survival == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 8])
    assert [point.n_risk for point in km.at([0, 1.5, 4])] == [0, 2, 2]


def test_entry_at_or_after_exit_is_refused() -> None:
    with pytest.raises(EntryAfterExitError, match="position 1"):
        kaplan_meier([2, 3], [1, 1], entry=[0, 3])


def test_all_censored_is_a_flat_curve() -> None:
    km = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert km.survival.tolist() == [1, 1, 1]
    assert km.low.tolist() == [1, 1, 1]
    assert km.median().value is None


def test_times_that_differ_by_rounding_are_one_time() -> None:
    third = 0.1 + 0.2
    assert third != 0.3
    assert kaplan_meier([third, 0.3, 1], [1, 1, 0]).n_event.tolist() == [2, 0]


def test_the_median_follow_up_turns_events_and_censorings_round() -> None:
    assert reverse_kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0]).survival == pytest.approx([1, 2 / 3, 2 / 3, 0])


def test_the_two_reverse_curves_differ_where_a_death_and_a_censoring_tie() -> None:
    time, event = [1, 2, 2, 3], [0, 1, 0, 0]
    assert reverse_kaplan_meier(time, event).survival == pytest.approx([3 / 4, 1 / 2, 0])
    assert prodlim_reverse(time, event).survival == pytest.approx([3 / 4, 3 / 8, 0])
    assert prodlim_reverse(time, event).quantile(0.5)[0] == 2


def test_cumulative_hazards_of_tied_deaths_differ_as_their_names_say() -> None:
    km = kaplan_meier([1, 1, 2], [1, 1, 0])
    assert nelson_aalen(km).hazard == pytest.approx([2 / 3, 2 / 3])
    assert fleming_harrington(km).hazard == pytest.approx([1 / 3 + 1 / 2] * 2)
    assert fleming_harrington(km).std_err[0] == pytest.approx(np.sqrt(1 / 9 + 1 / 4))


@pytest.mark.parametrize("p", [0, 1, -0.1, float("nan")])
def test_a_quantile_outside_0_and_1_is_refused(p: float) -> None:
    with pytest.raises(ParameterError):
        kaplan_meier([1, 2], [1, 1]).quantile(p)
