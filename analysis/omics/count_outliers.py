"""Single counts that decide a fold change: Cook's distances, and what to put in their place."""

import numpy as np

from analysis.omics.tails import f_beyond
from analysis.stats.arrays import BoolArray, FloatArray, IntArray

# DESeq2: replicates from which a count may be replaced, and from which one may be called an outlier.
ENOUGH_TO_REPLACE, ENOUGH_TO_FLAG = 7, 3
LEAST_DISPERSION = 0.04
REPLACEMENT_TRIM = 0.2
# Share trimmed from the squared errors of a cell, and what makes up for it, by the size of the cell.
SMALL_CELL, LARGE_CELL = 3.5, 23.5
TRIMS, SCALES = (1 / 3, 1 / 4, 1 / 8), (2.04, 1.86, 1.51)


def cells(design: FloatArray) -> tuple[IntArray, IntArray]:
    """The cell of the design that each sample is in, and how many are in it; shape (samples,)."""
    _, code, count = np.unique(design, axis=0, return_inverse=True, return_counts=True)
    code = code.ravel()
    return code, count[code]


def cutoff(samples: int, coefficients: int) -> float:
    """Cook's distance above which a count is an outlier: the 99 % quantile of F."""
    return float(f_beyond(np.array(0.01), coefficients, samples - coefficients))


def cooks_distances(
    counts: FloatArray, factors: FloatArray, mu: FloatArray, leverage: FloatArray, design: FloatArray
) -> FloatArray:
    """How far a count moves the coefficients of its gene; shape (genes, samples).

    Notes
    -----
    As DESeq2: with a dispersion by moments that is robust to the outlier itself.
    """
    alpha = _robust_dispersion(counts / factors, design)[:, None]
    squared = (counts - mu) ** 2 / (mu + alpha * mu**2)
    distances: FloatArray = squared / design.shape[1] * leverage / (1 - leverage) ** 2
    return distances


def _robust_dispersion(normalized: FloatArray, design: FloatArray) -> FloatArray:
    code, count = cells(design)
    flagged = np.unique(code[count >= ENOUGH_TO_FLAG]).tolist()
    if flagged:
        variance = np.max([_trimmed_variance(normalized[:, code == cell]) for cell in flagged], axis=0)
    else:
        centre = trimmed_mean(normalized, TRIMS[2])[:, None]
        variance = SCALES[2] * trimmed_mean((normalized - centre) ** 2, TRIMS[2])
    mean = normalized.mean(axis=1)
    dispersion: FloatArray = np.maximum((variance - mean) / mean**2, LEAST_DISPERSION)
    return dispersion


def _trimmed_variance(cell: FloatArray) -> FloatArray:
    size = cell.shape[1]
    kind = 0 if size <= SMALL_CELL else 1 if size <= LARGE_CELL else 2
    centre = trimmed_mean(cell, TRIMS[kind])[:, None]
    return SCALES[kind] * trimmed_mean((cell - centre) ** 2, TRIMS[kind])


def trimmed_mean(values: FloatArray, trim: float) -> FloatArray:
    """Mean of each row without this share of its values at either end."""
    n = values.shape[1]
    cut = int(n * trim)
    mean: FloatArray = np.sort(values, axis=1)[:, cut : n - cut].mean(axis=1)
    return mean


def replaced(counts: FloatArray, factors: FloatArray, outlying: BoolArray, replaceable: BoolArray) -> FloatArray:
    """Outlying counts of replaceable samples replaced by the trimmed mean of the gene, times the size factor."""
    instead = np.floor(trimmed_mean(counts / factors, REPLACEMENT_TRIM)[:, None] * factors)
    return np.where(outlying & replaceable, instead, counts)


def largest_distance(distances: FloatArray, design: FloatArray) -> FloatArray | None:
    """The largest of each gene, among samples with enough replicates; nothing where no sample has them."""
    _, count = cells(design)
    flagged = count >= ENOUGH_TO_FLAG
    return distances[:, flagged].max(axis=1) if flagged.any() else None
