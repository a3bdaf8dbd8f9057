"""Weights by the inverse probability of not being censored, and what their estimation adds to a variance."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.survival import counts


@dataclass(frozen=True, eq=False)
class Censoring:
    """Kaplan-Meier curve G of remaining uncensored; events leave before censorings at the same time."""

    time: FloatArray
    survival: FloatArray
    at_risk: FloatArray
    censored: FloatArray

    @classmethod
    def of(cls, time: FloatArray, observed: BoolArray) -> "Censoring":
        """From follow-up times and whether each ended with an event of any kind."""
        distinct, risk, left, censored = counts(time, observed, None)
        staying = 1 - censored / np.maximum(risk - left, 1)
        return cls(distinct, np.cumprod(staying), risk.astype(np.float64), censored.astype(np.float64))

    def at(self, time: FloatArray) -> FloatArray:
        """G(t)."""
        result: FloatArray = np.concatenate(([1.0], self.survival))[np.searchsorted(self.time, time, side="right")]
        return result

    def before(self, time: FloatArray) -> FloatArray:
        """G(t-)."""
        result: FloatArray = np.concatenate(([1.0], self.survival))[np.searchsorted(self.time, time, side="left")]
        return result

    def until(self, time: FloatArray, at: float) -> FloatArray:
        """The last time whose censorings count for a patient's weight: the one before an end by ``at``, else ``at``."""
        position = np.searchsorted(self.time, time) - 1
        just_before = np.where(position >= 0, self.time[np.maximum(position, 0)], -1.0)
        return np.where(time <= at, just_before, at)

    def influence(self, time: FloatArray, observed: BoolArray, until: FloatArray, amount: FloatArray) -> FloatArray:
        """Per patient k, the sum over i of ``amount`` i times the influence of k on -log G at ``until`` i.

        The influence on the cumulative hazard of censoring up to s is n/Y at the own censoring, if that is by s, less
        the sum of n dN/Y^2 up to s or the own time. Swapping the sums makes the cost n log n.
        """
        n = len(time)
        order = np.argsort(until, kind="stable")
        to_come = np.concatenate((np.cumsum(amount[order][::-1])[::-1], [0.0]))
        # Amounts whose time has not passed at each distinct time.
        pending = to_come[np.searchsorted(until[order], self.time, side="left")]
        spent = np.cumsum(n * self.censored / self.at_risk**2 * pending)
        index = np.searchsorted(self.time, time)
        result: FloatArray = np.where(observed, 0.0, n / self.at_risk[index] * pending[index]) - spent[index]
        return result
