"""Counts as log2 values with a precision each, for the linear models of arrays."""

from dataclasses import dataclass

import numpy as np

from analysis.omics.count_normalization import library_sizes
from analysis.omics.design import Design
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import LOG2, ExpressionMatrix
from analysis.omics.linear_models import fit_linear_models
from analysis.omics.lowess import lowess
from analysis.stats.arrays import FloatArray

SPAN = 0.5


@dataclass(frozen=True)
class Voom:
    """log2 of the reads per million, and the precision of each value; shape (genes, samples)."""

    expression: ExpressionMatrix
    weights: FloatArray


def log_counts_per_million(counts: ExpressionMatrix, library: FloatArray | None = None) -> ExpressionMatrix:
    """log2((count + 0.5) / (library + 1) * 10^6), on the libraries given or on the reads of each sample."""
    sizes = library_sizes(counts) if library is None else library
    values = np.log2((counts.values + 0.5) / (sizes + 1) * 1e6)
    return ExpressionMatrix(counts.genes, counts.samples, values, LOG2)


def voom(counts: ExpressionMatrix, design: Design, library: FloatArray | None = None) -> Voom:
    """Weights from the trend of the standard deviation along the mean count.

    Parameters
    ----------
    counts : ExpressionMatrix
    design : Design
    library : ndarray, shape (samples,), optional
        Effective library sizes: the reads of each sample times its factor, as by ``tmm_factors``.

    Returns
    -------
    Voom

    Raises
    ------
    OmicsInputError
        Another unit than counts, fewer than two genes, or no residual degrees of freedom.

    Notes
    -----
    Matches ``limma::voom(span=0.5)``. Law, Chen, Shi & Smyth, Genome Biol 2014; 15: R29: lowess of the square root of
    sigma on the mean log2 count; a weight is the -4th power of it at the fitted log2 count.
    """
    sizes = library_sizes(counts) if library is None else library
    if len(counts.genes) < 2:
        raise OmicsInputError("A trend of the variance along the mean takes two genes or more.")
    expression = log_counts_per_million(counts, sizes)
    fit = fit_linear_models(expression, design)
    read = counts.values.sum(axis=1) > 0
    if read.sum() < 2:
        raise OmicsInputError("A trend of the variance along the mean takes two genes with reads.")
    mean = (fit.mean_expression + np.log2(sizes + 1).mean() - np.log2(1e6))[read]
    order = np.argsort(mean, kind="stable")
    smooth = lowess(mean[order], np.sqrt(fit.sigma[read][order]), span=SPAN)
    fitted = fit.coefficients @ design.matrix.T + np.log2(sizes + 1) - np.log2(1e6)
    places, first = np.unique(mean[order], return_index=True)
    return Voom(expression, np.interp(fitted, places, smooth[first]) ** -4)
