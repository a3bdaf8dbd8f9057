"""Numbers that can be worked out by hand, so that a stranger's run can fail."""

import numpy as np
import pytest

from analysis.stats.cox import cox
from analysis.stats.errors import MissingValueError, SeparationError
from analysis.stats.logrank import logrank
from analysis.stats.roc import operating_point, roc, youden
from analysis.stats.survival import kaplan_meier


def test_a_curve_of_six_patients_steps_as_worked_by_hand() -> None:
    km = kaplan_meier([1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 0, 1])
    assert km.survival == pytest.approx([5 / 6, 4 / 6, 4 / 9, 4 / 9, 0])
    assert km.n_risk.tolist() == [6, 5, 3, 2, 1]
    assert km.median().value == 3


def test_the_median_is_the_midpoint_of_a_step_at_exactly_one_half() -> None:
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median().value == 2.5


def test_the_log_rank_test_of_four_patients_is_as_worked_by_hand() -> None:
    # t=1: 4 at risk, 2 of group a, expected 1/2, variance 1/4; t=2: 3 at risk, 1 of a, expected 1/3, variance 2/9.
    test = logrank([1, 2, 3, 4], [1, 1, 0, 0], ["a", "a", "b", "b"])
    assert test.expected == pytest.approx([5 / 6, 7 / 6])
    assert test.chi2 == pytest.approx((7 / 6) ** 2 / (1 / 4 + 2 / 9))


def test_a_cox_model_of_three_patients_has_the_solution_of_its_quadratic() -> None:
    # Events at 1 (x=1) and 2 (x=0), one patient with x=1 left: l = b - log(2e^b + 1) - log(e^b + 1).
    fit = cox([1, 2, 3], [1, 1, 0], [1, 0, 1], names=["x"])
    assert np.exp(fit.coef[0]) == pytest.approx(1 / np.sqrt(2))


def test_perfect_separation_is_refused_by_name() -> None:
    with pytest.raises(SeparationError, match="marker"):
        cox([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0], names=["marker"])


def test_the_area_counts_pairs_and_high_is_above_the_cut() -> None:
    curve = roc([0, 0, 1, 1], [1, 3, 2, 4])
    assert curve.auc == 0.75
    assert youden(curve).youden == 0.5
    assert operating_point([0, 0, 1, 1], [1, 3, 2, 4], 2, "<").tp == 1
    assert operating_point([0, 0, 1, 1], [1, 3, 2, 4], 2, ">").tp == 1


def test_a_missing_time_is_an_error_that_says_where() -> None:
    with pytest.raises(MissingValueError, match="time is missing or infinite at position 1"):
        kaplan_meier([1, np.nan], [1, 0])
