"""Which genes are mutated more often in one group of patients than in another."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import Mutations
from analysis.stats.fisher import fisher_exact
from analysis.stats.multiplicity import benjamini_hochberg

LEAST_MUTATED = 5


def mutated_by_group(
    cohort: Mutations,
    case: Collection[str],
    control: Collection[str],
    *,
    genes: Collection[str] | None = None,
    least: int = LEAST_MUTATED,
) -> pd.DataFrame:
    """Fisher's exact test of each gene between two groups of samples.

    Parameters
    ----------
    case, control : collection of str
        Samples of the cohort. One with silent variants only counts as not mutated.
    genes : collection of str, optional
        These genes only; the others are not counted in q.
    least : int
        A gene is tested if so many samples of both groups together are mutated. The number is one of the margins, given
        which the test is exact, so that what it leaves out says nothing about the groups.

    Returns
    -------
    DataFrame
        A row a gene, the smallest p first: ``gene``, ``mutated_case`` and ``mutated_control`` (samples with a
        non-silent variant), ``odds_ratio`` (case over control, conditional maximum likelihood) with its exact 95 %
        limits ``lower`` and ``upper``, two-sided ``p``, and ``q`` by Benjamini and Hochberg. Without rows where no gene
        has enough samples, and without a test (NaN) where every sample is mutated.

    Raises
    ------
    OmicsInputError
        An empty group, a sample in both, or a sample that the cohort does not have.

    Notes
    -----
    The test is that of ``mafCompare`` of maftools, which is ``stats::fisher.test`` of R; ``mafCompare`` asks for its
    ``minMut`` in one of the groups.
    Mayakonda et al., Genome Res 2018; 28: 1747-1756.
    """
    _check(cohort, case, control)
    variants = cohort.non_silent
    pairs = variants[["Hugo_Symbol", "Tumor_Sample_Barcode"]].drop_duplicates()
    counts = pd.DataFrame(
        {
            name: pairs.loc[pairs["Tumor_Sample_Barcode"].isin(set(group)), "Hugo_Symbol"].value_counts()
            for name, group in (("mutated_case", case), ("mutated_control", control))
        }
    )
    counts = counts.fillna(0).astype(np.int64)
    if genes is not None:
        counts = counts[counts.index.isin(set(genes))]
    rows = []
    for gene, a, b in counts[counts.sum(axis=1) >= least].itertuples(name=None):
        row = {"gene": gene, "mutated_case": a, "mutated_control": b}
        rows.append(row | _tested(a, len(case) - a, b, len(control) - b))
    table = pd.DataFrame(rows, columns=["gene", "mutated_case", "mutated_control", "odds_ratio", "lower", "upper", "p"])
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=np.float64))
    return table.sort_values(["p", "gene"], kind="stable", ignore_index=True)


def _tested(case: int, case_without: int, control: int, control_without: int) -> dict[str, float | None]:
    if not case_without + control_without:
        return dict.fromkeys(("odds_ratio", "lower", "upper", "p"), float("nan"))
    found = fisher_exact([[case, case_without], [control, control_without]])
    return {"odds_ratio": found.odds_ratio, "lower": found.low, "upper": found.high, "p": found.p}


def _check(cohort: Mutations, case: Collection[str], control: Collection[str]) -> None:
    both = sorted(set(case) & set(control))
    if both:
        raise OmicsInputError(f"The sample {both[0]} is in both groups.")
    unknown = sorted({*case, *control} - set(cohort.samples))
    if unknown:
        raise OmicsInputError(f"The sample {unknown[0]} is not among those of the mutations.")
    if not case or not control:
        raise OmicsInputError("A group without any sample with mutations cannot be compared.")
