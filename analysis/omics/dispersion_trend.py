"""Dispersions along the mean count: the trend, and how far genes scatter about it."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.omics.dispersion_likelihood import LEAST
from analysis.omics.errors import OmicsInputError
from analysis.omics.local_trend import LocalCurve
from analysis.stats.arrays import FloatArray

PARAMETRIC, LOCAL, MEAN = "parametric", "local", "mean"
# Below this a prior would leave the genes no dispersion of their own.
LEAST_PRIOR_VARIANCE = 0.25
MAD = 1.4826
ENOUGH_FOR_A_CURVE = 10
QUANTILES = 400


@dataclass(frozen=True)
class DispersionTrend:
    """alpha(mean) = ``asymptotic`` + ``extra`` / mean, or a curve of the logarithms."""

    kind: str
    asymptotic: float
    extra: float
    curve: LocalCurve | None = None

    def at(self, mean: FloatArray) -> FloatArray:
        """Dispersions at mean counts above 0."""
        if self.curve is None:
            return self.asymptotic + self.extra / mean
        alpha: FloatArray = np.exp(self.curve(np.log(mean)))
        return alpha


def fit_trend(mean: FloatArray, alpha: FloatArray, kind: str = PARAMETRIC) -> DispersionTrend:
    """The trend of gene-wise dispersions along their mean counts.

    Parameters
    ----------
    mean, alpha : ndarray, shape (genes,)
    kind : {"parametric", "local", "mean"}
        A Gamma regression on 1 / mean, a local regression of the logarithms, or one value for all genes. Where the
        first fails, the second is taken, and with a handful of genes the third.

    Raises
    ------
    OmicsInputError
        An unknown kind, or no gene with a dispersion.

    Notes
    -----
    Matches ``DESeq2::estimateDispersionsFit``.
    """
    if kind not in (PARAMETRIC, LOCAL, MEAN):
        raise OmicsInputError(f"The trend of the dispersions is parametric, local or mean, not {kind!r}.")
    used = alpha > 100 * LEAST
    if not used.any():
        raise OmicsInputError("No gene varies more than counts of one Poisson distribution do.")
    found = _parametric(mean[used], alpha[used]) if kind == PARAMETRIC else None
    if found is None and kind != MEAN and len(np.unique(mean[used])) >= ENOUGH_FOR_A_CURVE:
        curve = LocalCurve(np.log(mean[used]), np.log(alpha[used]), mean[used])
        found = DispersionTrend(LOCAL, np.nan, np.nan, curve)
    return found or DispersionTrend(MEAN, _trimmed_mean(alpha[alpha > 10 * LEAST], 0.001), 0.0)


def _trimmed_mean(values: FloatArray, trim: float) -> float:
    cut = int(len(values) * trim)
    return float(np.sort(values)[cut : len(values) - cut].mean())


def _parametric(mean: FloatArray, alpha: FloatArray) -> DispersionTrend | None:
    coefficients = np.array([0.1, 1.0])
    for _ in range(11):
        ratio = alpha / (coefficients[0] + coefficients[1] / mean)
        good = (ratio > 1e-4) & (ratio < 15)
        fitted = _gamma_regression(1 / mean[good], alpha[good], coefficients)
        if fitted is None or not (fitted > 0).all():
            return None
        moved = float((np.log(fitted / coefficients) ** 2).sum())
        coefficients = fitted
        if moved < 1e-6:
            return DispersionTrend(PARAMETRIC, float(fitted[0]), float(fitted[1]))
    return None


def _gamma_regression(x: FloatArray, y: FloatArray, start: FloatArray) -> FloatArray | None:
    """Gamma GLM with identity link on a constant and x; nothing where a fitted mean falls to 0."""
    X = np.column_stack([np.ones_like(x), x])
    beta, mu = start, X @ start
    deviance = _gamma_deviance(y, mu)
    for _ in range(25):
        root = 1 / mu
        found = np.asarray(np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0])
        mu = X @ found
        for _ in range(25):
            if (mu > 0).all():
                break
            found = (found + beta) / 2
            mu = X @ found
        else:
            return None
        beta, before, deviance = found, deviance, _gamma_deviance(y, mu)
        if abs(deviance - before) / (abs(deviance) + 0.1) < 1e-8:
            break
    return beta


def _gamma_deviance(y: FloatArray, mu: FloatArray) -> float:
    return float(-2 * np.sum(np.log(y / mu) - (y - mu) / mu))


def scatter(alpha: FloatArray, fitted: FloatArray) -> float:
    """Robust variance of the log dispersions about the trend."""
    residuals = (np.log(alpha) - np.log(fitted))[alpha >= 100 * LEAST]
    return float(MAD * np.median(np.abs(residuals - np.median(residuals)))) ** 2


def prior_variance(alpha: FloatArray, fitted: FloatArray, df: int) -> float:
    """Variance of the true log dispersions: the scatter beyond that of their estimates.

    Notes
    -----
    As ``DESeq2::estimateDispersionsPriorVar``. With three residual degrees of freedom or fewer, the variance whose
    distribution of estimates is nearest to that found (Kullback and Leibler); DESeq2 draws that distribution at random
    and smooths, here it is integrated.
    """
    if df <= 3:
        return max(_nearest_variance(alpha, fitted, df), LEAST_PRIOR_VARIANCE)
    return max(scatter(alpha, fitted) - float(special.polygamma(1, df / 2)), LEAST_PRIOR_VARIANCE)


def _nearest_variance(alpha: FloatArray, fitted: FloatArray, df: int) -> float:
    edges = np.arange(-20, 21) / 2
    residuals = (np.log(alpha) - np.log(fitted))[alpha >= 100 * LEAST]
    inside = residuals[(residuals > edges[0]) & (residuals < edges[-1])]
    seen = np.histogram(inside, bins=edges, density=True)[0]
    # The log of chi-square over its degrees of freedom, by quantiles of equal probability.
    chi = np.log(2 * special.gammaincinv(df / 2, (np.arange(QUANTILES) + 0.5) / QUANTILES) / df)
    variances = np.linspace(0, 8, 200)
    return float(variances[int(np.argmin([_divergence(seen, _expected(chi, v, edges), edges) for v in variances]))])


def _expected(chi: FloatArray, variance: float, edges: FloatArray) -> FloatArray:
    distance = edges[:, None] - chi
    below = special.ndtr(distance / np.sqrt(variance)) if variance else (distance >= 0).astype(np.float64)
    shares = np.diff(below.mean(axis=1))
    expected: FloatArray = shares / shares.sum() / np.diff(edges)
    return expected


def _divergence(seen: FloatArray, expected: FloatArray, edges: FloatArray) -> float:
    # What one of the 10,000 draws of DESeq2 would make of a bin.
    small = 1e-4 / float(edges[1] - edges[0])
    return float(np.sum(seen * (np.log(seen + small) - np.log(expected + small))))
