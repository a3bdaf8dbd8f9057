"""The rows of a Cox model: checked, centred, arranged into risk sets, and summed into residuals."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, follow_up, labels, of_usable_size, same_length
from analysis.stats.cox_likelihood import EventSums, event_sums
from analysis.stats.errors import (
    ConstantCovariateError,
    LengthMismatchError,
    MissingValueError,
    NoEventsError,
    ParameterError,
)
from analysis.stats.risk_sets import RiskSets, risk_sets
from analysis.stats.running_sums import rows_at


@dataclass(frozen=True, eq=False)
class ModelRows:
    """n complete rows of a model; ``strata`` and ``cluster`` are codes from 0 on."""

    time: FloatArray
    event: BoolArray
    entry: FloatArray | None
    x: FloatArray
    strata: IntArray | None
    cluster: IntArray | None
    centred: FloatArray = field(repr=False)
    sets: list[RiskSets] = field(repr=False)
    ties: str

    def strata_rows(self) -> list[IntArray]:
        """Positions of the rows of each stratum, in the order of the strata."""
        return _members(self.strata, len(self.time))

    def sums(self, coef: FloatArray) -> list[EventSums]:
        """Per stratum, the sums over risk sets at a coefficient vector, with covariates centred at their means."""
        if self.ties == "exact":
            raise ParameterError("A fit with exact ties has no residuals, baseline hazard or robust variance.")
        linear = self.centred @ coef
        return [event_sums(sets, rows_at(self.centred, sets.rows), linear[sets.rows]) for sets in self.sets]

    def score_residuals(self, coef: FloatArray) -> FloatArray:
        """Contribution of each row to the score; shape (n, p). Matches ``residuals.coxph(type="score")``."""
        result = np.zeros_like(self.centred)
        for sums in self.sums(coef):
            ones = np.ones(len(sums.denominator))
            drift = sums.x * sums.exposure(ones)[:, None] - sums.exposure(sums.mean)
            own = -sums.weight[:, None] * drift
            own[sums.sets.event_row] += sums.event_residuals()
            result[sums.sets.rows] = own
        return result

    def by_cluster(self, values: FloatArray) -> FloatArray:
        """Sums of rows that belong together; the rows themselves where no clusters were given."""
        if self.cluster is None:
            return values
        total = np.zeros((int(self.cluster.max()) + 1, values.shape[1]))
        np.add.at(total, self.cluster, values)
        return total

    def reported_means(self) -> FloatArray:
        """Column means, with 0 for a column of only -1, 0 and 1, as ``coxph`` centres its linear predictor."""
        coded = np.isin(self.x, (-1.0, 0.0, 1.0)).all(axis=0)
        return np.where(coded, 0.0, self.x.mean(axis=0))


def model_rows(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    strata: ArrayLike | None,
    entry: ArrayLike | None,
    cluster: ArrayLike | None,
    ties: str,
) -> ModelRows:
    """Check the input of a model and arrange it; the errors are those of ``cox.cox``."""
    if ties == "exact" and entry is not None:
        raise ParameterError("Exact ties do not go with delayed entry.")
    times, events, starts = follow_up(time, event, entry)
    if not events.any():
        raise NoEventsError("Nobody had the event, so no hazard can be compared.")
    x = covariate_matrix(covariates, names, len(times))
    flat = np.flatnonzero(np.ptp(x, axis=0) == 0)
    if flat.size:
        raise ConstantCovariateError(f"{names[flat[0]]} has the same value in everybody.")
    layers, groups = (_codes(values, name, times) for values, name in ((strata, "strata"), (cluster, "cluster")))
    sets = _sets(times, events, starts, layers, ties)
    return ModelRows(times, events, starts, x, layers, groups, x - x.mean(axis=0), sets, ties)


def _codes(values: ArrayLike | None, name: str, time: FloatArray) -> IntArray | None:
    if values is None:
        return None
    _, codes = labels(values, name)
    same_length(time=time, **{name: codes})
    return codes


def covariate_matrix(covariates: ArrayLike, names: Sequence[str], n: int) -> FloatArray:
    """A checked matrix of n rows and one column per name."""
    try:
        x = np.array(covariates, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MissingValueError("A covariate holds something that is not a number.") from error
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or x.shape[0] != n:
        raise LengthMismatchError(f"The covariates do not describe the same {n} rows as the times.")
    if x.shape[1] != len(names) or not len(names):
        raise ParameterError(f"{x.shape[1]} covariates need as many names, not {len(names)}.")
    bad = np.argwhere(~np.isfinite(x))
    if bad.size:
        raise MissingValueError(f"{names[bad[0, 1]]} is missing or infinite at position {bad[0, 0]}.")
    for name, column in zip(names, x.T, strict=True):
        of_usable_size(column, name)
    return x


def _sets(
    time: FloatArray, event: BoolArray, entry: FloatArray | None, strata: IntArray | None, ties: str
) -> list[RiskSets]:
    """Risk sets of the strata that have events, in the order of the strata."""
    codes = np.zeros(len(time), dtype=np.int64) if strata is None else strata
    members = [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]
    found = (risk_sets(rows, time[rows], event[rows], None if entry is None else entry[rows], ties) for rows in members)
    return [sets for sets in found if sets is not None]


def _members(strata: IntArray | None, n: int) -> list[IntArray]:
    if strata is None:
        return [np.arange(n)]
    return [np.flatnonzero(strata == code) for code in range(int(strata.max()) + 1)]
