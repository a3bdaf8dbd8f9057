"""`analyse compare` on tables made here and on printed summaries, against R where R is installed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """A bell, a skew and a score that ties; blanks; groups T and F, which R would take for logical."""
    random = np.random.default_rng(3)
    lines = ['id,"arm, ""blinded""",stage,visit,Albumin,IL-6,score']
    for i in range(96):
        cells = [f"P{i // 2}", "TF"[i % 2], f"{i % 3 + 1}.0", ("before", "after")[i % 2]]
        values = [f"{random.normal(40 + i % 2, 4):.2f}", f"{random.lognormal(2, 1):.3f}", str(random.integers(0, 13))]
        lines.append(",".join(cells + values))
    lines += ["P90,T,1.0,before,,5.5,3", "P91,F,,after,41,,3", "P92,,2.0,before,40,3,4"]
    return table(tmp_path, "\n".join(lines) + "\n")


ARM = 'arm, "blinded"'


@pytest.mark.parametrize("test", ["auto", "student", "welch", "mann-whitney", "anova", "welch-anova", "kruskal"])
def test_r_gives_the_same_numbers_for_two_groups(r: R, patients: Path, tmp_path: Path, test: str) -> None:
    wish = ("--group", ARM, "--values", "Albumin,IL-6,score", "--test", test)
    output = reproduced_by_r(r, tmp_path, "compare", patients, *wish)
    assert output["names"] == ["F", "T"]
    assert output["dropped"] == {f"no value of {ARM}": 1, "no value of Albumin": 1, "no value of IL-6": 1}
    assert [row["n"] for row in output["rows"]] == [97, 97, 98]
    assert all(row["q"] >= row["p"] for row in output["rows"])
    if test == "auto":
        assert [row["test"] for row in output["rows"]] == ["Student's t test", *["Mann-Whitney test"] * 2]


@pytest.mark.parametrize("test", ["auto", "anova", "welch-anova", "kruskal"])
def test_r_gives_the_same_numbers_for_three_groups(r: R, patients: Path, tmp_path: Path, test: str) -> None:
    output = reproduced_by_r(
        r, tmp_path, "compare", patients, "--group", "stage", "--values", "Albumin,score", "--test", test
    )
    row = output["rows"][0]
    assert [group["name"] for group in row["groups"]] == ["1.0", "2.0", "3.0"]
    assert len(row["pairs"]) == (0 if test == "welch-anova" else 3)


@pytest.mark.parametrize("test", ["auto", "paired-t", "wilcoxon"])
def test_r_gives_the_same_numbers_for_pairs(r: R, patients: Path, tmp_path: Path, test: str) -> None:
    wish = ("--group", "visit", "--values", "Albumin,IL-6,score", "--paired", "id", "--test", test)
    output = reproduced_by_r(r, tmp_path, "compare", patients, *wish)
    assert output["n"] == 48
    assert [row["n"] for row in output["rows"]] == [48] * 3
    assert output["dropped"]["Albumin: without a partner in id"] == 2
    assert output["rows"][0]["estimate"].endswith("after less before")


def test_exact_ranks_have_exact_limits(r: R, tmp_path: Path) -> None:
    values = np.random.default_rng(8).permutation(40) ** 1.5
    long = "\n".join(f"{i % 20},{'ab'[i // 20]},{value:.4f}" for i, value in enumerate(values))
    path = table(tmp_path, f"id,side,value\n{long}\n")
    for wish in (("--test", "mann-whitney"), ("--test", "wilcoxon", "--paired", "id")):
        output = reproduced_by_r(r, tmp_path, "compare", path, "--group", "side", "--values", "value", *wish)
        row = output["rows"][0]
        assert row["method"] == "exact"
        assert row["low"] < row["difference"] < row["high"]


@pytest.mark.parametrize("cutoff", ["median", "4"])
def test_a_group_that_is_a_number_is_split_above_the_cutoff(r: R, patients: Path, tmp_path: Path, cutoff: str) -> None:
    output = reproduced_by_r(
        r, tmp_path, "compare", patients, "--group", "score", "--cutoff", cutoff, "--values", "Albumin"
    )
    assert output["names"] == ["low", "high"]
    assert output["cutoff"]["operator"] == ">"


PRINTED = [
    ("37,44.61,6.07;27,40.39,5.60", 0.00615, 0.00565),
    ("37,0.32,0.17;27,0.20,0.11", 0.00212, 0.00111),
    ("37,18.14,14.40;27,47.84,45.78", 0.00044, 0.00282),
]


@pytest.mark.parametrize(("printed", "student", "welch"), PRINTED, ids=["PNI", "CD8", "IL-6"])
def test_the_studys_means_give_both_ps(r: R, tmp_path: Path, printed: str, student: float, welch: float) -> None:
    output = reproduced_by_r(r, tmp_path, "compare", "--from-summary", printed)
    assert {row["test"]: round(row["p"], 5) for row in output["rows"]} == {
        "Student's t test": student,
        "Welch's t test": welch,
    }
    assert output["n"] == 64


def test_three_printed_groups_have_both_analyses_of_variance(r: R, tmp_path: Path) -> None:
    printed = "37,44.61,6.07;27,40.39,5.60;30,42,5"
    output = reproduced_by_r(r, tmp_path, "compare", "--from-summary", printed, "--values", "PNI")
    assert [row["test"] for row in output["rows"]] == ["one-way analysis of variance", "Welch's analysis of variance"]
    assert output["rows"][0]["value"] == "PNI"


