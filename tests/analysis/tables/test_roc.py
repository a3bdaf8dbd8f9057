"""`analyse roc` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Ties, blanks in markers and outcome, a marker that is lower in cases, one that is constant, a marker of text."""
    random = np.random.default_rng(11)
    lines = ["id,response,IL 6,PNI,score,same,site"]
    for i in range(100):
        case = i % 3 == 0
        outcome = "" if i == 50 else "PD" if case else ("PR", "SD")[i % 2]
        il6 = "" if i == 7 else f"{random.gamma(2 + case, 10):.2f}"
        pni = "" if i in (9, 10) else f"{random.normal(44 - 4 * case, 6):.1f}"
        lines.append(f"{i},{outcome},{il6},{pni},{random.integers(0, 4) + case},1,Berlin")
    return table(tmp_path, "\n".join(lines) + "\n")


WISH = ("--outcome", "response", "--positive", "PD")


@pytest.mark.parametrize("direction", ["auto", "<", ">"])
def test_r_gives_the_same_areas_cutoffs_and_comparisons(r: R, patients: Path, tmp_path: Path, direction: str) -> None:
    wish = ("--markers", "IL 6,PNI,score", "--direction", direction, "--compare")
    output = reproduced_by_r(r, tmp_path, "roc", patients, *WISH, *wish)
    assert output["refused"] is None
    assert (output["n"], output["n_cases"], output["dropped"]) == (99, 34, {"no value of response": 1})
    assert [marker["n"] for marker in output["markers"]] == [98, 97, 99]
    assert [marker["direction"] for marker in output["markers"]] == (
        ["<", ">", "<"] if direction == "auto" else [direction] * 3
    )
    assert [(pair["a"], pair["b"], pair["n"]) for pair in output["comparisons"]] == [
        ("IL 6", "PNI", 96),
        ("IL 6", "score", 98),
        ("PNI", "score", 97),
    ]


def test_one_marker_has_one_number_of_patients_and_no_comparison_unasked(patients: Path) -> None:
    output = analyse("roc", patients, *WISH, "--markers", "PNI")
    [marker] = output["markers"]
    assert output["n"] == marker["n"] == marker["n_cases"] + marker["n_controls"] == 97
    assert output["dropped"] == {"no value of PNI": 2, "no value of response": 1}
    assert output["comparisons"] == []
    best = marker["best"]
    assert best["youden"] == pytest.approx(best["sensitivity"] + best["specificity"] - 1)
    assert set(best) >= {"threshold", "ppv", "npv"}


def test_a_column_of_0_and_1_needs_no_positive_value(tmp_path: Path) -> None:
    lines = [f"{i % 2},{i + 3 * (i % 2)}" for i in range(40)]
    output = analyse("roc", table(tmp_path, "\n".join(["y,x", *lines])), "--outcome", "y", "--markers", "x")
    assert output["n_cases"] == 20
    assert output["markers"][0]["auc"] > 0.5


def test_a_direction_against_the_data_is_said(patients: Path) -> None:
    output = analyse("roc", patients, *WISH, "--markers", "PNI", "--direction", "<")
    assert output["markers"][0]["auc"] < 0.5
    assert any("below 0.5" in warning for warning in output["warnings"])


def test_too_few_cases_refuse_the_numbers_in_words(r: R, patients: Path, tmp_path: Path) -> None:
    few = ("--markers", "IL 6,PNI", "--compare", "--where", "id<20")
    output = reproduced_by_r(r, tmp_path, "roc", patients, *WISH, *few)
    assert output["refused"].startswith("No curve: 7 cases")
    assert output["markers"][0]["auc"] is output["markers"][0]["p"] is output["markers"][0]["best"] is None
    assert output["comparisons"][0]["p"] is None
    assert "no curve" in output["comparisons"][0]["refused"]


def test_a_marker_that_is_the_same_in_everybody_has_no_curve_and_the_others_have(patients: Path) -> None:
    output = analyse("roc", patients, *WISH, "--markers", "same,score", "--compare")
    assert output["refused"] is None
    assert [bool(marker["refused"]) for marker in output["markers"]] == [True, False]
    assert output["warnings"][0] == "same: No curve: everybody has the same value."


def test_markers_that_order_everybody_alike_are_not_tested(tmp_path: Path) -> None:
    lines = [f"{int(i > 19)},{i},{2 * i}" for i in range(40)]
    path = table(tmp_path, "\n".join(["y,a,b", *lines]))
    output = analyse("roc", path, "--outcome", "y", "--markers", "a,b", "--compare")
    assert output["comparisons"][0]["p"] is None
    assert "order everybody alike" in output["comparisons"][0]["refused"]


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn = tmp_path / f"roc.{ending}"
    analyse("roc", patients, *WISH, "--markers", "IL 6,PNI", "--figure", drawn)
    assert drawn.stat().st_size > 2000


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ((*WISH, "--markers", "site"), ("Column site", "row 2", "'Berlin'")),
        ((*WISH, "--markers", "IL 6,IL 6"), ("'IL 6'", "twice")),
        ((*WISH, "--markers", "x"), ("no column 'x'",)),
        ((*WISH, "--markers", "response"), ("Column response", "marker")),
        (("--outcome", "response", "--markers", "PNI"), ("Column response", "row 2", "'PD'")),
        (("--outcome", "response", "--positive", "CR", "--markers", "PNI"), ("Column response", "'CR'")),
        (("--markers", "PNI"), ("--outcome",)),
        (WISH, ("--markers",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    patients: Path, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("roc", patients, *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence
