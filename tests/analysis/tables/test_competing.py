"""`analyse competing` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R

ENDS = ("--time", "months", "--event", "end", "--event-value", "recurrence", "--competing", "death")


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Ties of every kind of end with every other, a time of zero, blanks, a group in T and F."""
    random = np.random.default_rng(8)
    lines = ["id,months,end,sex,arm,stage,age"]
    for i in range(220):
        stage, age = int(random.integers(1, 4)), int(random.integers(40, 80))
        months = int(random.exponential(30 / np.exp(0.3 * stage))) if i else 0
        end = random.choice(["recurrence", "death", "alive"], p=[0.45, 0.25, 0.3])
        shown = "" if i == 3 else end
        lines.append(f"{i},{months},{shown},{'TF'[i % 2]},{('none', 'TACE', 'TACE + ICI')[i % 3]},{stage},{age}")
    return table(tmp_path, "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "wish",
    [
        ("--times", "6,12,200"),
        ("--group", "arm", "--times", "3,9,24,200"),
        ("--group", "sex", "--covariates", "age,factor(stage)", "--times", "12"),
        ("--group", "stage", "--covariates", "stage,age:sex,age,sex"),
        ("--covariates", "sex"),
    ],
    ids=" ".join,
)
def test_r_gives_the_same_numbers(r: R, patients: Path, tmp_path: Path, wish: tuple[str, ...]) -> None:
    output = reproduced_by_r(r, tmp_path, "competing", patients, *ENDS, *wish)
    assert output["refused"] is None
    assert output["dropped"] == {"no value of end": 1}
    assert output["events"] + output["competing"] + output["censored"] == output["n"] == 219
    assert bool(output["gray"]) == ("--group" in wish)
    assert bool(output["fine_gray"]) == ("--covariates" in wish)


def test_the_script_says_what_needs_another_package(patients: Path, tmp_path: Path) -> None:
    script = tmp_path / "same.R"
    analyse("competing", patients, *ENDS, "--group", "sex", "--covariates", "age", "--r-script", script)
    written = script.read_text()
    assert '# gray: needs the package cmprsk: cuminc(time, code, group)$Tests["1", ]' in written
    assert "# crr(time, code, model.matrix(~ x1, variables)[, -1], failcode = 1)" in written
    assert "library(cmprsk)" not in written


def test_after_the_end_of_a_group_nothing_is_known_of_it(patients: Path) -> None:
    output = analyse("competing", patients, *ENDS, "--times", "500")
    [at] = output["groups"][0]["at"]
    assert at["cif"] is at["low"] is at["competing"]["cif"] is None
    assert at["n_risk"] == 0


def test_the_incidences_and_the_free_add_up(patients: Path) -> None:
    output = analyse("competing", patients, *ENDS, "--times", "5,10")
    for at in output["overall"]["at"]:
        assert 0 < at["low"] < at["cif"] < at["high"] < 1
        assert at["cif"] + at["competing"]["cif"] < 1


def test_few_events_in_a_group_leave_no_p_but_its_curve(patients: Path) -> None:
    output = analyse("competing", patients, *ENDS, "--group", "arm", "--where", "id<30")
    assert output["refused"].startswith("No test: ")
    assert output["gray"] is output["logrank"] is None
    assert len(output["groups"]) == 3


def test_few_competing_events_refuse_their_test_and_model_only(tmp_path: Path) -> None:
    rows = "\n".join(f"{1 + i % 17},{2 if i in (3, 8) else i % 2},{i % 4},{'ab'[i % 3 // 2]}" for i in range(90))
    path = table(tmp_path, f"t,e,x,g\n{rows}\n")
    output = analyse(
        "competing", path, "--time", "t", "--event", "e", "--competing", "2", "--group", "g", "--covariates", "x"
    )
    assert output["refused"] is None
    assert output["gray"]["p"] is not None
    assert output["gray_competing"] is None
    assert output["fine_gray"]["terms"]
    assert output["fine_gray_competing"] == {
        "terms": [],
        "loglik": None,
        "refused": "No model: 2 competing events, fewer than 5.",
        "warnings": [],
    }
    assert any("competing events, fewer than 5" in warning for warning in output["warnings"])


def test_a_covariate_that_is_the_same_in_everybody_refuses_the_models(patients: Path) -> None:
    output = analyse("competing", patients, *ENDS, "--covariates", "sex", "--where", "sex=T")
    assert output["fine_gray"]["refused"] == "No model: sex has the same value in everybody."
    assert output["overall"]["n"] > 0


def test_several_values_that_count_as_censored_are_said(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{i % 4}" for i in range(1, 60))
    output = analyse("competing", table(tmp_path, f"t,e\n{rows}\n"), "--time", "t", "--event", "e", "--competing", "2")
    assert output["notes"] == ["e: all of 0, 3 count as censored."]
    assert output["endpoint"] == "e 1"


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_figure_is_drawn(patients: Path, tmp_path: Path, ending: str) -> None:
    drawn = tmp_path / f"incidence.{ending}"
    analyse("competing", patients, *ENDS, "--group", "arm", "--figure", drawn)
    assert drawn.stat().st_size > 2000


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--time", "months", "--event", "end"), ("--competing",)),
        (("--time", "months", "--event", "end", "--competing", "death"), ("Column end", "'1'")),
        ((*ENDS[:-1], "moved"), ("Column end", "'moved'")),
        ((*ENDS[:-1], "recurrence"), ("--competing 'recurrence'", "event itself")),
        ((*ENDS, "--group", "centre"), ("'centre'",)),
        ((*ENDS, "--covariates", "weight"), ("'weight'",)),
        ((*ENDS, "--times", "soon"), ("--times 'soon'",)),
        ((*ENDS, "--times", "-3"), ("times", "below zero")),
    ],
    ids=lambda value: " ".join(value[-2:]),
)
def test_wrong_wishes_are_one_sentence(patients: Path, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    sentence = refused("competing", patients, *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_a_time_that_is_no_number_names_its_row(tmp_path: Path) -> None:
    path = table(tmp_path, "t,e\n1,1\nsoon,2\n")
    sentence = refused("competing", path, "--time", "t", "--event", "e", "--competing", "2")
    assert "Column t, row 3" in sentence
