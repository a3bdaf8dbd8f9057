"""ROC curves and cutoffs, worked by hand."""

import numpy as np
import pytest

from analysis.stats.errors import LengthMismatchError, MissingValueError, ParameterError, TooFewGroupsError
from analysis.stats.partial_auc import partial_auc, sensitivity_at
from analysis.stats.proportion import proportion
from analysis.stats.roc import best_points, delong_test, operating_point, roc, youden

OUTCOME, MARKER = [0, 0, 1, 1], [1, 3, 2, 4]


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert roc(OUTCOME, MARKER).auc == 0.75
    assert roc([0, 1], [5, 5]).auc == 0.5


def test_the_curve_runs_from_everybody_positive_to_nobody() -> None:
    curve = roc(OUTCOME, MARKER)
    assert curve.thresholds.tolist() == [-np.inf, 1.5, 2.5, 3.5, np.inf]
    assert curve.sensitivity.tolist() == [1, 1, 0.5, 0.5, 0]
    assert curve.specificity.tolist() == [0, 0.5, 0.5, 1, 1]


def test_delongs_variance_of_four_patients_is_worked_by_hand() -> None:
    # The cases are above 1/2 and 1 of the controls, the controls below 1 and 1/2 of the cases.
    curve = roc(OUTCOME, MARKER)
    assert curve.variance == pytest.approx(0.125 / 2 + 0.125 / 2)
    assert curve.low == pytest.approx(0.75 - 1.959963984540054 * 0.125**0.5)
    assert curve.high == 1


def test_auto_takes_the_lower_median_for_the_controls() -> None:
    assert roc(OUTCOME, MARKER).direction == "<"
    assert roc(OUTCOME, [-value for value in MARKER]).direction == ">"
    assert roc([0, 1], [5, 5]).direction == "<"


def test_turning_a_marker_round_mirrors_its_thresholds() -> None:
    up, down = roc(OUTCOME, MARKER), roc(OUTCOME, [-value for value in MARKER])
    assert down.auc == up.auc
    assert down.thresholds.tolist() == (-up.thresholds).tolist()
    assert down.sensitivity.tolist() == up.sensitivity.tolist()


def test_a_forced_direction_may_give_an_area_below_one_half() -> None:
    assert roc(OUTCOME, MARKER, direction=">").auc == 0.25


def test_the_best_cut_is_the_most_sensitive_of_those_that_tie() -> None:
    curve = roc(OUTCOME, MARKER)
    assert [point.threshold for point in best_points(curve)] == [1.5, 3.5]
    assert youden(curve).threshold == 1.5
    assert youden(curve).youden == 0.5


def test_a_cost_moves_the_best_cut() -> None:
    curve = roc(OUTCOME, MARKER)
    assert [point.threshold for point in best_points(curve, cost=5, prevalence=0.5)] == [1.5]
    assert [point.threshold for point in best_points(curve, cost=0.2, prevalence=0.5)] == [3.5]
    assert [point.threshold for point in best_points(curve, criterion="closest.topleft")] == [1.5, 3.5]


def test_a_value_at_the_cut_is_low_whichever_side_is_positive() -> None:
    high = operating_point(OUTCOME, MARKER, 3, "<")
    assert (high.tp, high.fp, high.tn, high.fn) == (1, 0, 2, 1)
    low = operating_point(OUTCOME, MARKER, 3, ">")
    assert (low.tp, low.fp, low.tn, low.fn) == (1, 2, 0, 1)


def test_the_shares_of_a_cut_are_worked_by_hand() -> None:
    point = operating_point([1] * 10 + [0] * 10, [*range(10), *range(5, 15)], 4, ">", ci_method="exact")
    assert (point.sensitivity, point.specificity, point.ppv) == (0.5, 1.0, 1.0)
    assert point.npv == pytest.approx(10 / 15)
    assert point.accuracy == 0.75
    # Clopper-Pearson for 10 of 10: (alpha/2)^(1/10)
    assert point.specificity_ci.low == pytest.approx(0.025**0.1)


def test_nobody_positive_leaves_the_predictive_value_open() -> None:
    assert np.isnan(operating_point(OUTCOME, MARKER, 9, "<").ppv)


def test_wilsons_interval_is_as_printed() -> None:
    # Newcombe, Stat Med 1998; 17: 857-872, table I: 81/263, 15/148, 0/20.
    printed = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611)}
    for (count, n), limits in printed.items():
        found = proportion(count, n)
        assert (round(found.low, 4), round(found.high, 4)) == limits


def test_exact_limits_are_as_printed() -> None:
    found = proportion(81, 263, method="exact")
    assert (round(found.low, 4), round(found.high, 4)) == (0.2527, 0.3676)


def test_a_share_of_more_than_all_is_refused() -> None:
    with pytest.raises(ParameterError):
        proportion(3, 2)
    assert np.isnan(proportion(0, 0).value)


def test_a_whole_partial_area_is_the_area() -> None:
    curve = roc(OUTCOME, MARKER)
    assert partial_auc(curve, 0) == pytest.approx(curve.auc)
    assert partial_auc(curve, 0, focus="sensitivity") == pytest.approx(curve.auc)
    assert partial_auc(curve, 0, correct=True) == pytest.approx(curve.auc)


def test_a_part_of_the_area_is_a_rectangle_here() -> None:
    curve = roc(OUTCOME, MARKER)
    assert partial_auc(curve, 0.8) == pytest.approx(0.5 * 0.2)
    assert partial_auc(curve, 0.5) == pytest.approx(0.5 * 0.5)
    assert sensitivity_at(curve, 0.9) == 0.5
    assert sensitivity_at(curve, 0.5) == 1


def test_a_part_below_the_diagonal_has_no_corrected_area() -> None:
    assert np.isnan(partial_auc(roc(OUTCOME, MARKER, direction=">"), 0.8, correct=True))


def test_a_marker_does_not_differ_from_itself() -> None:
    a, b = roc(OUTCOME, MARKER), roc(OUTCOME, MARKER)
    assert np.isnan(delong_test(a, b, paired=True).statistic)
    unpaired = delong_test(a, b, paired=False)
    assert (unpaired.statistic, unpaired.p) == (0, 1)
    assert unpaired.df == pytest.approx(6)


def test_a_paired_test_needs_the_same_patients() -> None:
    with pytest.raises(LengthMismatchError):
        delong_test(roc(OUTCOME, MARKER), roc(OUTCOME[:3], MARKER[:3]), paired=True)


def test_one_class_or_a_missing_cut_is_refused() -> None:
    with pytest.raises(TooFewGroupsError):
        roc([1, 1], [1, 2])
    with pytest.raises(TooFewGroupsError):
        operating_point([0, 0], [1, 2], 1, "<")
    with pytest.raises(MissingValueError):
        operating_point(OUTCOME, MARKER, float("nan"), "<")
    with pytest.raises(ParameterError):
        operating_point(OUTCOME, MARKER, 1, "auto")
