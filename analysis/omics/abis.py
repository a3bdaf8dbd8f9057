"""ABIS: absolute shares of 17 blood cell types by robust regression on a signature."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import Provenance, expression, input_hash, linear, one_row_a_gene
from analysis.stats.arrays import FloatArray

VERSION = "1"
HUBER_K = 1.345
# The median absolute deviation of a standard normal distribution, as MASS rounds it.
MAD_OF_NORMAL = 0.6745
ACCURACY = 1e-4
MOST_STEPS = 100


@dataclass(frozen=True)
class AbisShares:
    """Cell types x samples in percent; negative values are possible. ``unsettled`` samples did not converge."""

    shares: pd.DataFrame
    unsettled: tuple[str, ...]
    provenance: Provenance


def abis(table: pd.DataFrame, signature: pd.DataFrame, *, allow_negative: bool = False) -> AbisShares:
    """Shares of the cell types of the signature.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Linear TPM, gene symbols as in the signature.
    signature : DataFrame, genes x cell types
        Linear expression of pure cells, supplied by the user.
    allow_negative : bool
        Whether values below 0, which no TPM has, are taken as they are.

    Raises
    ------
    OmicsInputError
        Values are not finite, negative or logarithms, a gene has two rows, fewer genes are shared than there are cell
        types, or one type is a sum of others.

    Notes
    -----
    Huber's M-estimator from a least-squares start, the scale by the median absolute residual, no intercept: what
    ``MASS::rlm(maxit = 100)`` does. The original rounds to three significant digits. Monaco et al., Cell Rep 2019; 26:
    1627-1640.
    """
    profiles = one_row_a_gene(expression(signature, what="The signature"), what="The signature")
    bulk = expression(table) if allow_negative else linear(expression(table))
    shared = profiles.index.intersection(bulk.index)
    if len(shared) <= profiles.shape[1]:
        raise OmicsInputError(
            f"Only {len(shared)} genes of the signature are in the expression: gene symbols are wanted."
        )
    used = one_row_a_gene(bulk[bulk.index.isin(shared)]).loc[shared]
    design = profiles.loc[shared].to_numpy()
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise OmicsInputError("A cell type of the signature is a sum of others in the genes of the expression.")
    fits = {sample: huber_regression(design, used[sample].to_numpy()) for sample in used}
    return AbisShares(
        pd.DataFrame(
            {sample: 100 * coefficients for sample, (coefficients, _) in fits.items()}, index=profiles.columns
        ),
        tuple(sample for sample, (_, settled) in fits.items() if not settled),
        Provenance("ABIS", VERSION, len(shared), len(profiles), input_hash(used), {"allow_negative": allow_negative}),
    )


def huber_regression(x: FloatArray, y: FloatArray) -> tuple[FloatArray, bool]:
    """Coefficients without an intercept, and whether they settled.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    y : ndarray, shape (n,)

    Notes
    -----
    ``MASS::rlm`` with ``psi.huber``, k = 1.345: iterated weights until the residuals change by no more than 1e-4 of
    their length.
    """
    coefficients = _weighted(x, y, np.ones(len(y)))
    residuals = y - x @ coefficients
    for _ in range(MOST_STEPS):
        scale = np.median(np.abs(residuals)) / MAD_OF_NORMAL
        if scale == 0:
            return coefficients, True
        size = np.abs(residuals) / scale
        coefficients = _weighted(x, y, HUBER_K / np.maximum(size, HUBER_K))
        before, residuals = residuals, y - x @ coefficients
        change = np.sqrt(((before - residuals) ** 2).sum() / max(1e-20, (before**2).sum()))
        if change <= ACCURACY:
            return coefficients, True
    return coefficients, False


def _weighted(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted least squares; the second solution adds the digits that the normal equations lose."""
    weighted = x.T * weights
    gram = weighted @ x
    first = np.linalg.solve(gram, weighted @ y)
    found: FloatArray = first + np.linalg.solve(gram, weighted @ (y - x @ first))
    return found
