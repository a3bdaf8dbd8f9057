"""Elastic-net Cox fits of tables on which solvers fail: each has its optimum too."""

import numpy as np
import pytest

from analysis.stats.coxnet import cox_path
from analysis.stats.coxnet_walk import Settings
from tests.analysis.stats.breslow_by_definition import Matrix, names, patients, slopes


def difficult(kind: str) -> tuple[Matrix, Matrix, Matrix, Settings]:
    """Tables on which solvers fail: no rank, no ties apart, no spread, far from the start, more columns than rows."""
    time, event, x = patients(60, 8)
    chance = np.random.default_rng(8)
    levels = np.eye(4)[chance.integers(0, 4, 60)]
    if kind == "every level and sums of them":
        return time, event, np.column_stack([levels, levels[:, :1] + levels[:, 1:2], x, levels]), Settings()
    if kind == "copies without a penalty":
        return time, event, np.column_stack([x, x[:, 0]]), Settings(penalty_factor=(0, *[1] * 7, 0), nlambda=30)
    if kind == "copies at penalty 0":
        return time, event, np.column_stack([x, x[:, 0]]), Settings(lambdas=(0.0,))
    if kind == "three dimensions in 90 columns":
        return time, event, chance.normal(size=(60, 3)) @ chance.normal(size=(3, 90)), Settings()
    if kind == "a small penalty at once in a wide table":
        return time, event, chance.normal(size=(60, 150)), Settings(lambdas=(0.01,))
    if kind == "mostly ridge in a wide table":
        return time, event, chance.normal(size=(60, 150)), Settings(alpha=0.1, nlambda=12)
    if kind == "units a million apart, as they are":
        return time, event, x * 10.0 ** (np.arange(8) - 4), Settings(standardize=False, nlambda=30)
    if kind == "one event":
        return time, np.eye(60)[3], x, Settings()
    if kind == "one time":
        return np.ones(60), event, x, Settings()
    if kind == "a column that orders the times":
        return time, event, np.column_stack([x, -time]), Settings()
    if kind == "rare and far":
        return time, event, np.column_stack([chance.random((60, 9)) < 0.05, np.exp(3 * x[:, 2:4])]), Settings()
    raise AssertionError(kind)


DIFFICULT = [
    "every level and sums of them",
    "copies without a penalty",
    "copies at penalty 0",
    "three dimensions in 90 columns",
    "a small penalty at once in a wide table",
    "mostly ridge in a wide table",
    "units a million apart, as they are",
    "one event",
    "one time",
    "a column that orders the times",
    "rare and far",
]


@pytest.mark.parametrize("kind", DIFFICULT)
def test_a_difficult_table_has_its_optimum_too(kind: str) -> None:
    time, event, x, settings = difficult(kind)
    path = cox_path(time, event, x, names=names(x), settings=settings)
    assert path.violation.max() <= 1e-8
    gain = path.deviance_ratio[-1] - path.deviance_ratio[-5:][0]
    ended = gain < 1e-3 * path.deviance_ratio[-1] or path.deviance_ratio[-1] > 0.999
    assert len(path.lambdas) == len(settings.lambdas or range(settings.nlambda)) or ended
    scale = np.where(settings.standardize & (x.std(axis=0) > 0), x.std(axis=0), 1.0)
    unit = np.ones(len(scale)) if settings.standardize else np.maximum(x.std(axis=0), 1)
    factor = np.array(settings.penalty_factor or np.ones(len(scale)), dtype=float)
    factor *= len(scale) / factor.sum()
    for at in (len(path.lambdas) // 2, -1):
        beta, cost = path.coef[at] * scale, path.lambdas[at] * factor
        slope = slopes(time, event, x / scale, beta) / len(x) - (1 - settings.alpha) * cost * beta
        off = np.where(beta != 0, slope - settings.alpha * cost * np.sign(beta), 0.0)
        assert (np.abs(off) <= 1e-8 * unit).all()
        assert (np.abs(slope) <= settings.alpha * cost + 1e-8 * unit).all()
