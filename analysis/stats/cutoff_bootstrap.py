"""How far a chosen cutoff moves when other patients are drawn: the same choice made in bootstrap resamples."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, IntArray, confidence, finite, follow_up, indicator, one_of, same_length
from analysis.stats.errors import ConstantCovariateError, ParameterError
from analysis.stats.r_random import RRandom

# Numbers held at a time in each table of resamples by patients.
_AT_ONCE = 1_000_000
# Sums of the same scores in another order may differ in the last bit.
_TIE = 1e-12


@dataclass(frozen=True, eq=False)
class CutoffBootstrap:
    """The cutoffs chosen in resamples of the patients, and the percentile interval of them.

    ``low`` and ``high`` are cutoffs that were chosen. ``cutoffs`` are those of the resamples that allow a cutoff at
    all, in the order drawn; ``resamples`` counts all.
    """

    low: float
    high: float
    conf_level: float
    resamples: int
    cutoffs: FloatArray

    def share(self, cutoff: float) -> float:
        """Share of the resamples in which exactly this cutoff was chosen."""
        return float((self.cutoffs == cutoff).sum()) / self.resamples


@dataclass(frozen=True)
class Draw:
    """A stretch of the resamples of one seed: the same ones, whoever draws the stretches before it."""

    first: int
    count: int
    seed: int


def bootstrap_logrank_cutoff(
    time: ArrayLike,
    event: ArrayLike,
    marker: ArrayLike,
    *,
    minprop: float = 0.1,
    resamples: int = 1000,
    seed: int = 1,
    conf_level: float = 0.95,
) -> CutoffBootstrap:
    """Choose the cutoff with the largest standardised log-rank statistic in each of many resamples.

    Parameters
    ----------
    time, event, marker : array_like, shape (n,)
        As for ``maximally_selected``, whose choice is made on each resample.
    minprop : float
        Smallest share of the patients of a resample on either side, above 0 and below one half.
    resamples : int
        Samples of size n, drawn from the patients with replacement.
    seed : int
        Of R's generator: the samples are ``set.seed(seed)``, then ``floor(n * runif(n)) + 1`` for each in turn.
    conf_level : float
        Coverage of the percentile interval; its limits are ``quantile(type = 1)``.

    Returns
    -------
    CutoffBootstrap

    Raises
    ------
    ConstantCovariateError
        No resample has a cutoff.
    StatsInputError
        Bad times, codes, lengths, share, level, number or seed.

    Notes
    -----
    Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. The chosen cutoff converges at the cube root
    of n at best, so the interval says how stable the choice is rather than where a true cutoff lies.
    """
    drawn = Draw(0, resamples, seed)
    return summarise(logrank_cutoffs(time, event, marker, drawn, minprop=minprop), conf_level=conf_level)


def logrank_cutoffs(
    time: ArrayLike, event: ArrayLike, marker: ArrayLike, draw: Draw, *, minprop: float = 0.1
) -> FloatArray:
    """The cutoff of each resample of the draw, NaN where there is none; as for ``bootstrap_logrank_cutoff``."""
    times, events, _ = follow_up(time, event)
    values = finite(marker, "marker")
    same_length(time=times, marker=values)
    if not 0 < minprop < 0.5:
        raise ParameterError(f"The smallest share must lie between 0 and one half, not {minprop:g}.")
    by_time, by_marker = _Order(times), _Order(values)
    n, died = len(values), events.astype(np.float64)

    def choose(drawn: IntArray) -> FloatArray:
        risk = n - by_time.cumulated(drawn) + 1
        died_at = np.diff(by_time.cumulated(drawn * died), axis=1, prepend=0)
        scores = died - np.cumsum(died_at / risk, axis=1)[:, by_time.place]
        weighted = drawn * scores
        total = weighted.sum(axis=1, keepdims=True)
        spread = n * (weighted * scores).sum(axis=1, keepdims=True) - total**2
        below = by_marker.cumulated(drawn)
        allowed = (below >= np.floor(n * minprop)) & (below <= np.floor(n * (1 - minprop) + 1e-9)) & (below < n)
        allowed &= (np.diff(below, axis=1, prepend=0) > 0) & (spread > _TIE * n)
        variance = np.where(allowed, below * (n - below) / (n**2 * (n - 1)) * spread, 1.0)
        distance = np.abs(by_marker.cumulated(weighted) - below * total / n) / np.sqrt(variance)
        return _first(np.where(allowed, distance, -np.inf), by_marker.distinct)

    return _chosen(choose, n, draw)


def bootstrap_youden_cutoff(
    outcome: ArrayLike,
    marker: ArrayLike,
    direction: str,
    *,
    resamples: int = 1000,
    seed: int = 1,
    conf_level: float = 0.95,
) -> CutoffBootstrap:
    """Choose the cutoff with the largest sensitivity + specificity in each of many resamples.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        1 for cases, 0 for controls.
    marker : array_like, shape (n,)
        Values in any unit; a cutoff is a value that was drawn, and high means above it.
    direction : {"<", ">"}
        "<": cases are higher; ">": cases are lower. It is the same in every resample.
    resamples, seed, conf_level
        As for ``bootstrap_logrank_cutoff``; cases and controls are drawn together.

    Returns
    -------
    CutoffBootstrap
        The most sensitive cutoff where several tie. Without a cutoff are resamples of cases or controls only, and those
        in which no cutoff is better than chance.

    Raises
    ------
    ConstantCovariateError
        No resample has a cutoff.
    StatsInputError
        Bad values, codes, lengths, direction, level, number or seed.
    """
    return summarise(youden_cutoffs(outcome, marker, direction, Draw(0, resamples, seed)), conf_level=conf_level)


def youden_cutoffs(outcome: ArrayLike, marker: ArrayLike, direction: str, draw: Draw) -> FloatArray:
    """The cutoff of each resample of the draw, NaN where there is none; as for ``bootstrap_youden_cutoff``."""
    one_of(direction, ("<", ">"), "direction")
    truth, values = indicator(outcome, "outcome"), finite(marker, "marker")
    same_length(outcome=truth, marker=values)
    by_marker, sign = _Order(values), 1 if direction == "<" else -1

    def choose(drawn: IntArray) -> FloatArray:
        below, below_cases = by_marker.cumulated(drawn), by_marker.cumulated(drawn * truth)
        n, cases = below[:, -1:], below_cases[:, -1:]
        # Youden's index times cases times controls: whole numbers, so that ties are ties.
        merit = sign * ((below - below_cases) * cases - below_cases * (n - cases))
        allowed = (np.diff(below, axis=1, prepend=0) > 0) & (merit > 0)
        scored = np.where(allowed, merit.astype(np.float64), -np.inf)
        # The most sensitive cutoff is the lowest where high is positive, and the highest where low is.
        return _first(scored[:, ::sign], by_marker.distinct[::sign])

    return _chosen(choose, len(values), draw)


def summarise(chosen: ArrayLike, *, conf_level: float = 0.95) -> CutoffBootstrap:
    """The cutoffs of all resamples in the order drawn, NaN where there is none, with their percentile interval."""
    level, cutoffs = confidence(conf_level), np.asarray(chosen, np.float64)
    if not cutoffs.size:
        raise ParameterError("At least one resample must be drawn, not 0.")
    known = cutoffs[np.isfinite(cutoffs)]
    if not known.size:
        raise ConstantCovariateError("No resample of the patients has a cutoff.")
    low, high = (_quantile(known, share) for share in ((1 - level) / 2, (1 + level) / 2))
    return CutoffBootstrap(low, high, level, len(cutoffs), known)


class _Order:
    """The distinct values of a column, and sums over the rows up to each of them."""

    def __init__(self, values: FloatArray) -> None:
        self.distinct, self.place = np.unique(values, return_inverse=True)
        self._rows = np.argsort(values, kind="stable")
        self._last = np.searchsorted(values[self._rows], self.distinct, side="right") - 1

    def cumulated(self, table: FloatArray | IntArray) -> FloatArray:
        """Per row of the table, the sums of its columns up to each distinct value; shape (rows, distinct)."""
        summed: FloatArray = np.cumsum(table[:, self._rows], axis=1, dtype=np.float64)[:, self._last]
        return summed


def _first(scored: FloatArray, cuts: FloatArray) -> FloatArray:
    """Per row the first of the best cuts; NaN where none is allowed."""
    best = scored.max(axis=1, keepdims=True)
    found = cuts[np.argmax(scored >= best - _TIE, axis=1)]
    return np.where(np.isfinite(best[:, 0]), found, np.nan)


def _chosen(choose: Callable[[IntArray], FloatArray], n: int, draw: Draw) -> FloatArray:
    if draw.count < 1:
        raise ParameterError(f"At least one resample must be drawn, not {draw.count}.")
    return np.concatenate([choose(drawn) for drawn in _drawn(n, draw)])


def _drawn(n: int, draw: Draw) -> Iterator[IntArray]:
    random, step = RRandom(draw.seed), max(1, _AT_ONCE // n)
    random.skip(draw.first * n)
    for start in range(0, draw.count, step):
        yield random.resamples(n, min(step, draw.count - start))


def _quantile(values: FloatArray, share: float) -> float:
    """A value that occurs, as ``quantile(type = 1)``; a hair keeps whole ranks whole."""
    rank = int(np.ceil(share * len(values) - 1e-9))
    return float(np.sort(values)[max(rank, 1) - 1])
