"""The variance prior when a few genes vary far more than the rest: they are not drawn towards it."""

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from analysis.omics.errors import OmicsInputError
from analysis.omics.lowess import lowess
from analysis.omics.tails import f_below, f_beyond, f_tails, log_f_density
from analysis.omics.variance_prior import VariancePrior, fit_variance_prior, usable_variances
from analysis.stats.arrays import FloatArray

# Shares of the log variances that are moved to the quantile at their end.
LOWER_TAIL, UPPER_TAIL = 0.05, 0.1
# A variance this small beside the largest is that of rounding.
ROUNDING = 1e-20
NODES, WEIGHTS = (values / 2 for values in np.polynomial.legendre.leggauss(128))
NODES = NODES + 0.5


def fit_robust_prior(variances: FloatArray, df: FloatArray, covariate: FloatArray | None = None) -> VariancePrior:
    """Moments of the Winsorized log variances, and fewer degrees of freedom for genes that lie above all others.

    Parameters and errors are those of ``fit_variance_prior``; and genes of which most do not vary are refused.

    Returns
    -------
    VariancePrior
        ``df`` has one value for each gene.

    Notes
    -----
    Matches ``limma::fitFDistRobustly``. Phipson, Lee, Majewski, Alexander & Smyth, Ann Appl Stat 2016; 10: 946-963.
    """
    usable = usable_variances(variances, df)
    if usable.sum() < 3:
        return fit_variance_prior(variances, df, covariate)
    if np.median(variances[usable]) <= ROUNDING * variances[usable].max():
        raise OmicsInputError("More than half of the genes do not vary, so that no variance is an outlier among them.")
    along = None if covariate is None else covariate[usable]
    found, whole = _fit(variances[usable], df[usable], along)
    d0 = np.full(len(variances), whole)
    d0[usable] = found.df
    if along is None or covariate is None:
        return VariancePrior(found.scale, d0)
    order = np.argsort(along, kind="stable")
    scale = np.exp(np.interp(covariate, along[order], np.log(np.broadcast_to(found.scale, along.shape))[order]))
    return VariancePrior(scale, d0)


def _fit(s2: FloatArray, df: FloatArray, covariate: FloatArray | None) -> tuple[VariancePrior, float]:
    """The prior with one value of df for each gene, and the value for a gene that is no outlier."""
    s2 = np.maximum(s2, float(np.median(s2)) * 1e-12)
    plain = fit_variance_prior(s2, df, covariate)
    n, d1 = len(s2), float(df.max())
    as_plain = replace(plain, df=np.full(n, plain.df)), float(plain.df)
    if max(LOWER_TAIL, UPPER_TAIL) < 1 / n:
        return as_plain
    z = np.log(_with_equal_df(s2, df, plain))
    trend = _trimmed_mean(z) if covariate is None else _smooth(z, covariate)
    rest = z - trend
    wins = np.clip(rest, np.quantile(rest, LOWER_TAIL), np.quantile(rest, 1 - UPPER_TAIL))
    variance = float(wins.var(ddof=1))

    def excess(share: float) -> float:
        return float(np.log(variance / _moments(d1, _unshared(share))[1]))

    if excess(1.0) <= 0:
        d0 = np.inf
    elif np.isinf(float(plain.df)):
        return as_plain
    else:
        lowest = float(plain.df) / (1 + float(plain.df))
        d0 = _unshared(brentq(excess, lowest, 1.0, xtol=1e-12)) if excess(lowest) < 0 else float(plain.df)
    log_scale = trend + wins.mean() - _moments(d1, d0)[0]
    return VariancePrior(np.exp(log_scale), _without_outliers(np.exp(z - log_scale), d1, d0)), d0


def _unshared(share: float) -> float:
    return share / (1 - share) if share < 1 else np.inf


def _with_equal_df(s2: FloatArray, df: FloatArray, prior: VariancePrior) -> FloatArray:
    """Variances with fewer degrees of freedom, replaced by the equally unlikely ones with the most."""
    most = float(df.max())
    fewer = df < most - 1e-14
    if not fewer.any():
        return s2
    scale, d0 = np.broadcast_to(prior.scale, s2.shape)[fewer], float(np.max(prior.df))
    f = s2[fewer] / scale
    below, above = f_tails(f, df[fewer], d0)
    moved = np.where(above < below, f_beyond(above, most, d0), f_below(below, most, d0))
    equal = s2.copy()
    equal[fewer] = moved * scale
    return equal


def _trimmed_mean(z: FloatArray) -> float:
    cut = int(len(z) * UPPER_TAIL)
    return float(np.sort(z)[cut : len(z) - cut].mean())


def _smooth(z: FloatArray, covariate: FloatArray) -> FloatArray:
    order = np.argsort(covariate, kind="stable")
    trend = np.empty_like(z)
    trend[order] = lowess(covariate[order], z[order], span=0.4, robust_steps=3)
    return trend


def _moments(d1: float, d0: float) -> tuple[float, float]:
    """Mean and variance of the Winsorized log F, by Gauss-Legendre quadrature on f / (1 + f)."""
    ends = np.array([f_below(np.array(LOWER_TAIL), d1, d0), f_beyond(np.array(UPPER_TAIL), d1, d0)])
    tails = np.array([LOWER_TAIL, UPPER_TAIL])
    low, high = ends / (1 + ends)
    at = low + (high - low) * NODES
    f = at / (1 - at)
    mass = (high - low) * WEIGHTS * np.exp(log_f_density(f, d1, d0)) / (1 - at) ** 2
    mean = float(mass @ np.log(f) + tails @ np.log(ends))
    return mean, float(mass @ (np.log(f) - mean) ** 2 + tails @ (np.log(ends) - mean) ** 2)


def _without_outliers(f: FloatArray, d1: float, d0: float) -> FloatArray:
    """Prior degrees of freedom: ``d0`` for most genes, fewer the more a gene is above what its rank lets expect."""
    n = len(f)
    with np.errstate(divide="ignore"):
        log_tail = np.log(f_tails(f, d1, d0)[1])
    ranks = np.empty(n)
    ranks[np.argsort(f, kind="stable")] = np.arange(1, n + 1)
    log_inlier = np.minimum(log_tail - np.log((n - ranks + 0.5) / n), 0)
    inlier = np.exp(log_inlier)
    order = np.argsort(log_tail, kind="stable")
    df = np.full(n, d0)
    if not (log_inlier < 0).any():
        return df
    if np.isinf(d0):
        df[log_inlier < 0] = (inlier * n * d1)[log_inlier < 0]
        df[order] = np.maximum.accumulate(df[order])
        return df
    df = np.asarray(inlier * d0 - np.expm1(log_inlier) * _outlier_df(f, d1, d0, float(log_tail.min())))
    ordered = df[order]
    running = np.cumsum(ordered) / np.arange(1, n + 1)
    least = int(np.argmin(running))
    ordered[: least + 1] = running[least]
    df[order] = np.maximum.accumulate(ordered)
    return df


def _outlier_df(f: FloatArray, d1: float, d0: float, least: float) -> float:
    """Degrees of freedom with which the largest variance would be at the median."""
    if np.isinf(least):
        return 0.0
    guess = np.log(0.5) / least * d0
    tail = float(f_tails(f.max(keepdims=True), d1, guess)[1][0])
    return float(np.log(0.5) / np.log(tail) * guess)
