"""The table of differential expression that a moderated fit gives."""

from dataclasses import dataclass

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.omics.moderated import ModeratedFit
from analysis.omics.tails import t_beyond
from analysis.stats.arrays import FloatArray
from analysis.stats.multiplicity import benjamini_hochberg


@dataclass(frozen=True)
class TopTable:
    """One row a gene, in the order of the matrix; every array has the shape (genes,).

    ``log_fold_change`` and its limits are in the unit of the matrix (log2).
    """

    genes: tuple[str, ...]
    log_fold_change: FloatArray
    lower: FloatArray
    upper: FloatArray
    mean_expression: FloatArray
    t: FloatArray
    p: FloatArray
    adjusted_p: FloatArray
    log_odds: FloatArray


def top_table(moderated: ModeratedFit, coefficient: str, *, conf_level: float = 0.95) -> TopTable:
    """Fold changes of one coefficient, with Benjamini and Hochberg's adjustment over all genes that have a p.

    Raises
    ------
    OmicsInputError
        A coefficient that the fit does not have, or a level of confidence outside 0 to 1.

    Notes
    -----
    Matches ``limma::topTable(number=Inf, sort.by="none", confint=TRUE)``.
    """
    fit = moderated.fit
    if coefficient not in fit.columns:
        raise OmicsInputError(f"The fit has no coefficient {coefficient}; it has {', '.join(fit.columns)}.")
    if not 0 < conf_level < 1:
        raise OmicsInputError(f"The confidence level lies between 0 and 1, not {conf_level:g}.")
    j = fit.columns.index(coefficient)
    change = fit.coefficients[:, j]
    tail = np.array([(1 - conf_level) / 2])
    quantiles = {df: float(t_beyond(tail, df)[0]) for df in np.unique(moderated.df_total).tolist()}
    reach = np.array([quantiles[df] for df in moderated.df_total.tolist()])
    margin = reach * fit.unscaled_sd[:, j] * np.sqrt(moderated.posterior_variance)
    return TopTable(
        genes=fit.genes,
        log_fold_change=change,
        lower=change - margin,
        upper=change + margin,
        mean_expression=fit.mean_expression,
        t=moderated.t[:, j],
        p=moderated.p[:, j],
        adjusted_p=benjamini_hochberg(moderated.p[:, j]),
        log_odds=moderated.log_odds[:, j],
    )
