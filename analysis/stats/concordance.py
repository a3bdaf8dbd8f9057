"""Concordance of a risk score with survival, with the infinitesimal-jackknife standard error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, finite, follow_up, labels, one_of, same_length
from analysis.stats.dominance import beyond_by_rank
from analysis.stats.errors import NoEventsError, ParameterError
from analysis.stats.survival import counts

WEIGHTS = ("n", "S", "S/G", "n/G2", "I")


@dataclass(frozen=True)
class Concordance:
    """Share of comparable pairs in which the higher score has the earlier event.

    Counts are those of R: a pair with equal scores (``tied_x``) counts one half, pairs of events at the same time
    (``tied_y``, ``tied_xy``) do not count.
    """

    c: float
    se: float
    concordant: float
    discordant: float
    tied_x: float
    tied_y: float
    tied_xy: float


def concordance(
    time: ArrayLike,
    event: ArrayLike,
    score: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    weight: str = "n",
    ymax: float | None = None,
) -> Concordance:
    """Estimate how well a score orders the patients by time to event.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up and 1 where it ended with the event.
    score : array_like, shape (n,)
        Higher means an earlier event is expected.
    entry : array_like, shape (n,), optional
        Delayed entry: a pair is compared only if both were watched at the event.
    strata : array_like, shape (n,), optional
        Pairs are taken within strata.
    cluster : array_like, shape (n,), optional
        Rows that belong together in the standard error.
    weight : {"n", "S", "S/G", "n/G2", "I"}
        Weight of the share of concordant pairs at each event time, with n the number at risk, S the survival and G the
        curve of censoring before it: "n" is Harrell's C, "n/G2" Uno's, "I" counts every event alike.
    ymax : float, optional
        Events after this time open no pairs.

    Raises
    ------
    NoEventsError
        No pair can be compared.
    StatsInputError
        Missing values, codes other than 0/1, unequal lengths.

    Notes
    -----
    Matches ``survival::concordance(Surv(entry, time, event) ~ score + strata(s), reverse=TRUE, timewt=,
    ymax=)`` 3.5-3.
    """
    one_of(weight, WEIGHTS, "weight")
    if weight != "n" and entry is not None:
        raise ParameterError("Weights by the curve of censoring do not go with delayed entry.")
    times, events, starts = follow_up(time, event, entry)
    scores = finite(score, "score")
    same_length(time=times, score=scores)
    codes = np.zeros(len(times), dtype=np.int64) if strata is None else labels(strata, "strata")[1]
    same_length(time=times, strata=codes)
    grouped = None if cluster is None else labels(cluster, "cluster")[1]
    if grouped is not None:
        same_length(time=times, cluster=grouped)
    # In order of time every search below finds its place near the last one.
    order = np.argsort(times, kind="stable")
    times, events, scores, codes = times[order], events[order], scores[order], codes[order]
    starts = None if starts is None else starts[order]
    grouped = None if grouped is None else grouped[order]
    moments = _moments(times, events, starts)
    ranks = _ranks(scores)
    parts = np.zeros((3, len(times)))
    for code in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == code)
        weights = _pair_weights(times[rows], events[rows], weight)
        if ymax is not None:
            weights[times[rows] > ymax] = 0.0
        parts[:, rows] = _pairs(moments.of(rows), ranks[rows], weights)
    return _summary(parts, moments, ranks, codes, grouped)


@dataclass(frozen=True, eq=False)
class _Moments:
    """Times as integers, so that "watched at the event" is one comparison.

    A row leaves at 2k if it has its event at the k-th time, at 2k + 1 if it is censored then: still watched at the
    events of that time. One that enters at the k-th time does so at 2k + 1, after its events.
    """

    event: BoolArray
    leaves: IntArray
    enters: IntArray | None

    def of(self, rows: IntArray) -> "_Moments":
        return _Moments(self.event[rows], self.leaves[rows], None if self.enters is None else self.enters[rows])


def _moments(time: FloatArray, event: BoolArray, entry: FloatArray | None) -> _Moments:
    every = np.unique(time if entry is None else np.concatenate((time, entry)))
    leaves = 2 * np.searchsorted(every, time) + ~event
    return _Moments(event, leaves, None if entry is None else 2 * np.searchsorted(every, entry) + 1)


def _ranks(score: FloatArray) -> IntArray:
    """Dense ranks; scores apart by rounding only are equal, as equal patients are not always summed alike."""
    values, index = np.unique(score, return_inverse=True)
    steps = np.diff(values) > 1e-12 * np.abs(values).max()
    result: IntArray = np.concatenate(([0], np.cumsum(steps)))[index]
    return result


def _pair_weights(time: FloatArray, event: BoolArray, weight: str) -> FloatArray:
    """Weight of the pairs that a row's event opens."""
    if weight == "n":
        return np.ones(len(time))
    distinct, risk, died, censored = counts(time, event, None)
    index = np.searchsorted(distinct, time)
    # A curve just before each time. Deaths leave before censorings; G may end at 0, but no event follows then.
    survival, staying = (
        np.concatenate(([1.0], np.cumprod(1 - left / np.maximum(those, 1))[:-1]))[index]
        for left, those in ((died, risk), (censored, risk - died))
    )
    at_risk = risk[index].astype(np.float64)
    numerator = survival if weight.startswith("S") else np.ones(len(time))
    denominator = {"S": at_risk, "S/G": staying * at_risk, "n/G2": staying**2, "I": at_risk}[weight]
    result: FloatArray = np.divide(numerator, denominator, out=np.zeros(len(time)), where=event)
    return result


