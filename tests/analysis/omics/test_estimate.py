"""ESTIMATE by hand, on input it cannot use, and on real liver cancers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.omics.errors import OmicsInputError
from analysis.omics.estimate import EstimateScores, estimate
from analysis.stats.correlation import spearman
from tests.parity.omics.cases import vectors
from tests.parity.omics.reading import gene_sets, names

GENES = list("ABCDEF")


def expression() -> pd.DataFrame:
    return pd.DataFrame({"s1": [6.0, 5, 4, 3, 2, 1], "s2": [1.0, 2, 3, 4, 5, 6]}, index=GENES)


def scored(table: pd.DataFrame, **wishes: object) -> EstimateScores:
    return estimate(table, **{"common_genes": GENES, "stromal": ["A", "C"], "immune": ["F"], **wishes})  # type: ignore[arg-type]


def test_the_score_is_the_sum_of_the_running_difference() -> None:
    found = scored(expression())
    # s1 runs A B C D E F: hits A and C weigh (6000..)^0.25.
    a, c = 6**0.25 / (6**0.25 + 4**0.25), 4**0.25 / (6**0.25 + 4**0.25)
    stromal = a + (a - 0.25) + (a + c - 0.25) + (a + c - 0.5) + (a + c - 0.75) + 0
    immune = -0.2 - 0.4 - 0.6 - 0.8 - 1.0 + 0
    assert found.scores.loc["s1", "stromal"] == pytest.approx(stromal)
    assert found.scores.loc["s1", "immune"] == pytest.approx(immune)
    assert found.scores.loc["s1", "estimate"] == pytest.approx(stromal + immune)
    purity = np.cos(0.6049872018 + 0.0001467884 * (stromal + immune))
    assert found.scores.loc["s1", "purity"] == pytest.approx(purity)


def test_only_the_order_of_genes_counts_and_it_is_told_how_many_were_met() -> None:
    plain = scored(expression().drop("B"))
    doubled = scored(2 ** expression().drop("B"))
    assert plain.scores.equals(doubled.scores)
    told = plain.provenance
    assert (told.genes_found, told.genes_expected, told.parameters["stromal_genes"]) == (5, 6, 2)
    assert told.input_hash != doubled.provenance.input_hash


def test_a_set_without_a_gene_has_no_score() -> None:
    assert scored(expression(), immune=["Z"]).scores["immune"].isna().all()


def test_a_missing_gene_is_found_by_its_only_alias() -> None:
    renamed = expression().rename(index={"A": "OLD_A", "B": "OLD_B"})
    found = scored(renamed, aliases={"A": ["OLD_A"], "B": ["OLD_B", "F"]})
    assert found.rescued == {"A": "OLD_A"}
    assert found.provenance.genes_found == 5


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (expression().mask(expression() == 4), "gene C in sample s1 is missing"),
        (expression().rename(index={"B": "A"}), "the gene A in more than one row"),
        (expression().set_axis(["s1", "s1"], axis=1), "The column s1 comes twice"),
        (expression().assign(s1="high"), "not a number in the column s1"),
        (expression().rename(index=str.lower), "none of the common genes"),
    ],
)
def test_what_cannot_be_ranked_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        scored(table)


def test_scores_of_real_liver_cancers_agree_with_those_of_others(
    hepatica_data: Path, compared: Callable[[int], None]
) -> None:
    table = pd.read_csv(hepatica_data / "tcga_lihc_fpkm" / "lihc_fpkm_proteincoding.tsv.gz", sep="\t")
    table = table[~table["symbol"].duplicated()].set_index("symbol").drop(columns="ensembl")
    given = pd.read_csv(hepatica_data / "tcga_lihc_immune_refs" / "ESTIMATE_TMEscores.txt", sep="\t", index_col="ID")
    shared = [sample for sample in table.columns if sample in given.index]
    folder = vectors("estimate", "ov")
    sets = gene_sets(folder / "SI_geneset.gmt")
    common = names(folder / "common_genes_10412.txt.gz")
    found = estimate(
        table[shared], common_genes=common, stromal=sets["StromalSignature"], immune=sets["ImmuneSignature"]
    )
    rho = {
        name: spearman(found.scores[name], given.loc[shared, f"{column}Score"]).value
        for name, column in (("stromal", "Stromal"), ("immune", "Immune"), ("estimate", "ESTIMATE"))
    }
    print(f"{len(shared)} tumours, {found.provenance.genes_found} of 10412 genes, rank correlation {rho}")
    assert len(shared) > 150
    assert min(rho.values()) > 0.95
    compared(3 * len(shared))
