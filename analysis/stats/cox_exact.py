"""The exact (conditional logistic) partial likelihood of discrete time."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.cox_likelihood import Evaluation
from analysis.stats.risk_sets import RiskSets


@dataclass(frozen=True, eq=False)
class ExactLikelihood:
    """Probability that just these d of those at risk have the event, at each event time, summed over strata.

    The denominator is the d-th elementary symmetric polynomial of the weights at risk. It and its derivatives are
    grown row by row from the longest follow-up down, and read off at each event time. Gail, Lubin & Rubinstein,
    Biometrika 1981; 68: 703-707.
    """

    strata: list[RiskSets]
    x: FloatArray

    @classmethod
    def of(cls, strata: list[RiskSets], x: FloatArray) -> "ExactLikelihood":
        """From the covariates of the whole table."""
        return cls(strata, x)

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """The likelihood and its derivatives at ``beta``; not finite where a polynomial runs over."""
        with np.errstate(all="ignore"):
            return self._evaluate(beta)

    def _evaluate(self, beta: FloatArray) -> Evaluation:
        linear = self.x @ beta
        linear = linear - linear.mean()
        loglik, score = 0.0, np.zeros(len(beta))
        information = np.zeros((len(beta), len(beta)))
        for sets in self.strata:
            dead = sets.rows[sets.event_row]
            loglik += float(linear[dead].sum())
            score += self.x[dead].sum(axis=0)
            for value, first, second in self._denominators(sets, linear):
                mean = first / value
                loglik -= float(np.log(value))
                score -= mean
                information += second / value - np.outer(mean, mean)
        return Evaluation(loglik, score, information)

    def _denominators(self, sets: RiskSets, linear: FloatArray) -> list[tuple[float, FloatArray, FloatArray]]:
        """Per event time, the polynomial with its gradient and second derivatives."""
        tied = np.bincount(sets.event_time)
        grown = _Polynomial.of_degree(int(tied.max()), self.x.shape[1])
        rows = sets.rows
        found: list[tuple[float, FloatArray, FloatArray]] = []
        taken = len(rows)
        for at, d in zip(sets.exit_from[::-1], tied[::-1], strict=True):
            for row in rows[at:taken][::-1]:
                grown.add(float(np.exp(linear[row])), self.x[row])
            taken = int(at)
            found.append(grown.read(int(d)))
        return found


@dataclass(frozen=True, eq=False)
class _Polynomial:
    """Elementary symmetric polynomials of degree 0 .. d of the weights added so far, with derivatives in beta."""

    value: FloatArray
    first: FloatArray
    second: FloatArray

    @classmethod
    def of_degree(cls, d: int, p: int) -> "_Polynomial":
        start = cls(np.zeros(d + 1), np.zeros((d + 1, p)), np.zeros((d + 1, p, p)))
        start.value[0] = 1.0
        return start

    def add(self, weight: float, x: FloatArray) -> None:
        value, first, second = self.value[:-1].copy(), self.first[:-1].copy(), self.second[:-1].copy()
        crossed = first[:, :, None] * x
        self.value[1:] += weight * value
        self.first[1:] += weight * (value[:, None] * x + first)
        self.second[1:] += weight * (
            value[:, None, None] * np.outer(x, x) + crossed + crossed.transpose(0, 2, 1) + second
        )

    def read(self, d: int) -> tuple[float, FloatArray, FloatArray]:
        return float(self.value[d]), self.first[d].copy(), self.second[d].copy()
