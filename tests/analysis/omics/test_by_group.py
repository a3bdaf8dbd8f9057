"""Mutations and copy number between groups: tests against R, and how samples of two layers find each other."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.copies_by_group import copies_and_expression, copies_by_group
from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import REQUIRED, Mutations, mutations
from analysis.omics.mutated_by_group import mutated_by_group
from analysis.omics.patients import tumours_by_patient

CASE = [f"A{number}" for number in range(78)]
CONTROL = [f"B{number}" for number in range(77)]


def cohort(**mutated: tuple[int, int]) -> Mutations:
    """Every sample has a silent variant; of a gene so many samples of either group a missense one, the first twice."""
    rows = [("OTHER", "Silent", sample, 1) for sample in (*CASE, *CONTROL)]
    for start, (gene, (a, b)) in enumerate(mutated.items(), start=1):
        for sample in (*CASE[:a], *CONTROL[:b]):
            rows += [(gene, "Missense_Mutation", sample, 10 * start + place) for place in (1, 2)]
    cells = [(gene, "1", at, at, "A", "G", kind, "SNP", sample) for gene, kind, sample, at in rows]
    return mutations(pd.DataFrame(cells, columns=list(REQUIRED)))


def test_genes_are_compared_as_r_compares_them() -> None:
    """stats::fisher.test of R 4.2, which finds ratio and limits to some 1e-4 of them."""
    found = mutated_by_group(cohort(TP53=(30, 17), ALB=(7, 6), RARE=(2, 2)), CASE, CONTROL).set_index("gene")
    assert list(found.index) == ["TP53", "ALB"]
    assert found.loc["TP53", ["mutated_case", "mutated_control"]].tolist() == [30, 17]
    ours = found.loc["TP53", ["p", "odds_ratio", "lower", "upper"]].tolist()
    assert ours[0] == pytest.approx(0.0356663712879, rel=1e-9)
    assert ours[1:] == pytest.approx([2.1945287770758, 1.0320190708700, 4.7849439156214], rel=1e-3)
    assert found["q"].tolist() == pytest.approx([2 * 0.0356663712879, 1.0])


def test_a_gene_that_one_group_never_has_an_end_without_limit() -> None:
    table = cohort(ALL=(5, 2), NONE=(0, 6))
    found = mutated_by_group(table, CASE[:5], CONTROL[:42], genes=["ALL"]).iloc[0]
    assert (found["odds_ratio"], found["upper"]) == (np.inf, np.inf)
    assert found["lower"] == pytest.approx(9.30219688464, rel=1e-3)
    assert found["p"] == pytest.approx(1.36902445273e-05, rel=1e-9)
    other = mutated_by_group(table, CASE[:40], CONTROL[:37], genes=["NONE"]).iloc[0]
    assert (other["odds_ratio"], other["lower"]) == (0, 0)
    assert other["upper"] == pytest.approx(0.72337122272224, rel=1e-3)
    assert other["p"] == pytest.approx(0.00980533525595, rel=1e-9)


def test_a_gene_that_everybody_has_is_told_without_a_test() -> None:
    found = mutated_by_group(cohort(TTN=(5, 5)), CASE[:5], CONTROL[:5]).iloc[0]
    assert np.isnan(found["p"])
    assert np.isnan(found["q"])


def test_groups_that_make_no_sense_are_refused() -> None:
    table = cohort(TP53=(30, 17))
    with pytest.raises(OmicsInputError, match="A0 is in both groups"):
        mutated_by_group(table, CASE, [*CONTROL, "A0"])
    with pytest.raises(OmicsInputError, match="C1 is not among those of the mutations"):
        mutated_by_group(table, [*CASE, "C1"], CONTROL)
    with pytest.raises(OmicsInputError, match="A group without any sample"):
        mutated_by_group(table, [], CONTROL)


# R: wilcox.test of these two, exact.
HIGHER, LOWER, R_P = [5, 4, 0.2, -1, 0.5, 0.1, 2, 3, -0.3], [0.0, 0.3, 0.6, -2, -1.5, 1, -0.7], 0.141608391608


def test_copies_are_compared_by_rank_and_by_call() -> None:
    samples = [f"S{number}" for number in range(16)]
    values = pd.DataFrame([[*HIGHER, *LOWER], [0.0] * 16], index=["MYC", "FLAT"], columns=samples)
    calls = pd.DataFrame([[1, 1, *[0] * 7, *[-1] * 7], [0] * 16], index=values.index, columns=samples)
    found = copies_by_group(values, calls, samples[:9], samples[9:]).set_index("gene")
    assert found.loc["MYC", "p"] == pytest.approx(R_P)
    assert found.loc["MYC", ["median_case", "median_control"]].tolist() == [0.5, 0.0]
    assert found.loc["MYC", ["gained_case", "gained_control"]].tolist() == [2 / 9, 0]
    assert found.loc["MYC", ["lost_case", "lost_control"]].tolist() == [0, 1]
    # All seven against none of nine: one of 16 over 7 tables.
    assert found.loc["MYC", "p_lost"] == pytest.approx(1 / 11440)
    # The other gene has no test, and does not count.
    assert found.loc["MYC", "q_lost"] == found.loc["MYC", "p_lost"]
    assert found.loc["FLAT", ["p", "p_gained", "q_lost"]].isna().all()
    with pytest.raises(OmicsInputError, match="S0 has no copy number"):
        copies_by_group(values.drop(columns="S0"), calls, samples[:9], samples[9:])


def test_copies_go_with_the_expression_of_the_same_gene() -> None:
    samples = list("abcde")
    copies = pd.DataFrame([[1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [5, 4, 3, 2, 1]], list("xyz"), samples, dtype=float)
    expression = pd.DataFrame([[2, 1, 4, 3, 5], [1, 2, 3, 4, 5], [1, 2, 3, np.nan, 4]], list("xyz"), samples)
    found = copies_and_expression(copies, expression)
    assert list(found["gene"]) == ["z", "x", "y"]
    assert found["rho"].tolist()[:2] == pytest.approx([-1, 0.8])
    assert found["n"].tolist() == [4, 5, 5]
    assert np.isnan(found["rho"].iloc[2])
    with pytest.raises(OmicsInputError, match="same genes and samples"):
        copies_and_expression(copies, expression[samples[::-1]])


def test_samples_find_each_other_by_patient() -> None:
    """No normal tissue; of two tumours the primary one; names that are no barcode are themselves the patient."""
    samples = ["TCGA-AA-0001-02A-11R", "TCGA-AA-0001-01A-11R", "TCGA-AA-0002-11A-11R", "TCGA-AA-0003", "S1", "S10"]
    assert tumours_by_patient(samples) == {
        "S1": "S1",
        "S10": "S10",
        "TCGA-AA-0001": "TCGA-AA-0001-01A-11R",
        "TCGA-AA-0003": "TCGA-AA-0003",
    }
