"""The best cutoff of a marker for survival, with a p that allows for having looked at all of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, finite, follow_up, same_length
from analysis.stats.errors import ConstantCovariateError, NoEventsError, ParameterError


@dataclass(frozen=True, eq=False)
class MaximallySelected:
    """The cutoff with the largest standardised log-rank statistic; high means marker > cutoff.

    ``cuts`` and ``statistics`` are all candidates; ``below`` counts the patients at or below each. ``p_lausen92`` is an
    asymptotic approximation, ``p_lausen94`` the improved Bonferroni bound, usually the sharper one.
    """

    cutoff: float
    statistic: float
    p_lausen92: float
    p_lausen94: float
    cuts: FloatArray
    statistics: FloatArray
    below: IntArray
    n: int
    events: int
    n_high: int


def logrank_scores(time: ArrayLike, event: ArrayLike) -> FloatArray:
    """Score of each patient: the event less the cumulative hazard up to the own time; shape (n,).

    Tied times share the smallest number at risk, as ``maxstat::logrank_trafo`` 0.7-25 has it.
    """
    times, events, _ = follow_up(time, event)
    return _scores(times, events)


def _scores(time: FloatArray, event: BoolArray) -> FloatArray:
    ordered = np.sort(time)
    rank = np.searchsorted(ordered, time, side="right")
    distinct, index = np.unique(time, return_inverse=True)
    hazard = np.cumsum(np.bincount(index, event / (len(time) - rank + 1), minlength=len(distinct)))
    scores: FloatArray = event.astype(np.float64) - hazard[index]
    return scores


def maximally_selected(
    time: ArrayLike, event: ArrayLike, marker: ArrayLike, *, minprop: float = 0.1
) -> MaximallySelected:
    """Find the cutoff that splits the patients into the most different survival.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    marker : array_like, shape (n,)
        Values in any unit; only values that occur are candidates.
    minprop : float
        Smallest share of the patients on either side, above 0 and below one half.

    Returns
    -------
    MaximallySelected
        The lowest cutoff where several tie.

    Raises
    ------
    ConstantCovariateError
        No value leaves enough patients on both sides.
    NoEventsError
        Nobody had the event.
    StatsInputError
        Bad times, codes, lengths or share.

    Notes
    -----
    Matches ``maxstat::maxstat.test(Surv(time, event) ~ marker, smethod="LogRank", pmethod="Lau92" | "Lau94", minprop=,
    maxprop=1-minprop)`` 0.7-25 and ``survminer::surv_cutpoint``. The square of the statistic is not the log-rank
    chi-square. Lausen & Schumacher, Biometrics 1992; 48: 73-85; Lausen, Sauerbrei & Schumacher, in Computational
    Statistics, 1994: 1483-1496.
    """
    times, events, _ = follow_up(time, event)
    values = finite(marker, "marker")
    same_length(time=times, marker=values)
    if not 0 < minprop < 0.5:
        raise ParameterError(f"The smallest share must lie between 0 and one half, not {minprop:g}.")
    if not events.any():
        raise NoEventsError("Nobody had the event, so no cutoff separates anything.")
    cuts, below = _candidates(values, minprop)
    statistics = _standardised(_scores(times, events), values, below)
    # Sums of the same scores in another order may differ in the last bit.
    best = int(np.flatnonzero(statistics >= statistics.max() - 1e-12)[0])
    b = float(statistics[best])
    p92, p94 = _lausen92(b, minprop), _lausen94(b, len(values), below)
    sizes = (len(values), int(events.sum()), int((values > cuts[best]).sum()))
    return MaximallySelected(float(cuts[best]), b, p92, p94, cuts, statistics, below, *sizes)


def corrected_p(found: MaximallySelected, n_low: int) -> float | None:
    """p of one of the candidates, allowing for all of them having been looked at; None where it is no candidate.

    Parameters
    ----------
    found : MaximallySelected
    n_low : int
        How many patients are at or below the cutoff, which tells the candidate.

    Returns
    -------
    float or None
        Probability that the largest statistic is at least this one: for the best cutoff the p of the whole search, for
        any other a single-step adjusted p. It is never below the p of one look, where the bound's expansion may fall
        when few cutoffs lie far apart.
    """
    places = np.flatnonzero(found.below == n_low)
    if not places.size:
        return None
    statistic = float(found.statistics[places[0]])
    return max(_lausen94(statistic, found.n, found.below), 2 * float(special.ndtr(-statistic)))


def _candidates(values: FloatArray, minprop: float) -> tuple[FloatArray, IntArray]:
    distinct, counts = np.unique(values, return_counts=True)
    below = np.cumsum(counts)
    n = len(values)
    # A hair is added because n (1 - minprop) may come out just below the whole number it stands for.
    inside = (below >= np.floor(n * minprop)) & (below <= np.floor(n * (1 - minprop) + 1e-9)) & (below < n)
    if not inside.any():
        raise ConstantCovariateError("No cutoff of the marker leaves enough patients on both sides.")
    return distinct[inside], below[inside].astype(np.int64)


def _standardised(scores: FloatArray, values: FloatArray, below: IntArray) -> FloatArray:
    """Distance of the sum of scores at or below each cut from its mean, in standard deviations."""
    n = len(scores)
    m: FloatArray = below.astype(np.float64)
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(scores[order])[below - 1]
    total = scores.sum()
    spread = float(n * (scores**2).sum() - total**2)
    variance = m * (n - m) / (n**2 * (n - 1)) * spread
    if not (variance > 0).all():
        raise ConstantCovariateError("Everybody has the same follow-up, so no cutoff separates anything.")
    result: FloatArray = np.abs(sums - m * total / n) / np.sqrt(variance)
    return result


def _lausen92(b: float, minprop: float) -> float:
    density = np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    if b < 1:
        # The bound is made for the tail and falls again towards 0, where nothing is to be claimed.
        return 1.0
    odds = ((1 - minprop) / minprop) ** 2
    return float(np.clip(4 * density / b + density * (b - 1 / b) * np.log(odds), 0.0, 1.0))


def _lausen94(b: float, n: int, below: IntArray) -> float:
    lower, upper = below[:-1].astype(np.float64), below[1:].astype(np.float64)
    t = np.sqrt(1 - lower * (n - upper) / ((n - lower) * upper))
    added = (np.exp(-(b**2) / 2) / np.pi * (t - (b**2 / 4 - 1) * t**3 / 6)).sum()
    return float(np.clip(2 * special.ndtr(-b) + added, 0.0, 1.0))
