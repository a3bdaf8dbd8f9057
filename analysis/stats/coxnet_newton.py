"""One penalised Cox fit after another to the conditions of its optimum, by Newton's method."""

from dataclasses import dataclass, field

import numpy as np
from scipy import linalg

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.coxnet_problem import Penalty, Problem, UnsettledError
from analysis.stats.lasso_quadratic import minimum_from

# Violations of the conditions of the optimum that are left, as a share of the steepest slope of the null model.
_OPTIMAL = 1e-9
# In choosing columns for a quadratic, a violation this much smaller is none.
_CHOOSING = 0.1
_STEPS, _HALVINGS = 100, 30
# Share of its spread that a column's second derivative has; of one with less nothing can be said.
_FLAT = 1e-12


@dataclass(eq=False)
class NewtonSolver(Problem):
    """A solver that starts where the last fit ended, and settles where every condition holds to ``_OPTIMAL``."""

    _near: BoolArray = field(init=False)
    _spread: FloatArray = field(init=False)
    _least: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._near = np.zeros(self.x.shape[1], dtype=bool)
        # A slope is in units of its column.
        self._spread = np.sqrt(np.mean(self.x * self.x, axis=0))
        steepest = (self.slope[self.varies] / self._spread[self.varies]).max(initial=0.0)
        self._least = _OPTIMAL * steepest * self._spread

    def screen(self, least: FloatArray) -> None:
        """The next fit looks from the first at columns whose slope is above this."""
        self._near = self.varies & (self.slope > least)

    def solve(self, penalty: Penalty) -> float:
        """Move to the minimum; the largest violation of its conditions that is left.

        1. The likelihood is approximated by its second derivatives over the columns in the model, those screened, and
           those whose slope is above their cost.
        2. The minimum of that is found, and gone to as far as the objective falls.
        3. That is repeated until every condition holds.

        Raises
        ------
        UnsettledError
            The objective does not fall to a minimum: effects run off to infinity.
        """
        for _ in range(_STEPS):
            gradient = self.gradient()
            violation = self.violation(gradient, penalty)
            if (violation <= self._least)[self.varies].all():
                self.slope = np.abs(gradient)
                return float(violation.max())
            chosen = self.varies & (self._near | (self.beta != 0) | (violation > self._least * _CHOOSING))
            self._advance(self._target(np.flatnonzero(chosen), gradient, penalty), penalty)
        raise UnsettledError

    def _target(self, place: IntArray, gradient: FloatArray, penalty: Penalty) -> FloatArray:
        """The minimum of the approximation over some columns."""
        hessian = self.sets.information(self.here, self.x[:, place]) / len(self.x)
        seen = hessian.diagonal() > _FLAT * self._spread[place] ** 2
        if not seen.all():
            place, hessian = place[seen], hessian[np.ix_(seen, seen)]
        hessian[np.diag_indices_from(hessian)] += penalty.l2[place]
        target = self.beta.copy()
        slope = (gradient - penalty.l2 * self.beta)[place]
        least = self._least[place] * _CHOOSING
        try:
            target[place] = minimum_from(self.beta[place], hessian, slope, penalty.l1[place], least)
        except (linalg.LinAlgError, ValueError) as error:
            raise UnsettledError from error
        return target

    def _advance(self, target: FloatArray, penalty: Penalty) -> None:
        """Go towards the target, half as far until the objective does not rise by more than rounding."""
        n, start = len(self.x), self.beta
        step = target - start
        before = penalty.of(start) - self.here.loglik / n
        slack = 1e-13 * (1 + abs(before))
        for _ in range(_HALVINGS):
            moved = np.flatnonzero(target)
            reached = self.sets.at(self.x[:, moved] @ target[moved])
            if penalty.of(target) - reached.loglik / n <= before + slack:
                self.beta, self.here = target, reached
                return
            step = step / 2
            target = start + step
        raise UnsettledError
