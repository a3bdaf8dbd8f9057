"""Nomogram, validation and calibration of a Cox model, by their definitions."""

import numpy as np
import pytest

from analysis.stats.calibration import calibrate
from analysis.stats.cox import CoxFit, cox
from analysis.stats.cox_baseline import predicted_risk
from analysis.stats.errors import ParameterError
from analysis.stats.nomogram import Variable, nomogram
from analysis.stats.pretty import pretty
from analysis.stats.survival import kaplan_meier
from analysis.stats.validation import INDEXES, gini, validate

VARIABLES = [Variable("age", (0,)), Variable("stage", (1, 2), ("I", "II", "III"))]


def model(*, by_stage: bool = False) -> CoxFit:
    """Age and stage of 120 patients; or age alone, with a baseline for each stage."""
    chance = np.random.default_rng(11)
    age, stage = chance.uniform(38, 81, 120), chance.integers(0, 3, 120)
    time, event = chance.exponential(np.exp(-0.03 * age - 0.6 * stage) * 400), chance.random(120) < 0.7
    if by_stage:
        return cox(time, event, age, names=["age"], strata=stage)
    return cox(time, event, np.column_stack([age, stage == 1, stage == 2]), names=["age", "II", "III"])


@pytest.mark.parametrize(
    ("low", "high", "intervals", "ticks"),
    [
        (1, 51, 10, np.arange(0, 56, 5)),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-6.4, 3.2, 10, np.arange(-7, 5)),
    ],
)
def test_round_numbers_cover_a_range(low: float, high: float, intervals: int, ticks: list[float]) -> None:
    assert pretty(low, high, intervals) == pytest.approx(ticks)


def test_round_numbers_are_found_about_a_single_value() -> None:
    for value in (0.0, 7.0, -250.0):
        found = pretty(value, value, 10)
        assert found[0] <= value <= found[-1]


def test_points_add_up_to_the_prediction_of_the_model() -> None:
    fit = model()
    drawn = nomogram(fit, VARIABLES, [12.0], max_points=100)
    age, stage = drawn.axes
    assert stage.labels == ("I", "II", "III")
    assert float(age.labels[0]) <= fit.data.x[:, 0].min()
    assert float(age.labels[-1]) >= fit.data.x[:, 0].max()
    assert max(age.points.max(), stage.points.max()) == pytest.approx(100)
    # A patient whose values are marks has the sum of their points, and the survival that the model predicts.
    patient = [[float(age.labels[2]), 0, 1]]
    total = age.points[2] + stage.points[2]
    assert drawn.points_of(patient) == pytest.approx([total])
    assert drawn.survival_at([total], 12.0) == pytest.approx(1 - predicted_risk(fit, patient, 12.0))
    (axis,) = drawn.survival_axes
    assert drawn.survival_at(axis.points, 12.0) == pytest.approx(axis.survival, abs=1e-3)


def test_an_index_is_corrected_by_what_refits_lose_in_the_patients() -> None:
    fit = model()
    found = validate(fit, resamples=20, seed=3)
    assert found.resamples == 20
    assert found.optimism == pytest.approx(found.training - found.test)
    assert found.corrected == pytest.approx(found.apparent - found.optimism)
    named = dict(zip(INDEXES, found.corrected, strict=True))
    assert named["Slope"] < 1
    assert named["Dxy"] < 2 * fit.concordance.c - 1
    assert validate(fit, resamples=20, seed=3).corrected.tolist() == found.corrected.tolist()
    assert gini(np.array([1.0, 4, 2])) == pytest.approx((3 + 1 + 2) / 3)


def test_groups_by_prediction_are_compared_with_their_kaplan_meier_curves() -> None:
    fit = model()
    found = calibrate(fit, 12.0, per_group=40, resamples=10, seed=3)
    assert found.survival == pytest.approx(1 - predicted_risk(fit, fit.data.x, 12.0))
    assert found.n.sum() == 120
    for group, (low, high) in enumerate(zip(found.cuts, found.cuts[1:], strict=False)):
        rows = (found.survival >= low) & (found.survival < high)
        assert found.predicted[group] == pytest.approx(found.survival[rows].mean())
        (at,) = kaplan_meier(fit.data.time[rows], fit.data.event[rows]).at([12.0])
        assert found.observed[group] == pytest.approx(at.survival)
    assert found.corrected == pytest.approx(found.observed - found.training + found.test)


def test_what_has_no_single_answer_is_refused() -> None:
    fit, stratified = model(), model(by_stage=True)
    for bad in (VARIABLES[:1], [*VARIABLES, VARIABLES[0]], [Variable("age", (0,)), Variable("stage", (1, 2))]):
        with pytest.raises(ParameterError):
            nomogram(fit, bad, [12.0])
    with pytest.raises(ParameterError):
        nomogram(stratified, VARIABLES[:1], [12.0])
    with pytest.raises(ParameterError):
        validate(stratified)
    with pytest.raises(ParameterError):
        validate(fit, resamples=0)
    with pytest.raises(ParameterError):
        calibrate(fit, 12.0, per_group=0)
    with pytest.raises(ParameterError):
        pretty(2, 1)
