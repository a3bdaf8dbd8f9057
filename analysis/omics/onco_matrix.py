"""The waterfall of mutations: which gene is hit how in which sample, and in which order both are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import Mutations
from analysis.omics.maf_summary import genes_by_mutated_samples

MULTI_HIT = "Multi_Hit"


@dataclass(frozen=True)
class OncoMatrix:
    """Genes in rows from the most mutated on, samples in the order of the waterfall; a cell is a class or blank.

    Only samples with a hit in one of the genes are columns; ``altered`` of ``samples`` in all.
    """

    hits: pd.DataFrame
    altered: int
    samples: int

    @property
    def share_altered(self) -> float:
        """Samples with a hit in one of the genes, of all samples."""
        return self.altered / self.samples


def onco_matrix(cohort: Mutations, *, genes: Sequence[str] | None = None, top: int = 10) -> OncoMatrix:
    """Matrix of the named genes, or of the ``top`` most mutated ones.

    Raises
    ------
    OmicsInputError
        None of the named genes is mutated, or one is named twice.

    Notes
    -----
    As ``createOncoMatrix`` and the sorting of maftools: one variant shows its class, two or more of any class show
    "Multi_Hit". Genes go by mutated samples, samples lexicographically by who has a hit, gene after gene.
    """
    ranked = genes_by_mutated_samples(cohort).index
    chosen = ranked[:top] if genes is None else ranked[ranked.isin(_distinct(genes))]
    variants = cohort.non_silent
    variants = variants[variants["Hugo_Symbol"].isin(chosen)]
    if variants.empty:
        raise OmicsInputError("No sample has a non-silent variant in one of the genes.")
    grouped = variants.groupby(["Hugo_Symbol", "Tumor_Sample_Barcode"])["Variant_Classification"]
    cells = grouped.agg(lambda classes: classes.iloc[0] if len(classes) == 1 else MULTI_HIT)
    hits = cells.unstack(fill_value="").reindex(chosen).rename_axis(index=None, columns=None)
    ordered = hits.iloc[:, waterfall_order(hits != "")]
    return OncoMatrix(ordered, altered=ordered.shape[1], samples=len(cohort.samples))


def waterfall_order(hit: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions of the columns sorted by their rows, hits first, row after row; ties keep their order.

    Parameters
    ----------
    hit : DataFrame of bool, genes x samples
    """
    misses = ~hit.to_numpy(dtype=bool)
    # The last key of lexsort is the first that counts.
    return np.lexsort(misses[::-1]).astype(np.int64)


def _distinct(genes: Sequence[str]) -> list[str]:
    twice = pd.Index(genes)[pd.Index(genes).duplicated()]
    if len(twice):
        raise OmicsInputError(f"The gene {twice[0]} is named twice.")
    return list(genes)
