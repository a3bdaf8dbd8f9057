"""Transitions and transversions."""

from dataclasses import dataclass

import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import Mutations

CLASSES = ("C>A", "C>G", "C>T", "T>C", "T>A", "T>G")
TRANSITIONS = ["T>C", "C>T"]
TRANSVERSIONS = ["C>A", "C>G", "T>A", "T>G"]
# A substitution is named by the pyrimidine of its base pair.
FOLDED = {
    "A>G": "T>C",
    "T>C": "T>C",
    "C>T": "C>T",
    "G>A": "C>T",
    "A>T": "T>A",
    "T>A": "T>A",
    "A>C": "T>G",
    "T>G": "T>G",
    "C>A": "C>A",
    "G>T": "C>A",
    "C>G": "C>G",
    "G>C": "C>G",
}


@dataclass(frozen=True)
class TiTv:
    """Samples with a substitution in rows: counts and percentages of the six classes, and of Ti and Tv."""

    counts: pd.DataFrame
    percentages: pd.DataFrame
    ti_tv: pd.DataFrame


def transitions_transversions(cohort: Mutations, *, use_silent: bool = False) -> TiTv:
    """The six classes of single-base substitutions per sample, folded to the pyrimidine.

    Parameters
    ----------
    use_silent : bool
        Whether silent variants count too (maftools ``useSyn``).

    Raises
    ------
    OmicsInputError
        No single-base substitution is there.

    Notes
    -----
    As ``titv`` of maftools.
    """
    variants = cohort.variants if use_silent else cohort.non_silent
    single = variants[variants["Variant_Type"] == "SNP"]
    change = (single["Reference_Allele"] + ">" + single["Tumor_Seq_Allele2"]).str.upper().map(FOLDED)
    known = change.notna()
    if not known.any():
        raise OmicsInputError("No variant is a single-base substitution: Variant_Type has no SNP with two bases.")
    table = pd.crosstab(single["Tumor_Sample_Barcode"][known], change[known])
    counts = table.reindex(columns=CLASSES, fill_value=0).rename_axis(index=None, columns=None)
    percentages = counts.div(counts.sum(axis=1), axis=0) * 100
    ti_tv = pd.DataFrame({"Ti": percentages[TRANSITIONS].sum(axis=1), "Tv": percentages[TRANSVERSIONS].sum(axis=1)})
    return TiTv(counts, percentages, ti_tv)
