"""TIMER: abundance scores of six immune cell types in the tumours of one cancer type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.combat import combat
from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import Provenance, expression, input_hash, linear, merged
from analysis.stats.arrays import FloatArray

VERSION = "1"
HIGHEST = 5
# Its profile is too close to that of CD8 T cells.
LEFT_OUT = ("NK",)


@dataclass(frozen=True)
class TimerScores:
    """Samples x cell types: scores to compare between samples of this cohort, not between cell types.

    ``outliers`` are the genes that were among a tumour's highest. ``tumours`` and ``profiles`` are the cohort and the
    reference after the batch correction, on which the scores rest.
    """

    scores: pd.DataFrame
    outliers: tuple[str, ...]
    tumours: pd.DataFrame
    profiles: pd.DataFrame
    provenance: Provenance


def timer(
    table: pd.DataFrame, reference: pd.DataFrame, types: Mapping[str, str], markers: Sequence[str]
) -> TimerScores:
    """Scores of each tumour.

    Parameters
    ----------
    table : DataFrame, genes x tumours
        Linear TPM or RSEM of one cancer type; a row's name counts up to its first "|".
    reference : DataFrame, genes x purified samples
        Expression of sorted immune cells, supplied by the user.
    types : mapping
        Cell type of each purified sample.
    markers : sequence of str
        Genes informative of immune cells in this cancer type.

    Raises
    ------
    OmicsInputError
        Values are not finite, negative or logarithms, there is one tumour only, a purified sample has no type, or too
        few markers are there.

    Notes
    -----
    The five highest genes of each tumour are left out, tumours and reference are brought together by ComBat, and the
    medians of the cell types fitted by least squares, the most negative coefficient being dropped until all are above
    0. Scores depend on the cohort. Li et al., Genome Biol 2016; 17: 174.
    """
    tumours = linear(expression(table))
    if tumours.shape[1] < 2:
        raise OmicsInputError("TIMER needs at least two tumours: the variance of a single one is unknown.")
    tumours = merged(tumours.set_axis(tumours.index.str.partition("|").get_level_values(0), axis=0), "max")
    pure = merged(expression(reference, what="The reference"), "max")
    lacking = [sample for sample in pure if sample not in types]
    if lacking:
        raise OmicsInputError(f"The purified sample {lacking[0]} has no cell type.")
    outliers = highest_genes(tumours)
    shared = [gene for gene in tumours.index if gene in set(pure.index) - set(outliers)]
    if not shared:
        raise OmicsInputError("The expression shares no gene with the reference: gene symbols are wanted.")
    corrected = _together(tumours.loc[shared], pure.loc[shared])
    corrected_tumours, corrected_pure = corrected.iloc[:, : tumours.shape[1]], corrected.iloc[:, tumours.shape[1] :]
    profiles = _medians(corrected_pure.set_axis(pure.columns, axis=1), types)
    kept = [gene for gene in dict.fromkeys(markers) if gene in profiles.index]
    fitted = profiles.loc[kept].drop(columns=[name for name in LEFT_OUT if name in profiles])
    if len(kept) <= fitted.shape[1]:
        raise OmicsInputError(
            f"Only {len(kept)} of the {len(markers)} markers are in the expression and the reference."
        )
    scores = [
        positive_coefficients(fitted.to_numpy(), corrected_tumours.loc[kept, name].to_numpy()) for name in tumours
    ]
    return TimerScores(
        pd.DataFrame(scores, index=tumours.columns, columns=fitted.columns),
        outliers,
        corrected_tumours,
        profiles,
        Provenance(
            "TIMER",
            VERSION,
            len(kept),
            len(set(markers)),
            input_hash(tumours),
            {"genes_shared": len(shared), "outliers": len(outliers), "tumours": tumours.shape[1]},
        ),
    )


def highest_genes(tumours: pd.DataFrame) -> tuple[str, ...]:
    """The genes that are among the five highest of any tumour, in the order of the table."""
    order = np.argsort(-tumours.to_numpy(), axis=0, kind="stable")[:HIGHEST]
    return tuple(tumours.index[np.unique(order)])


def positive_coefficients(x: FloatArray, y: FloatArray) -> FloatArray:
    """Least squares without intercept, the smallest coefficient dropped (0) while any is not above 0; shape (p,)."""
    kept = np.arange(x.shape[1])
    found = np.zeros(x.shape[1])
    while kept.size:
        coefficients = np.linalg.lstsq(x[:, kept], y, rcond=None)[0]
        if (coefficients > 0).all():
            found[kept] = coefficients
            break
        kept = kept[np.arange(kept.size) != coefficients.argmin()]
    return found


def _together(tumours: pd.DataFrame, pure: pd.DataFrame) -> pd.DataFrame:
    """Both after the batch correction; a name may be in both."""
    both = pd.concat([tumours.add_prefix("tumour "), pure.add_prefix("pure ")], axis=1)
    corrected = combat(both, ["tumour"] * tumours.shape[1] + ["pure"] * pure.shape[1])
    return corrected.set_axis([*tumours.columns, *corrected.columns[tumours.shape[1] :]], axis=1)


def _medians(pure: pd.DataFrame, types: Mapping[str, str]) -> pd.DataFrame:
    order = list(dict.fromkeys(types[sample] for sample in pure))
    return pd.DataFrame({name: pure[[own for own in pure if types[own] == name]].median(axis=1) for name in order})
