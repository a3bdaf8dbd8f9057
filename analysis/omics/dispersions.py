"""Dispersions of all genes: each its own, drawn towards the trend unless it lies far above."""

from dataclasses import dataclass

import numpy as np

from analysis.omics.count_outliers import cells
from analysis.omics.dispersion_likelihood import LEAST, MOST_STEPS, Profile, climb, on_grid
from analysis.omics.dispersion_trend import DispersionTrend, fit_trend, prior_variance, scatter
from analysis.omics.negative_binomial import LEAST_MEAN, fit_counts
from analysis.stats.arrays import FloatArray

OUTLIER_SD = 2


@dataclass(frozen=True)
class TrendedPrior:
    """The trend, the variance of the log dispersions about it, and that of what is seen."""

    trend: DispersionTrend
    variance: float
    scatter: float


@dataclass(frozen=True)
class GeneDispersions:
    """Each gene's own dispersion, shape (genes,), and the means it rests on, (genes, samples)."""

    alpha: FloatArray
    mu: FloatArray


def own_dispersions(counts: FloatArray, design: FloatArray, factors: FloatArray) -> GeneDispersions:
    """Maximum of Cox and Reid's adjusted profile likelihood for each gene.

    Parameters
    ----------
    counts : ndarray, shape (genes, samples)
        Genes with at least one read.
    design : ndarray, shape (samples, p)
    factors : ndarray, shape (samples,)

    Notes
    -----
    Matches ``DESeq2::estimateDispersionsGeneEst``. Love, Huber & Anders, Genome Biol 2014; 15: 550. Where the design is
    no more than groups the means are those of the groups, otherwise those of a regression.
    """
    n, p = design.shape
    normalized = counts / factors
    Q, _ = np.linalg.qr(design)
    linear = normalized @ Q @ Q.T
    start = np.clip(np.minimum(_rough(normalized, linear, n - p), _by_moments(normalized, factors)), LEAST, max(10, n))
    groups_only = len(np.unique(cells(design)[0])) == p
    mu = linear * factors if groups_only else fit_counts(counts, design, factors, start).mu
    mu = np.maximum(mu, LEAST_MEAN)
    profile = Profile(counts, mu, design)
    climbed = climb(profile, np.log(start))
    alpha = np.minimum(np.exp(climbed.log_alpha), max(10, n))
    no_gain = climbed.last < climbed.first + np.abs(climbed.first) / 1e6
    alpha[no_gain] = start[no_gain]
    unsettled = ((climbed.steps >= MOST_STEPS) | (climbed.steps == 1)) & (alpha > 10 * LEAST)
    if unsettled.any():
        alpha[unsettled] = np.exp(on_grid(profile.of(unsettled), n))
    return GeneDispersions(np.clip(alpha, LEAST, max(10, n)), mu)


def _rough(normalized: FloatArray, linear: FloatArray, df: int) -> FloatArray:
    mean = np.maximum(linear, 1)
    rough: FloatArray = np.maximum((((normalized - mean) ** 2 - mean) / mean**2).sum(axis=1) / df, 0)
    return rough


def _by_moments(normalized: FloatArray, factors: FloatArray) -> FloatArray:
    mean = normalized.mean(axis=1)
    moments: FloatArray = (normalized.var(axis=1, ddof=1) - (1 / factors).mean() * mean) / mean**2
    return moments


def learn_prior(mean: FloatArray, alpha: FloatArray, df: int, kind: str) -> TrendedPrior:
    """The trend of own dispersions along the mean counts and their scatter about it; both of shape (genes,)."""
    trend = fit_trend(mean, alpha, kind)
    fitted = trend.at(mean)
    return TrendedPrior(trend, prior_variance(alpha, fitted, df), scatter(alpha, fitted))


def shrunken_dispersions(
    counts: FloatArray, design: FloatArray, own: GeneDispersions, mean: FloatArray, prior: TrendedPrior
) -> FloatArray:
    """Posterior modes of the dispersions; a gene more than 2 SD above the trend keeps its own. Shape (genes,).

    Notes
    -----
    Matches ``DESeq2::estimateDispersionsMAP``.
    """
    n = len(design)
    fitted = prior.trend.at(mean)
    profile = Profile(counts, own.mu, design, np.log(fitted), prior.variance)
    climbed = climb(profile, np.log(np.where(own.alpha > 0.1 * fitted, own.alpha, fitted)))
    alpha = np.exp(climbed.log_alpha)
    unsettled = climbed.steps >= MOST_STEPS
    if unsettled.any():
        alpha[unsettled] = np.exp(on_grid(profile.of(unsettled), n))
    alpha = np.clip(alpha, LEAST, max(10, n))
    outlying = np.log(own.alpha) > np.log(fitted) + OUTLIER_SD * np.sqrt(prior.scatter)
    return np.where(outlying, own.alpha, alpha)
