"""ComBat: batches of expression brought to one location and scale by empirical Bayes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import expression
from analysis.stats.arrays import BoolArray, FloatArray

CONVERGED = 1e-4
MOST_STEPS = 10_000


def combat(table: pd.DataFrame, batches: Sequence[str]) -> pd.DataFrame:
    """The table without the differences between batches, on its own scale.

    Parameters
    ----------
    table : DataFrame, genes x samples
    batches : sequence of str, one a sample
        At least two batches of at least two samples.

    Raises
    ------
    OmicsInputError
        Values are not finite, there is one batch only, or a batch has a single sample, whose variance is unknown.

    Notes
    -----
    Parametric priors, no covariates: ``sva::ComBat``. Genes that are constant within a batch stay as they are.
    Johnson et al., Biostatistics 2007; 8: 118-127.
    """
    values = expression(table).to_numpy()
    if len(batches) != values.shape[1]:
        raise OmicsInputError(f"There are {len(batches)} batches given for {values.shape[1]} samples.")
    members = [np.array([own == name for own in batches]) for name in dict.fromkeys(batches)]
    if len(members) < 2:
        raise OmicsInputError("There is only one batch: nothing to compare it with.")
    for name, own in zip(dict.fromkeys(batches), members, strict=True):
        if own.sum() < 2:
            raise OmicsInputError(f"The batch {name} has a single sample, whose variance is unknown.")
    varies = np.all([np.ptp(values[:, own], axis=1) > 0 for own in members], axis=0)
    if not varies.any():
        raise OmicsInputError("Every gene is constant within some batch.")
    found = values.copy()
    found[varies] = _adjusted(values[varies], members)
    return pd.DataFrame(found, index=table.index, columns=table.columns)


def _adjusted(values: FloatArray, members: Sequence[BoolArray]) -> FloatArray:
    means = np.column_stack([values[:, own].mean(axis=1) for own in members])
    sizes = np.array([own.sum() for own in members])
    grand = means @ sizes / sizes.sum()
    residuals = values.copy()
    for place, own in enumerate(members):
        residuals[:, own] -= means[:, [place]]
    pooled = np.sqrt((residuals**2).mean(axis=1))
    standardised = (values - grand[:, None]) / pooled[:, None]
    for own in members:
        gamma, delta = _shrunken(standardised[:, own])
        standardised[:, own] = (standardised[:, own] - gamma[:, None]) / np.sqrt(delta)[:, None]
    back: FloatArray = standardised * pooled[:, None] + grand[:, None]
    return back


def _shrunken(batch: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Location and scale of each gene in a batch, drawn to those of all genes; each of shape (genes,)."""
    n = batch.shape[1]
    gamma_hat, delta_hat = batch.mean(axis=1), batch.var(axis=1, ddof=1)
    if len(batch) < 2:
        return gamma_hat, delta_hat
    gamma_bar, t2 = gamma_hat.mean(), gamma_hat.var(ddof=1)
    m, s2 = delta_hat.mean(), delta_hat.var(ddof=1)
    a, b = (2 * s2 + m**2) / s2, (m * s2 + m**3) / s2
    gamma, delta = gamma_hat, delta_hat
    for _ in range(MOST_STEPS):
        before = gamma, delta
        gamma = (n * t2 * gamma_hat + delta * gamma_bar) / (n * t2 + delta)
        squares = ((batch - gamma[:, None]) ** 2).sum(axis=1)
        delta = (b + squares / 2) / (n / 2 + a - 1)
        # A change is divided by the value before with its sign, as in the original, so negative locations never delay.
        change = max(np.max(np.abs(new - old) / old) for new, old in zip((gamma, delta), before, strict=True))
        if change <= CONVERGED:
            return gamma, delta
    raise OmicsInputError("The prior of a batch did not settle: its genes have values of very different size.")
