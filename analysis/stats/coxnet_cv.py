"""Cross-validation of elastic-net Cox paths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, follow_up, labels, one_of, same_length
from analysis.stats.breslow import breslow
from analysis.stats.concordance import concordance
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.coxnet import CoxPath, path_of
from analysis.stats.coxnet_walk import Settings
from analysis.stats.errors import NoEventsError, ParameterError


@dataclass(frozen=True, eq=False)
class CrossValidated:
    """A path and how well each of its k penalties predicts rows that were left out.

    ``mean`` and ``error`` (k,) are the average over folds weighted by their events (of the C index: by their rows) and
    its standard error; ``fold_values`` (folds, k) what they come from. ``best`` is the place of the penalty with the
    best mean, ``within_error`` that of the largest penalty whose mean lies within one standard error of it.
    """

    path: CoxPath
    measure: str
    folds: IntArray
    fold_values: FloatArray
    mean: FloatArray
    error: FloatArray
    best: int
    within_error: int

    @property
    def lambda_min(self) -> float:
        return float(self.path.lambdas[self.best])

    @property
    def lambda_1se(self) -> float:
        return float(self.path.lambdas[self.within_error])


@dataclass(frozen=True, eq=False)
class _Rows:
    time: FloatArray
    event: BoolArray
    x: FloatArray
    names: tuple[str, ...]

    def path(self, kept: BoolArray, settings: Settings) -> CoxPath:
        return path_of(breslow(self.time[kept], self.event[kept]), self.x[kept], self.names, settings)

    def deviance(self, kept: BoolArray, coef: FloatArray) -> FloatArray:
        """Of each row of coefficients, on some rows of the table."""
        sets = breslow(self.time[kept], self.event[kept])
        return sets.deviance(self.x[kept][sets.rows] @ coef.T)


def cross_validate(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    folds: ArrayLike,
    settings: Settings | None = None,
    measure: str = "deviance",
    grouped: bool = True,
) -> CrossValidated:
    """Choose the penalty of an elastic-net Cox model by predicting each fold from the others.

    Parameters
    ----------
    time, event, covariates, names, settings
        As for ``cox_path``.
    folds : array_like, shape (n,)
        Label of the fold of each row, such as ``fold_ids`` draws; at least 3 distinct ones.
    measure : {"deviance", "C"}
        Deviance of the partial likelihood per event, or Harrell's C index.
    grouped : bool
        The deviance of a fold is that of all rows less that of the rows it was predicted from, so that its rows are
        compared with everybody; otherwise it is that of the fold alone.

    Returns
    -------
    CrossValidated

    Raises
    ------
    NoEventsError
        Nobody had the event, or nobody in a fold (of the deviance), or nobody outside it.
    ParameterError
        Fewer than 3 folds, an unknown measure.
    StatsInputError
        As for ``cox_path``.

    Notes
    -----
    Matches ``glmnet::cv.glmnet(x, Surv(time, event), family = "cox", foldid = , grouped = , type.measure = )`` 4.1-6:
    each fold has its own path, whose coefficients are linearly interpolated at the penalties of the whole table's path.
    van Houwelingen et al., Stat Med 2006; 25: 3201-3216.
    """
    one_of(measure, ("deviance", "C"), "measure")
    settings = settings or Settings()
    times, events, _ = follow_up(time, event)
    x = covariate_matrix(covariates, names, len(times))
    _, fold = labels(folds, "folds")
    same_length(time=times, folds=fold)
    if fold.max() < 2:
        raise ParameterError(f"A cross-validation has at least 3 folds, not {fold.max() + 1}.")
    rows = _Rows(times, events, x, tuple(names))
    path = rows.path(np.ones(len(times), dtype=bool), settings)
    value = _concordance if measure == "C" else _deviance_grouped if grouped else _deviance_alone
    left_out = [fold == one for one in range(fold.max() + 1)]
    per_fold = np.array([value(rows, out, rows.path(~out, settings).coef_at(path.lambdas)) for out in left_out])
    counted = np.ones(len(times)) if measure == "C" else events.astype(np.float64)
    return _summary(path, measure, fold + 1, per_fold, np.bincount(fold, weights=counted).astype(np.float64))


def _deviance_grouped(rows: _Rows, out: BoolArray, coef: FloatArray) -> FloatArray:
    total = rows.deviance(np.ones(len(out), dtype=bool), coef) - rows.deviance(~out, coef)
    return total / _events(rows, out)


def _deviance_alone(rows: _Rows, out: BoolArray, coef: FloatArray) -> FloatArray:
    return rows.deviance(out, coef) / _events(rows, out)


def _events(rows: _Rows, out: BoolArray) -> int:
    count = int(rows.event[out].sum())
    if not count:
        raise NoEventsError("Nobody in one of the folds had the event: take fewer folds.")
    return count


def _concordance(rows: _Rows, out: BoolArray, coef: FloatArray) -> FloatArray:
    return np.array([_c(rows.time[out], rows.event[out], score) for score in (rows.x[out] @ coef.T).T])


def _c(time: FloatArray, event: BoolArray, score: FloatArray) -> float:
    """Harrell's C, or NaN where no two rows of the fold can be compared."""
    try:
        return concordance(time, event, score).c
    except NoEventsError:
        return np.nan


def _summary(path: CoxPath, measure: str, folds: IntArray, per_fold: FloatArray, weight: FloatArray) -> CrossValidated:
    weights = np.where(np.isnan(per_fold), 0.0, weight[:, None])
    values = np.nan_to_num(per_fold)
    mean = (values * weights).sum(axis=0) / weights.sum(axis=0)
    spread = (weights * (values - mean) ** 2).sum(axis=0) / weights.sum(axis=0)
    error = np.sqrt(spread / ((weights > 0).sum(axis=0) - 1))
    loss = -mean if measure == "C" else mean
    best = int(np.argmin(loss))
    within = int(np.argmax(loss <= loss[best] + error[best]))
    return CrossValidated(path, measure, folds, per_fold, mean, error, best, within)
