"""Concordance of predicted risks up to a horizon, weighted by the inverse probability of censoring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import finite, follow_up, same_length
from analysis.stats.errors import NoEventsError
from analysis.stats.ipcw import Censoring


@dataclass(frozen=True)
class TruncatedConcordance:
    """Weight of the concordant pairs among all that can be compared (equal risks count one half)."""

    concordant: float
    total: float

    @property
    def c(self) -> float:
        """Their share."""
        return self.concordant / self.total


def truncated_concordance(time: ArrayLike, event: ArrayLike, risk: ArrayLike, at: float) -> TruncatedConcordance:
    """Share of pairs in which the patient with the event first, and by ``at``, had the higher risk.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    risk : array_like, shape (n,)
        Predicted risk by ``at``.
    at : float
        Horizon.

    Raises
    ------
    NoEventsError
        No pair can be compared.
    StatsInputError
        Bad times, codes or lengths.

    Notes
    -----
    A pair weighs 1/(G(T-) G(T)) with T the earlier time. Matches ``pec::cindex(cens.model="marginal", eval.times=)``
    2022.05.04 except for two events at the same time: they are left out here, while pec takes the first row of the
    table for the earlier one. Gerds et al., Stat Med 2013; 32: 2173-2184.
    """
    times, events, _ = follow_up(time, event)
    predicted = finite(risk, "risk")
    same_length(time=times, risk=predicted)
    censoring = Censoring.of(times, events)
    product = censoring.before(times) * censoring.at(times)
    first = np.flatnonzero(events & (times <= at) & (product > 0))
    concordant = total = 0.0
    for i in first:
        later = (times > times[i]) | ((times == times[i]) & ~events)
        ordered = (predicted[i] > predicted[later]) + 0.5 * (predicted[i] == predicted[later])
        concordant += float(ordered.sum()) / product[i]
        total += int(later.sum()) / product[i]
    if not total > 0:
        raise NoEventsError("No two patients can be compared by that time.")
    return TruncatedConcordance(concordant, total)
