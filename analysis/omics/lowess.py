"""Locally weighted straight lines through a scatter, without regard to outliers."""

import numpy as np

from analysis.stats.arrays import BoolArray, FloatArray


def lowess(
    x: FloatArray, y: FloatArray, *, span: float = 2 / 3, robust_steps: int = 3, skip: float = 0.01
) -> FloatArray:
    """Smoothed values at ``x``, which must ascend.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Points, in the order of x.
    span : float
        Share of the points that a local line is fitted to.
    robust_steps : int
        How often the fit is repeated with less weight for points that lie far off.
    skip : float
        Within this share of the range of x, values are interpolated between two local lines.

    Returns
    -------
    ndarray, shape (n,)

    Notes
    -----
    The algorithm of Cleveland, J Am Stat Assoc 1979; 74: 829-836, and of ``stats::lowess`` in R.
    """
    n = len(x)
    if n < 2:
        return y.copy()
    nearest = max(2, min(n, int(span * n + 1e-7)))
    delta = skip * (x[-1] - x[0])
    weights = np.ones(n)
    for step in range(robust_steps + 1):
        smooth = _pass(x, y, weights, nearest, delta)
        residuals = np.abs(y - smooth)
        if step == robust_steps:
            break
        limit = 6 * float(np.median(residuals))
        if limit <= 1e-7 * residuals.mean():
            break
        bisquare = (1 - np.minimum(residuals / limit, 1) ** 2) ** 2
        weights = np.where(residuals <= 0.001 * limit, 1.0, np.where(residuals <= 0.999 * limit, bisquare, 0.0))
    return smooth


def _pass(x: FloatArray, y: FloatArray, weights: FloatArray, nearest: int, delta: float) -> FloatArray:
    n = len(x)
    smooth = np.empty(n)
    last, at, left = -1, 0, 0
    while last < n - 1:
        # The window moves on while a point to come is nearer than the farthest behind.
        while left + nearest < n and x[at] - x[left] > x[left + nearest] - x[at]:
            left += 1
        smooth[at] = _local_line(x, y, weights, x[at], left, left + nearest - 1, fallback=y[at])
        if last < at - 1:
            between = slice(last + 1, at)
            share = (x[between] - x[last]) / (x[at] - x[last])
            smooth[between] = share * smooth[at] + (1 - share) * smooth[last]
        last, at = _next(x, smooth, at, delta)
    return smooth


def _next(x: FloatArray, smooth: FloatArray, at: int, delta: float) -> tuple[int, int]:
    """The last point that is done (those at the same x are), and the next to fit."""
    same = int(np.searchsorted(x, x[at], side="right"))
    smooth[at:same] = smooth[at]
    beyond = int(np.searchsorted(x, x[at] + delta, side="right"))
    return same - 1, min(max(same, beyond - 1), len(x) - 1)


def _local_line(
    x: FloatArray, y: FloatArray, weights: FloatArray, centre: float, left: int, right: int, fallback: float
) -> float:
    reach = max(centre - x[left], x[right] - centre)
    # Points as far as the farthest of the window belong to it too.
    end = int(np.searchsorted(x, centre + 0.999 * reach, side="right"))
    window = slice(left, max(end, left + 1))
    near, values = x[window], y[window]
    distance = np.abs(near - centre)
    inside: BoolArray = distance <= 0.999 * reach
    tricube = (1 - np.minimum(distance / reach, 1) ** 3) ** 3 if reach > 0 else np.ones_like(distance)
    w = np.where(inside, np.where(distance <= 0.001 * reach, 1.0, tricube) * weights[window], 0.0)
    total = w.sum()
    if total <= 0:
        return fallback
    w /= total
    if reach > 0:
        mean = float(w @ near)
        spread = float(w @ (near - mean) ** 2)
        if np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
            w = w * ((centre - mean) / spread * (near - mean) + 1)
    return float(w @ values)
