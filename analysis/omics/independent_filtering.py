"""Adjusted p-values after genes with too few reads to be significant are left out."""

from dataclasses import dataclass

import numpy as np

from analysis.omics.lowess import lowess
from analysis.stats.arrays import FloatArray
from analysis.stats.multiplicity import benjamini_hochberg

THRESHOLDS, SPAN, FEW = 50, 1 / 5, 10


@dataclass(frozen=True)
class Filtered:
    """Adjusted p, NaN for genes whose mean is below ``threshold``; shape (genes,)."""

    adjusted_p: FloatArray
    threshold: float


def independent_filtering(mean: FloatArray, p: FloatArray, alpha: float) -> Filtered:
    """The lowest threshold whose number of rejections at ``alpha`` is near the largest.

    Parameters
    ----------
    mean, p : ndarray, shape (genes,)
        Mean count over all samples, which does not depend on p where nothing happens, and p; NaN is not counted.
    alpha : float

    Notes
    -----
    As ``DESeq2::results``: 50 quantiles of the mean; the rejections smoothed along them; the first number above the
    largest smooth one less the root mean square of what is left. Bourgon, Gentleman & Huber, Proc Natl Acad Sci U S A
    2010; 107: 9546-9551.
    """
    lowest = float((mean == 0).mean())
    theta = np.linspace(lowest, 0.95 if lowest < 0.95 else 1.0, THRESHOLDS)
    thresholds = np.quantile(mean, theta)
    adjusted = [benjamini_hochberg(np.where(mean >= threshold, p, np.nan)) for threshold in thresholds]
    rejections = np.array([float((values < alpha).sum()) for values in adjusted])
    chosen = 0
    if rejections.max() > FEW:
        smooth = lowess(theta, rejections, span=SPAN)
        rest = (rejections - smooth)[rejections > 0]
        near = np.flatnonzero(rejections > smooth.max() - np.sqrt((rest**2).mean()))
        chosen = int(near[0]) if near.size else 0
    return Filtered(adjusted[chosen], float(thresholds[chosen]))
