"""Sizes of libraries relative to each other, by the median of ratios."""

import numpy as np

from analysis.omics.count_normalization import library_sizes
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import ExpressionMatrix
from analysis.stats.arrays import FloatArray


def size_factors(counts: ExpressionMatrix) -> FloatArray:
    """Median over genes of the ratio to the gene's geometric mean; shape (samples,).

    Genes that every sample has reads of make the ratios. Where there is none, zeros count as one in the means.

    Raises
    ------
    OmicsInputError
        Another unit than counts, or a sample without reads.

    Notes
    -----
    Matches ``DESeq2::estimateSizeFactors``, and with zeros everywhere its ``type="poscounts"``. Anders & Huber, Genome
    Biol 2010; 11: R106.
    """
    library_sizes(counts)
    with np.errstate(divide="ignore"):
        logs = np.log(counts.values)
    means = logs.mean(axis=1)
    everywhere = np.isfinite(means).any()
    if not everywhere:
        read = (counts.values > 0).any(axis=1)
        means = np.where(read, np.where(np.isfinite(logs), logs, 0).mean(axis=1), -np.inf)
    factors = np.empty(len(counts.samples))
    for j, sample in enumerate(counts.samples):
        comparable = np.isfinite(means) & (counts.values[:, j] > 0)
        ratios = logs[comparable, j] - means[comparable]
        if not ratios.size:
            raise OmicsInputError(f"Sample {sample} has no gene to be compared by with the other samples.")
        factors[j] = np.exp(np.median(ratios))
    # Ratios to means over positive counts alone have no size of their own.
    return factors if everywhere else factors / np.exp(np.log(factors).mean())
