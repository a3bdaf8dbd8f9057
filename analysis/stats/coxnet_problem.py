"""What both solvers of a penalised Cox fit know of it: where they stand, and how far from the optimum."""

from dataclasses import dataclass, field

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.breslow import AtPredictor, Breslow


@dataclass(frozen=True, eq=False)
class Penalty:
    """What |b| and b^2 / 2 of each coefficient cost."""

    l1: FloatArray
    l2: FloatArray

    def of(self, beta: FloatArray) -> float:
        return float(self.l1 @ np.abs(beta) + self.l2 @ beta**2 / 2)


class UnsettledError(Exception):
    """A fit did not come to its end."""


@dataclass(eq=False)
class Problem:
    """-loglik / n + sum l1 |b| + sum l2 b^2 / 2 of p columns, and the point where a solver stands.

    ``x`` holds n rows in the order of the sets, each column centred; ``varies`` (p,) says which are not constant.
    ``slope`` (p,) is the size of the gradient of loglik / n.
    """

    sets: Breslow
    x: FloatArray
    beta: FloatArray = field(init=False)
    here: AtPredictor = field(init=False)
    slope: FloatArray = field(init=False)
    varies: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        self.beta = np.zeros(self.x.shape[1])
        self.here = self.sets.at(np.zeros(len(self.x)))
        self.slope = np.abs(self.gradient())
        self.varies = np.asarray(self.x.any(axis=0))

    def gradient(self) -> FloatArray:
        """Of loglik / n by each coefficient."""
        gradient: FloatArray = self.here.residual @ self.x / len(self.x)
        return gradient

    def violation(self, gradient: FloatArray, penalty: Penalty) -> FloatArray:
        """How far each coefficient is from the conditions of the optimum, in units of the slope."""
        slope = gradient - penalty.l2 * self.beta
        inside = np.maximum(np.abs(slope) - penalty.l1, 0.0)
        return np.where(self.beta != 0, np.abs(slope - penalty.l1 * np.sign(self.beta)), inside)
