"""Sums over the patients at risk at each event time: what every Cox quantity is made of."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.running_sums import rows_at, sums_before, sums_from


@dataclass(frozen=True, eq=False)
class RiskSets:
    """The risk sets of one stratum of n rows with m distinct event times and e events.

    ``rows`` are in order of their exits; all other positions, and the values given, are in that order.

    Tied events are taken one after another as Efron did: the l-th of d (l = 0 .. d-1) sees the weight of all d events
    reduced by ``fraction`` l/d. Breslow's way is a fraction of 0 throughout.
    """

    rows: IntArray
    times: FloatArray
    event_row: IntArray
    event_time: IntArray
    fraction: FloatArray
    first_of_time: IntArray
    exit_from: IntArray
    by_entry: IntArray
    entry_from: IntArray
    first_seen: IntArray
    last_seen: IntArray

    def risk_sum(self, values: FloatArray) -> FloatArray:
        """Sum of the values over everybody at risk, per distinct event time; shape (m,) or (m, p)."""
        total = rows_at(sums_from(values), self.exit_from)
        if self.by_entry.size:
            total -= rows_at(sums_from(rows_at(values, self.by_entry)), self.entry_from)
        return total

    def event_sum(self, values: FloatArray) -> FloatArray:
        """Sum of values given per event (in ``event_row`` order), per distinct event time."""
        if len(self.times) == len(self.event_row):
            return values
        result: FloatArray = np.add.reduceat(values, self.first_of_time, axis=0)
        return result

    def per_event(self, values: FloatArray) -> FloatArray:
        """Values given per distinct event time, repeated for each of its events (in ``event_row`` order)."""
        return values if len(self.times) == len(self.event_row) else rows_at(values, self.event_time)

    def seen_sum(self, per_event: FloatArray) -> FloatArray:
        """Per row, the sum of values given per event over the events at which the row was at risk."""
        per_time = self.event_sum(per_event)
        so_far = sums_before(per_time)
        result = rows_at(so_far, self.last_seen)
        if self.by_entry.size:
            result -= rows_at(so_far, self.first_seen)
        return result


def risk_sets(
    rows: IntArray, time: FloatArray, event: BoolArray, entry: FloatArray | None, ties: str
) -> RiskSets | None:
    """Risk sets of the given rows, or nothing where none of them had the event.

    ``time``, ``event`` and ``entry`` describe these rows only; ``rows`` says where they are in the whole table.
    """
    if not event.any():
        return None
    by_exit = np.argsort(time, kind="stable")
    rows, time, event = rows[by_exit], time[by_exit], event[by_exit]
    entry = None if entry is None else entry[by_exit]
    event_row = np.flatnonzero(event)
    times, first, event_time, tied = np.unique(
        time[event_row], return_index=True, return_inverse=True, return_counts=True
    )
    position = np.arange(len(event_row)) - first[event_time]
    fraction = position / tied[event_time] if ties == "efron" else np.zeros(len(event_row))
    none = np.zeros(0, dtype=np.int64)
    by_entry = none if entry is None else np.argsort(entry, kind="stable")
    return RiskSets(
        rows=rows,
        times=times,
        event_row=event_row,
        event_time=event_time,
        fraction=fraction,
        first_of_time=first,
        exit_from=np.searchsorted(time, times, side="left"),
        by_entry=by_entry,
        entry_from=none if entry is None else np.searchsorted(entry[by_entry], times, side="left"),
        first_seen=np.zeros(len(rows), dtype=np.int64)
        if entry is None
        else np.searchsorted(times, entry, side="right"),
        last_seen=np.searchsorted(times, time, side="right"),
    )
