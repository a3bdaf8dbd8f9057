"""Hazard ratios of a marker split at each of many cutoffs, all fitted at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, confidence, finite, follow_up, same_length
from analysis.stats.errors import NoEventsError

# Numbers held at a time in each table of cutoffs by events.
_AT_ONCE = 1_000_000
_MOST_STEPS = 50
_SMALLEST_STEP = 1e-12


@dataclass(frozen=True, eq=False)
class SplitHazards:
    """Hazard ratio of high (marker > cutoff) against low with its interval, per cutoff; NaN where there is none."""

    cuts: FloatArray
    hr: FloatArray
    low: FloatArray
    high: FloatArray


def split_hazards(
    time: ArrayLike, event: ArrayLike, marker: ArrayLike, cuts: ArrayLike, *, conf_level: float = 0.95
) -> SplitHazards:
    """Fit a proportional-hazards model of high against low at each cutoff.

    Parameters
    ----------
    time, event, marker : array_like, shape (n,)
        Follow-up in one unit of time, 1 where it ended with the event, and values in any unit.
    cuts : array_like, shape (c,)
        Cutoffs in the unit of the marker.
    conf_level : float
        Coverage of the Wald interval of each log hazard ratio.

    Returns
    -------
    SplitHazards
        Arrays of shape (c,). A ratio is NaN where the likelihood has no finite maximum: one side has no event, or no
        patient at risk beside the events of the other.

    Raises
    ------
    NoEventsError
        Nobody had the event.
    StatsInputError
        Bad times, codes, lengths or level.

    Notes
    -----
    The same numbers as ``survival::coxph(Surv(time, event) ~ I(marker > cut))`` with Efron's ties, one cutoff after the
    other. With one indicator the likelihood needs only counts at risk, so Newton's steps of all cutoffs are one.
    """
    times, events, _ = follow_up(time, event)
    values, at = finite(marker, "marker"), finite(cuts, "cuts")
    same_length(time=times, marker=values)
    level = confidence(conf_level)
    if not events.any():
        raise NoEventsError("Nobody had the event, so no hazard ratio can be estimated.")
    order = np.argsort(times, kind="stable")
    rows = (times[order], events[order], values[order])
    step = max(1, _AT_ONCE // len(times))
    parts = [_fits(*rows, at[start : start + step]) for start in range(0, len(at), step)]
    beta, se = (np.concatenate(part) for part in zip(*parts, strict=True))
    half = float(special.ndtri(0.5 + level / 2)) * se
    return SplitHazards(at, np.exp(beta), np.exp(beta - half), np.exp(beta + half))


def _fits(time: FloatArray, event: BoolArray, marker: FloatArray, cuts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log hazard ratio and its standard error per cutoff; the rows come by time."""
    high = (marker > cuts[:, None]).astype(np.float64)
    died, first, share = _events(time, event)
    at_risk = np.cumsum(high[:, ::-1], axis=1)[:, ::-1][:, first]
    # Efron: of tied events the later ones see a share of the tied taken out of the risk set.
    died_high = np.add.reduceat(high[:, died], np.flatnonzero(share == 0), axis=1)
    tied = np.cumsum(share == 0) - 1
    count = np.bincount(tied)[tied]
    a1 = at_risk - share * died_high[:, tied]
    a0 = (len(time) - first) - share * count - a1
    total = high[:, died].sum(axis=1)
    # The score runs from its value at minus to that at plus infinity; a maximum lies where it passes zero.
    has_one = (total < (a1 > _SMALLEST_STEP).sum(axis=1)) & (total > (a0 <= _SMALLEST_STEP).sum(axis=1))
    beta, information = _newton(a0[has_one], a1[has_one], total[has_one])
    found, error = np.full(len(cuts), np.nan), np.full(len(cuts), np.nan)
    found[has_one], error[has_one] = beta, 1 / np.sqrt(information)
    return found, error


def _events(time: FloatArray, event: BoolArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows of the events, the first row still at risk then, and the share of its tied events that went before."""
    died = np.flatnonzero(event)
    first = np.searchsorted(time, time[died], side="left")
    _, place, counts = np.unique(time[died], return_index=True, return_counts=True)
    before = np.arange(len(died)) - np.repeat(place, counts)
    return died, first, before / np.repeat(counts, counts)


def _newton(a0: FloatArray, a1: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    beta = np.zeros(len(total))
    for _ in range(_MOST_STEPS):
        share = _share(a0, a1, beta)
        information = (share * (1 - share)).sum(axis=1)
        # The likelihood is concave; a long step from far out is cut so that it cannot overshoot to nowhere.
        step = np.clip((total - share.sum(axis=1)) / information, -1.0, 1.0)
        beta = beta + step
        if not step.size or np.abs(step).max() < _SMALLEST_STEP:
            break
    share = _share(a0, a1, beta)
    return beta, (share * (1 - share)).sum(axis=1)


def _share(a0: FloatArray, a1: FloatArray, beta: FloatArray) -> FloatArray:
    weight = a1 * np.exp(beta)[:, None]
    result: FloatArray = weight / (a0 + weight)
    return result
