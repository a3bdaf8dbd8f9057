"""What a cohort's mutations are: totals by class, tables by sample and by gene, types, and burden."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import Mutations

CAPTURE_MEGABASES = 50.0


@dataclass(frozen=True)
class MafSummary:
    """Numbers of one cohort.

    ``classes`` has one row a non-silent class and a last row ``total`` with the columns total, mean and median (per
    sample, over all samples). ``by_sample`` and ``types_by_sample`` have all samples in rows, ``by_gene`` the genes
    with a non-silent variant; each with a column ``total``, ``by_gene`` also with ``MutatedSamples``. All are sorted
    from the most mutated on.
    """

    builds: tuple[str, ...]
    centers: tuple[str, ...]
    samples: int
    genes: int
    silent: int
    classes: pd.DataFrame
    by_sample: pd.DataFrame
    types_by_sample: pd.DataFrame
    by_gene: pd.DataFrame


def summary(cohort: Mutations) -> MafSummary:
    """Summary of the non-silent variants.

    Raises
    ------
    OmicsInputError
        No variant changes a protein.

    Notes
    -----
    As ``summary`` of a maftools MAF. Means and medians are over all samples; early releases of maftools divided by
    the samples with a non-silent variant.
    """
    variants = cohort.non_silent
    if variants.empty:
        raise OmicsInputError(
            "No variant of the cohort changes a protein: Variant_Classification has silent ones only."
        )
    by_sample = _per_sample(variants, "Variant_Classification", cohort.samples)
    by_gene = genes_by_mutated_samples(cohort)
    classes = pd.DataFrame({"total": by_sample.sum(), "mean": by_sample.mean(), "median": by_sample.median()})
    return MafSummary(
        builds=_distinct(cohort, "NCBI_Build"),
        centers=_distinct(cohort, "Center"),
        samples=len(cohort.samples),
        genes=len(by_gene),
        silent=len(cohort.silent),
        classes=classes,
        by_sample=by_sample,
        types_by_sample=_per_sample(variants, "Variant_Type", cohort.samples),
        by_gene=by_gene,
    )


def genes_by_mutated_samples(cohort: Mutations) -> pd.DataFrame:
    """Non-silent variants of each gene by class, ``total``, and the distinct samples, ``MutatedSamples``.

    Sorted by mutated samples, then by variants, both descending, then by name.
    """
    variants = cohort.non_silent
    table = pd.crosstab(variants["Hugo_Symbol"], variants["Variant_Classification"])
    table["total"] = table.sum(axis=1)
    table["MutatedSamples"] = variants.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].nunique()
    return _plain(table).sort_values(["MutatedSamples", "total"], ascending=False, kind="stable")


def shares_mutated(cohort: Mutations) -> pd.Series:
    """Share of all samples with a non-silent variant, by gene, descending."""
    mutated = genes_by_mutated_samples(cohort)["MutatedSamples"]
    return (mutated / len(cohort.samples)).rename("share")


def mutational_burden(cohort: Mutations, *, capture_megabases: float = CAPTURE_MEGABASES) -> pd.DataFrame:
    """Tumour mutational burden: non-silent variants in all, per megabase of the captured exome, and its log10.

    All samples in rows, ascending; a sample with silent variants only has a burden of 0 and no logarithm (NaN).
    Columns ``total``, ``per_megabase``, ``log10_per_megabase``.

    Raises
    ------
    OmicsInputError
        A captured size that is not above 0.
    """
    if not capture_megabases > 0:
        raise OmicsInputError("The captured exome has a size above 0 megabases.")
    counts = cohort.non_silent["Tumor_Sample_Barcode"].value_counts()
    total = counts.reindex(cohort.samples, fill_value=0).sort_values(kind="stable")
    burden = total / capture_megabases
    return pd.DataFrame(
        {"total": total, "per_megabase": burden, "log10_per_megabase": np.log10(burden.where(total > 0))}
    )


def _per_sample(variants: pd.DataFrame, column: str, samples: tuple[str, ...]) -> pd.DataFrame:
    table = pd.crosstab(variants["Tumor_Sample_Barcode"], variants[column]).reindex(samples, fill_value=0)
    table["total"] = table.sum(axis=1)
    return _plain(table).sort_values("total", ascending=False, kind="stable")


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Without the names that a cross table gives to its axes."""
    return table.rename_axis(index=None, columns=None)


def _distinct(cohort: Mutations, column: str) -> tuple[str, ...]:
    if column not in cohort.variants:
        return ()
    return tuple(value for value in cohort.variants[column].unique() if value)
