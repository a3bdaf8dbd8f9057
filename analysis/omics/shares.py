"""Least squares for shares: coefficients of 0 or more whose sum lies between two limits."""

import numpy as np
import scipy  # which takes a fifth of a second to import scipy.optimize, and does so when it is first used

from analysis.stats.arrays import FloatArray

# How much heavier than the data the row is that first holds the sum.
HEAVY = 1e4


def shares(a: FloatArray, b: FloatArray, *, low: float = 0.0, high: float = 1.0) -> FloatArray:
    """The x that minimises |a x - b| with every x_i >= 0 and low <= sum(x) <= high; shape (p,).

    Parameters
    ----------
    a : ndarray, shape (n, p)
        Of full column rank.
    b : ndarray, shape (n,)
    low, high : float
        Limits of the sum; ``np.inf`` for none.

    Notes
    -----
    Non-negative least squares (Lawson & Hanson 1974). Where its sum is beyond a limit the problem is convex, so the
    answer lies on the limit: a heavy row finds which coefficients are 0, and the others follow exactly from the
    conditions of Karush, Kuhn and Tucker.
    """
    norm = float(np.linalg.norm(a, 2))
    scaled, target = a / norm, b / norm
    free = scipy.optimize.nnls(scaled, target)[0]
    if low <= free.sum() <= high:
        return np.asarray(free, dtype=np.float64)
    total = low if free.sum() < low else high
    held = np.vstack((scaled, np.full(a.shape[1], HEAVY)))
    near = scipy.optimize.nnls(held, np.append(target, HEAVY * total))[0]
    support = np.flatnonzero(near > 0)
    exact = np.zeros(a.shape[1])
    exact[support] = _with_sum(scaled[:, support], target, total)
    return exact if exact.min() >= 0 else near * (total / near.sum())


def _with_sum(a: FloatArray, b: FloatArray, total: float) -> FloatArray:
    """Least squares with the sum of the coefficients fixed: solved in the plane where it holds."""
    p = a.shape[1]
    middle = np.full(p, total / p)
    # The columns after the first span what is orthogonal to (1, ..., 1).
    plane = np.linalg.qr(np.column_stack((np.ones(p), np.eye(p)[:, 1:])))[0][:, 1:]
    found: FloatArray = middle + plane @ np.linalg.lstsq(a @ plane, b - a @ middle, rcond=None)[0]
    return found
