"""Regression on a natural cubic spline of a covariate."""

import numpy as np

from analysis.stats.arrays import FloatArray


def natural_spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """A basis of the natural cubic splines with these knots, the outer two at the borders; shape (n, len(knots)).

    The functions are straight lines beyond the borders. Hastie, Tibshirani & Friedman, Elements of Statistical
    Learning, 2nd ed., 5.2.1. It spans what ``splines::ns(x, intercept=TRUE)`` spans with the same knots.
    """
    width = knots[-1] - knots[0]
    z, places = (x - knots[0]) / width, (knots - knots[0]) / width

    def above(k: int) -> FloatArray:
        cubes: FloatArray = np.maximum(z - places[k], 0) ** 3 - np.maximum(z - places[-1], 0) ** 3
        return np.asarray(cubes / (places[-1] - places[k]))

    last = above(len(knots) - 2)
    return np.column_stack([np.ones_like(z), z, *(above(k) - last for k in range(len(knots) - 2))])


def spline_knots(x: FloatArray, df: int) -> FloatArray:
    """The range of ``x`` and between it df - 2 quantiles at equal steps, for ``df`` columns with the constant."""
    return np.quantile(x, np.linspace(0, 1, df))
