"""Wald tests of the negative binomial regressions of counts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.omics.deseq2 import CountFit
from analysis.omics.errors import OmicsInputError
from analysis.omics.independent_filtering import independent_filtering
from analysis.stats.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class CountTable:
    """One row a gene, in the order of the matrix; arrays of shape (genes,). Fold changes and errors are log2.

    ``p`` is NaN for genes without reads or with an outlying count, ``adjusted_p`` also for genes whose mean is below
    ``threshold``: neither is significant.
    """

    genes: tuple[str, ...]
    mean: FloatArray
    log_fold_change: FloatArray
    error: FloatArray
    statistic: FloatArray
    p: FloatArray
    adjusted_p: FloatArray
    threshold: float


def differential_counts(
    fit: CountFit, contrast: Mapping[str, float], *, compared: BoolArray | None = None, alpha: float = 0.1
) -> CountTable:
    """Wald tests of one combination of coefficients.

    Parameters
    ----------
    fit : CountFit
    contrast : mapping
        Factor of each coefficient in it: ``{"grouptumour": 1}`` for tumour minus the reference, ``{"grouptumour": 1,
        "groupadjacent": -1}`` for tumour minus adjacent.
    compared : ndarray of bool, shape (samples,), optional
        Samples of the groups that the contrast compares. A gene with reads in other samples only has no change there.
    alpha : float
        Level at which the filter on the mean count finds the most genes.

    Returns
    -------
    CountTable

    Raises
    ------
    OmicsInputError
        A coefficient that the design does not have, a contrast of nothing, a level outside 0 to 1, other samples.

    Notes
    -----
    Matches ``DESeq2::results``: p = 2 P(Z > |b / SE|), Benjamini and Hochberg over the genes that pass the filter.
    """
    if not 0 < alpha < 1:
        raise OmicsInputError(f"The level of p lies between 0 and 1, not {alpha:g}.")
    weights = np.zeros(len(fit.design.columns))
    for name, weight in contrast.items():
        weights[fit.design.coefficient(name)] = weight
    if not weights.any():
        raise OmicsInputError("The contrast is of nothing.")
    change = fit.coefficients @ weights / np.log(2)
    error = np.sqrt(np.einsum("gpq,p,q->g", fit.covariance, weights, weights)) / np.log(2)
    emptied = fit.was_replaced & (fit.mean == 0)
    unread = emptied | _silent(fit, compared)
    change, error = np.where(unread, 0.0, change), np.where(emptied, 0.0, error)
    statistic = np.where(unread, 0.0, np.divide(change, error, out=np.zeros_like(change), where=error != 0))
    p = np.where(unread, 1.0, special.erfc(np.abs(statistic) / np.sqrt(2)))
    p[fit.outlying] = np.nan
    filtered = independent_filtering(fit.mean, p, alpha)
    return CountTable(fit.counts.genes, fit.mean, change, error, statistic, p, filtered.adjusted_p, filtered.threshold)


def _silent(fit: CountFit, compared: BoolArray | None) -> BoolArray:
    """Genes with reads, but none in the samples compared."""
    counts = fit.counts.values
    if compared is None:
        return np.zeros(len(counts), dtype=bool)
    if compared.shape != (counts.shape[1],):
        raise OmicsInputError(f"{compared.size} samples are said to be compared or not, of {counts.shape[1]}.")
    silent: BoolArray = (counts[:, compared] == 0).all(axis=1) & (counts.sum(axis=1) > 0)
    return silent
