"""Cumulative hazards of the patients of a Kaplan-Meier curve."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray
from analysis.stats.survival import KaplanMeier


@dataclass(frozen=True, eq=False)
class CumulativeHazard:
    """A step function of cumulative hazard, with the standard error and exp(-hazard)."""

    time: FloatArray
    hazard: FloatArray
    std_err: FloatArray
    survival: FloatArray


def nelson_aalen(km: KaplanMeier) -> CumulativeHazard:
    """Nelson-Aalen cumulative hazard of the same patients (``survfit(..., stype=2, ctype=1)``)."""
    hazard = np.cumsum(km.n_event / km.n_risk)
    std_err = np.sqrt(np.cumsum(km.n_event / km.n_risk.astype(np.float64) ** 2))
    return CumulativeHazard(km.time, hazard, std_err, np.exp(-hazard))


def fleming_harrington(km: KaplanMeier) -> CumulativeHazard:
    """Fleming-Harrington hazard: tied deaths taken one after another (``survfit(..., stype=2, ctype=2)``)."""
    n, d = km.n_risk.astype(np.float64), km.n_event.astype(np.float64)
    hazard = np.cumsum(special.digamma(n + 1) - special.digamma(n - d + 1))
    # sum of 1/(n - j)^2 over the tied deaths j = 0 .. d-1
    variance = np.cumsum(special.polygamma(1, n - d + 1) - special.polygamma(1, n + 1))
    return CumulativeHazard(km.time, hazard, np.sqrt(variance), np.exp(-hazard))
