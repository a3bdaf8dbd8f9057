"""Negative binomial regression of counts with known dispersions, gene by gene."""

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import minimize

from analysis.stats.arrays import FloatArray, IntArray

# DESeq2: variance of the prior on coefficients (log2) that keeps them finite, smallest mean, largest coefficient.
RIDGE = 1e-6 / np.log(2) ** 2
LEAST_MEAN, LARGE = 0.5, 30.0
MOST_STEPS, TOLERANCE = 100, 1e-8


@dataclass(frozen=True)
class CountRegression:
    """Coefficients on the natural log scale, shape (genes, p), their covariance (genes, p, p), and by sample the fitted
    means and leverages, shape (genes, samples)."""

    coefficients: FloatArray
    covariance: FloatArray
    mu: FloatArray
    leverage: FloatArray


def fit_counts(counts: FloatArray, design: FloatArray, factors: FloatArray, alpha: FloatArray) -> CountRegression:
    """Iteratively reweighted least squares with a log link and the size factors as offset.

    Parameters
    ----------
    counts : ndarray, shape (genes, samples)
        Genes with at least one read.
    design : ndarray, shape (samples, p)
        Of full rank.
    factors : ndarray, shape (samples,)
    alpha : ndarray, shape (genes,)
        Dispersions.

    Notes
    -----
    Matches ``DESeq2::nbinomWaldTest(betaPrior=FALSE)``: a ridge of 1e-6 and means of at least 0.5 keep the coefficients
    of a group without reads finite; where the iteration does not settle, the posterior is maximised directly.
    """
    Q, R = np.linalg.qr(design)
    start = np.log(counts / factors + 0.1) @ Q @ np.linalg.inv(R).T
    beta, unsettled = _iterate(counts, design, factors, alpha, start)
    for gene in np.flatnonzero(unsettled).tolist():
        safe = beta[gene] if np.isfinite(beta[gene]).all() and (np.abs(beta[gene]) < LARGE).all() else start[gene]
        beta[gene] = _maximise(counts[gene], design, factors, float(alpha[gene]), safe)
    mu = factors * np.exp(beta @ design.T)
    weights = _weights(np.maximum(mu, LEAST_MEAN), alpha)
    information = _information(design, weights)
    inverse = np.linalg.inv(information + RIDGE * np.eye(design.shape[1]))
    leverage = weights * np.einsum("np,gpq,nq->gn", design, inverse, design)
    return CountRegression(beta, inverse @ information @ inverse, mu, leverage)


def _weights(mu: FloatArray, alpha: FloatArray) -> FloatArray:
    return mu / (1 + alpha[:, None] * mu)


def _information(design: FloatArray, weights: FloatArray) -> FloatArray:
    n, p = design.shape
    products = (design[:, :, None] * design[:, None, :]).reshape(n, p * p)
    information: FloatArray = (weights @ products).reshape(-1, p, p)
    return information


def _iterate(
    counts: FloatArray, design: FloatArray, factors: FloatArray, alpha: FloatArray, start: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Coefficients, and the genes whose deviance did not settle."""
    beta = start.copy()
    mu = np.maximum(factors * np.exp(beta @ design.T), LEAST_MEAN)
    deviance = np.zeros(len(counts))
    unsettled = np.zeros(len(counts), dtype=np.int64)
    active = np.arange(len(counts))
    ridge = RIDGE * np.eye(design.shape[1])
    for step in range(MOST_STEPS):
        y, m, a = counts[active], mu[active], alpha[active]
        weights = _weights(m, a)
        z = np.log(m / factors) + (y - m) / m
        right = (weights * z) @ design
        beta[active] = np.linalg.solve(_information(design, weights) + ridge, right[:, :, None])[:, :, 0]
        lost = (np.abs(beta[active]) > LARGE).any(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            mu[active] = np.maximum(factors * np.exp(beta[active] @ design.T), LEAST_MEAN)
            now = _deviance(y, mu[active], a)
            change = np.abs(now - deviance[active]) / (np.abs(now) + 0.1)
        lost |= np.isnan(change)
        unsettled[active[lost]] = 1
        deviance[active] = now
        active = active[~lost & ~((change < TOLERANCE) & (step > 0))]
        if not active.size:
            break
    unsettled[active] = 1
    return beta, unsettled


def _deviance(y: FloatArray, mu: FloatArray, alpha: FloatArray) -> FloatArray:
    """Minus twice the log likelihood."""
    size = 1 / alpha[:, None]
    log = (
        special.gammaln(y + size)
        - special.gammaln(size)
        - special.gammaln(y + 1)
        - size * np.log1p(mu / size)
        + y * np.log(mu / (size + mu))
    )
    deviance: FloatArray = -2 * log.sum(axis=1)
    return deviance


def _maximise(y: FloatArray, design: FloatArray, factors: FloatArray, alpha: float, start: FloatArray) -> FloatArray:
    """The posterior mode of one gene, within the bounds of the coefficients on the log2 scale."""

    def objective(beta: FloatArray) -> tuple[float, FloatArray]:
        mu = factors * np.exp(design @ beta)
        value = -float(np.sum(y * (np.log(mu) - np.log1p(alpha * mu)) - np.log1p(alpha * mu) / alpha))
        slope = -design.T @ ((y - mu) / (1 + alpha * mu))
        return value + RIDGE * float(beta @ beta) / 2, slope + RIDGE * beta

    bound = LARGE * np.log(2)
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=[(-bound, bound)] * len(start))
    mode: FloatArray = found.x
    return mode