def test_nine_in_a_group_are_described_and_not_tested(r: R, tmp_path: Path) -> None:
    path = table(tmp_path, "g,v\n" + "".join(f"{'ab'[i > 8]},{i}\n" for i in range(30)))
    output = reproduced_by_r(r, tmp_path, "compare", path, "--group", "g", "--values", "v")
    assert output["refused"] == "No test: a has 9 patients with a value, fewer than 10."
    row = output["rows"][0]
    assert (row["p"], row["q"], row["test"], row["groups"][0]["median"]) == (None, None, None, 4)
    printed = analyse("compare", "--from-summary", "9,1,2;20,3,4")
    assert printed["refused"].startswith("No test: group 1 has 9")


def test_one_value_that_cannot_be_tested_does_not_refuse_the_others(tmp_path: Path) -> None:
    path = table(tmp_path, "g,flat,v\n" + "".join(f"{'ab'[i % 2]},7,{i}\n" for i in range(30)))
    output = analyse("compare", path, "--group", "g", "--values", "flat,v")
    assert output["refused"] is None
    flat, other = output["rows"]
    assert flat["refused"].startswith("No test: All values are equal")
    assert other["q"] == other["p"]
    assert flat["p"] is None


def test_a_test_asked_for_against_its_assumptions_warns(patients: Path) -> None:
    output = analyse("compare", patients, "--group", ARM, "--values", "IL-6", "--test", "student")
    assert any("normality of F does not hold" in text for text in output["warnings"])
    assert output["rows"][0]["why"] == "It was asked for."


def test_nobody_left_is_an_answer(patients: Path) -> None:
    output = analyse("compare", patients, "--group", ARM, "--values", "IL-6", "--where", "score>99")
    assert output["n"] == 0
    assert output["refused"]
    one = analyse("compare", patients, "--group", ARM, "--values", "IL-6", "--where", f"{ARM}=T")
    assert one["refused"].startswith("No test: only one group")


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn = tmp_path / f"groups.{ending}"
    analyse("compare", patients, "--group", ARM, "--values", "Albumin,IL-6", "--figure", drawn)
    assert drawn.stat().st_size > 2000
    printed = tmp_path / f"printed.{ending}"
    analyse("compare", "--from-summary", PRINTED[0][0], "--figure", printed)
    assert printed.stat().st_size > 2000


SMALL = "id,g,v\n1,a,3\n1,b,4\n2,a,x\n"


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--group", "g", "--values", "v"), ("Column v", "row 4", "'x'")),
        (("--group", "h", "--values", "id"), ("'h'", "id, g, v")),
        (("--group", "g"), ("--values",)),
        (("--group", "g", "--values", "g"), ("--group 'g'",)),
        (("--group", "g", "--values", "id", "--paired", "g"), ("--paired",)),
        (("--group", "g", "--values", "id", "--test", "wilcoxon"), ("--test wilcoxon", "pairs")),
        (("--group", "id", "--values", "id,id"), ("'id'", "twice")),
        (("--group", "g", "--values", "id", "--cutoff", "median"), ("Column g", "row 2", "'a'")),
        (("--group", "id", "--values", "id", "--cutoff", "optimal"), ("--group 'id'",)),
        (("--group", "g", "--values", "id", "--cutoff", "optimal"), ("--cutoff optimal",)),
        (("--from-summary", "1,2,3;4,5,6"), ("not both",)),
    ],
)
def test_wrong_wishes_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    sentence = refused("compare", table(tmp_path, SMALL), *arguments)
    assert all(part in sentence for part in parts), sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["id", "patient"])
def test_a_pair_with_two_rows_on_one_side_names_both_rows(tmp_path: Path, name: str) -> None:
    path = table(tmp_path, f"{name},g,v\n1,a,3\n,a,3\n1,b,4\n1,a,5\n")
    sentence = refused("compare", path, "--group", "g", "--values", "v", "--paired", name)
    assert sentence == f"Column {name}, row 5: '1' stands already in row 2 with the same g (a)."


def test_a_test_for_two_groups_is_refused_where_there_are_three(patients: Path) -> None:
    sentence = refused("compare", patients, "--group", "stage", "--values", "score", "--test", "welch")
    assert "takes two groups, and here are 3" in sentence
    sentence = refused("compare", patients, "--group", ARM, "--values", "score", "--test", "welch", "--paired", "id")
    assert "welch compares different patients" in sentence


@pytest.mark.parametrize(
    ("printed", "part"),
    [
        ("37,44.61", "group 1: '37,44.61'"),
        ("37,44.61,6.07", "one group only"),
        ("37,44.61,6.07;27.5,40,5", "group 2: n is a whole number"),
        ("37,44.61,6.07;27,40,-5", "group 2"),
        ("37,44.61,6.07;27,nan,5", "group 2"),
        ("37,44.61,x;27,40,5", "group 1"),
    ],
)
def test_printed_summaries_that_make_no_sense_are_named(printed: str, part: str) -> None:
    assert part in refused("compare", "--from-summary", printed)


def test_without_a_file_or_summaries_there_is_nothing_to_compare() -> None:
    assert "--from-summary" in refused("compare", "--group", "g", "--values", "v")
    assert "--test" in refused("compare", "--from-summary", PRINTED[0][0], "--test", "welch")


def only(output: dict[str, Any]) -> dict[str, Any]:
    [row] = output["rows"]
    return dict(row)


def test_the_same_rows_give_the_same_output(patients: Path) -> None:
    wish = ("compare", patients, "--group", ARM, "--values", "IL-6")
    assert only(analyse(*wish)) == only(analyse(*wish))
