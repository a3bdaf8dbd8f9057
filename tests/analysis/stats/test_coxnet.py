"""Elastic-net Cox paths: the conditions of their optimum, their ends, and their cross-validation."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.stats.concordance import concordance
from analysis.stats.cox import cox
from analysis.stats.coxnet import CoxPath, cox_path
from analysis.stats.coxnet_cv import cross_validate
from analysis.stats.coxnet_walk import Settings
from analysis.stats.errors import ConstantCovariateError, NoEventsError, ParameterError
from analysis.stats.folds import fold_ids
from analysis.stats.r_random import RRandom
from tests.analysis.stats.breslow_by_definition import Matrix, loglik, names, patients, saturated, slopes

SETTINGS = [
    Settings(),
    Settings(alpha=0.3, nlambda=30),
    Settings(alpha=0, nlambda=8),
    Settings(standardize=False, nlambda=20),
    Settings(penalty_factor=(0, 2, 1, 1, 1, 3) * 3, nlambda=20),
    Settings(lambdas=(0.02, 0.2, 0.0)),
]


# Fewer patients than columns have no optimum without a penalty.
CASES = [(settings, n) for n in (60, 14) for settings in SETTINGS if n == 60 or not settings.lambdas]
AS_GLMNET = [(replace(settings, threshold=1e-14), 60) for settings in SETTINGS]


@pytest.mark.parametrize(("settings", "n"), CASES + AS_GLMNET)
def test_every_point_of_a_path_fulfils_the_conditions_of_the_optimum(settings: Settings, n: int) -> None:
    time, event, x = patients(n, 18)
    path = cox_path(time, event, x, names=names(x), settings=settings)
    assert (np.diff(path.lambdas) < 0).all()
    left = 2e-5 if settings.threshold else 1e-8
    assert path.violation.max() <= left
    # Slopes are in units of their columns.
    left *= 1 if settings.standardize or settings.threshold else x.std(axis=0).max()
    scale = x.std(axis=0) if settings.standardize else np.ones(18)
    factor = np.array(settings.penalty_factor or np.ones(18)) * 18 / sum(settings.penalty_factor or np.ones(18))
    # glmnet's ridge begins at an infinite penalty, and only reports a finite one.
    for at in range(int(settings.alpha == 0), len(path.lambdas)):
        beta = path.coef[at] * scale
        slope = slopes(time, event, x / scale, beta) / n
        slope -= path.lambdas[at] * (1 - settings.alpha) * factor * beta
        cost = path.lambdas[at] * settings.alpha * factor
        assert slope[beta != 0] == pytest.approx((cost * np.sign(beta))[beta != 0], abs=left)
        assert (np.abs(slope[beta == 0]) <= cost[beta == 0] + left).all()
        explained = loglik(time, event, x @ path.coef[at]) - loglik(time, event, np.zeros(n))
        assert path.deviance_ratio[at] == pytest.approx(2 * explained / path.null_deviance, abs=1e-8)


def test_a_path_begins_where_the_first_column_enters_and_ends_at_the_model_without_a_penalty() -> None:
    time, event, x = patients(60, 6)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    path = cox_path(time, event, x, names=names(x))
    assert path.lambdas[0] == pytest.approx(np.abs(slopes(time, event, scaled, np.zeros(6))).max() / 60)
    assert not path.coef[0].any()
    assert path.nonzero[1] == 1
    free = cox_path(time, event, x, names=names(x), settings=Settings(lambdas=(0.0,)))
    assert free.coef[0] == pytest.approx(cox(time, event, x, names=names(x), ties="breslow").coef, rel=1e-7)


@pytest.mark.parametrize(("threshold", "left"), [(None, 1e-8), (1e-14, 1e-5)])
def test_a_column_of_one_value_stays_out_and_copies_share_their_effect(threshold: float | None, left: float) -> None:
    time, event, x = patients(60, 4)
    settings = Settings(threshold=threshold)
    path = cox_path(time, event, x, names=names(x), settings=settings)
    more = np.column_stack([x, np.full(60, 3.0), x[:, 0]])
    with_copy = cox_path(time, event, more, names=names(more), settings=settings)
    assert not with_copy.coef[:, 4].any()
    kept = min(len(path.lambdas), len(with_copy.lambdas))
    assert with_copy.coef[:kept, [0, 5]].sum(axis=1) == pytest.approx(path.coef[:kept, 0], abs=left)


def by_single_steps(x: Matrix, time: Matrix, event: Matrix, cost: float, threshold: float) -> Matrix:
    """Lasso by visiting one coefficient after another from 0, on columns that are scaled."""
    n, beta = len(x), np.zeros(x.shape[1])
    null = -(loglik(time, event, np.zeros(n)) + saturated(time, event)) / n
    entered: list[int] = []
    # The strong rule, without a penalty before this one.
    screened = np.abs(slopes(time, event, x, beta)) / n > 2 * cost

    def visit(columns: list[int]) -> float:
        moved = 0.0
        for column in columns:
            curved = curvature @ x[:, column] ** 2
            pull = residual @ x[:, column] + curved * beta[column]
            pull -= (curvature * x[:, column]) @ (x @ (beta - start))
            new = np.sign(pull) * max(abs(pull) - cost, 0.0) / curved
            moved = max(moved, curved * (new - beta[column]) ** 2)
            beta[column] = new
            if new and column not in entered:
                entered.append(column)
        return moved

    while True:
        start = beta.copy()
        weight = np.exp(x @ beta)
        at_risk = [(time >= one) / weight[time >= one].sum() for one in time[event == 1]]
        exposure = weight * np.sum(at_risk, axis=0)
        residual = (event - exposure) / n
        curvature = (exposure - weight**2 * np.sum(np.square(at_risk), axis=0)) / n
        while visit(np.flatnonzero(screened).tolist()) >= threshold * null:
            while visit(list(entered)) >= threshold * null:
                pass
        if (curvature @ x**2 * (beta - start) ** 2).max() >= threshold * null:
            continue
        belongs = np.abs(slopes(time, event, x, beta)) / n > cost
        if not (belongs & ~screened).any():
            return beta
        screened |= belongs


@pytest.mark.parametrize("threshold", [1e-3, 1e-6])
def test_a_fit_stops_where_single_steps_do(threshold: float) -> None:
    time, event, x = patients(60, 8)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    settings = Settings(lambdas=(0.01,), threshold=threshold)
    found = cox_path(time, event, x, names=names(x), settings=settings)
    expected = by_single_steps(scaled, time, event, 0.01, threshold)
    assert found.coef[0] * x.std(axis=0) == pytest.approx(expected, abs=1e-12)
    exact = cox_path(time, event, x, names=names(x), settings=replace(settings, threshold=None))
    assert np.abs(found.coef - exact.coef).max() > 1e-6


def test_between_two_penalties_coefficients_are_linear_and_beyond_the_ends_they_stay() -> None:
    time, event, x = patients(60, 6)
    path = cox_path(time, event, x, names=names(x))
    between = 0.25 * path.lambdas[3] + 0.75 * path.lambdas[4]
    found = path.coef_at([between, path.lambdas[0] * 2, 0.0, path.lambdas[7]])
    assert found[0] == pytest.approx(0.25 * path.coef[3] + 0.75 * path.coef[4])
    assert found[1:] == pytest.approx(path.coef[[0, -1, 7]])


def validated_by_hand(path: CoxPath, folds: Matrix, grouped: bool) -> Matrix:
    """Deviance per event of each fold at each penalty."""
    time, event, x = patients(80, 8)
    found = []
    for one in (1, 2, 3, 4):
        out = folds == one
        coef = cox_path(time[~out], event[~out], x[~out], names=names(x)).coef_at(path.lambdas)
        part = [out] if not grouped else [out | True, ~out]
        deviance = [
            [-2 * loglik(time[rows], event[rows], x[rows] @ b) - 2 * saturated(time[rows], event[rows]) for b in coef]
            for rows in part
        ]
        total = np.array(deviance[0]) - (np.array(deviance[1]) if grouped else 0)
        found.append(total / event[out].sum())
    return np.array(found)


@pytest.mark.parametrize("grouped", [True, False])
def test_a_cross_validation_predicts_each_fold_from_the_paths_of_the_others(grouped: bool) -> None:
    time, event, x = patients(80, 8)
    folds = fold_ids(80, 4, seed=5)
    found = cross_validate(time, event, x, names=names(x), folds=folds, grouped=grouped)
    values = validated_by_hand(found.path, folds.astype(float), grouped)
    weights = np.array([event[folds == one].sum() for one in (1, 2, 3, 4)])
    mean = np.average(values, axis=0, weights=weights)
    error = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights) / 3)
    assert found.fold_values == pytest.approx(values)
    assert found.mean == pytest.approx(mean)
    assert found.error == pytest.approx(error)
    assert found.best == np.argmin(mean)
    assert found.lambda_1se == found.path.lambdas[mean <= mean.min() + error[found.best]].max()


def test_a_cross_validation_by_concordance_takes_the_largest() -> None:
    time, event, x = patients(80, 8)
    folds = fold_ids(80, 4, seed=5)
    found = cross_validate(time, event, x, names=names(x), folds=folds, measure="C")
    out = folds == 2
    coef = cox_path(time[~out], event[~out], x[~out], names=names(x)).coef_at(found.path.lambdas)
    assert found.fold_values[1][-1] == pytest.approx(concordance(time[out], event[out], x[out] @ coef[-1]).c)
    assert found.mean[found.best] == found.mean.max()
    assert found.lambda_1se >= found.lambda_min


def test_folds_are_those_that_r_draws() -> None:
    # set.seed(42); sample(1:10), set.seed(123); sample(1:10, replace = TRUE) in R >= 3.6.
    assert (RRandom(42).permutation(10) + 1).tolist() == [1, 5, 10, 8, 2, 4, 6, 9, 7, 3]
    assert (RRandom(123).with_replacement(10) + 1).tolist() == [3, 3, 10, 2, 6, 5, 4, 6, 9, 10]
    assert fold_ids(10, 3, seed=42).tolist() == [1, 2, 1, 2, 2, 1, 3, 3, 1, 3]


def test_what_no_path_can_be_made_of_is_refused() -> None:
    time, event, x = patients(30, 3)
    with pytest.raises(NoEventsError):
        cox_path(time, 0 * event, x, names=names(x))
    with pytest.raises(ConstantCovariateError):
        cox_path(time, event, 0 * x, names=names(x))
    with pytest.raises(ParameterError):
        cross_validate(time, event, x, names=names(x), folds=np.arange(30) % 2)
    with pytest.raises(NoEventsError, match="folds"):
        cross_validate(time, event, x, names=names(x), folds=np.where(event == 1, np.arange(30) % 3, 4))
    for bad in ({"alpha": 1.5}, {"nlambda": 1}, {"lambda_min_ratio": 2.0}, {"lambdas": (-1.0,)}, {"threshold": 0.0}):
        with pytest.raises(ParameterError):
            Settings(**bad)
    with pytest.raises(ParameterError):
        cox_path(time, event, x, names=names(x), settings=Settings(penalty_factor=(0, 0, 0)))
    for folds in (2, 31):
        with pytest.raises(ParameterError):
            fold_ids(30, folds, seed=1)
