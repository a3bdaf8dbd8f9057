"""Probabilities of being event-free and of having had each of several competing events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, IntArray, confidence, finite, follow_up
from analysis.stats.competing import cause_rows
from analysis.stats.limits import survival_limits


@dataclass(frozen=True, eq=False)
class StateProbabilities:
    """Per time asked (rows) the probability of each state (columns, event-free first), with limits on the log scale.

    The limits are NaN where a probability is 0.
    """

    causes: tuple[int, ...]
    time: FloatArray
    probability: FloatArray
    std_err: FloatArray
    low: FloatArray
    high: FloatArray


def state_probabilities(
    time: ArrayLike, code: ArrayLike, times: ArrayLike, *, conf_level: float = 0.95
) -> StateProbabilities:
    """Estimate the Aalen-Johansen probabilities at given times.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up in one unit of time.
    code : array_like, shape (n,)
        0 censored, else the cause of the event.
    times : array_like, shape (k,)
        In the same unit.
    conf_level : float
        Coverage of the limits.

    Raises
    ------
    EventCodeError
        A code that is not a whole number from 0 on.
    StatsInputError
        Bad times or lengths.

    Notes
    -----
    Matches ``summary(survival::survfit(Surv(time, factor(code)) ~ 1), times=, extend=TRUE)`` 3.5-3, whose standard
    errors are those of the infinitesimal jackknife.
    """
    wanted, level = finite(times, "times"), confidence(conf_level)
    cause_rows(time, code, 1)
    codes = finite(code, "code").astype(np.int64)
    ends, _, _ = follow_up(time, codes > 0)
    causes = tuple(int(cause) for cause in np.unique(codes[codes > 0]))
    place = np.searchsorted(np.array((0, *causes)), codes)
    walk = _Walk(ends, place, len(causes) + 1)
    probability, std_err = walk.read(wanted)
    relative = np.divide(std_err, probability, out=np.zeros_like(std_err), where=probability > 0)
    low, high = survival_limits(probability, relative, "log", level)
    return StateProbabilities(causes, wanted, probability, std_err, low, high)


class _Walk:
    """The probabilities and each patient's influence on them, carried from one event time to the next."""

    def __init__(self, time: FloatArray, place: IntArray, states: int) -> None:
        self.time, self.place = time, place
        self.probability = np.zeros(states)
        self.probability[0] = 1.0
        self.influence = np.zeros((len(time), states))

    def read(self, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Probabilities and standard errors at the times asked, in their order."""
        found = np.empty((2, len(wanted), len(self.probability)))
        events = np.unique(self.time[self.place > 0])
        done = 0
        for k in np.argsort(wanted, kind="stable"):
            upto = int(np.searchsorted(events, wanted[k], side="right"))
            for at in events[done:upto]:
                self._step(float(at))
            done = max(done, upto)
            found[0, k], found[1, k] = self.probability, np.sqrt((self.influence**2).sum(axis=0))
        return found[0], found[1]

    def _step(self, at: float) -> None:
        watched = self.time >= at
        leaving = (self.time == at) & (self.place > 0)
        risk = watched.sum()
        hazard = np.bincount(self.place[leaving], minlength=len(self.probability)) / risk
        moved = np.zeros_like(self.influence)
        moved[leaving, self.place[leaving]] = 1.0
        # Of each patient, what was seen less what was expected, per patient at risk.
        own = np.where(watched[:, None], moved - hazard, 0.0) / risk
        free, free_influence = self.probability[0], self.influence[:, 0].copy()
        self.influence += np.outer(free_influence, hazard) + free * own
        self.influence[:, 0] -= free_influence * hazard.sum() + free * own.sum(axis=1)
        self.probability = self.probability + free * hazard
        self.probability[0] -= free * hazard.sum()
