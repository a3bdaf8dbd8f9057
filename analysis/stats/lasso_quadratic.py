"""A quadratic with absolute values added, minimised exactly by moving from one pattern of signs to the next."""

import numpy as np
from scipy.linalg import lapack

from analysis.stats.arrays import FloatArray

# Added to the diagonal, as a share of it, where columns are copies of one another.
_JITTER = 1e-10
_ROUNDING = 1e-12


def quadratic_minimum(start: FloatArray, gradient: FloatArray, hessian: FloatArray, l1: FloatArray) -> FloatArray:
    """Where (b - start)' H (b - start) / 2 - gradient' (b - start) + sum l1 |b| is smallest; shape (a,).

    Notes
    -----
    Feature-sign search: with the signs known the minimum solves a linear system; a coefficient that would cross zero
    stops there and leaves, and one at zero whose slope exceeds its penalty comes back. Lee, Battle, Raina & Ng, NIPS
    2006: 801-808.
    """
    linear = hessian @ start + gradient
    b = start.copy()
    sign = np.where(b != 0, np.sign(b), np.sign(gradient))
    free = np.ones(len(b), dtype=bool)
    for _ in range(4 * len(b) + 10):
        place = np.flatnonzero(free)
        if place.size:
            target = _solve(hessian[np.ix_(place, place)], linear[place] - l1[place] * sign[place])
            crossing = (target * sign[place] < 0) & (l1[place] > 0)
            if crossing.any():
                share = np.where(crossing, b[place] / np.where(crossing, b[place] - target, 1.0), np.inf)
                first = share.min()
                b[place] += first * (target - b[place])
                gone = place[share <= first]
                b[gone], free[gone] = 0.0, False
                continue
            b[place] = target
        slope = linear - hessian @ b
        excess = np.where(free, -np.inf, np.abs(slope) - l1)
        back = int(np.argmax(excess))
        if excess[back] <= _ROUNDING * (1 + abs(linear[back])):
            break
        free[back], sign[back] = True, np.sign(slope[back])
    return b


def _solve(matrix: FloatArray, values: FloatArray) -> FloatArray:
    _, solved, failed = lapack.dposv(matrix, values)
    spread = np.diag(matrix)
    share = _JITTER
    while failed:
        _, solved, failed = lapack.dposv(matrix + np.diag(share * (spread + spread.max())), values)
        share *= 100
    result: FloatArray = solved
    return result
