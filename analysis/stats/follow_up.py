"""Length of follow-up: the curve of censoring, in the two ways that packages draw it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, confidence, follow_up
from analysis.stats.errors import ParameterError
from analysis.stats.limits import survival_limits
from analysis.stats.survival import KaplanMeier, counts, greenwood, kaplan_meier


def reverse_kaplan_meier(
    time: ArrayLike, event: ArrayLike, *, conf_type: str = "log", conf_level: float = 0.95
) -> KaplanMeier:
    """Curve of follow-up: censoring is the event (``survfit(Surv(time, 1 - event) ~ 1)``).

    Its median is the median follow-up. Deaths at a time still count as at risk of being censored then; ``prodlim``
    takes them out first (see ``prodlim_reverse``), which differs where deaths and censorings tie.
    """
    _, events, _ = follow_up(time, event)
    return kaplan_meier(time, ~events, conf_type=conf_type, conf_level=conf_level)


@dataclass(frozen=True, eq=False)
class ProdlimReverse:
    """A reverse curve in which deaths leave before censorings at the same time, with plain limits."""

    time: FloatArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray

    def quantile(self, q: float) -> tuple[float | None, float | None, float | None]:
        """First times at which the curve and its lower and upper limits are below q; ``None`` where never."""
        if not 0 <= q <= 1:
            raise ParameterError(f"A quantile lies between 0 and 1, not {q:g}.")
        value, low, high = (self._below(curve, q) for curve in (self.survival, self.low, self.high))
        return value, low, high

    def _below(self, curve: FloatArray, q: float) -> float | None:
        found = np.flatnonzero(curve < q)
        return float(self.time[found[0]]) if found.size else None


def prodlim_reverse(time: ArrayLike, event: ArrayLike, *, conf_level: float = 0.95) -> ProdlimReverse:
    """Estimate the curve of follow-up as ``prodlim::prodlim(..., reverse=TRUE)`` 2019.11.13.

    Parameters, errors and units are those of ``survival.kaplan_meier``.
    """
    level = confidence(conf_level)
    times, events, _ = follow_up(time, event)
    distinct, risk, died, censored = counts(times, events, None)
    staying = np.maximum(risk - died, 1)
    survival = np.cumprod(1 - censored / staying, dtype=np.float64)
    std_err_log = np.sqrt(np.cumsum(greenwood(staying, censored)))
    low, high = survival_limits(survival, std_err_log, "plain", level)
    return ProdlimReverse(distinct, survival, low, high)
