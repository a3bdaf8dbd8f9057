"""`manage.py discover` on a small study: every step against what was put into its files, the report, the manifest."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.analysis.discovery.study import DOWN, GENES, UP, discover, kept, table_of, written


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    discover(written(folder), folder / "out")
    return folder / "out"


def test_the_genes_put_in_are_found_up_and_down(out: Path) -> None:
    tissue = kept(out, "tissue-up")
    assert tissue["lists"]["up"] == UP
    assert tissue["lists"]["down"] == DOWN
    assert (tissue["summary"]["n_case"], tissue["summary"]["n_control"]) == (10, 6)
    assert kept(out, "trial-up")["lists"]["up"] == UP
    assert len(table_of(out, "tissue-up")) == len(GENES)


def test_what_was_done_to_rows_and_samples_is_said(out: Path) -> None:
    said = " ".join(kept(out, "tissue-up")["warnings"])
    assert "which became one by mean: 1." in said
    assert "Rows without a gene, left out: 1." in said
    assert "Samples in no group: 1 of 17." in said


def test_genes_in_common_and_those_that_were_not_measured(out: Path) -> None:
    """G003 is up in two, and no measurement of the third."""
    common = [gene for gene in UP if gene != "G003"]
    assert kept(out, "shared")["lists"]["common"] == common
    table = table_of(out, "shared").set_index("gene")
    assert table.loc["G003", "inside"] == "tissue-up:up + trial-up:up"
    assert table.loc["G003", "not_measured"] == "exosomes-up:up"


def test_mutations_count_samples_with_silent_variants_too(out: Path) -> None:
    found = kept(out, "mutations")["summary"]
    assert found["samples"] == 4
    assert found["shares"] == {"G000": 0.5}
    waterfall = kept(out, "waterfall")["summary"]
    assert (waterfall["altered"], waterfall["samples"]) == (2, 4)


def test_copy_number_of_genes(out: Path) -> None:
    shares = table_of(out, "copies").set_index("gene")
    assert shares.loc["G000", "gain"] == 0.5
    assert shares.loc["G001", "loss"] == pytest.approx(1 / 6)
    assert "no high-level calls" in " ".join(kept(out, "copies")["warnings"])


def test_high_is_above_the_median_of_the_tumours(out: Path) -> None:
    groups = table_of(out, "high-low")
    assert len(groups) == 10
    assert (groups["group"] == "high").tolist() == (groups["value"] > groups["value"].median()).tolist()


def test_groups_are_compared_with_q_and_what_is_missing(out: Path) -> None:
    found = table_of(out, "compared").set_index("value")
    assert list(found.index) == ["G000", "G001", "one"]
    assert found.loc["G000", "higher_in"] == "high"
    # Five against five without an overlap: 2 of 252 orders, three tests.
    assert found.loc["G000", "p"] == pytest.approx(2 / 252)
    assert found.loc["G000", "q"] == pytest.approx(3 * 2 / 252)
    assert kept(out, "compared")["warnings"] == ["Not in the expression: NOWHERE."]


def test_the_set_that_was_put_in_is_found_by_both_tests(out: Path) -> None:
    for step in ("pathways", "ranked"):
        table = table_of(out, step).set_index("set")
        assert table.index[0] in ("risen", "fallen")
        assert bool(table.loc["risen", "found"])
        assert not bool(table["found"].get("mixed", False))


def test_scores_have_a_column_a_set(out: Path) -> None:
    scores = table_of(out, "scored").set_index("sample")
    sick = [f"E{number}" for number in range(8)]
    assert scores.loc[sick, "risen"].min() > scores.drop(sick)["risen"].max()


def test_without_the_licensed_reference_its_step_and_what_rests_on_it_are_skipped(out: Path) -> None:
    report = (out / "report.md").read_text()
    assert "Skipped: lm22, by-lm22." in report
    assert "LM22 is free for academic use after registration" in report
    assert "It rests on lm22, which has no outcome." in report
    assert not (out / "steps" / "lm22.json").exists()


def test_the_report_shows_each_step_with_its_table_and_figures(out: Path) -> None:
    report = (out / "report.md").read_text()
    assert report.startswith("# A small study\n")
    assert "## tissue-up: Differential expression (limma)" in report
    assert "case = tumour; control = normal" in report
    assert "adjusted p < 0.05 and |log2 fold change| > 0.5: 12 up, 6 down." in report
    assert "The first 10 of 120 rows; all in [steps/tissue-up.tsv](steps/tissue-up.tsv)." in report
    assert "![compared](figures/compared-boxes.svg)" in report
    assert "![correlated](figures/correlated-matrix.svg)" in report
    svg = (out / "figures" / "compared-boxes.svg").read_text()
    assert "EXPLORATORY" in svg
    assert kept(out, "compared")["fingerprint"] in svg


def test_what_can_be_drawn_is_drawn(out: Path) -> None:
    expected = {
        *(f"{step}-{figure}" for step in ("tissue-up", "exosomes-up", "trial-up") for figure in ("volcano", "heat")),
        *("shared-venn", "shared-upset", "mutations-summary", "waterfall-waterfall", "copies-bars"),
        *("compared-boxes", "correlated-matrix", "pathways-bars", "pathways-dots"),
        *("ranked-running-up", "ranked-running-down"),
    }
    assert {path.stem for path in (out / "figures").iterdir()} == expected


def test_the_manifest_names_every_file_with_its_hash(out: Path) -> None:
    found = json.loads((out / "manifest.json").read_text())
    assert found["seed"] == 7
    assert found["peak_megabytes"] > 0
    assert {"python", "numpy", "gseapy"} <= set(found["software"])
    for name, was in found["written"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == was
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there - set(found["written"]) == {"manifest.json"}
    read = {name: was for one in found["read"].values() for name, was in one["files"].items()}
    assert read["trial.tsv"] == hashlib.sha256((out.parent / "trial.tsv").read_bytes()).hexdigest()
    assert "people.tsv" in read


def test_words_of_a_run_are_for_people(out: Path) -> None:
    printed, progress = io.StringIO(), io.StringIO()
    call_command("discover", str(out.parent / "study.toml"), "--out", str(out), stdout=printed, stderr=progress)
    assert "tissue-up: as it was." in printed.getvalue()
    assert "lm22: skipped. Not configured." in printed.getvalue()
    assert "1/16 tissue-up (limma): as it was" in progress.getvalue()
