"""The Cox partial likelihood with its derivatives, for Efron's and Breslow's treatment of ties."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.risk_sets import RiskSets
from analysis.stats.running_sums import rows_at


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Log partial likelihood at one coefficient vector with its gradient and observed information."""

    loglik: float
    score: FloatArray
    information: FloatArray

    @property
    def finite(self) -> bool:
        """Whether no weight has run over or under."""
        return bool(np.isfinite(self.loglik) and np.isfinite(self.score).all() and np.isfinite(self.information).all())


class PartialLikelihood(Protocol):
    """Anything that Newton's method can climb."""

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """The likelihood and its derivatives at ``beta``."""


@dataclass(frozen=True, eq=False)
class EventSums:
    """Per event of one stratum: the weight at risk it is divided by, and the weighted mean covariates at risk.

    ``weight`` is exp(linear predictor) per row, ``x`` the covariates of these rows.
    """

    sets: RiskSets
    x: FloatArray
    weight: FloatArray
    denominator: FloatArray
    mean: FloatArray

    def exposure(self, per_event: FloatArray) -> FloatArray:
        """Per row, the sum of ``per_event / denominator`` over the events it was at risk of.

        A row that is itself among d tied events counts only as far as Efron left it in the risk set.
        """
        scaled = (per_event.T / self.denominator).T
        total = self.sets.seen_sum(scaled)
        left_out = self.sets.event_sum((scaled.T * self.sets.fraction).T)
        total[self.sets.event_row] -= left_out[self.sets.event_time]
        return total

    def information(self, per_event: FloatArray) -> FloatArray:
        """Sum over events of ``per_event`` times the weighted covariance of the covariates at risk.

        The sum over events of second moments is turned round into one over rows, so that its cost is n p^2.
        """
        per_row = self.weight * self.exposure(per_event)
        second = (self.x.T * per_row) @ self.x
        return second - (self.mean.T * per_event) @ self.mean

    def event_residuals(self) -> FloatArray:
        """Per event, its covariates less the mean at risk (averaged over tied events): the Schoenfeld residual."""
        totals = self.sets.event_sum(self.mean)
        tied = np.bincount(self.sets.event_time)
        result: FloatArray = self.x[self.sets.event_row] - (totals / tied[:, None])[self.sets.event_time]
        return result


def event_sums(sets: RiskSets, x: FloatArray, linear: FloatArray) -> EventSums:
    """The sums at a linear predictor; ``x`` and ``linear`` are of the rows of the sets, in their order."""
    weight = np.exp(linear)
    weighted = x * weight[:, None]
    risk0, risk1 = sets.risk_sum(weight), sets.risk_sum(weighted)
    denominator, mean = sets.per_event(risk0), sets.per_event(risk1)
    if sets.fraction.any():
        dead = sets.event_row
        tied0, tied1 = sets.event_sum(weight[dead]), sets.event_sum(rows_at(weighted, dead))
        denominator = denominator - sets.fraction * sets.per_event(tied0)
        mean = mean - sets.fraction[:, None] * sets.per_event(tied1)
    mean = mean / denominator[:, None]
    return EventSums(sets, x, weight, denominator, mean)


@dataclass(frozen=True, eq=False)
class _Stratum:
    """Risk sets with the covariates of their rows, in their order, and the sum of these over the events."""

    sets: RiskSets
    x: FloatArray
    of_events: FloatArray

    @classmethod
    def of(cls, sets: RiskSets, x: FloatArray) -> "_Stratum":
        own = rows_at(x, sets.rows)
        return cls(sets, own, rows_at(own, sets.event_row).sum(axis=0))


@dataclass(frozen=True, eq=False)
class TiesLikelihood:
    """Partial likelihood with Efron's or Breslow's ties, summed over strata."""

    strata: list[_Stratum]

    @classmethod
    def of(cls, strata: list[RiskSets], x: FloatArray) -> "TiesLikelihood":
        """From the covariates of the whole table."""
        return cls([_Stratum.of(sets, x) for sets in strata])

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """The likelihood and its derivatives at ``beta``; not finite where a weight runs over or under."""
        with np.errstate(all="ignore"):
            return self._evaluate(beta)

    def _evaluate(self, beta: FloatArray) -> Evaluation:
        loglik, score = 0.0, np.zeros(len(beta))
        information = np.zeros((len(beta), len(beta)))
        for stratum in self.strata:
            sets = stratum.sets
            linear = stratum.x @ beta
            # A common factor of all weights cancels; without the largest taken out, exp() may overflow.
            linear -= linear.max()
            sums = event_sums(sets, stratum.x, linear)
            loglik += float(linear[sets.event_row].sum() - np.log(sums.denominator).sum())
            ones = np.ones(len(sums.denominator))
            score += stratum.of_events - ones @ sums.mean
            information += sums.information(ones)
        return Evaluation(loglik, score, information)
