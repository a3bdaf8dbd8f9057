"""Baseline hazard of a Cox model and the survival it predicts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import LARGEST, FloatArray, IntArray
from analysis.stats.cox import CoxFit
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.cox_likelihood import EventSums
from analysis.stats.errors import LengthMismatchError, MissingValueError, ParameterError
from analysis.stats.limits import survival_limits


@dataclass(frozen=True, eq=False)
class Baseline:
    """Cumulative hazard of one stratum at each of its distinct times, for covariates of zero and at their means.

    The means are those of ``CoxFit.means``. The hazard treats ties as the fit did.
    """

    stratum: int
    time: FloatArray
    at_zero: FloatArray
    at_means: FloatArray


@dataclass(frozen=True, eq=False)
class Predicted:
    """Survival at k times with its standard error and limits on the log scale; shapes (k,)."""

    time: FloatArray
    survival: FloatArray
    std_err: FloatArray
    low: FloatArray
    high: FloatArray


def baseline_hazard(fit: CoxFit) -> list[Baseline]:
    """Baseline hazards of the strata in turn, as ``survival::basehaz(fit, centered=)``."""
    return [_baseline(fit, stratum, rows) for stratum, rows in enumerate(fit.data.strata_rows())]


def _baseline(fit: CoxFit, stratum: int, rows: IntArray) -> Baseline:
    time = np.unique(fit.data.time[rows])
    sums = _sums_of(fit, rows)
    if sums is None:
        return Baseline(stratum, time, np.zeros(len(time)), np.zeros(len(time)))
    hazard = _steps(sums, 1 / sums.denominator, time)
    centre = (fit.data.x - fit.data.centred)[0]
    at_means = hazard * np.exp((fit.means - centre) @ fit.coef)
    # Where zero is far outside the data, the hazard there may run over: it is infinite then, but 0 before any event.
    with np.errstate(over="ignore"):
        at_zero = np.multiply(hazard, np.exp(-centre @ fit.coef), out=np.zeros(len(time)), where=hazard > 0)
    return Baseline(stratum, time, at_zero, at_means)


def _sums_of(fit: CoxFit, rows: IntArray) -> EventSums | None:
    """The sums of a stratum; none where nobody in it had the event."""
    return next((sums for sums in fit.data.sums(fit.coef) if np.isin(sums.sets.rows[0], rows)), None)


def _steps(sums: EventSums, per_event: FloatArray, time: FloatArray) -> FloatArray:
    """Running sum of values per event, read off at the given times."""
    so_far = np.cumsum(sums.sets.event_sum(per_event), axis=0)
    padded = np.concatenate((np.zeros((1, *so_far.shape[1:])), so_far))
    result: FloatArray = padded[np.searchsorted(sums.sets.times, time, side="right")]
    return result


def predict_survival(fit: CoxFit, covariates: ArrayLike, times: ArrayLike, *, stratum: int = 0) -> Predicted:
    """Survival of a new patient at given times.

    Parameters
    ----------
    fit : CoxFit
    covariates : array_like, shape (p,)
        Values in the order of ``fit.names``.
    times : array_like, shape (k,)
        In the unit of the fit; after the last time the last value is carried on.
    stratum : int
        Position of the stratum among the sorted labels.

    Returns
    -------
    Predicted

    Raises
    ------
    StatsInputError
        Missing values, another number of covariates, or a stratum that does not exist.

    Notes
    -----
    Matches ``summary(survival::survfit(fit, newdata=), times=, extend=TRUE)`` 3.5-3 of an Efron or Breslow fit; limits
    are "log".
    """
    x, at = np.asarray(covariates, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if x.shape != fit.coef.shape:
        raise LengthMismatchError(f"The model needs {len(fit.coef)} covariates, not {x.size}.")
    if not (np.isfinite(x).all() and np.isfinite(at).all()):
        raise MissingValueError("A covariate or a time of the prediction is missing or infinite.")
    strata = fit.data.strata_rows()
    if not 0 <= stratum < len(strata):
        raise ParameterError(f"The model has {len(strata)} strata, so there is none at position {stratum}.")
    sums = _sums_of(fit, strata[stratum])
    if sums is None:
        return _predicted(fit, at, np.zeros(len(at)), np.zeros(len(at)))
    centred = x - (fit.data.x - fit.data.centred)[0]
    with np.errstate(over="ignore"):
        risk = float(np.exp(centred @ fit.coef))
    if risk > LARGEST:
        raise ParameterError("The covariates lie so far from those of the model that no survival can be predicted.")
    hazard = _steps(sums, 1 / sums.denominator, at)
    poisson = _steps(sums, 1 / sums.denominator**2, at)
    drift = _steps(sums, (centred - sums.mean) / sums.denominator[:, None], at)
    variance = risk**2 * (poisson + np.einsum("ij,jk,ik->i", drift, fit.vcov, drift))
    return _predicted(fit, at, risk * hazard, variance)


def _predicted(fit: CoxFit, time: FloatArray, hazard: FloatArray, variance: FloatArray) -> Predicted:
    survival, std_err_log = np.exp(-hazard), np.sqrt(variance)
    low, high = survival_limits(survival, std_err_log, "log", fit.conf_level)
    return Predicted(time, survival, survival * std_err_log, low, high)


def predicted_risk(fit: CoxFit, covariates: ArrayLike, time: float) -> FloatArray:
    """Probability of having the event by a time, for many patients of an unstratified model; shape (n,).

    Parameters
    ----------
    fit : CoxFit
    covariates : array_like, shape (n, p)
        In the order of ``fit.names``.
    time : float
        In the unit of the fit.

    Raises
    ------
    ParameterError
        A stratified model.
    StatsInputError
        Missing values or another number of covariates.
    """
    if fit.data.strata is not None:
        raise ParameterError("A stratified model predicts one stratum at a time.")
    x = covariate_matrix(covariates, fit.names, len(np.asarray(covariates)))
    (baseline,) = baseline_hazard(fit)
    step = int(np.searchsorted(baseline.time, time, side="right"))
    hazard = float(baseline.at_means[step - 1]) if step else 0.0
    return -np.expm1(-hazard * np.exp((x - fit.means) @ fit.coef))
