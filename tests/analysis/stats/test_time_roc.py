"""Time-dependent accuracy: without censoring it is the plain one, and its errors are those of a resampling."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sksurv.metrics import brier_score as sksurv_brier  # type: ignore[import-untyped,unused-ignore]
from sksurv.metrics import cumulative_dynamic_auc  # type: ignore[import-untyped,unused-ignore]
from sksurv.util import Surv  # type: ignore[import-untyped,unused-ignore]

from analysis.stats.brier import brier_score, index_of_prediction_accuracy, integrated, null_risk
from analysis.stats.errors import EventCodeError, LengthMismatchError, ParameterError, TooFewGroupsError
from analysis.stats.roc import roc
from analysis.stats.time_roc import compare_time_rocs, time_roc
from analysis.stats.truncated_concordance import truncated_concordance

Cohort = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]


def cohort(seed: int, n: int = 200) -> Cohort:
    rng = np.random.default_rng(seed)
    marker = rng.normal(size=n)
    death, leaving = rng.exponential(np.exp(-marker)), rng.exponential(2, size=n)
    return np.minimum(death, leaving), death <= leaving, marker


def test_without_censoring_it_is_the_plain_area_with_delongs_error() -> None:
    time, _, marker = cohort(1)
    curve = time_roc(time, np.ones(200), marker, 1.0)
    plain = roc(time <= 1, marker, direction="<")
    assert curve.auc == pytest.approx(plain.auc)
    assert curve.se == pytest.approx(plain.std_err, rel=0.02)


def test_weights_of_four_patients_are_worked_by_hand() -> None:
    # Half of the others stay uncensored after 2, so the death at 3 weighs 3/2 and so does each of those beyond.
    curve = time_roc([1, 2, 3, 4, 5], [1, 0, 1, 0, 0], [5, 1, 2, 4, 3], 3)
    assert (curve.n_cases, curve.n_controls, curve.n_censored) == (2, 2, 1)
    assert curve.case_weight == pytest.approx((1 + 4 / 3) / 5)
    assert curve.control_weight == pytest.approx(2 * 4 / 3 / 5)
    assert curve.auc == pytest.approx(1 / (1 + 4 / 3))


def test_scikit_survival_gives_the_same_area_and_score() -> None:
    time, event, marker = cohort(2)
    outcome = Surv.from_arrays(event, time)
    areas, _ = cumulative_dynamic_auc(outcome, outcome, marker, [0.5, 1.0])
    assert [time_roc(time, event, marker, at).auc for at in (0.5, 1.0)] == pytest.approx(areas)
    risk = 1 / (1 + np.exp(-marker))
    _, scores = sksurv_brier(outcome, outcome, 1 - risk[:, None], [1.0])
    assert brier_score(time, event, risk, 1.0).value == pytest.approx(scores[0])


def test_the_errors_are_those_of_repeated_samples() -> None:
    found = [time_roc(*cohort(seed), 0.8) for seed in range(300)]
    assert np.std([curve.auc for curve in found]) == pytest.approx(np.mean([curve.se for curve in found]), rel=0.1)


def test_competing_events_count_as_controls() -> None:
    time, event, marker = cohort(3)
    other = ~event & (np.arange(200) % 2 == 0)
    curve = time_roc(time, event, marker, 1.0, competing=other)
    assert curve.n_competing == (other & (time <= 1)).sum()
    assert curve.auc != curve.auc_event_free
    with pytest.raises(EventCodeError):
        time_roc(time, event, marker, 1.0, competing=event)


def test_the_curve_ends_where_everybody_is_positive() -> None:
    curve = time_roc(*cohort(4), 1.0)
    assert (curve.sensitivity[0], curve.false_positive[0]) == (0, 0)
    assert (curve.sensitivity[-1], curve.false_positive[-1]) == pytest.approx((1, 1))
    area = np.trapezoid(curve.sensitivity, curve.false_positive)
    assert area == pytest.approx(curve.auc_event_free)


def test_a_marker_and_its_opposite_differ_as_their_areas_do() -> None:
    time, event, marker = cohort(5)
    a, b = (time_roc(time, event, values, 1.0) for values in (marker, -marker))
    test = compare_time_rocs(a, b)
    assert test.difference == pytest.approx(2 * a.auc - 1)
    assert test.se == pytest.approx(2 * a.se)
    assert np.isnan(compare_time_rocs(a, a).p)
    with pytest.raises(LengthMismatchError):
        compare_time_rocs(a, time_roc(time, event, marker, 0.5))


def test_nobody_left_or_no_case_is_refused() -> None:
    for at in (0.01, 9.0):
        with pytest.raises(TooFewGroupsError):
            time_roc([1, 2, 3], [1, 1, 0], [1, 2, 3], at)
    with pytest.raises(ParameterError):
        time_roc([1, 2, 3], [1, 1, 0], [1, 2, 3], 0)


def test_a_perfect_prediction_has_no_error_and_explains_everything() -> None:
    time, event = np.arange(1.0, 11), np.ones(10)
    perfect, null = brier_score(time, event, time <= 5, 5), brier_score(time, event, null_risk(time, event, 5), 5)
    assert perfect.value == 0
    assert null.value == pytest.approx(0.25)
    assert index_of_prediction_accuracy(perfect, null) == 1
    with pytest.raises(ParameterError):
        brier_score(time, event, time, 5)


def test_the_integral_is_a_mean_of_steps() -> None:
    time, event = np.arange(1.0, 11), np.ones(10)
    scores = [brier_score(time, event, null_risk(time, event, at), at) for at in (2, 4, 8)]
    assert integrated(scores) == pytest.approx([0, scores[0].value / 2, (scores[0].value + 2 * scores[1].value) / 4])


def test_pairs_up_to_a_horizon_are_counted_by_hand() -> None:
    # 1 before all others, 2 before 3 and 4: five pairs, one of them the wrong way round.
    found = truncated_concordance([1, 2, 3, 4], [1, 1, 1, 1], [4, 1, 2, 0], 2)
    assert (found.concordant, found.total) == (4, 5)
    assert found.c == 0.8
