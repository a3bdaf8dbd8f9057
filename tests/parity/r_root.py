"""Where R's root finder lands on a step function.

wilcox.test reports as the shift in location a root of a step function. Where the function is zero on a whole interval
the answer is whichever point of it Brent's method meets first. The product gives the median of the differences; to
compare with a file the search has to be made as R makes it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

TOLERANCE = 1e-4
EPSILON = np.finfo(float).eps


def r_location(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The shift at which the rank sum of x equals its mean, to 1e-4."""
    n, m = len(x), len(y)

    def standardised(shift: float) -> float:
        moved = np.concatenate((x - shift, y))
        ties = np.unique(moved, return_counts=True)[1].astype(float)
        spread = n * m / 12 * (n + m + 1 - (ties**3 - ties).sum() / ((n + m) * (n + m - 1)))
        centred = rankdata(moved)[:n].sum() - n * (n + 1) / 2 - n * m / 2
        return float(centred / np.sqrt(spread)) if spread else 0.0

    return brent(standardised, float(x.min() - y.max()), float(x.max() - y.min()))


def brent(function: Callable[[float], float], a: float, b: float) -> float:
    """Brent's zero finder (Algorithms for Minimization without Derivatives, 1973, chapter 4) as R steps through it."""
    fa, fb = function(a), function(b)
    if fa == 0:
        return a
    c, fc = a, fa
    while True:
        previous = b - a
        if abs(fc) < abs(fb):
            a, b, c = b, c, b
            fa, fb, fc = fb, fc, fb
        close = 2 * EPSILON * abs(b) + TOLERANCE / 2
        step = (c - b) / 2
        if abs(step) <= close or fb == 0:
            return b
        if abs(previous) >= close and abs(fa) > abs(fb):
            step = _interpolated(a, b, c, fa, fb, fc, previous, close, step)
        if abs(step) < close:
            step = close if step > 0 else -close
        a, fa = b, fb
        b += step
        fb = function(b)
        if (fb > 0) == (fc > 0) and fb != 0 and fc != 0:
            c, fc = a, fa


def _interpolated(
    a: float, b: float, c: float, fa: float, fb: float, fc: float, previous: float, close: float, halving: float
) -> float:
    """The secant or inverse quadratic step where it stays well inside, else the halving step."""
    across = c - b
    if a == c:
        p, q = across * (fb / fa), 1 - fb / fa
    else:
        r, s, t = fa / fc, fb / fc, fb / fa
        p = t * (across * r * (r - s) - (b - a) * (s - 1))
        q = (r - 1) * (s - 1) * (t - 1)
    p, q = (p, -q) if p > 0 else (-p, q)
    inside = p < 0.75 * across * q - abs(close * q) / 2 and p < abs(previous * q / 2)
    return p / q if inside else halving
