"""Calls and scores of others: found by name or by patient, counted, compared; and usable as scores of a step."""

from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError

from tests.analysis.discovery.study import TUMOURS, data, discover, kept, table_of, written

STEPS = f"""
[study]
title = "Others"
{data("tissue", "cells", "segments", "places")}
[data.called]
kind = "gistic"
calls = "their.calls"
[data.theirs]
kind = "scores"
file = "theirs.csv"
samples = "patient"
ignore = ["site"]
[[steps]]
name = "abis"
method = "abis"
expression = "tissue"
within = "tumour"
signature = "cells"
[[steps]]
name = "copies"
method = "copy_number"
segments = "segments"
places = "places"
[[steps]]
name = "agreement"
method = "copy_agreement"
copies = "copies"
published = "called"
[[steps]]
name = "against"
method = "against"
values = ["abis"]
published = "theirs"
pairs = {{ one = "Type 1" }}
[[steps]]
name = "theirs-halved"
method = "group_by"
score = "theirs:Type 1"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Their scores are by patient: the place of the patient, which no sample of normal tissue has."""
    path = written(tmp_path, STEPS)
    rows = [f"{barcode[:12]},A,{number},{number}.5\n" for number, barcode in enumerate(TUMOURS)]
    (tmp_path / "theirs.csv").write_text("patient,site,Type 1,one\n" + "".join(rows[1:]) + "TCGA-ZZ-9999,A,,1\n")
    calls = [["Gene Symbol", "Locus ID", "Cytoband", *(f"S{n}" for n in range(1, 7))]]
    calls += [["g000", "1", "1p", "1", "1", "0", "0", "0", "0"], ["G9", "2", "2p", *["0"] * 6]]
    (tmp_path / "their.calls").write_text("".join("\t".join(row) + "\n" for row in calls))
    return path


def test_calls_are_compared_where_both_have_them(study: Path) -> None:
    out = study.parent / "out"
    discover(study, out, "--only", "agreement")
    found = kept(out, "agreement")
    assert found["summary"]["n"] == 5
    assert (found["summary"]["equal"], found["summary"]["same_direction"]) == (1, 1)
    assert found["warnings"] == ["Only here: 1 gene, 1 sample; only published: 1 gene, 1 sample."]
    assert table_of(out, "agreement").set_index("own").loc[1, "published 1"] == 2


def test_scores_are_compared_by_patient(study: Path) -> None:
    out = study.parent / "out"
    assert discover(study, out, "--only", "against")["refused"] == []
    row = table_of(out, "against").iloc[0]
    assert (row["score"], row["published"], row["n"]) == ("one", "Type 1", 9)
    ours = table_of(out, "abis").set_index("sample").loc[TUMOURS[1:], "one"]
    assert row["spearman"] == pytest.approx(ours.rank().corr(pd.Series(range(9), index=ours.index)))
    assert kept(out, "against")["warnings"] == ["Only here: 1 sample; only published: 1 sample."]
    assert "pairs = one as Type 1" in (out / "report.md").read_text()


def test_without_pairs_the_same_names_are_compared(study: Path) -> None:
    study.write_text(STEPS.replace('pairs = { one = "Type 1" }\n', ""))
    discover(study, study.parent / "out", "--only", "against")
    assert table_of(study.parent / "out", "against")["published"].tolist() == ["one"]


def test_published_scores_are_scores_for_any_step(study: Path) -> None:
    out = study.parent / "out"
    discover(study, out, "--only", "theirs-halved")
    assert kept(out, "theirs-halved")["summary"]["median"] == 5


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('"Type 1" }', '"Type 3" }', "theirs has no score Type 3, or several; there are Type 1, one."),
        ("{ one =", "{ three =", "What was computed has no score three, or several; there are one, two."),
        ('published = "called"', 'published = "called"\nsuffix = "_cnv"', "suffix is of the columns of a table"),
        ('published = "called"', 'published = "theirs"\nsuffix = "_cnv"', "theirs has no column that ends with _cnv."),
    ],
)
def test_what_cannot_be_compared_is_said(study: Path, was: str, becomes: str, sentence: str) -> None:
    assert was in STEPS
    study.write_text(STEPS.replace(was, becomes, 1))
    step = "against" if "Type" in sentence or "three" in sentence else "agreement"
    found = discover(study, study.parent / "out", "--only", step)
    assert found["refused"] == [step]
    assert sentence in next(one["reason"] for one in found["steps"] if one["name"] == step)


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('pairs = { one = "Type 1" }', "pairs = { one = 1 }", "steps.against names in pairs scores of both sides"),
        ('ignore = ["site"]\n', "", "data.theirs: theirs.csv holds something that is not a number in the column site."),
        ('samples = "patient"', 'samples = "id"', "data.theirs: theirs.csv has no column id."),
        ('samples = "patient"\nignore = ["site"]', 'samples = "site"\nignore = ["patient"]', "sample A comes twice."),
        ('published = "theirs"', 'published = "tissue"', "against.published takes scores, and tissue is expression."),
    ],
)  # fmt: skip
def test_a_table_of_scores_that_makes_no_sense_ends_the_run(study: Path, was: str, becomes: str, sentence: str) -> None:
    assert was in STEPS
    study.write_text(STEPS.replace(was, becomes, 1))
    with pytest.raises(CommandError) as error:
        discover(study, study.parent / "out", "--only", "against")
    assert sentence in str(error.value)
