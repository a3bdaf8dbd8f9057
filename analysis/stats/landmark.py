"""Survival from a landmark: only those still at risk then, with their time counted from there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, follow_up
from analysis.stats.errors import ParameterError


@dataclass(frozen=True, eq=False)
class Landmark:
    """Whoever was still watched and free of the event after the landmark.

    ``rows`` (m,) are their positions among the n rows given, ``time`` (m,) is counted from the landmark. The others had
    the event by then (``events_before``) or were censored by then (``censored_before``).
    """

    rows: IntArray
    time: FloatArray
    event: BoolArray
    events_before: int
    censored_before: int


def landmark(time: ArrayLike, event: ArrayLike, at: float) -> Landmark:
    """Keep who is at risk after a landmark and count time from there.

    Groups that are known only later than the start of follow-up, such as a response at three months, are compared from
    the landmark at which they are known: counted from the start, whoever belongs to them could not have died before,
    and that immortal time would look like a benefit.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up from the start in one unit of time, and 1 where it ended with the event.
    at : float
        The landmark, in the same unit.

    Returns
    -------
    Landmark
        Empty where nobody was at risk any more.

    Raises
    ------
    ParameterError
        A landmark that is not a number above zero.
    StatsInputError
        Missing, infinite or negative times, codes other than 0/1, unequal lengths.

    Notes
    -----
    An event or a censoring exactly at the landmark lies before it. Matches the rows of
    ``survival::survfit(Surv(time - at, event) ~ 1, subset = time > at)`` and of ``dynpred::cutLM``. Anderson, Cain &
    Gelber, J Clin Oncol 1983; 1: 710-719.
    """
    if not (np.isfinite(at) and at > 0):
        raise ParameterError(f"A landmark is a time above zero, not {at:g}.")
    times, events, _ = follow_up(time, event)
    later = times > at
    return Landmark(
        rows=np.flatnonzero(later),
        time=times[later] - at,
        event=events[later],
        events_before=int((events & ~later).sum()),
        censored_before=int((~events & ~later).sum()),
    )
