"""Counts of reads: which genes to keep, and how large each library is."""

import numpy as np

from analysis.omics.design import Design
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.ranks import midranks

# edgeR's defaults: reads in the median library and over all samples; how many samples are a large group.
LEAST_READS, LEAST_TOTAL = 10, 15
LARGE_GROUP, LARGE_SHARE = 10, 0.7
# Shares of the genes trimmed at either end by their log ratio and by their mean.
RATIO_TRIM, SUM_TRIM = 0.3, 0.05


def library_sizes(counts: ExpressionMatrix) -> FloatArray:
    """Reads of each sample; refused where a sample has none."""
    counts.require(COUNTS)
    sizes: FloatArray = counts.values.sum(axis=0)
    for sample, size in zip(counts.samples, sizes.tolist(), strict=True):
        if not size:
            raise OmicsInputError(f"Sample {sample} has no reads.")
    return sizes


def enough_reads(counts: ExpressionMatrix, design: Design, library: FloatArray | None = None) -> BoolArray:
    """Genes with enough reads in as many samples as the smallest group of the design has; shape (genes,).

    Parameters
    ----------
    counts : ExpressionMatrix
    design : Design
    library : ndarray, shape (samples,), optional
        Effective library sizes: the reads of each sample, times its factor if that is known already.

    Raises
    ------
    OmicsInputError
        Another unit than counts, a sample without reads, or a design of other samples.

    Notes
    -----
    Matches ``edgeR::filterByExpr``. Chen, Lun & Smyth, F1000Res 2016; 5: 1438.
    """
    sizes = library_sizes(counts) if library is None else library
    if design.matrix.shape[0] != len(counts.samples):
        raise OmicsInputError(f"The design has {design.matrix.shape[0]} rows for {len(counts.samples)} samples.")
    basis, _ = np.linalg.qr(design.matrix)
    group = 1 / float((basis**2).sum(axis=1).max())
    if group > LARGE_GROUP:
        group = LARGE_GROUP + (group - LARGE_GROUP) * LARGE_SHARE
    # Divided and multiplied in edgeR's order, so that a value at the border falls on the same side.
    per_million = counts.values * (1e6 / sizes)
    cutoff = LEAST_READS / float(np.median(sizes)) * 1e6
    often: BoolArray = (per_million >= cutoff).sum(axis=1) >= group - 1e-14
    kept: BoolArray = often & (counts.values.sum(axis=1) >= LEAST_TOTAL)
    return kept


def tmm_factors(counts: ExpressionMatrix) -> FloatArray:
    """Factors by which the libraries are larger than their reads say; shape (samples,), geometric mean 1.

    Raises
    ------
    OmicsInputError
        Another unit than counts, or a sample without reads.

    Notes
    -----
    Matches ``edgeR::calcNormFactors(method="TMM")``. Robinson & Oshlack, Genome Biol 2010; 11: R25: trimmed mean of the
    log ratios to a reference sample, weighted by their asymptotic precision; the reference is the sample whose upper
    quartile is nearest to the mean of all.
    """
    sizes = library_sizes(counts)
    values = counts.values[(counts.values > 0).any(axis=1)]
    quartiles = np.quantile(values, 0.75, axis=0) / sizes
    if np.median(quartiles) < 1e-20:
        reference = int(np.argmax(np.sqrt(values).sum(axis=0)))
    else:
        reference = int(np.argmin(np.abs(quartiles - quartiles.mean())))
    logs = [
        _log_ratio(column, size, values[:, reference], sizes[reference])
        for column, size in zip(values.T, sizes.tolist(), strict=True)
    ]
    factors: FloatArray = 2 ** (np.array(logs) - np.mean(logs))
    return factors


def _log_ratio(reads: FloatArray, size: float, reference: FloatArray, reference_size: float) -> float:
    both = (reads > 0) & (reference > 0)
    x, y = reads[both] / size, reference[both] / reference_size
    ratio, mean = np.log2(x / y), (np.log2(x) + np.log2(y)) / 2
    if not both.any() or np.abs(ratio).max() < 1e-6:
        return 0.0
    kept = _within(ratio, RATIO_TRIM) & _within(mean, SUM_TRIM)
    variance = (1 - x[kept]) / reads[both][kept] + (1 - y[kept]) / reference[both][kept]
    return float(np.average(ratio[kept], weights=1 / variance)) if kept.any() else 0.0


def _within(values: FloatArray, trim: float) -> BoolArray:
    ranks = midranks(values)
    lowest = int(len(values) * trim) + 1
    kept: BoolArray = (ranks >= lowest) & (ranks <= len(values) + 1 - lowest)
    return kept
