"""Counts on a scale where their variance hardly depends on their mean, for pictures and distances."""

import numpy as np

from analysis.omics.deseq2 import CountFit
from analysis.omics.dispersion_trend import LOCAL, PARAMETRIC
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import LOG2, ExpressionMatrix


def variance_stabilized(fit: CountFit) -> ExpressionMatrix:
    """Normalised counts, transformed by the dispersion trend of the fit; near log2 for large counts.

    Raises
    ------
    OmicsInputError
        A local trend, for which there is no formula.

    Notes
    -----
    Matches ``DESeq2::varianceStabilizingTransformation(blind=FALSE)``. Anders & Huber, Genome Biol 2010; 11: R106.
    """
    trend = fit.prior.trend
    if trend.kind == LOCAL:
        raise OmicsInputError("Counts are stabilised by a parametric trend of the dispersions or by their mean.")
    q, a, b = fit.counts.values / fit.size_factors, trend.asymptotic, trend.extra
    if trend.kind == PARAMETRIC:
        values = np.log2((1 + b + 2 * a * q + 2 * np.sqrt(a * q * (1 + b + a * q))) / (4 * a))
    else:
        values = (2 * np.arcsinh(np.sqrt(a * q)) - np.log(4 * a)) / np.log(2)
    return ExpressionMatrix(fit.counts.genes, fit.counts.samples, values, LOG2)
