"""TCGA-LIHC on public files: what is known of the cohort comes out, with references where they are given."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.stats.correlation import spearman
from tests.analysis.discovery.study import discover, kept, table_of

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "lihc-discovery.toml"
STEPS = """
[study]
title = "TCGA-LIHC"

[data.lihc]
kind = "expression"
file = "{data}/tcga_lihc_fpkm/lihc_fpkm_proteincoding.tsv.gz"
genes = "symbol"
ignore = ["ensembl"]
unit = "FPKM"
duplicates = "mean"
barcode = "tcga"

[data.mc3]
kind = "mutations"
file = ["{data}/tcga_lihc_mutations/LIHC_mc3_nonsilent.maf.gz", "{data}/tcga_lihc_mutations/LIHC_mc3_silent.maf.gz"]

[data.estimate-genes]
kind = "signature"
form = "estimate"
common = "{reference}/omics/estimate/common_genes_10412.txt.gz"
sets = "{reference}/omics/estimate/SI_geneset.gmt"

[data.published]
kind = "scores"
file = "{data}/tcga_lihc_immune_refs/ESTIMATE_TMEscores.txt"

[[steps]]
name = "against"
method = "against"
values = ["estimate"]
published = "published"
pairs = {{ stromal = "StromalScore", immune = "ImmuneScore", estimate = "ESTIMATEScore" }}

[[steps]]
name = "tumour-normal"
method = "limma"
expression = "lihc"
case = "tumour"
control = "normal"
log = true
trend = true

[[steps]]
name = "mutations"
method = "mutation_summary"
mutations = "mc3"
genes = ["TP53", "CTNNB1", "ALB", "AXIN1"]

[[steps]]
name = "s100a11"
method = "group_by"
expression = "lihc"
gene = "S100A11"
within = "tumour"

[[steps]]
name = "estimate"
method = "estimate"
expression = "lihc"
within = "tumour"
signature = "estimate-genes"

[[steps]]
name = "by-s100a11"
method = "compare_groups"
expression = "lihc"
genes = ["CTLA4", "HAVCR2", "IDO1", "LAG3", "PDCD1", "SIGLEC15", "TIGIT", "CD274"]
values = ["estimate"]
groups = "s100a11"

[[steps]]
name = "correlations"
method = "correlate"
expression = "lihc"
within = "tumour"
genes = ["S100A11", "FAP"]
values = ["estimate:stromal"]
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, hepatica_data: Path, hepatica_reference: Path) -> Path:
    folder = tmp_path_factory.mktemp("lihc")
    configuration = folder / "lihc.toml"
    configuration.write_text(STEPS.format(data=hepatica_data, reference=hepatica_reference))
    assert discover(configuration, folder / "out")["refused"] == []
    return folder / "out"


def test_mutations(out: Path, compared: Callable[[int], None]) -> None:
    shares = kept(out, "mutations")["summary"]["shares"]
    expected = {"TP53": 0.301, "CTNNB1": 0.263, "ALB": 0.132, "AXIN1": 0.071}
    assert {gene: round(share, 3) for gene, share in shares.items()} == expected
    compared(len(expected))


def test_tumours_against_normal_tissue(out: Path) -> None:
    """Eight of the study's ten prognostic genes are up in this part of its tumours; sinusoidal cells are fewer."""
    found = kept(out, "tumour-normal")
    assert (found["summary"]["n_case"], found["summary"]["n_control"]) == (156, 21)
    ours = {"NT5DC2", "KLHDC8B", "TEAD4", "HOMER3", "FLYWCH2", "CCDC124", "PUSL1", "NPM3"}
    assert {*ours, "GPC3", "TOP2A"} <= set(found["lists"]["up"])
    assert {"CLEC4G", "CLEC4M", "STAB2", "CRHBP"} <= set(found["lists"]["down"])


