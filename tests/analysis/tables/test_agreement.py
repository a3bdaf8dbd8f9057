"""`analyse agreement` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    """Three raters on a scale of 1 to 4, one read missing; a fourth in words that R takes for yes and no."""
    random = np.random.default_rng(3)
    lines = ["slide,A,B,rater C,word A,word B"]
    for i in range(60):
        truth = int(random.integers(1, 5))
        reads = [min(4, max(1, truth + int(random.integers(-1, 2)))) for _rater in range(3)]
        cells = [str(read) for read in reads]
        if i == 7:
            cells[1] = ""
        lines.append(f"{i},{','.join(cells)},{'T' if reads[0] > 2 else 'F'},{'T' if reads[1] > 2 else 'F'}")
    return table(tmp_path, "\n".join(lines) + "\n")


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    random = np.random.default_rng(4)
    lines = ["slide,A,B,C"]
    for i in range(40):
        truth = random.lognormal(4, 0.5)
        lines.append(f"{i}," + ",".join(f"{truth * random.lognormal(shift, 0.15):.2f}" for shift in (0, 0.1, -0.1)))
    return table(tmp_path, "\n".join(lines) + "\n", "counts.csv")


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_r_gives_the_same_kappa_and_correlations_of_two(r: R, scores: Path, tmp_path: Path, weights: str) -> None:
    wish = ("agreement", scores, "--raters", "A,B", "--weights", weights, "--icc")
    output = reproduced_by_r(r, tmp_path, *wish)
    assert output["n"] == 59
    assert output["dropped"] == {"no value of B": 1}
    assert output["kappa"]["weights"] == weights
    assert output["kappa"]["low"] < output["kappa"]["value"] < output["kappa"]["high"]
    assert output["fleiss"] is None
    assert [form["name"] for form in output["icc"]] == ["ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k"]


def test_r_gives_the_same_numbers_for_three_raters(r: R, scores: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "agreement", scores, "--raters", "A,B,rater C")
    assert output["kappa"] is None
    assert [(pair["a"], pair["b"]) for pair in output["pairs"]] == [("A", "B"), ("A", "rater C"), ("B", "rater C")]
    assert output["fleiss"]["value"] > 0
    assert [row["level"] for row in output["fleiss"]["categories"]] == ["1", "2", "3", "4"]
    assert output["icc"] == []


def test_words_are_categories_and_stay_words_in_r(r: R, scores: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "agreement", scores, "--raters", "word A,word B")
    assert output["levels"] == ["F", "T"]
    weighted = analyse("agreement", scores, "--raters", "word A,word B", "--weights", "linear")
    assert "alphabet" in weighted["warnings"][0]
    assert weighted["kappa"]["value"] == pytest.approx(output["kappa"]["value"])


def test_levels_that_nobody_chose_count_in_the_weights(r: R, scores: Path, tmp_path: Path) -> None:
    wish = ("agreement", scores, "--raters", "A,B", "--weights", "linear")
    wider = reproduced_by_r(r, tmp_path, *wish, "--levels", "0,1,2,3,4")
    assert wider["kappa"]["value"] == pytest.approx(analyse(*wish)["kappa"]["value"])
    gap = analyse(*wish, "--levels", "1,2,2.5,3,4")
    assert gap["kappa"]["value"] != pytest.approx(analyse(*wish)["kappa"]["value"])


def test_r_gives_the_same_limits_of_agreement_of_measurements(r: R, counts: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "agreement", counts, "--raters", "A,B,C")
    assert output["scale"] == "numbers"
    assert len(output["icc"]) == 6
    assert output["pairs"][0]["differences"]["bias"]["value"] < 0
    assert output["pairs"][0]["ratios"]["bias"]["value"] < 1
    assert "are compared as numbers" in output["notes"][0]
    assert any("grow with the reads" in warning for warning in output["warnings"])


def test_below_ten_subjects_there_is_neither_kappa_nor_p(r: R, counts: Path, scores: Path, tmp_path: Path) -> None:
    output = reproduced_by_r(r, tmp_path, "agreement", scores, "--raters", "A,B,rater C", "--icc", "--where", "slide<6")
    assert output["refused"] == "No kappa: 6 subjects were read by every reader, fewer than 10."
    assert output["fleiss"] is None
    assert {pair["kappa"] for pair in output["pairs"]} == {None}
    assert {form["p"] for form in output["icc"]} == {None}
    assert all(form["value"] is not None for form in output["icc"])
    few = analyse("agreement", counts, "--raters", "A,B", "--where", "slide<6")
    assert few["refused"].startswith("No limits of agreement: 6 subjects")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n" + "1,1\n" * 12, "at least two levels"),
        ("a,b\n" + "1,1\n1,2\n" * 6, "a chose one and the same level"),
        ("a,b\n1,\n,2\n", "Nobody was read by every rater."),
    ],
)
def test_reads_that_say_nothing_are_refused_in_words(tmp_path: Path, content: str, sentence: str) -> None:
    output = analyse("agreement", table(tmp_path, content), "--raters", "a,b", "--icc")
    assert sentence in output["refused"]
    assert output["kappa"] is None


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        ("a,b\n1,2\n2,x\n1,1\n", ("--raters", "a,b"), ("Column b", "row 3", "'x'")),
        ("a,b\nlow,2\n", ("--raters", "a,b", "--icc"), ("Column a", "row 2", "'low'")),
        ("a,b\n1,2\n", ("--raters", "a"), ("at least two raters",)),
        ("a,b\n1,2\n", ("--raters", "a,c"), ("'c'", "a, b")),
        ("a,b\n1,2\n", ("--raters", "a,a"), ("'a'", "twice")),
        ("a,b\n1,2\n", (), ("--raters",)),
        ("a,b\n1,2\n3,1\n", ("--raters", "a,b", "--levels", "1,2"), ("Column a", "row 3", "3")),
        ("a,b\n1,2\n", ("--raters", "a,b", "--levels", "1,two"), ("--levels", "numbers")),
        ("a,b\n1,2\n", ("--raters", "a,b", "--levels", "2,1"), ("increasing",)),
        ("a,b\nno,yes\n", ("--raters", "a,b", "--levels", "no,maybe"), ("Column b", "row 2", "'yes'")),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    tmp_path: Path, content: str, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("agreement", table(tmp_path, content), *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_the_figure_is_drawn_for_categories_and_for_numbers(scores: Path, counts: Path, tmp_path: Path) -> None:
    analyse("agreement", scores, "--raters", "A,B,rater C", "--figure", tmp_path / "matrix.svg")
    analyse("agreement", counts, "--raters", "A,B", "--figure", tmp_path / "limits.svg")
    assert "rater C" in (tmp_path / "matrix.svg").read_text()
    assert "upper limit" in (tmp_path / "limits.svg").read_text()