def _pairs(moments: _Moments, rank: IntArray, weight: FloatArray) -> FloatArray:
    """Per row the weight of concordant, discordant and tied pairs it is part of; shape (3, n)."""
    opener = np.flatnonzero(moments.event)
    parts = np.zeros((3, len(rank)))
    if not opener.size:
        return parts
    opened = weight[opener]
    parts[:, opener] = opened * _later(moments, rank, opener)
    parts += _earlier(moments, rank, opener, opened)
    return parts


def _later(moments: _Moments, rank: IntArray, opener: IntArray) -> FloatArray:
    """Per event, the rows watched beyond it with a lower, a higher and an equal score."""
    at, own = moments.leaves[opener], rank[opener]
    ones = np.ones(len(rank))
    found = beyond_by_rank(moments.leaves, rank, ones, at, own)
    return found if moments.enters is None else found - beyond_by_rank(moments.enters, rank, ones, at, own)


def _earlier(moments: _Moments, rank: IntArray, opener: IntArray, opened: FloatArray) -> FloatArray:
    """Per row, the weight of the events it outlived by a higher, a lower and an equal score."""
    key, own = moments.leaves[opener], rank[opener]

    def before(at: IntArray) -> FloatArray:
        # Turned round, an earlier event lies beyond; so lower and higher change places.
        lower, higher, equal = beyond_by_rank(-key, own, opened, -at, rank)
        return np.stack((higher, lower, equal))

    found = before(moments.leaves)
    return found if moments.enters is None else found - before(moments.enters)


def _summary(
    parts: FloatArray, moments: _Moments, rank: IntArray, strata: IntArray, cluster: IntArray | None
) -> Concordance:
    # Every pair was counted once at each of its two rows.
    concordant, discordant, tied = parts.sum(axis=1) / 2
    total = concordant + discordant + tied
    if not total > 0:
        raise NoEventsError("No two patients can be compared, so there is no concordance.")
    c = (concordant + tied / 2) / total
    influence = (parts[0] + parts[2] / 2 - c * parts.sum(axis=0)) / total
    if cluster is not None:
        influence = np.bincount(cluster, influence)
    happened = moments.event
    same_time = _both(strata[happened], moments.leaves[happened])
    tied_xy = _pairs_within(_both(same_time, rank[happened]))
    tied_y = _pairs_within(same_time) - tied_xy
    counts = (float(concordant), float(discordant), float(tied))
    return Concordance(float(c), float(np.sqrt((influence**2).sum())), *counts, tied_y, tied_xy)


def _both(first: IntArray, second: IntArray) -> IntArray:
    """One number for two; numbered densely, so that a third goes in without running over."""
    _, codes = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)
    result: IntArray = codes.astype(np.int64)
    return result


def _pairs_within(values: IntArray) -> float:
    """Number of pairs of positions that hold the same value."""
    _, size = np.unique(values, return_counts=True)
    return float((size * (size - 1) // 2).sum())
