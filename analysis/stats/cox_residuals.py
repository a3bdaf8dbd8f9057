"""Residuals of a Cox model, as ``residuals.coxph`` gives them."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.cox import CoxFit


def martingale(fit: CoxFit) -> FloatArray:
    """Events less expected events per row; shape (n,)."""
    result = np.zeros(fit.n)
    for sums in fit.data.sums(fit.coef):
        expected = sums.weight * sums.exposure(np.ones(len(sums.denominator)))
        result[sums.sets.rows] = fit.data.event[sums.sets.rows] - expected
    return result


def deviance(fit: CoxFit) -> FloatArray:
    """Martingale residuals stretched towards symmetry about 0; shape (n,).

    Therneau, Grambsch & Fleming, Biometrika 1990; 77: 147-160.
    """
    raw, event = martingale(fit), fit.data.event.astype(np.float64)
    # Rounding may bring the expected number of a row without any exposure just below 0.
    inner = raw + special.xlogy(event, np.maximum(event - raw, 0.0))
    result: FloatArray = np.sign(raw) * np.sqrt(np.maximum(-2 * inner, 0.0))
    return result


def score(fit: CoxFit) -> FloatArray:
    """Contribution of each row to the score at the estimate; shape (n, p)."""
    return fit.data.score_residuals(fit.coef)


def dfbeta(fit: CoxFit) -> FloatArray:
    """Approximate change of the coefficients when a row is left out; shape (n, p)."""
    return score(fit) @ fit.naive_vcov


@dataclass(frozen=True, eq=False)
class Schoenfeld:
    """Per event, in time order (strata in turn): its row, its time, and covariates less their mean at risk."""

    row: IntArray
    time: FloatArray
    residual: FloatArray
    scaled: FloatArray


def schoenfeld(fit: CoxFit) -> Schoenfeld:
    """Schoenfeld residuals, plain and scaled (variance times events, plus the coefficient).

    The smoothed scaled residual against time estimates a coefficient that changes with time. Grambsch & Therneau,
    Biometrika 1994; 81: 515-526.
    """
    parts = fit.data.sums(fit.coef)
    rows = np.concatenate([sums.sets.rows[sums.sets.event_row] for sums in parts])
    residual = np.concatenate([sums.event_residuals() for sums in parts])
    scaled = residual @ fit.naive_vcov * fit.events + fit.coef
    return Schoenfeld(rows, fit.data.time[rows], residual, scaled)
