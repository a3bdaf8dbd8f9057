"""Adjustment of p-values for looking at many of them."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray
from analysis.stats.errors import ParameterError


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """Adjusted p-values that control the false discovery rate, as R's ``p.adjust(method="BH")``.

    Parameters
    ----------
    p : array_like, shape (m,)
        p-values; NaN stays NaN and is not counted.

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    ParameterError
        A value outside [0, 1].

    Notes
    -----
    Benjamini & Hochberg, J R Stat Soc B 1995; 57: 289-300.
    """
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(values))
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ParameterError("A p-value lies between 0 and 1.")
    adjusted = np.full(values.shape, np.nan)
    order = known[np.argsort(-values[known], kind="stable")]
    rank = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.minimum.accumulate(values[order] * len(order) / rank), 1.0)
    return adjusted