def test_estimate_ranks_tumours_as_others_have(out: Path, compared: Callable[[int], None]) -> None:
    found = table_of(out, "against").set_index("score")
    assert found["n"].tolist() == [156] * 3
    assert found["spearman"].round(3).tolist() == [0.997] * 3
    assert found["pearson"].min() > 0.99
    assert "stromal 0.997" in (out / "report.md").read_text()
    compared(3 * 156)


def test_s100a11_goes_with_stroma_and_checkpoints(
    out: Path, hepatica_data: Path, compared: Callable[[int], None]
) -> None:
    found = table_of(out, "by-s100a11").set_index("value")
    assert set(found.loc[["stromal", "HAVCR2", "CTLA4", "TIGIT"], "higher_in"]) == {"high"}
    genes = pd.read_csv(hepatica_data / "tcga_lihc_fpkm" / "target_genes_fpkm.tsv", sep="\t", index_col=0)
    tumours = genes.loc[kept_samples(out)]
    pairs = table_of(out, "correlations").set_index(["a", "b"])
    # The table of these genes has more digits.
    expected = spearman(tumours["S100A11"], tumours["FAP"]).value
    assert pairs.loc[("S100A11", "FAP"), "rho"] == pytest.approx(expected, abs=0.001)
    compared(1)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, hepatica_data: Path) -> Path:
    """That of the documentation beside its files; without any licensed reference."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "lihc").mkdir()
    of_lihc = (f"tcga_lihc_{name}" for name in ("fpkm", "mutations", "cnv", "immune_refs"))
    for name in (*of_lihc, "exosome_cfrna_hcc"):
        for path in (hepatica_data / name).iterdir():
            (folder / "lihc" / path.name).symlink_to(path)
    configuration = folder / EXAMPLE.name
    configuration.write_text(EXAMPLE.read_text())
    return configuration


def test_the_example_of_the_documentation_is_whole(example: Path) -> None:
    """Every step that needs no licensed reference can be computed, and those that cannot say why."""
    states = {row["name"]: row["state"] for row in discover(example, example.parent / "out", "--list")["steps"]}
    skipped = {name for name, state in states.items() if state == "skipped"}
    assert {"stroma-and-immune", "epic", "cibersort", "tide", "timer", "fibroblasts", "enrichment"} <= skipped
    assert {"tumour-derived", "mutations", "copy-number", "checkpoints", "s100a11-high-low"} <= set(states) - skipped


def test_copy_number_is_called_as_gistic_called_it(example: Path, compared: Callable[[int], None]) -> None:
    """High-level calls rest on arms, which are approximated here."""
    out = example.parent / "out"
    discover(example, out, "--only", "copy-number-against-gistic")
    found = kept(out, "copy-number-against-gistic")["summary"]
    assert (found["genes"], found["samples"]) == (5, 333)
    assert (round(found["equal"], 3), round(found["same_direction"], 3)) == (0.899, 0.998)
    assert found["kappa"] > 0.8
    compared(found["n"])


def test_groups_of_expression_against_mutations_and_copy_number(example: Path) -> None:
    """fisher.test of R 4.2 on 10 of 76 against 1 of 77: p 0.00460679, odds ratio 11.37528."""
    out = example.parent / "out"
    discover(example, out, "--only", "mutations-by-s100a11")
    gene = table_of(out, "mutations-by-s100a11").set_index("gene").loc["FREM2"]
    assert gene[["mutated_high", "mutated_low"]].tolist() == [10, 1]
    assert gene["p"] == pytest.approx(0.00460679, rel=1e-5)
    assert gene["odds_ratio"] == pytest.approx(11.37528, rel=1e-3)
    assert kept(out, "mutations-by-s100a11")["summary"]["n"] == {"high": 76, "low": 77}
    discover(example, out, "--only", "copy-number-by-s100a11")
    # A gene's copies raise its expression.
    pairs = pd.read_csv(out / "steps" / "copy-number-by-s100a11.expression.tsv", sep="\t").set_index("gene")
    assert pairs.loc[["MYC", "RB1", "TP53"], "rho"].min() > 0.4


def kept_samples(out: Path) -> list[str]:
    return list(table_of(out, "s100a11")["sample"])
