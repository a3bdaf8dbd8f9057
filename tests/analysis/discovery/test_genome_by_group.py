"""Mutations and copy number by groups of the expression: who is in both, what differs, what is said of the others."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.omics.maf import REQUIRED
from tests.analysis.discovery.study import NORMALS, TUMOURS, data, discover, kept, table_of, written

PATIENTS = [barcode[:12] for barcode in TUMOURS]
STEPS = f"""
[study]
title = "Layers"
{data("tissue")}
[data.maf]
kind = "mutations"
file = "layers.maf"
[data.segments]
kind = "segments"
file = "layers.seg"
[data.called]
kind = "gistic"
calls = "layers.calls"
[data.places]
kind = "places"
genes = {{ G000 = "1:5000000-5010000", NOWHERE = "2:5000000-5010000" }}
[[steps]]
name = "halves"
method = "group_by"
expression = "tissue"
gene = "G000"
within = "tumour"
[[steps]]
name = "copies"
method = "copy_number"
segments = "segments"
places = "places"
[[steps]]
name = "by-gistic"
method = "copy_number"
gistic = "called"
[[steps]]
name = "mutated"
method = "compare_mutations"
mutations = "maf"
groups = "halves"
case = "high"
control = "low"
least_mutated = 3
[[steps]]
name = "copied"
method = "compare_copy_number"
copies = "copies"
groups = "halves"
case = "high"
control = "low"
expression = "tissue"
within = "tumour"
[[steps]]
name = "called-by-group"
method = "compare_copy_number"
copies = "by-gistic"
groups = "halves"
case = "high"
control = "low"
genes = ["g000", "G555"]
[[steps]]
name = "against-normal"
method = "compare_mutations"
mutations = "maf"
groups = "tissue"
case = "tumour"
control = "normal"
"""


def _maf(high: list[str], low: list[str]) -> str:
    """The last patient of the low half has no mutations; one of elsewhere has."""
    rows = [("DRIVER", "Missense_Mutation", patient) for patient in high]
    rows += [("OTHER", "Missense_Mutation", patient) for patient in (*high[:2], *low[:2])]
    rows += [("SINGLE", "Missense_Mutation", high[0]), ("QUIET", "Silent", "TCGA-ZZ-9999")]
    rows += [("QUIET", "Silent", patient) for patient in (*high, *low[:-1])]
    places = {"DRIVER": 10, "OTHER": 20, "SINGLE": 30, "QUIET": 40}
    lines = [
        (gene, 1, places[gene], places[gene], "A", "G", kind, "SNP", f"{patient}-01A-11D-A000-10")
        for gene, kind, patient in rows
    ]
    return "".join("\t".join(map(str, line)) + "\n" for line in [REQUIRED, *lines])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    path = written(folder, STEPS)
    tissue = pd.read_csv(folder / "tissue.tsv.gz", sep="\t").set_index("symbol")
    ordered = sorted(TUMOURS, key=lambda sample: float(tissue.loc["G000", sample]), reverse=True)
    high, low = ([barcode[:12] for barcode in half] for half in (ordered[:5], ordered[5:]))
    (folder / "layers.maf").write_text(_maf(high, low))
    segments = [["ID", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean"]]
    for place, patient in enumerate([*high, *low]):
        for name, value in (("1", 0.9 - 0.1 * place), ("2", -0.01), ("3", 0.0), ("4", 0.0)):
            segments.append([f"{patient}-01", name, "1000", "20000000", "900", f"{value:.3f}"])
    (folder / "layers.seg").write_text("".join("\t".join(row) + "\n" for row in segments))
    calls = [["Gene Symbol", "Locus ID", "Cytoband", *high, *low], ["G000", "1", "1p", *["1"] * 5, *["0"] * 5]]
    (folder / "layers.calls").write_text("".join("\t".join(row) + "\n" for row in calls))
    found = discover(path, folder / "out")
    assert found["refused"] == ["against-normal"]
    assert "No patient of the group normal has mutations" in _reason(found, "against-normal")
    return folder / "out"


def _reason(found: dict[str, Any], name: str) -> str:
    return next(str(step["reason"]) for step in found["steps"] if step["name"] == name)


def test_a_gene_of_one_half_is_found_and_those_without_data_are_counted(out: Path) -> None:
    table = table_of(out, "mutated").set_index("gene")
    assert list(table.index) == ["DRIVER", "OTHER"]
    assert table.loc["DRIVER", ["mutated_high", "share_high", "mutated_low", "share_low"]].tolist() == [5, 1, 0, 0]
    # Five against none of four: one of 9 over 5 tables.
    assert table.loc["DRIVER", "p"] == pytest.approx(1 / 126)
    found = kept(out, "mutated")
    assert found["summary"]["n"] == {"high": 5, "low": 4}
    assert found["warnings"] == [
        "Without mutations: 0 of 5 in high, 1 of 5 in low.",
        "With mutations and in neither group: 1 patient.",
    ]
    assert "DRIVER in 100 % against 0 % (odds ratio ∞, 95 % CI 1.75 to ∞)" in found["headline"][1]


def test_copy_number_is_compared_and_set_against_expression(out: Path) -> None:
    table = table_of(out, "copied").set_index("gene")
    assert table.loc["G000", "p"] == pytest.approx(2 / 252)
    assert table.loc["G000", "median_high"] > table.loc["G000", "median_low"]
    pairs = pd.read_csv(out / "steps" / "copied.expression.tsv", sep="\t").set_index("gene")
    assert pairs.loc["G000", ["n", "rho"]].tolist() == [10, 1]
    said = kept(out, "copied")["warnings"]
    assert "With copy number and expression: 10 patients; with copy number only: 0; with expression only: 0." in said
    assert "Not in the expression: NOWHERE." in said


def test_calls_of_gistic_are_compared_without_copy_change(out: Path) -> None:
    table = table_of(out, "called-by-group").set_index("gene")
    assert table.loc["G000", ["gained_high", "gained_low"]].tolist() == [1, 0]
    assert table.loc["G000", "p_gained"] == pytest.approx(2 / 252)
    assert kept(out, "called-by-group")["warnings"][1:] == [
        "Not in the copy number: G555.",
        "Without copy change, medians and ranks are of the calls.",
    ]


def test_both_are_drawn_with_their_tests(out: Path) -> None:
    drawn = (out / "figures" / "mutated-shares.svg").read_text()
    assert "DRIVER" in drawn
    assert "OR ∞" in drawn
    assert "G000 gained" in (out / "figures" / "called-by-group-shares.svg").read_text()


def test_no_sample_of_normal_tissue_is_matched(out: Path) -> None:
    patients = pd.read_csv(out / "steps" / "mutated.patients.tsv", sep="\t")
    assert sorted(patients["patient"]) == PATIENTS
    assert not set(patients["sample"]) & set(NORMALS)
