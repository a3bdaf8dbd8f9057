"""One penalised Cox fit after another by coordinate descent on quadratic approximations."""

from dataclasses import dataclass, field

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.coxnet_pass import Quadratic
from analysis.stats.coxnet_problem import Penalty, Problem, UnsettledError

# glmnet.control(): the path ends where it took this many passes.
_PASSES = 100_000
# A bound that rounding may have lowered is raised by this.
_ROUNDED_UP = 1.000001
# In a wide table, columns whose slope is this share of their penalty are held from the first; more later costs as much.
_NEAR = 0.85


@dataclass(frozen=True, eq=False)
class Visited:
    """The screened columns: their places, values, and squares."""

    place: IntArray
    x: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, x: FloatArray, screened: BoolArray) -> "Visited":
        place = np.flatnonzero(screened)
        return cls(place, x[:, place], x[:, place] ** 2)


@dataclass(eq=False)
class Solver(Problem):
    """glmnet's solver: it starts where the last fit ended, and stops as far from the optimum as glmnet does.

    ``slope`` is up to date for columns that are not ``screened``: those that a pass visits. ``entered`` are the columns
    that ever left 0, in the order in which they did. A coefficient that moves by less than ``threshold``, in units of
    the objective, has settled.
    """

    threshold: float
    screened: BoolArray = field(init=False)
    visited: "Visited" = field(init=False)
    entered: IntArray = field(init=False)
    _passes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.screened = np.zeros(self.x.shape[1], dtype=bool)
        self.visited = Visited.of(self.x, self.screened)
        self.entered = np.zeros(0, dtype=np.int64)

    def screen(self, least: FloatArray) -> bool:
        """Visit the columns too whose slope is above this; whether there are any."""
        more = ~self.screened & self.varies & (self.slope > least)
        if not more.any():
            return False
        self.screened |= more
        self.visited = Visited.of(self.x, self.screened)
        return True

    def solve(self, penalty: Penalty) -> float:
        """Move to the minimum as far as the threshold asks; the largest violation of its conditions that is left.

        1. The likelihood is approximated by a quadratic whose second derivative by the linear predictor is diagonal.
        2. All screened columns are visited, then those that ever entered, until no visit moves a coefficient by more
           than the threshold; then all again.
        3. That is repeated from the point reached until it moved no coefficient by more than the threshold and no
           other column belongs in the model.

        Raises
        ------
        UnsettledError
            The path took as many passes as glmnet allows.
        """
        while True:
            descent = _Descent(self, penalty)
            while descent.everywhere() >= self.threshold:
                while descent.entered() >= self.threshold:
                    pass
            self.here = self.sets.at(self.visited.x @ self.beta[self.visited.place])
            if descent.distance() >= self.threshold:
                continue
            gradient = self.gradient()
            self.slope = np.where(self.screened, self.slope, np.abs(gradient))
            if not self.screen(penalty.l1):
                return float(self.violation(gradient, penalty).max())

    def count(self) -> None:
        self._passes += 1
        if self._passes > _PASSES:
            raise UnsettledError


class _Descent:
    """Coordinate descent on the quadratic about the point where the solver stands.

    The second derivative is held over the ``_held`` columns: those that entered, and what else might move.
    """

    def __init__(self, solver: Solver, penalty: Penalty) -> None:
        n, p = solver.x.shape
        self._solver, self._penalty, self._visited = solver, penalty, solver.visited
        self._start = solver.beta.copy()
        self._residual = solver.here.residual / n
        self._root = np.sqrt(solver.here.curvature / n)
        self._slope = self._residual @ self._visited.x
        self._curvature = self._root**2 @ self._visited.squares
        self._held: IntArray = np.zeros(0, dtype=np.int64)
        self._where = np.full(p, -1)
        self._scaled: FloatArray = np.zeros((n, 0))
        self._hessian: FloatArray = np.zeros((0, 0))
        self._linear: FloatArray = np.zeros(0)
        self._of_entered: Quadratic | None = None

    def everywhere(self) -> float:
        """One pass over the screened columns in their order; the largest move, in units of the objective.

        Columns at 0 that are sure to stay there, as the moves of those before them bring their slope to less than
        their penalty, are left out.
        """
        self._solver.count()
        beta, visited = self._solver.beta, self._visited.place
        slope = np.abs(self._slope_now())
        l1 = self._penalty.l1[visited]
        chosen = self._known(visited) | (slope > self._likely() * l1)
        if not chosen.any():
            return 0.0
        while True:
            place = visited[chosen]
            if place.size > self._held.size:
                self._hold(place)
            quadratic = Quadratic(self._hessian, self._linear, self._penalty.l1[place], self._penalty.l2[place])
            step = quadratic.turned(beta[place]) - beta[place]
            length = np.cumsum(step * (2 * quadratic.earlier(step) + quadratic.curvature * step))
            before = np.sqrt(np.maximum(np.append(0.0, length), 0.0))[np.cumsum(chosen) - chosen]
            doubtful = ~chosen & (slope + _ROUNDED_UP * np.sqrt(self._curvature) * before > l1)
            if not doubtful.any():
                break
            chosen |= doubtful
        beta[place] += step
        first = np.setdiff1d(place[step != 0], self._solver.entered, assume_unique=True)
        if first.size:
            self._solver.entered = np.append(self._solver.entered, first)
            self._of_entered = None
        return float((quadratic.curvature * step**2).max())

    def entered(self) -> float:
        """One pass over the columns that ever entered, in the order in which they did."""
        self._solver.count()
        place = self._solver.entered
        if self._of_entered is None:
            at, l1, l2 = self._where[place], self._penalty.l1[place], self._penalty.l2[place]
            self._of_entered = Quadratic(self._hessian[np.ix_(at, at)], self._linear[at], l1, l2)
        old = self._solver.beta[place]
        new = self._of_entered.turned(old)
        self._solver.beta[place] = new
        return float((self._of_entered.curvature * (new - old) ** 2).max())

    def distance(self) -> float:
        """The largest move of a coefficient since the start, in units of the objective."""
        moved = (self._solver.beta - self._start)[self._visited.place]
        return float((self._curvature * moved**2).max(initial=0.0))

    def _slope_now(self) -> FloatArray:
        """The slope of the quadratic by each screened column."""
        moved = (self._solver.beta - self._start)[self._held]
        result: FloatArray = self._slope - (self._root * (self._scaled @ moved)) @ self._visited.x
        return result

    def _likely(self) -> float:
        """The share of its penalty that the slope of a column has which might enter."""
        if self._held.size:
            return 1.0
        return _NEAR if len(self._visited.place) > len(self._residual) else -1.0

    def _known(self, place: IntArray) -> BoolArray:
        """Whether columns are held or ever entered."""
        known = self._where >= 0
        known[self._solver.entered] = True
        result: BoolArray = known[place]
        return result

    def _hold(self, place: IntArray) -> None:
        """Hold the second derivative over these columns, in the order of all passes over them."""
        self._held = place
        self._where[place] = np.arange(len(place))
        self._scaled = self._solver.x[:, place] * self._root[:, None]
        self._hessian = self._scaled.T @ self._scaled
        self._linear = self._residual @ self._solver.x[:, place] + self._hessian @ self._start[place]
