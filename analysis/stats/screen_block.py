"""The partial likelihoods of many single covariates at once, over the same risk sets."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.risk_sets import RiskSets

# A linear predictor is kept below this, so that exp() stays a number; a common factor of all weights cancels.
_HIGHEST = 300.0


@dataclass(frozen=True, eq=False)
class TiedEvents:
    """The events that share their time with another: their places among the events, and Efron's share of each.

    ``fraction`` has one column, or one per covariate where these lack values in different rows.
    """

    place: IntArray
    starts: IntArray
    sizes: IntArray
    fraction: FloatArray


@dataclass(frozen=True, eq=False)
class Columns:
    """b covariates of n rows in order of exit, each centred and in units of its standard deviation.

    ``scale`` is that deviation, ``largest`` the largest distance in it, ``of_events`` the sum over the events.
    ``present`` is 1 where a row has a value and nothing where all do; a missing value is 0 in ``x``.
    """

    sets: RiskSets
    tied: TiedEvents
    x: FloatArray
    present: FloatArray | None
    scale: FloatArray
    largest: FloatArray
    of_events: FloatArray

    def keep(self, kept: BoolArray) -> "Columns":
        """Only some of the covariates."""
        tied = self.tied
        if self.present is not None and tied.place.size:
            tied = replace(tied, fraction=tied.fraction[:, kept])
        return Columns(
            self.sets,
            tied,
            self.x[:, kept],
            None if self.present is None else self.present[:, kept],
            self.scale[kept],
            self.largest[kept],
            self.of_events[kept],
        )

    def evaluate(self, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and information of each covariate at its coefficient; not finite where a weight runs under."""
        with np.errstate(all="ignore"):
            return self._evaluate(beta)

    def _evaluate(self, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        weight = self._weights(beta)
        total = self._at_risk(weight)
        weight *= self.x
        mean = self._at_risk(weight)
        weight *= self.x
        second = self._at_risk(weight)
        mean /= total
        second /= total
        # Written so that a second moment close to the squared mean loses as little as it must.
        second -= mean * mean
        if self.present is not None:
            seen = self.present[self.sets.event_row] > 0
            mean, second = np.where(seen, mean, 0.0), np.where(seen, second, 0.0)
        return self.of_events - mean.sum(axis=0), second.sum(axis=0)

    def _weights(self, beta: FloatArray) -> FloatArray:
        if not beta.any():
            return np.ones_like(self.x) if self.present is None else self.present.copy()
        weight = self.x * beta
        excess = np.abs(beta) * self.largest - _HIGHEST
        if (excess > 0).any():
            weight -= np.maximum(excess, 0.0)
        np.exp(weight, out=weight)
        if self.present is not None:
            weight *= self.present
        return weight

    def _at_risk(self, values: FloatArray) -> FloatArray:
        """Per event, the sum over those at risk, less what Efron takes out for the events tied with it."""
        per_event = self.sets.per_event(_sums_from(values, self.sets.exit_from))
        tied = self.tied
        if tied.place.size:
            totals = np.add.reduceat(values[self.sets.event_row[tied.place]], tied.starts, axis=0)
            per_event[tied.place] -= tied.fraction * np.repeat(totals, tied.sizes, axis=0)
        return per_event


def _sums_from(values: FloatArray, start: IntArray) -> FloatArray:
    """Sum from each of the ascending positions to the end; shape (m, b)."""
    sums = np.add.reduceat(values, start, axis=0)
    for row in range(len(sums) - 2, -1, -1):
        sums[row] += sums[row + 1]
    return sums


def columns(sets: RiskSets, x: FloatArray) -> Columns:
    """Covariates in the order of the rows of the sets, NaN where a value is missing; none of them is constant."""
    known = ~np.isnan(x)
    complete = bool(known.all())
    count = known.sum(axis=0)
    centred = np.where(known, x, 0.0)
    centred = np.where(known, centred - centred.sum(axis=0) / count, 0.0)
    scale = np.sqrt((centred * centred).sum(axis=0) / count)
    centred /= scale
    present = None if complete else known.astype(np.float64)
    return Columns(
        sets=sets,
        tied=_tied(sets, present),
        x=centred,
        present=present,
        scale=scale,
        largest=np.abs(centred).max(axis=0),
        of_events=centred[sets.event_row].sum(axis=0),
    )


def _tied(sets: RiskSets, present: FloatArray | None) -> TiedEvents:
    sizes = np.bincount(sets.event_time)
    place = np.flatnonzero(sizes[sets.event_time] > 1) if sets.fraction.any() else np.zeros(0, dtype=np.int64)
    sizes = sizes[sizes > 1]
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
    if present is None or not place.size:
        return TiedEvents(place, starts, sizes, sets.fraction[place][:, None])
    seen = present[sets.event_row[place]]
    before = np.cumsum(seen, axis=0) - seen
    before -= np.repeat(before[starts], sizes, axis=0)
    deaths = np.repeat(np.add.reduceat(seen, starts, axis=0), sizes, axis=0)
    return TiedEvents(place, starts, sizes, before / np.maximum(deaths, 1.0))
