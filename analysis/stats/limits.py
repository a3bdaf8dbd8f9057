"""Pointwise confidence limits of a survival curve on the five scales of ``survival::survfit``."""

from collections.abc import Callable

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray

Limits = tuple[FloatArray, FloatArray]


def wald_limits(estimate: float, std_err: float, conf_level: float = 0.95) -> tuple[float, float]:
    """Estimate ∓ normal quantile × standard error."""
    half = float(special.ndtri(0.5 + conf_level / 2)) * std_err
    return estimate - half, estimate + half


def survival_limits(survival: FloatArray, std_err_log: FloatArray, conf_type: str, conf_level: float) -> Limits:
    """Lower and upper limits of S(t), as ``survival:::survfit_confint``.

    Parameters
    ----------
    survival : ndarray, shape (m,)
        The curve, between 0 and 1.
    std_err_log : ndarray, shape (m,)
        Standard error of log S (Greenwood).
    conf_type : {"log", "log-log", "plain", "logit", "arcsin"}
        The scale on which the interval is symmetric.
    conf_level : float
        Coverage, such as 0.95.

    Returns
    -------
    tuple of ndarray
        Limits within [0, 1]. They are 1 while the curve is still 1, and NaN (not defined) once it is 0.
    """
    z = special.ndtri(0.5 + conf_level / 2)
    low, high = np.full_like(survival, np.nan), np.full_like(survival, np.nan)
    low[survival == 1] = high[survival == 1] = 1.0
    inside = (survival > 0) & (survival < 1)
    low[inside], high[inside] = SCALES[conf_type](survival[inside], z * std_err_log[inside])
    return low, high


def _plain(s: FloatArray, e: FloatArray) -> Limits:
    return np.maximum(s - e * s, 0.0), np.minimum(s + e * s, 1.0)


def _log(s: FloatArray, e: FloatArray) -> Limits:
    return np.exp(np.log(s) - e), np.exp(np.minimum(np.log(s) + e, 0.0))


def _log_log(s: FloatArray, e: FloatArray) -> Limits:
    centre, half = np.log(-np.log(s)), e / np.log(s)
    return np.exp(-np.exp(centre - half)), np.exp(-np.exp(centre + half))


def _logit(s: FloatArray, e: FloatArray) -> Limits:
    centre, half = special.logit(s), e / (1 - s)
    return special.expit(centre - half), special.expit(centre + half)


def _arcsin(s: FloatArray, e: FloatArray) -> Limits:
    centre, half = np.arcsin(np.sqrt(s)), 0.5 * e * np.sqrt(s / (1 - s))
    return np.sin(np.maximum(centre - half, 0.0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2


SCALES: dict[str, Callable[[FloatArray, FloatArray], Limits]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}
