"""A smooth curve through a scatter by local parabolas, where no formula is known."""

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from analysis.stats.arrays import FloatArray

# locfit's defaults: share of the points that a parabola is fitted to, and how long an interval may be beside the reach
# of the parabolas at its ends.
SHARE, CUT = 0.7, 0.8


class LocalCurve:
    """Local quadratic regression with the nearest 70 % of the points, tricube weights and weights of the points.

    Parameters
    ----------
    x, y, weights : ndarray, shape (n,)
        At least three different places.

    Notes
    -----
    Matches ``locfit::locfit(y ~ x, weights=weights)``: the curve and its slope are fitted at the ends of intervals,
    which are halved until they are short, and joined by cubics. Loader, Local Regression and Likelihood, Springer 1999.
    """

    def __init__(self, x: FloatArray, y: FloatArray, weights: FloatArray) -> None:
        self._x, self._y, self._weights = x, y, weights
        self._fits: dict[float, tuple[float, float, float]] = {}
        self._refine(float(x.min()), float(x.max()))
        places = sorted(self._fits)
        values, slopes, _ = zip(*(self._fits[place] for place in places), strict=True)
        self._curve = CubicHermiteSpline(places, values, slopes)

    def __call__(self, at: FloatArray) -> FloatArray:
        """The curve at these places, a straight line beyond the range of x; shape of ``at``."""
        inside = np.clip(at, self._curve.x[0], self._curve.x[-1])
        values: FloatArray = self._curve(inside) + self._curve(inside, 1) * (at - inside)
        return values

    def _refine(self, low: float, high: float) -> None:
        reach = min(self._fit(place)[2] for place in (low, high))
        if high - low > CUT * reach > 0:
            middle = (low + high) / 2
            self._refine(low, middle)
            self._refine(middle, high)

    def _fit(self, place: float) -> tuple[float, float, float]:
        """Value, slope and reach of the parabola at a place."""
        if place not in self._fits:
            step = self._x - place
            nearest = max(int(SHARE * len(step) + 1e-12), 3) - 1
            reach = float(np.partition(np.abs(step), nearest)[nearest])
            near = np.abs(step) < reach
            root = np.sqrt(self._weights[near] * (1 - (np.abs(step[near]) / reach) ** 3) ** 3)
            X = np.column_stack([np.ones(int(near.sum())), step[near], step[near] ** 2])
            found = np.linalg.lstsq(X * root[:, None], self._y[near] * root, rcond=None)[0]
            self._fits[place] = float(found[0]), float(found[1]), reach
        return self._fits[place]
