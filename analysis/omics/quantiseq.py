"""quanTIseq: shares of ten immune cell types and of all other cells."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.matrices import (
    LARGEST_LOGARITHM,
    Provenance,
    expression,
    input_hash,
    merged,
    not_negative,
    one_row_a_gene,
)
from analysis.omics.quantile_normalization import same_distribution
from analysis.omics.shares import shares
from analysis.stats.arrays import FloatArray

VERSION = "1"
OTHER = "Other"
TREGS, CD4 = "Tregs", "T.cells.CD4"
FEWEST_TREGS = 0.02
# Genes of the TIL10 signature that have had other symbols.
NEW_SYMBOLS = {"SQRDL": "SQOR", "FAM179A": "TOGARAM2", "BZRAP1": "TSPOAP1", "ADRBK2": "GRK3"}


@dataclass(frozen=True)
class QuantiseqShares:
    """Samples x cell types, with a last column ``Other``; each row adds up to 1."""

    shares: pd.DataFrame
    provenance: Provenance


def quantiseq(
    table: pd.DataFrame,
    signature: pd.DataFrame,
    *,
    mrna: Mapping[str, float] | None = None,
    without: Collection[str] = (),
    arrays: bool = False,
    new_symbols: Mapping[str, str] = NEW_SYMBOLS,
    known_symbols: Collection[str] | None = None,
) -> QuantiseqShares:
    """Shares of the signature's cell types in each sample.

    Parameters
    ----------
    table : DataFrame, genes x samples
        Linear TPM with gene symbols; a table whose largest value is below 50 is taken as log2 and undone.
    signature : DataFrame, genes x cell types
        Such as TIL10.
    mrna : mapping, optional
        mRNA content of a cell by type, which turns shares of RNA into shares of cells; all alike without it.
    without : collection of str
        Genes left out of the signature: those noisy in RNA sequencing, and those that tumours express by themselves.
    arrays : bool
        Whether the values are of microarrays, which are quantile normalised.
    new_symbols : mapping
        Symbol to put in place of an old one.
    known_symbols : collection of str, optional
        Approved symbols; genes without one are dropped before scaling.

    Raises
    ------
    OmicsInputError
        Values are not finite or negative, the mRNA content of a type is missing, or too few genes are shared.

    Notes
    -----
    Rows of one gene become their median, columns are scaled to a million, and least squares with shares of 0 or more
    that add up to at most 1 are solved. Where regulatory T cells get less than 0.02 they are averaged with a fit
    without CD4 T cells, which give up as much. Finotello et al., Genome Med 2019; 11: 34.
    """
    profiles = one_row_a_gene(expression(signature, what="The signature"), what="The signature")
    content = _content(profiles.columns, mrna)
    bulk, antilog = _prepared(table, new_symbols, known_symbols, arrays=arrays)
    shared = [gene for gene in profiles.index if gene in bulk.index and gene not in set(without)]
    if len(shared) <= profiles.shape[1]:
        raise OmicsInputError(
            f"Only {len(shared)} genes of the signature are in the expression: gene symbols are wanted."
        )
    used = bulk.loc[shared]
    found = _shares(profiles.loc[shared], content, used)
    if {TREGS, CD4} <= set(profiles.columns):
        again = _shares(profiles.loc[shared].drop(columns=CD4), content.drop(CD4), used)
        few = found[TREGS] < FEWEST_TREGS
        found.loc[few, TREGS] = (found[TREGS] + again[TREGS])[few] / 2
        found.loc[few, CD4] = (found[CD4] - (found[TREGS] + again[TREGS]) / 2)[few].clip(lower=0)
    return QuantiseqShares(
        found.div(found.sum(axis=1), axis=0),
        Provenance(
            "quanTIseq",
            VERSION,
            len(shared),
            len(profiles) - len(set(without) & set(profiles.index)),
            input_hash(used),
            {
                "arrays": arrays,
                "antilog": antilog,
                "mrna_scaling": mrna is not None,
                "genes_left_out": len(set(without)),
            },
        ),
    )


def _content(types: pd.Index, mrna: Mapping[str, float] | None) -> pd.Series:
    if mrna is None:
        return pd.Series(1.0, index=types)
    lacking = [name for name in types if not mrna.get(name, 0) > 0]
    if lacking:
        raise OmicsInputError(f"The mRNA content of {lacking[0]} is missing or not above 0.")
    return pd.Series({name: float(mrna[name]) for name in types})


def _prepared(
    table: pd.DataFrame, new_symbols: Mapping[str, str], known_symbols: Collection[str] | None, *, arrays: bool
) -> tuple[pd.DataFrame, bool]:
    bulk = not_negative(expression(table)).rename(index=dict(new_symbols))
    if known_symbols is not None:
        bulk = bulk[bulk.index.isin(set(known_symbols))]
        if bulk.empty:
            raise OmicsInputError("The expression has none of the known symbols.")
    bulk = merged(bulk, "median")
    antilog = float(bulk.to_numpy().max()) < LARGEST_LOGARITHM
    if antilog:
        bulk = 2.0**bulk
    if arrays:
        bulk = pd.DataFrame(same_distribution(bulk.to_numpy()), index=bulk.index, columns=bulk.columns)
    totals = bulk.sum()
    if not totals.min() > 0:
        raise OmicsInputError(f"The sample {totals.idxmin()} has no expression at all.")
    return bulk / totals * 1e6, antilog


def _shares(profiles: pd.DataFrame, content: pd.Series, bulk: pd.DataFrame) -> pd.DataFrame:
    rows = [_of_cells(shares(profiles.to_numpy(), bulk[sample].to_numpy()), content.to_numpy()) for sample in bulk]
    found = pd.DataFrame(rows, index=bulk.columns, columns=profiles.columns)
    found[OTHER] = (1 - found.sum(axis=1)).clip(lower=0)
    return found


def _of_cells(of_rna: FloatArray, content: FloatArray) -> FloatArray:
    """Shares of cells with the same sum as the shares of RNA."""
    if not of_rna.sum() > 0:
        return of_rna
    per_cell: FloatArray = of_rna / content
    scaled: FloatArray = per_cell / per_cell.sum() * of_rna.sum()
    return scaled
