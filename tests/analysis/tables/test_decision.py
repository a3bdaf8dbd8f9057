"""`analyse decision` on tables made here, against R where R is installed, and its refusals."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r, table
from tests.services.r import R


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Two informative covariates, a stage, a side that R takes for yes and no, risks of a published score, blanks."""
    random = np.random.default_rng(12)
    lines = ["id,months,died,response,AFP,age,stage,side,score risk"]
    for i in range(160):
        afp, age, stage = random.lognormal(3, 1), random.normal(60, 10), int(random.integers(1, 4))
        linear = 0.6 * np.log(afp) + 0.4 * stage - 2.6
        risk = 1 / (1 + np.exp(-linear))
        time, censored = random.exponential(30 / np.exp(linear)), random.exponential(60)
        cells = [
            f"{min(time, censored):.1f}",
            str(int(time <= censored)),
            "PD" if random.random() < risk else "PR",
            "" if i == 9 else f"{afp:.2f}",
            f"{age:.1f}",
            str(stage),
            "T" if i % 2 else "F",
            f"{risk:.2f}",
        ]
        lines.append(f"{i},{','.join(cells)}")
    return table(tmp_path, "\n".join(lines) + "\n")


BINARY = ("--outcome", "response", "--positive", "PD")
SURVIVAL = ("--time", "months", "--event", "died", "--horizon", "24")
MODELS = ("--models", "full=log(AFP),age,factor(stage),factor(side);AFP=log(AFP)", "--risk", "score risk")


@pytest.mark.parametrize("outcome", [BINARY, SURVIVAL])
@pytest.mark.parametrize("rule", [">", ">="])
def test_r_gives_the_same_curves(r: R, patients: Path, tmp_path: Path, outcome: tuple[str, ...], rule: str) -> None:
    output = reproduced_by_r(r, tmp_path, "decision", patients, *outcome, *MODELS, "--rule", rule)
    assert (output["n"], output["dropped"]) == (159, {"no value of AFP": 1})
    assert [model["name"] for model in output["models"]] == ["full", "AFP", "score risk"]
    assert [row["term"] for row in output["models"][0]["coefficients"]] == [
        "log(AFP)",
        "age",
        "factor(stage)2",
        "factor(stage)3",
        "factor(side)T",
    ]
    assert all(len(model["net_benefit"]) == len(model["thresholds"]) == 99 for model in output["models"])
    assert output["thresholds"][5] == 0.06
    assert set(output["treat_none"]) == {0.0}
    assert output["treat_all"][0] < output["prevalence"]
    assert output["models"][0]["useful"]
    assert "same patients" in output["notes"][-1]


def test_the_thresholds_are_those_asked_for(r: R, patients: Path, tmp_path: Path) -> None:
    wish = ("--marker", "age", "--from", "0.1", "--to", "0.5", "--by", "0.05")
    output = reproduced_by_r(r, tmp_path, "decision", patients, *BINARY, *wish)
    assert output["thresholds"] == [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]
    assert output["models"][0]["name"] == "age"


def test_a_risk_that_is_a_threshold_counts_as_the_rule_says(tmp_path: Path) -> None:
    content = "y,risk\n" + "".join(f"{i % 2},{0.06 if i % 2 else 0.02}\n" for i in range(40))
    wish = ("decision", table(tmp_path, content), "--outcome", "y", "--risk", "risk", "--from", "0.05", "--to", "0.07")
    above, at = analyse(*wish), analyse(*wish, "--rule", ">=")
    assert above["models"][0]["net_benefit"] == [0.5, 0, 0]
    assert at["models"][0]["net_benefit"] == [0.5, 0.5, 0]


def test_too_few_events_leave_no_curve(r: R, patients: Path, tmp_path: Path) -> None:
    few = reproduced_by_r(r, tmp_path, "decision", patients, *BINARY, *MODELS, "--where", "id<8")
    assert few["refused"].startswith("No curve: 8 patients")
    assert (few["treat_all"], few["models"]) == (None, [])
    early = analyse("decision", patients, "--time", "months", "--event", "died", "--horizon", "0.1", *MODELS)
    assert "events by 0.1, fewer than 5" in early["refused"]
    late = analyse("decision", patients, "--time", "months", "--event", "died", "--horizon", "999", *MODELS)
    assert "nobody was watched until 999" in late["refused"]


def test_a_model_without_an_estimate_is_refused_and_the_others_stay(r: R, patients: Path, tmp_path: Path) -> None:
    wish = ("--models", "one=age;same=age,age", "--where", "stage=2")
    assert "'age' is named twice" in refused("decision", patients, *BINARY, *wish)
    wish = ("--models", "one=age;flat=stage", "--where", "stage=2")
    output = reproduced_by_r(r, tmp_path, "decision", patients, *SURVIVAL, *wish)
    assert output["refused"] is None
    assert [model["refused"] is None for model in output["models"]] == [True, False]
    assert "stage has the same value in everybody" in output["warnings"][-1]


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        ("y,a\n1,2\n0,x\n", ("--outcome", "y", "--marker", "a"), ("Column a", "row 3", "'x'")),
        ("y,a\n1,2\n3,1\n", ("--outcome", "y", "--marker", "a"), ("Column y", "row 3", "'3'")),
        ("y,a\n1,2\n0,1\n", ("--outcome", "y", "--positive", "7", "--marker", "a"), ("Column y", "'7'")),
        ("y,a\n1,0.2\n0,1.5\n", ("--outcome", "y", "--risk", "a"), ("Column a", "row 3", "1.5", "probability")),
        ("y,a\n1,2\n0,0\n", ("--outcome", "y", "--models", "m=log(a)"), ("Column a", "row 3", "logarithm")),
        ("y,a\n1,2\n", ("--outcome", "y", "--models", "a"), ("--models 'a'", "NAME=")),
        ("y,a\n1,2\n", ("--outcome", "y"), ("--models",)),
        ("y,a\n1,2\n", ("--outcome", "y", "--marker", "b"), ("'b'", "y, a")),
        ("y,a\n1,2\n", ("--outcome", "y", "--time", "a", "--marker", "a"), ("not both",)),
        ("t,e,a\n1,1,2\n", ("--time", "t", "--event", "e", "--marker", "a"), ("--horizon",)),
        ("t,e,a\n1,1,2\n", ("--time", "t", "--event", "e", "--horizon", "-1", "--marker", "a"), ("--horizon",)),
        ("y,a\n1,2\n", ("--outcome", "y", "--marker", "a", "--from", "0"), ("--from", "between 0 and 1")),
        ("y,a\n1,2\n", ("--outcome", "y", "--marker", "a", "--from", "0.6", "--to", "0.5"), ("--from",)),
        ("y,a\n1,2\n", ("--outcome", "y", "--marker", "a", "--by", "0"), ("--by",)),
        ("t,event,a\n1,1,0\n", ("--time", "t", "--event", "a", "--horizon", "1", "--marker", "event"), ("'event'",)),
    ],
)
def test_wrong_input_is_one_sentence_that_names_the_place(
    tmp_path: Path, content: str, options: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    sentence = refused("decision", table(tmp_path, content), *options)
    for part in parts:
        assert part in sentence
    assert "\n" not in sentence


def test_the_figure_is_drawn(patients: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "curves.svg"
    analyse("decision", patients, *SURVIVAL, "--time-unit", "months", *MODELS, "--figure", drawn)
    assert "Threshold: risk of the event (died) by 24 months" in drawn.read_text()
