"""What must hold whatever the cohort."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analysis.stats.cox import cox
from analysis.stats.errors import StatsInputError
from analysis.stats.logrank import logrank
from analysis.stats.roc import operating_point, roc
from analysis.stats.survival import kaplan_meier

FAST = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
Rows = list[tuple[int, bool, int, int]]
ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 2), st.integers(-3, 3)), min_size=2, max_size=40
)


def columns(rows: Rows) -> list[Any]:
    return [np.array(column) for column in zip(*rows, strict=True)]


def outcome_of(call: Any) -> Any:
    """The result, or the type of the refusal."""
    try:
        return call()
    except StatsInputError as error:
        return type(error)


@FAST
@given(ROWS)
def test_survival_falls_within_0_and_1_and_lies_within_its_limits(rows: Rows) -> None:
    time, event, *_ = columns(rows)
    for conf_type in ("log", "log-log", "plain", "logit", "arcsin"):
        km = kaplan_meier(time, event, conf_type=conf_type)
        assert (np.diff(km.survival) <= 0).all()
        assert ((km.survival >= 0) & (km.survival <= 1)).all()
        known = ~np.isnan(km.low)
        assert (km.low[known] <= km.survival[known] + 1e-12).all()
        assert (km.survival[known] <= km.high[known] + 1e-12).all()
        assert ((km.low[known] >= 0) & (km.high[known] <= 1)).all()


@FAST
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_patients_does_not_matter(rows: Rows, random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    results = []
    for order in (rows, shuffled):
        time, event, group, x = columns(order)
        test = outcome_of(lambda t=time, e=event, g=group: logrank(t, e, g).chi2)
        fit = outcome_of(lambda t=time, e=event, v=x: cox(t, e, v, names=["x"]).coef[0])
        area = outcome_of(lambda e=event, v=x: roc(e, v).auc)
        results.append((kaplan_meier(time, event).survival.tolist(), test, fit, area))
    assert results[0][0] == results[1][0]
    for one, other in zip(results[0][1:], results[1][1:], strict=True):
        assert one == (pytest.approx(other, rel=1e-6, abs=1e-9) if isinstance(other, float) else other)


@FAST
@given(ROWS, st.sampled_from([1 / 365.25, 1 / 30.4375, 7.0, 1e4]))
def test_the_unit_of_time_does_not_matter(rows: Rows, unit: float) -> None:
    time, event, group, x = columns(rows)
    ours, theirs = kaplan_meier(time, event), kaplan_meier(time * unit, event)
    assert ours.survival.tolist() == theirs.survival.tolist()
    median = ours.median().value
    assert theirs.median().value == (None if median is None else pytest.approx(median * unit))
    for call in (
        lambda scale: logrank(time * scale, event, group).chi2,
        lambda scale: cox(time * scale, event, x, names=["x"]).coef[0],
    ):
        one, other = outcome_of(lambda c=call: c(1.0)), outcome_of(lambda c=call: c(unit))
        assert one == (pytest.approx(other) if isinstance(other, float) else other)


@FAST
@given(ROWS, st.floats(0.01, 100), st.floats(-50, 50))
def test_a_covariate_in_another_unit_changes_the_coefficient_by_that_unit(
    rows: Rows, scale: float, shift: float
) -> None:
    time, event, _, x = columns(rows)
    one = outcome_of(lambda: cox(time, event, x, names=["x"]))
    other = outcome_of(lambda: cox(time, event, x * scale + shift, names=["x"]))
    if isinstance(one, type):
        assert one is other
        return
    assert other.coef[0] * scale == pytest.approx(one.coef[0], rel=1e-6, abs=1e-9)
    assert other.z[0] == pytest.approx(one.z[0], rel=1e-6, abs=1e-9)


@FAST
@given(ROWS)
def test_a_fit_is_where_the_likelihood_is_highest(rows: Rows) -> None:
    time, event, group, x = columns(rows)
    matrix = np.column_stack([x, group])
    for ties in ("efron", "breslow", "exact"):
        fit = outcome_of(lambda t=ties: cox(time, event, matrix, names=["x", "g"], ties=t))
        if isinstance(fit, type):
            continue
        assert np.isfinite([*fit.coef, *fit.se, *fit.p, *fit.loglik]).all()
        assert fit.loglik[1] >= fit.loglik[0] - 1e-9
        assert (fit.se > 0).all()
        assert ((fit.p >= 0) & (fit.p <= 1)).all()


@FAST
@given(ROWS)
def test_a_log_rank_test_compares_what_it_observed(rows: Rows) -> None:
    time, event, group, _ = columns(rows)
    assume(len(set(group)) > 1)
    test = outcome_of(lambda: logrank(time, event, group))
    if isinstance(test, type):
        return
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert test.observed.sum() == event.sum()
    assert test.chi2 >= -1e-12
    assert 0 <= test.p <= 1
    assert np.linalg.eigvalsh(test.variance).min() >= -1e-9


@FAST
@given(ROWS)
def test_turning_the_outcome_or_the_marker_round_mirrors_the_area(rows: Rows) -> None:
    _, outcome, _, x = columns(rows)
    assume(outcome.any() and not outcome.all())
    area = roc(outcome, x, direction="<")
    assert roc(outcome, x, direction=">").auc == pytest.approx(1 - area.auc)
    assert roc(~outcome, x, direction="<").auc == pytest.approx(1 - area.auc)
    assert roc(outcome, -x, direction=">").auc == pytest.approx(area.auc)
    assert (np.diff(area.sensitivity) <= 0).all()
    assert (np.diff(area.specificity) >= 0).all()


@FAST
@given(ROWS)
def test_every_point_of_a_curve_is_what_its_cutoff_does(rows: Rows) -> None:
    _, outcome, _, x = columns(rows)
    assume(outcome.any() and not outcome.all())
    for direction in ("<", ">"):
        curve = roc(outcome, x, direction=direction)
        for threshold, sens, spec in zip(curve.thresholds, curve.sensitivity, curve.specificity, strict=True):
            point = operating_point(outcome, x, threshold, direction)
            assert (point.sensitivity, point.specificity) == pytest.approx((sens, spec))
