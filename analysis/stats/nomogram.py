"""Nomograms of Cox models: points for each value of a variable, and survival for each sum of points."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray
from analysis.stats.cox import CoxFit
from analysis.stats.cox_baseline import baseline_hazard
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.errors import ConstantCovariateError, ParameterError
from analysis.stats.pretty import pretty

# rms::datadist: a variable of no more distinct values than this is shown at just these.
FEW_VALUES = 10
# rms::nomogram reads the place of a survival off a curve of this many points.
_CURVE = 1000
TICKS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Variable:
    """A variable of the model and its columns there: one of numbers, or the indicators of all levels but the first."""

    name: str
    columns: tuple[int, ...]
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Axis:
    """Marks on the axis of a variable: what stands there, its part of the linear predictor, and its points."""

    name: str
    labels: tuple[str, ...]
    effect: FloatArray
    points: FloatArray


@dataclass(frozen=True, eq=False)
class SurvivalAxis:
    """Total points at which survival to ``time`` has the values of the ticks."""

    time: float
    points: FloatArray
    survival: FloatArray


@dataclass(frozen=True, eq=False)
class Nomogram:
    """Axes, and the scale that joins them: points are ``per_unit`` times the linear predictor above ``at_zero``.

    The linear predictor is centred at the means of all columns. ``total`` are the marks of the axis of total points,
    ``linear`` those of the linear predictor, at ``linear_points``.
    """

    axes: tuple[Axis, ...]
    total: FloatArray
    linear: FloatArray
    linear_points: FloatArray
    survival_axes: tuple[SurvivalAxis, ...]
    per_unit: float
    at_zero: float
    fit: CoxFit = field(repr=False)

    def linear_predictor(self, covariates: ArrayLike) -> FloatArray:
        """Of patients given by the columns of the model; shape (n,)."""
        x = covariate_matrix(covariates, self.fit.names, len(np.asarray(covariates)))
        linear: FloatArray = (x - self.fit.data.x.mean(axis=0)) @ self.fit.coef
        return linear

    def points_of(self, covariates: ArrayLike) -> FloatArray:
        """Total points of patients given by the columns of the model; shape (n,)."""
        return (self.linear_predictor(covariates) - self.at_zero) * self.per_unit

    def survival_at(self, total: ArrayLike, time: float) -> FloatArray:
        """Survival to a time for total points; same shape as ``total``."""
        linear = self.at_zero + np.asarray(total, dtype=np.float64) / self.per_unit
        return survival_of(self.fit, linear, time)


def nomogram(
    fit: CoxFit,
    variables: Sequence[Variable],
    times: Sequence[float],
    *,
    ticks: Sequence[float] = TICKS,
    max_points: float = 100.0,
    intervals: int = 10,
) -> Nomogram:
    """Turn a Cox model into axes of points.

    Parameters
    ----------
    fit : CoxFit
        Without strata.
    variables : sequence of Variable
        Each column of the model belongs to exactly one.
    times : sequence of float
        Times of the survival axes, in the unit of the fit.
    ticks : sequence of float
        Survivals to mark; those beyond the axis of the linear predictor are left out.
    max_points : float
        Points of the variable whose axis is the longest.
    intervals : int
        About how many steps an axis of numbers has.

    Returns
    -------
    Nomogram

    Raises
    ------
    ConstantCovariateError
        No variable has an effect.
    ParameterError
        A stratified model; variables that do not share out the columns; a level too many or too few.

    Notes
    -----
    Matches ``rms::nomogram(cph(...), fun = list(...), fun.at = ticks, maxscale = max_points, nint = intervals)`` 6.5-0:
    an axis covers the full range of the data in round numbers, or shows the values themselves where there are at most
    10. Survival uses the baseline hazard of the fit.
    """
    if fit.data.strata is not None:
        raise ParameterError("A stratified model has no single nomogram.")
    if sorted(column for one in variables for column in one.columns) != list(range(len(fit.coef))):
        raise ParameterError("The variables must share out the columns of the model, each to one of them.")
    marks = [_marks(fit, one, intervals) for one in variables]
    longest = max(float(np.ptp(effect)) for _, effect in marks)
    if not longest > 0:
        raise ConstantCovariateError("No variable of the model has an effect.")
    per_unit = max_points / longest
    axes = tuple(
        Axis(one.name, labels, effect, (effect - effect.min()) * per_unit)
        for one, (labels, effect) in zip(variables, marks, strict=True)
    )
    at_zero = float(sum(axis.effect.min() for axis in axes) - fit.data.x.mean(axis=0) @ fit.coef)
    predicted = fit.data.centred @ fit.coef
    linear = pretty(float(predicted.min()), float(predicted.max()), intervals)
    linear_points = (linear - at_zero) * per_unit
    return Nomogram(
        axes=axes,
        total=pretty(0.0, float(linear_points.max()), intervals),
        linear=linear,
        linear_points=linear_points,
        survival_axes=tuple(_survival_axis(fit, linear, time, ticks, at_zero, per_unit) for time in times),
        per_unit=per_unit,
        at_zero=at_zero,
        fit=fit,
    )


def survival_of(fit: CoxFit, linear: FloatArray, time: float) -> FloatArray:
    """Survival to a time for linear predictors that are centred at the means of all columns."""
    (baseline,) = baseline_hazard(fit)
    step = int(np.searchsorted(baseline.time, time, side="right"))
    hazard = float(baseline.at_means[step - 1]) if step else 0.0
    at_column_means = hazard * np.exp((fit.data.x.mean(axis=0) - fit.means) @ fit.coef)
    result: FloatArray = np.exp(-at_column_means * np.exp(linear))
    return result


def _marks(fit: CoxFit, variable: Variable, intervals: int) -> tuple[tuple[str, ...], FloatArray]:
    """Labels of an axis with their parts of the linear predictor."""
    coef = fit.coef[list(variable.columns)]
    if variable.levels is not None:
        if len(variable.levels) != len(coef) + 1:
            raise ParameterError(f"{variable.name} has {len(coef)} columns, so {len(coef) + 1} levels.")
        return variable.levels, np.concatenate(([0.0], coef))
    if len(coef) != 1:
        raise ParameterError(f"{variable.name} has {len(coef)} columns but no levels.")
    values = np.unique(fit.data.x[:, variable.columns[0]])
    if len(values) > FEW_VALUES:
        values = pretty(float(values[0]), float(values[-1]), intervals)
    return tuple(f"{value:.12g}" for value in values), values * coef[0]


def _survival_axis(
    fit: CoxFit, linear: FloatArray, time: float, ticks: Sequence[float], at_zero: float, per_unit: float
) -> SurvivalAxis:
    """Ticks within the axis of the linear predictor, read off a curve drawn over it as rms does."""
    along = np.linspace(linear[0], linear[-1], _CURVE)
    curve = survival_of(fit, along, time)
    marks = np.array([tick for tick in sorted(ticks) if curve[-1] <= tick <= curve[0]])
    at = np.interp(marks, curve[::-1], along[::-1]) if marks.size else marks
    return SurvivalAxis(float(time), (at - at_zero) * per_unit, marks)
