"""What the variances of all genes say of each: a scaled F distribution, and variances drawn towards it."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.omics.errors import OmicsInputError
from analysis.omics.natural_spline import natural_spline, spline_knots
from analysis.omics.tails import trigamma_inverse
from analysis.stats.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class VariancePrior:
    """Prior variance ``scale`` and its degrees of freedom ``df`` (infinite: all genes share one variance).

    ``scale`` is a number, or one for each gene where there is a trend; ``df`` a number, or one for each gene where
    outlying genes have fewer.
    """

    scale: float | FloatArray
    df: float | FloatArray


def fit_variance_prior(variances: FloatArray, df: FloatArray, covariate: FloatArray | None = None) -> VariancePrior:
    """Moments of the log variances.

    Parameters
    ----------
    variances, df : ndarray, shape (genes,)
        Residual variances and their degrees of freedom. Genes without either do not count.
    covariate : ndarray, shape (genes,), optional
        Mean expression without missing values, for a prior variance that follows it along a natural cubic spline.

    Returns
    -------
    VariancePrior

    Raises
    ------
    OmicsInputError
        No gene has a variance.

    Notes
    -----
    Matches ``limma::fitFDist``. Smyth, Stat Appl Genet Mol Biol 2004; 3: 3. With e = log s^2 - digamma(df/2) +
    log(df/2), the spread of e beyond mean trigamma(df/2) is trigamma(d0/2).
    """
    usable = usable_variances(variances, df)
    count = int(usable.sum())
    if count == 1:
        return VariancePrior(float(variances[usable][0]), 0.0)
    s2, half = lifted(variances[usable]), df[usable] / 2
    e = np.log(s2) - special.digamma(half) + np.log(half)
    columns = 1 + (count >= 3) + (count >= 6) + (count >= 30)
    columns = 1 if covariate is None else min(columns, len(np.unique(covariate[usable])))
    mean: float | FloatArray
    if covariate is None or columns < 2:
        mean, spread = float(e.mean()), float(e.var(ddof=1))
    else:
        mean, spread = _trend(e, covariate, usable, columns)
    between = spread - float(special.polygamma(1, half).mean())
    if between > 0:
        d0 = 2 * trigamma_inverse(between)
        return VariancePrior(np.exp(mean + special.digamma(d0 / 2) - np.log(d0 / 2)), d0)
    return VariancePrior(float(s2.mean()) if isinstance(mean, float) else np.exp(mean), np.inf)


def _trend(e: FloatArray, covariate: FloatArray, usable: BoolArray, columns: int) -> tuple[FloatArray, float]:
    """Fitted values for all genes, and the residual variance."""
    knots = spline_knots(covariate[usable], columns)
    basis = natural_spline(covariate, knots)
    fitted, *_ = np.linalg.lstsq(basis[usable], e, rcond=None)
    mean = basis @ fitted
    return mean, float(((e - mean[usable]) ** 2).sum() / (len(e) - columns))


def usable_variances(variances: FloatArray, df: FloatArray) -> BoolArray:
    """Genes that have a variance; refused where none has."""
    usable: BoolArray = (df > 0) & np.isfinite(variances)
    if not usable.any():
        raise OmicsInputError("No gene has a residual variance to learn from.")
    return usable


def lifted(variances: FloatArray) -> FloatArray:
    """Variances of 0, or nearly, raised to a hundred-thousandth of the median, so that they have a logarithm."""
    median = float(np.median(variances))
    raised: FloatArray = np.maximum(variances, 1e-5 * (median or 1.0))
    return raised


def squeezed(variances: FloatArray, df: FloatArray, prior: VariancePrior) -> FloatArray:
    """Posterior variances: each gene's own and the prior, weighted by their degrees of freedom."""
    d0 = np.broadcast_to(prior.df, variances.shape)
    own = np.where(df > 0, variances, 0.0)
    finite = np.isfinite(d0)
    weight = np.where(finite, d0, 1.0)
    scale = np.broadcast_to(prior.scale, variances.shape)
    total = df + weight
    mixed = np.divide(df * own + weight * scale, total, out=np.full(variances.shape, np.nan), where=total > 0)
    posterior: FloatArray = np.where(finite, mixed, scale)
    return posterior
