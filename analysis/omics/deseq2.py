"""Differential expression of counts by negative binomial regression."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.omics.count_outliers import (
    ENOUGH_TO_REPLACE,
    cells,
    cooks_distances,
    cutoff,
    largest_distance,
    replaced,
)
from analysis.omics.design import Design
from analysis.omics.dispersion_trend import PARAMETRIC
from analysis.omics.dispersions import GeneDispersions, TrendedPrior, learn_prior, own_dispersions, shrunken_dispersions
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.negative_binomial import fit_counts
from analysis.omics.size_factors import size_factors
from analysis.stats.arrays import BoolArray, FloatArray

# With as many counts above it, a count is no outlier.
LARGER_COUNTS = 3
# Counts that are worked on together: a few arrays of this size are in memory.
AT_ONCE = 1_000_000


@dataclass(frozen=True)
class CountFit:
    """Negative binomial regressions of all genes.

    ``mean`` of the normalised counts, ``dispersion``, ``own_dispersion`` and ``trend`` have the shape (genes,);
    ``coefficients`` (natural log) (genes, p), ``covariance`` (genes, p, p), ``distances`` (Cook's) (genes, samples).
    Genes without reads have NaN. ``outlying`` genes have a count that decides too much and could not be replaced;
    ``was_replaced`` those where it was.
    """

    counts: ExpressionMatrix
    design: Design
    size_factors: FloatArray
    mean: FloatArray
    own_dispersion: FloatArray
    trend: FloatArray
    dispersion: FloatArray
    prior: TrendedPrior
    coefficients: FloatArray
    covariance: FloatArray
    distances: FloatArray
    outlying: BoolArray
    was_replaced: BoolArray


def fit_differential_counts(counts: ExpressionMatrix, design: Design, *, trend: str = PARAMETRIC) -> CountFit:
    """Fit the design to the counts of each gene.

    Parameters
    ----------
    counts : ExpressionMatrix
        Raw counts.
    design : Design
        One row for each sample.
    trend : {"parametric", "local", "mean"}
        How dispersions follow the mean count.

    Returns
    -------
    CountFit

    Raises
    ------
    OmicsInputError
        Another unit than counts, a sample without reads, a design of other samples or without replicates.

    Notes
    -----
    Matches ``DESeq2::DESeq(minReplicatesForReplace=7)`` 1.38. Love, Huber & Anders, Genome Biol 2014; 15: 550.
    """
    counts.require(COUNTS)
    n, p = design.matrix.shape
    if n != len(counts.samples):
        raise OmicsInputError(f"The design has {n} rows for {len(counts.samples)} samples.")
    if n <= p:
        raise OmicsInputError(f"{n} samples leave nothing to estimate a dispersion from: there are no replicates.")
    factors = size_factors(counts)
    read = counts.values.sum(axis=1) > 0
    first = _regress(counts.values[read], design.matrix, factors, None, trend)
    fit = _spread(counts, design, factors, read, first)
    return _without_outliers(fit, first.prior)


@dataclass(frozen=True)
class _Regression:
    """The columns of ``CountFit`` for genes with reads."""

    mean: FloatArray
    own_dispersion: FloatArray
    trend: FloatArray
    dispersion: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    distances: FloatArray
    prior: TrendedPrior


def _regress(
    counts: FloatArray, design: FloatArray, factors: FloatArray, prior: TrendedPrior | None, trend: str
) -> _Regression:
    mean = (counts / factors).mean(axis=1)
    size = max(1, AT_ONCE // len(factors))
    blocks = [slice(start, start + size) for start in range(0, len(counts), size)]
    own = [own_dispersions(counts[block], design, factors) for block in blocks]
    own_alpha = np.concatenate([part.alpha for part in own])
    prior = prior or learn_prior(mean, own_alpha, design.shape[0] - design.shape[1], trend)
    alpha, coefficients, covariance, distances = (
        np.concatenate(parts)
        for parts in zip(
            *(
                _finished(counts[block], design, factors, part, mean[block], prior)
                for block, part in zip(blocks, own, strict=True)
            ),
            strict=True,
        )
    )
    return _Regression(mean, own_alpha, prior.trend.at(mean), alpha, coefficients, covariance, distances, prior)


def _finished(
    counts: FloatArray,
    design: FloatArray,
    factors: FloatArray,
    own: GeneDispersions,
    mean: FloatArray,
    prior: TrendedPrior,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Dispersions, coefficients, their covariance and Cook's distances, once the prior is known."""
    alpha = shrunken_dispersions(counts, design, own, mean, prior)
    found = fit_counts(counts, design, factors, alpha)
    distances = cooks_distances(counts, factors, found.mu, found.leverage, design)
    return alpha, found.coefficients, found.covariance, distances


def _spread(
    counts: ExpressionMatrix, design: Design, factors: FloatArray, read: BoolArray, found: _Regression
) -> CountFit:
    """Genes without reads put back."""

    def whole(values: FloatArray, missing: float = np.nan) -> FloatArray:
        full = np.full((len(read), *values.shape[1:]), missing)
        full[read] = values
        return full

    return CountFit(
        counts=counts,
        design=design,
        size_factors=factors,
        mean=whole(found.mean, 0.0),
        own_dispersion=whole(found.own_dispersion),
        trend=whole(found.trend),
        dispersion=whole(found.dispersion),
        prior=found.prior,
        coefficients=whole(found.coefficients),
        covariance=whole(found.covariance),
        distances=whole(found.distances),
        outlying=np.zeros(len(read), dtype=bool),
        was_replaced=np.zeros(len(read), dtype=bool),
    )


def _without_outliers(fit: CountFit, prior: TrendedPrior) -> CountFit:
    """Outlying counts of samples with enough replicates are replaced and their genes fitted again, others flagged."""
    design, values = fit.design.matrix, fit.counts.values
    limit = cutoff(*design.shape)
    above = fit.distances > limit
    replaceable = cells(design)[1] >= ENOUGH_TO_REPLACE
    again = above.any(axis=1) & np.full(len(values), replaceable.any())
    largest = largest_distance(np.where(replaceable & again.any(), 0, fit.distances), design)
    flagged = np.zeros(len(values), dtype=bool) if largest is None else largest > limit
    flagged[flagged] = [not _has_larger_counts(fit, gene) for gene in np.flatnonzero(flagged).tolist()]
    fit = replace(fit, outlying=flagged, was_replaced=again)
    if not again.any():
        return fit
    instead = replaced(values[again], fit.size_factors, above[again], replaceable)
    fit.mean[again] = (instead / fit.size_factors).mean(axis=1)
    rows = np.flatnonzero(again)[instead.sum(axis=1) > 0]
    if rows.size:
        found = _regress(instead[instead.sum(axis=1) > 0], design, fit.size_factors, prior, PARAMETRIC)
        for name in ("own_dispersion", "trend", "dispersion", "coefficients", "covariance"):
            getattr(fit, name)[rows] = getattr(found, name)
    return fit


def _has_larger_counts(fit: CountFit, gene: int) -> bool:
    """With two groups and nothing else, a count that three others exceed is no outlier."""
    if len(np.unique(cells(fit.design.matrix)[0])) != 2 or fit.design.matrix.shape[1] != 2:
        return False
    counts = fit.counts.values[gene]
    return int((counts > counts[int(np.argmax(fit.distances[gene]))]).sum()) >= LARGER_COUNTS
