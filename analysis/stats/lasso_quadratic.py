"""The minimum of a quadratic with absolute values added, by an active set."""

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from analysis.stats.arrays import BoolArray, FloatArray, IntArray

# Share of its own curvature that the others leave a column; with less it is taken for a combination of them.
_DEPENDENT = 1e-10
# By what share the diagonal is raised where that is so, and more until it is enough.
_RAISED, _MORE, _MOST = 1e-9, 10.0, 1e-2
# Changes of the active set for each column, after which the point reached is returned.
_CHANGES = 20


def minimum_from(
    b: FloatArray, hessian: FloatArray, slope: FloatArray, l1: FloatArray, least: FloatArray
) -> FloatArray:
    """The coefficients of the minimum of d' H d / 2 - slope' d + sum l1 |b + d| over d = minimum - b.

    Parameters
    ----------
    b : array, shape (a,)
        Where to start. Each step from there lowers the value, so that b + d is no worse wherever this ends.
    hessian, slope : array, shape (a, a) and (a,)
        Positive semidefinite; where it is singular, one of the minima.
    l1 : array, shape (a,)
        Cost of the size of each coefficient; one that costs nothing is always free.
    least : array, shape (a,)
        A column at 0 whose slope is no more than this above its cost stays there.

    Raises
    ------
    LinAlgError
        The Hessian is not positive semidefinite, or not finite.

    Notes
    -----
    With the signs of the free coefficients known, the minimum over them solves a linear system; the way there ends at
    the first coefficient that would change its sign, which is held at 0. At the minimum, the column at 0 with the
    steepest slope beyond its cost becomes free. The inverse is updated from one change to the next. Osborne, Presnell &
    Turlach, IMA J Numer Anal 2000; 20: 389-403; Lee et al., NIPS 2006: 801-808 (feature-sign search).
    """
    now, slope, hessian = b.copy(), slope.copy(), hessian.copy()
    signs = np.where(l1 > 0, np.sign(b), 0.0)
    free = _Free(hessian, (l1 <= 0) | (b != 0))
    root = np.sqrt(np.maximum(hessian.diagonal(), np.finfo(float).tiny))
    for _ in range(_CHANGES * len(b)):
        step = free.solve(slope - l1 * signs)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where((step * signs < 0) & ((now + step) * signs <= 0), -now / step, 1.0)
        first = int(share.argmin())
        crosses = bool(share[first] < 1)
        if crosses:
            step *= share[first]
        now += step
        slope -= hessian @ step
        if crosses:
            now[first] = signs[first] = 0.0
            free.drop(first)
            continue
        excess = np.where(free.columns, -np.inf, (np.abs(slope) - l1 - least) / root)
        best = int(excess.argmax())
        if not excess[best] > 0:
            break
        signs[best] = np.sign(slope[best])
        free.add(best)
    return now


class _Free:
    """The free part of a Hessian: its Cholesky factor, and from the first change on its inverse.

    Where that part is singular, or next to it, its diagonal is raised. That holds a step back along directions in which
    nothing curves; where nothing pulls either the step stays 0, so that the minimum is the same.
    """

    def __init__(self, hessian: FloatArray, columns: BoolArray) -> None:
        self._hessian, self.columns = hessian, columns
        self._diagonal = hessian.diagonal().copy()
        self._place: IntArray = np.flatnonzero(columns)
        self._factor: FloatArray = np.zeros((0, 0))
        self._inverse: FloatArray | None = None
        self._raised = False
        self._factorise()

    def solve(self, right: FloatArray) -> FloatArray:
        """Of the linear system over the free columns; 0 elsewhere."""
        if self._inverse is not None:
            product: FloatArray = self._inverse @ right
            return product
        result = np.zeros(len(right))
        if self._place.size:
            result[self._place] = lapack.dpotrs(self._factor, right[self._place], lower=1)[0]
        return result

    def add(self, k: int) -> None:
        inverse = self._inverted()
        self.columns[k] = True
        along = inverse @ self._hessian[:, k]
        left = self._hessian[k, k] - self._hessian[k] @ along
        if self._raised or not left > _DEPENDENT * self._hessian[k, k]:
            self._factorise()
            return
        along[k] = -1.0
        inverse += np.outer(along, along / left)

    def drop(self, k: int) -> None:
        inverse = self._inverted()
        self.columns[k] = False
        if self._raised:
            # An inverse so large leaves nothing but rounding where a part of it is taken away.
            self._factorise()
            return
        column = inverse[:, k].copy()
        inverse -= np.outer(column, column / column[k])
        inverse[k] = inverse[:, k] = 0.0

    def _inverted(self) -> FloatArray:
        if self._inverse is not None:
            return self._inverse
        inverse = np.zeros_like(self._hessian)
        if self._place.size:
            lower = np.tril(lapack.dpotri(self._factor, lower=1)[0])
            inverse[np.ix_(self._place, self._place)] = lower + np.tril(lower, -1).T
        self._inverse = inverse
        return inverse

    def _factorise(self) -> None:
        place = self._place = np.flatnonzero(self.columns)
        self._inverse = None
        np.fill_diagonal(self._hessian, self._diagonal)
        raised = 0.0
        while place.size:
            self._hessian[place, place] = self._diagonal[place] * (1 + raised)
            self._factor, failed = lapack.dpotrf(self._hessian[np.ix_(place, place)], lower=1)
            if not failed and (self._factor.diagonal() ** 2 > _DEPENDENT * self._diagonal[place]).all():
                break
            raised = raised * _MORE or _RAISED
            if raised > _MOST:
                raise linalg.LinAlgError("The second derivative is not positive semidefinite.")
        self._raised = raised > 0
