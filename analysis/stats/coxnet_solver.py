"""One penalised Cox fit after another by coordinate descent on quadratic approximations."""

from dataclasses import dataclass, field

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.breslow import AtPredictor, Breslow
from analysis.stats.coxnet_pass import Quadratic

# glmnet.control(): the path ends where it took this many passes.
_PASSES = 100_000


@dataclass(frozen=True, eq=False)
class Penalty:
    """What |b| and b^2 / 2 of each coefficient cost."""

    l1: FloatArray
    l2: FloatArray


class PassesError(Exception):
    """The passes of the path are used up."""


@dataclass(eq=False)
class Solver:
    """The problem -loglik / n + sum l1 |b| + sum l2 b^2 / 2, and where it stands.

    ``x`` holds n rows in the order of the sets, each column centred. A solve starts where the last one ended. ``slope``
    is the size of the gradient of loglik / n, up to date for columns that are not ``screened``: those that a pass
    visits. ``entered`` are the columns that ever left 0, in the order in which they did.
    """

    sets: Breslow
    x: FloatArray
    beta: FloatArray = field(init=False)
    here: AtPredictor = field(init=False)
    slope: FloatArray = field(init=False)
    screened: BoolArray = field(init=False)
    entered: list[int] = field(init=False, default_factory=list)
    _varies: BoolArray = field(init=False)
    _passes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.beta = np.zeros(self.x.shape[1])
        self.here = self.sets.at(np.zeros(len(self.x)))
        self.slope = np.abs(self._gradient())
        self.screened = np.zeros(self.x.shape[1], dtype=bool)
        self._varies = self.x.any(axis=0)

    def screen(self, least: FloatArray) -> bool:
        """Visit the columns too whose slope is above this; whether there are any."""
        more = ~self.screened & self._varies & (self.slope > least)
        self.screened |= more
        return bool(more.any())

    def solve(self, penalty: Penalty, threshold: float) -> float:
        """Move to the minimum as far as the threshold asks; the largest violation of its conditions that is left.

        1. The likelihood is approximated by a quadratic whose second derivative by the linear predictor is diagonal.
        2. All screened columns are visited, then those that ever entered, until no visit moves a coefficient by more
           than the threshold; then all again.
        3. That is repeated from the point reached until it moved no coefficient by more than the threshold and no
           other column belongs in the model.

        Raises
        ------
        PassesError
            The path took as many passes as glmnet allows.
        """
        while True:
            start = self.beta.copy()
            descent = _Descent(self, penalty)
            while descent.everywhere() >= threshold:
                while descent.entered() >= threshold:
                    pass
            self.here = self.sets.at(self.x[:, self.entered] @ self.beta[self.entered])
            if ((descent.curvature * (self.beta - start)[descent.visited] ** 2) >= threshold).any():
                continue
            gradient = self._gradient()
            self.slope = np.where(self.screened, self.slope, np.abs(gradient))
            if not self.screen(penalty.l1):
                return self._violation(gradient, penalty)

    def count(self) -> None:
        self._passes += 1
        if self._passes > _PASSES:
            raise PassesError

    def _gradient(self) -> FloatArray:
        gradient: FloatArray = self.here.residual @ self.x / len(self.x)
        return gradient

    def _violation(self, gradient: FloatArray, penalty: Penalty) -> float:
        slope = gradient - penalty.l2 * self.beta
        inside = np.maximum(np.abs(slope) - penalty.l1, 0.0)
        return float(np.where(self.beta != 0, np.abs(slope - penalty.l1 * np.sign(self.beta)), inside).max())


class _Descent:
    """Coordinate descent on the quadratic about the point where the solver stands.

    The second derivative is held over the ``_held`` columns: those that entered, and what else might move.
    """

    def __init__(self, solver: Solver, penalty: Penalty) -> None:
        n = len(solver.x)
        self._solver, self._penalty = solver, penalty
        self._start = solver.beta.copy()
        self._residual = solver.here.residual / n
        self._root = np.sqrt(solver.here.curvature / n)
        self.visited: IntArray = np.flatnonzero(solver.screened)
        self._x = solver.x if solver.screened.all() else solver.x[:, self.visited]
        self.curvature: FloatArray = np.einsum("ij,ij,i->j", self._x, self._x, self._root**2)
        self._held: IntArray = np.zeros(0, dtype=np.int64)
        self._scaled: FloatArray = np.zeros((n, 0))
        self._hessian: FloatArray = np.zeros((0, 0))
        self._linear: FloatArray = np.zeros(0)
        self._of_entered: Quadratic | None = None
        self._hold(np.array(solver.entered, dtype=np.int64))

    def everywhere(self) -> float:
        """One pass over the screened columns in their order; the largest move, in units of the objective.

        Columns at 0 that are sure to stay there, as the moves of those before them bring their slope to less than
        their penalty, are left out.
        """
        self._solver.count()
        beta = self._solver.beta
        moved = (beta - self._start)[self._held]
        slope = np.abs((self._residual - self._root * (self._scaled @ moved)) @ self._x)
        l1 = self._penalty.l1[self.visited]
        chosen = (beta[self.visited] != 0) | (slope > l1)
        while True:
            place = self.visited[chosen]
            self._hold(place)
            quadratic = self._quadratic(place)
            new = quadratic.turned(beta[place])
            step = new - beta[place]
            length = np.cumsum(step * (2 * (quadratic.lower @ step) + self.curvature[chosen] * step))
            before = np.concatenate([[0.0], np.sqrt(np.maximum(length, 0.0))])[np.cumsum(chosen) - chosen]
            doubtful = ~chosen & (slope + 1.000001 * np.sqrt(self.curvature) * before > l1)
            if not doubtful.any():
                break
            chosen |= doubtful
        beta[place] = new
        first = np.setdiff1d(place[step != 0], self._solver.entered, assume_unique=True)
        if first.size:
            self._solver.entered += first.tolist()
            self._of_entered = None
        return float((self.curvature[chosen] * step**2).max(initial=0.0))

    def entered(self) -> float:
        """One pass over the columns that ever entered."""
        self._solver.count()
        place = np.array(self._solver.entered, dtype=np.int64)
        if self._of_entered is None:
            self._of_entered = self._quadratic(place)
        old = self._solver.beta[place]
        new = self._of_entered.turned(old)
        self._solver.beta[place] = new
        return float((self._of_entered.hessian.diagonal() * (new - old) ** 2).max())

    def _quadratic(self, place: IntArray) -> Quadratic:
        order = np.argsort(self._held)
        at = order[np.searchsorted(self._held, place, sorter=order)]
        hessian = self._hessian[np.ix_(at, at)]
        return Quadratic(hessian, self._linear[at], self._penalty.l1[place], self._penalty.l2[place])

    def _hold(self, place: IntArray) -> None:
        """Hold the second derivative over these columns as well."""
        new = place[~np.isin(place, self._held)]
        if not new.size:
            return
        scaled = self._solver.x[:, new] * self._root[:, None]
        across = self._scaled.T @ scaled
        self._hessian = np.block([[self._hessian, across], [across.T, scaled.T @ scaled]])
        # Columns that enter here were at 0 at the start, so that they add nothing to the terms of the others.
        own = (
            self._residual @ self._solver.x[:, new]
            + np.concatenate([across, scaled.T @ scaled]).T @ self._start[np.concatenate([self._held, new])]
        )
        self._held = np.concatenate([self._held, new])
        self._scaled = np.hstack([self._scaled, scaled])
        self._linear = np.concatenate([self._linear, own])
