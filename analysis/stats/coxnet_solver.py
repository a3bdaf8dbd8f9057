"""One penalised Cox fit after another along a path of penalties, each to its optimality conditions."""

from dataclasses import dataclass, field

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.breslow import AtPredictor, Breslow
from analysis.stats.lasso_quadratic import quadratic_minimum

_STEPS = 100
# A step that moved no linear predictor by more than this leaves the second derivative good enough for the next one.
_SMALL = 0.01
_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Penalty:
    """What |b| and b^2 / 2 of each coefficient cost."""

    l1: FloatArray
    l2: FloatArray

    def of(self, beta: FloatArray) -> float:
        return float(self.l1 @ np.abs(beta) + self.l2 @ (beta * beta) / 2)


@dataclass(eq=False)
class Solver:
    """The problem -loglik / n + sum l1 |b| + sum l2 b^2 / 2, and where it stands.

    ``x`` holds n rows in the order of the sets, each column centred. A solve starts where the last one ended. ``slope``
    is the gradient of loglik / n, up to date where columns were watched.
    """

    sets: Breslow
    x: FloatArray
    beta: FloatArray = field(init=False)
    here: AtPredictor = field(init=False)
    slope: FloatArray = field(init=False)
    _curved: tuple[IntArray, FloatArray] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.beta = np.zeros(self.x.shape[1])
        self.here = self.sets.at(np.zeros(len(self.x)))
        self.slope = self.here.residual @ self.x / len(self.x)

    def solve(self, penalty: Penalty, watched: BoolArray, tolerance: float) -> float:
        """Move to the minimum; the largest violation of its conditions that is left.

        1. Newton's quadratic is minimised over the watched columns that are in the model or belong there.
        2. Once these fulfil their conditions, all columns are checked, and those that do not join the watched.
        """
        watched = watched | (self.beta != 0)
        for _ in range(_STEPS):
            excess = self._excess(penalty)
            excess[~watched] = 0.0
            if excess.max() > tolerance and self._step(penalty, (self.beta != 0) | (excess > tolerance)):
                self._refresh(watched)
                continue
            self._refresh(np.ones_like(watched))
            excess = self._excess(penalty)
            missed = (excess > tolerance) & ~watched
            if not missed.any():
                break
            watched = watched | missed
        return float(excess.max())

    def _refresh(self, watched: BoolArray) -> None:
        if watched.all():
            self.slope = self.here.residual @ self.x / len(self.x)
        else:
            place = np.flatnonzero(watched)
            self.slope[place] = self.here.residual @ self.x[:, place] / len(self.x)

    def _excess(self, penalty: Penalty) -> FloatArray:
        """By how much each column violates its optimality condition."""
        slope = self.slope - penalty.l2 * self.beta
        inside = np.maximum(np.abs(slope) - penalty.l1, 0.0)
        result: FloatArray = np.where(self.beta != 0, np.abs(slope - penalty.l1 * np.sign(self.beta)), inside)
        return result

    def _step(self, penalty: Penalty, chosen: BoolArray) -> bool:
        """Newton's step over some columns, halved until the objective does not rise; false where none helps."""
        place = np.flatnonzero(chosen)
        n, x, start = len(self.x), self.x[:, place], self.beta[place]
        own = Penalty(penalty.l1[place], penalty.l2[place])
        hessian = self._information(place, x) + np.diag(own.l2)
        end = quadratic_minimum(start, self.slope[place] - own.l2 * start, hessian, own.l1)
        before = own.of(start) - self.here.loglik / n
        for _ in range(_HALVINGS):
            there = self.sets.at(x @ end)
            if own.of(end) - there.loglik / n <= before + 1e-14 * (1 + abs(before)):
                if np.abs(x @ (end - start)).max() > _SMALL:
                    self._curved = None
                self.beta[place], self.here = end, there
                return True
            end = (start + end) / 2
        return False

    def _information(self, place: IntArray, x: FloatArray) -> FloatArray:
        """Minus the second derivative over some columns, kept while it changes little."""
        if self._curved is None or not np.array_equal(self._curved[0], place):
            self._curved = place, self.sets.information(self.here, x) / len(x)
        return self._curved[1]
