"""Breslow's partial likelihood as a function of the linear predictor, for penalised fits."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.errors import NoEventsError
from analysis.stats.risk_sets import risk_sets


@dataclass(frozen=True, eq=False)
class AtPredictor:
    """The likelihood at one linear predictor of n rows, and what its derivatives are made of.

    ``residual`` is the gradient by the linear predictor (the martingale residuals), ``curvature`` minus the diagonal of
    the second derivative; ``weight`` and ``total`` (m,) are each row's hazard and its sum over those at risk, in one
    unit of their own.
    """

    loglik: float
    residual: FloatArray
    curvature: FloatArray
    weight: FloatArray
    total: FloatArray


@dataclass(frozen=True, eq=False)
class Breslow:
    """Risk sets of n rows in order of their exits; m distinct event times with ``deaths`` each.

    A row censored at the time of an event is at risk of it.
    """

    rows: IntArray
    event: FloatArray
    start: IntArray
    deaths: FloatArray
    seen: IntArray

    @property
    def saturated(self) -> float:
        """Largest log likelihood that any linear predictor reaches: -sum d log d."""
        return -float((self.deaths * np.log(self.deaths)).sum())

    @property
    def events(self) -> int:
        return int(self.event.sum())

    def deviance(self, linear: FloatArray) -> FloatArray:
        """2 (saturated - log likelihood) of each column; ``linear`` has shape (n, k), rows in the order of exits."""
        highest = linear.max(axis=0)
        centred = linear - highest
        total = self._at_risk(np.exp(centred))
        with np.errstate(divide="ignore"):
            loglik = self.event @ centred - self.deaths @ np.log(total)
        result: FloatArray = 2 * (self.saturated - loglik)
        return result

    def at(self, linear: FloatArray) -> AtPredictor:
        """The likelihood at a linear predictor of shape (n,), rows in the order of exits."""
        centred = linear - linear.max()
        weight = np.exp(centred)
        total = self._at_risk(weight)
        with np.errstate(all="ignore"):
            loglik = float(self.event @ centred - self.deaths @ np.log(total))
            exposure = weight * self._until_seen(self.deaths / total)
            curvature = exposure - weight**2 * self._until_seen(self.deaths / total**2)
        return AtPredictor(loglik, self.event - exposure, np.maximum(curvature, 0.0), weight, total)

    def information(self, here: AtPredictor, x: FloatArray) -> FloatArray:
        """Minus the second derivative by the coefficients of columns of shape (n, a); shape (a, a)."""
        scaled = np.sqrt(self.event - here.residual)[:, None] * x
        mean = self._at_risk(here.weight[:, None] * x)
        mean *= (np.sqrt(self.deaths) / here.total)[:, None]
        result: FloatArray = scaled.T @ scaled - mean.T @ mean
        return result

    def _until_seen(self, values: FloatArray) -> FloatArray:
        """Sum over the event times at which each row was at risk."""
        sums = np.zeros(len(values) + 1)
        np.cumsum(values, out=sums[1:])
        result: FloatArray = sums[self.seen]
        return result

    def _at_risk(self, values: FloatArray) -> FloatArray:
        """Sum over those at risk at each distinct event time."""
        sums = np.add.reduceat(values, self.start, axis=0)
        result: FloatArray = np.cumsum(sums[::-1], axis=0)[::-1]
        return result


def breslow(time: FloatArray, event: BoolArray) -> Breslow:
    """Arrange the rows of a checked follow-up.

    Raises
    ------
    NoEventsError
        Nobody had the event.
    """
    sets = risk_sets(np.arange(len(time)), time, event, None, "breslow")
    if sets is None:
        raise NoEventsError("Nobody had the event, so no hazard can be compared.")
    deaths = np.bincount(sets.event_time).astype(np.float64)
    return Breslow(sets.rows, event[sets.rows].astype(np.float64), sets.exit_from, deaths, sets.last_seen)
