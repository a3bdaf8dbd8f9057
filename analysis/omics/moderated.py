"""Moderated t statistics: each gene's variance is helped by those of all others."""

from dataclasses import dataclass

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.omics.linear_models import LinearFit
from analysis.omics.robust_prior import fit_robust_prior
from analysis.omics.tails import TINY, t_beyond, two_sided_t, upper_t
from analysis.omics.variance_prior import VariancePrior, fit_variance_prior, squeezed
from analysis.stats.arrays import FloatArray

# limma's defaults: share of genes expected to differ, and limits of the standard deviation of their fold changes.
PROPORTION = 0.01
SMALLEST_SD, LARGEST_SD = 0.1, 4.0


@dataclass(frozen=True)
class ModeratedFit:
    """A linear fit with its variance prior.

    ``t``, ``p`` and ``log_odds`` have the shape (genes, coefficients), ``posterior_variance`` and ``df_total``
    (genes,), ``prior_variance`` of the coefficients that differ (coefficients,).
    """

    fit: LinearFit
    prior: VariancePrior
    posterior_variance: FloatArray
    df_total: FloatArray
    t: FloatArray
    p: FloatArray
    log_odds: FloatArray
    prior_variance: FloatArray


def moderate(fit: LinearFit, *, trend: bool = False, robust: bool = False) -> ModeratedFit:
    """Empirical Bayes for the coefficients of a linear fit.

    Parameters
    ----------
    fit : LinearFit
    trend : bool
        Whether the prior variance follows the mean expression.
    robust : bool
        Whether genes with an outlying variance are kept apart.

    Returns
    -------
    ModeratedFit

    Raises
    ------
    OmicsInputError
        No gene has a residual variance; a trend, and a gene without any value.

    Notes
    -----
    Matches ``limma::eBayes`` 3.54. Smyth, Stat Appl Genet Mol Biol 2004; 3: 3. t = b / (u s), with s^2 the posterior
    variance, on min(df + d0, sum of df) degrees of freedom; the log odds are of a difference, 1 % of genes differing.
    """
    prior, posterior, df_total = _posterior(fit, trend, robust)
    with np.errstate(invalid="ignore"):
        t = fit.coefficients / fit.unscaled_sd / np.sqrt(posterior)[:, None]
    p = two_sided_t(t, df_total[:, None])
    limits = np.array([SMALLEST_SD, LARGEST_SD]) ** 2 / float(np.median(prior.scale))
    columns = range(t.shape[1])
    prior_variance = np.array([_prior_variance(t[:, j], fit.unscaled_sd[:, j], df_total, limits) for j in columns])
    failed = np.isnan(prior_variance)
    prior_variance[failed] = 1 / float(np.median(prior.scale))
    log_odds = _log_odds(t, fit.unscaled_sd, prior_variance, df_total, prior)
    return ModeratedFit(fit, prior, posterior, df_total, t, p, log_odds, prior_variance)


def _posterior(fit: LinearFit, trend: bool, robust: bool) -> tuple[VariancePrior, FloatArray, FloatArray]:
    learn = fit_robust_prior if robust else fit_variance_prior
    variances = fit.sigma**2
    if not (fit.df_residual > 0).any():
        raise OmicsInputError("No gene has residual degrees of freedom.")
    without = np.flatnonzero(np.isnan(fit.mean_expression))
    if trend and without.size:
        raise OmicsInputError(f"Gene {fit.genes[without[0]]} has no value at all, and a trend needs one of every gene.")
    prior = learn(variances, fit.df_residual, fit.mean_expression if trend else None)
    df_total = np.minimum(fit.df_residual + prior.df, fit.df_residual.sum())
    return prior, squeezed(variances, fit.df_residual, prior), df_total


def _prior_variance(t: FloatArray, sd: FloatArray, df: FloatArray, limits: FloatArray) -> float:
    """Variance of the coefficients that differ, in units of the residual one, from the largest t."""
    known = ~np.isnan(t)
    t, sd, df = np.abs(t[known]), sd[known], df[known]
    genes = len(t)
    top = int(np.ceil(PROPORTION / 2 * genes))
    if top < 1:
        return float("nan")
    share = max(top / genes, PROPORTION)
    most = float(df.max())
    fewer = df < most
    t[fewer] = t_beyond(np.maximum(upper_t(t[fewer], df[fewer]), TINY), most)
    largest = np.argsort(-t, kind="stable")[:top]
    chance = two_sided_t(t[largest], np.array(most))
    target = ((np.arange(1, top + 1) - 0.5) / genes - (1 - share) * chance) / share
    beyond = target > chance
    variance = np.zeros(top)
    ratio = t[largest][beyond] / t_beyond(target[beyond] / 2, most)
    variance[beyond] = sd[largest][beyond] ** 2 * (ratio**2 - 1)
    return float(np.clip(variance, *limits).mean())


def _log_odds(
    t: FloatArray, sd: FloatArray, prior_variance: FloatArray, df_total: FloatArray, prior: VariancePrior
) -> FloatArray:
    ratio = (sd**2 + prior_variance) / sd**2
    df = df_total[:, None]
    squares = t**2
    normal = squares * (1 - 1 / ratio) / 2
    with np.errstate(invalid="ignore"):
        student = (1 + df) / 2 * np.log((squares + df) / (squares / ratio + df))
    kernel = np.where(np.broadcast_to(prior.df, df_total.shape)[:, None] > 1e6, normal, student)
    odds: FloatArray = np.log(PROPORTION / (1 - PROPORTION)) - np.log(ratio) / 2 + kernel
    return odds


def p_beyond(fit: LinearFit, threshold: float, *, trend: bool = False, robust: bool = False) -> FloatArray:
    """p-values of coefficients beyond ``threshold`` (log2) in either direction; shape (genes, coefficients).

    Raises
    ------
    OmicsInputError
        A threshold below zero, or no gene with a residual variance.

    Notes
    -----
    Matches ``limma::treat``. McCarthy & Smyth, Bioinformatics 2009; 25: 765-771.
    """
    if threshold < 0:
        raise OmicsInputError("The fold change to go beyond is not below zero.")
    _, posterior, df_total = _posterior(fit, trend, robust)
    error = fit.unscaled_sd * np.sqrt(posterior)[:, None]
    size = np.abs(fit.coefficients)
    df = df_total[:, None]
    return upper_t((size - threshold) / error, df) + upper_t((size + threshold) / error, df)
