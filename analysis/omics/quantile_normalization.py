"""Quantile normalisation: the same distribution of values in every sample."""

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import ExpressionMatrix
from analysis.stats.arrays import FloatArray
from analysis.stats.ranks import midranks


def quantile_normalized(expression: ExpressionMatrix) -> ExpressionMatrix:
    """Each value replaced by the mean over samples of the values with its rank.

    Tied values take the mean distribution at their mean rank. Samples with missing values are stretched to the
    number of genes. One sample stays as it is.

    Raises
    ------
    OmicsInputError
        Fewer than two genes, or a sample with fewer than two values.

    Notes
    -----
    Matches ``limma::normalizeQuantiles(ties=TRUE)``, of ``normalizeBetweenArrays(method="quantile")`` on log values.
    Bolstad, Irizarry, Astrand & Speed, Bioinformatics 2003; 19: 185-193.
    """
    observed = ~np.isnan(expression.values)
    for sample, count in zip(expression.samples, observed.sum(axis=0).tolist(), strict=True):
        if count < 2:
            raise OmicsInputError(f"Sample {sample} has fewer than two values, too few to be normalised.")
    return ExpressionMatrix(expression.genes, expression.samples, same_distribution(expression.values), expression.unit)


def same_distribution(values: FloatArray) -> FloatArray:
    """The same of an array of shape (genes, samples), each with two values or more.

    Without missing values that of ``preprocessCore::normalize.quantiles``.
    """
    if values.shape[1] == 1:
        return values
    observed = ~np.isnan(values)
    places = np.linspace(0, 1, len(values))
    sorted_values = np.column_stack(
        [
            np.interp(places, np.linspace(0, 1, int(known.sum())), np.sort(column[known]))
            for column, known in zip(values.T, observed.T, strict=True)
        ]
    )
    target = sorted_values.mean(axis=1)
    normalized = np.full(values.shape, np.nan)
    for j, known in enumerate(observed.T):
        ranks = midranks(values[known, j])
        normalized[known, j] = np.interp((ranks - 1) / (known.sum() - 1), places, target)
    return normalized
