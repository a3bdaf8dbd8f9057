"""`analyse stepwise`, `nomogram` and `calibration`: the numbers of R, what they refuse, what they draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.analysis.tables.command import analyse, refused, reproduced_by_r
from tests.analysis.tables.prognostic import FOLLOW_UP, patients
from tests.services.r import R

MODEL = ("--covariates", "age,factor(stage,ref=2),sex,g0,g1")
OWN: dict[str, tuple[str, ...]] = {
    "stepwise": (),
    "nomogram": ("--times", "6,18", "--time-unit", "months"),
    "calibration": ("--horizon", "12", "--resamples", "20"),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patients(tmp_path_factory.mktemp("patients"))


@pytest.mark.parametrize(
    ("wish", "first"),
    [
        ((), "age factor(stage) sex g0 g1 g2 g3"),
        (("--from", "null", "--criterion", "bic", "--ties", "breslow"), ""),
        (("--direction", "backward", "--criterion", "bic"), "age factor(stage) sex g0 g1 g2 g3"),
    ],
    ids=["both", "from nothing", "backward"],
)
def test_a_selection_is_that_of_r(r: R, rows: Path, tmp_path: Path, wish: tuple[str, ...], first: str) -> None:
    names = ("--covariates", "age,factor(stage),sex,g0,g1,g2,g3")
    output = reproduced_by_r(r, tmp_path, "stepwise", rows, *FOLLOW_UP, *names, *wish)
    path = output["path"]
    assert path[0]["action"] == "start"
    model = first.split()
    for step in path[1:]:
        model = [*model, step["term"]] if step["action"] == "add" else [name for name in model if name != step["term"]]
    assert {"g0", "g1"} <= set(model) and len(model) < 7
    assert [term["term"] for term in output["final"]["terms"] if not term["level"]] == [
        name for name in model if name not in ("sex", "factor(stage)")
    ]
    falls = [step["aic"] for step in path]
    assert falls == sorted(falls, reverse=True) and path[-1]["moves"][0]["action"] == "stay"
    assert output["dropped"] == {"no value of age": 1} and output["notes"] == ["age has no value in row 9."]


def test_a_nomogram_is_that_of_rms(r: R, rows: Path, tmp_path: Path) -> None:
    output = rms(r, "nomogram", rows, tmp_path)
    assert [axis["label"] for axis in output["axes"]] == ["age", "stage", "sex", "g0", "g1"]
    assert [mark["label"] for mark in output["axes"][1]["marks"]] == ["2", "1", "3"]
    assert max(mark["points"] for axis in output["axes"] for mark in axis["marks"]) == pytest.approx(100)
    shares = np.array([row["survival"] for row in output["read"]])
    assert (np.diff(shares, axis=0) <= 0).all() and (shares[:, 0] >= shares[:, 1]).all()


def test_a_calibration_is_that_of_rms(r: R, rows: Path, tmp_path: Path) -> None:
    output = rms(r, "calibration", rows, tmp_path)
    assert sum(group["n"] for group in output["groups"]) == output["n"] == 119
    assert output["per_group"] == 23
    indexes = {row["index"]: row for row in output["validation"]}
    assert indexes["Slope"]["corrected"] < indexes["Slope"]["apparent"] == 1
    assert output["c_corrected"] == pytest.approx(0.5 + indexes["Dxy"]["corrected"] / 2)
    assert output["c_corrected"] < output["concordance"]["c"]
    again = analyse("calibration", rows, *FOLLOW_UP, *MODEL, *OWN["calibration"], "--seed", "2")
    assert again["groups"][1]["observed"] == output["groups"][1]["observed"]
    assert again["groups"][1]["corrected"] != output["groups"][1]["corrected"]


def rms(r: R, kind: str, rows: Path, folder: Path) -> dict[str, Any]:
    asked = folder / "asked.R"
    asked.write_text('cat(requireNamespace("rms", quietly = TRUE))')
    if r.run(asked) != "TRUE":
        pytest.skip("R has no rms here")
    output = reproduced_by_r(r, folder, kind, rows, *FOLLOW_UP, *MODEL, *OWN[kind])
    assert "# Needs the packages survival, rms." in (folder / "same.R").read_text()
    return output


@pytest.mark.parametrize("kind", OWN)
def test_the_figure_is_drawn_and_too_few_are_refused(kind: str, rows: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.svg"
    analyse(kind, rows, *FOLLOW_UP, *MODEL, *OWN[kind], "--figure", drawn)
    wanted = {"stepwise": "age", "nomogram": "Total points", "calibration": "Corrected: mean error"}
    assert wanted[kind] in drawn.read_text()
    few = analyse(kind, rows, *FOLLOW_UP, *MODEL, *OWN[kind], "--where", "months<2")
    assert "fewer than" in few["refused"] and few["terms"] == []
    constant = analyse(kind, rows, *FOLLOW_UP, "--covariates", "g0,flat", *OWN[kind])
    assert "flat has the same value in everybody" in constant["refused"]
    crowd = analyse(kind, rows, *FOLLOW_UP, "--covariates", "g0,id", *OWN[kind])
    assert "events cannot carry" in crowd["refused"]


@pytest.mark.parametrize(("kind", "far"), [("nomogram", ("--times", "500")), ("calibration", ("--horizon", "500"))])
def test_a_time_that_nobody_reached_is_refused(rows: Path, kind: str, far: tuple[str, ...]) -> None:
    assert "nobody was watched until 500" in analyse(kind, rows, *FOLLOW_UP, *MODEL, *far)["refused"]


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("stepwise", (), "--covariates"),
        ("stepwise", ("--covariates", "age:g0"), "products"),
        ("nomogram", MODEL, "--times"),
        ("nomogram", (*MODEL, "--times", "12,-1"), "--times"),
        ("nomogram", (*MODEL, "--times", "12,x"), "--times"),
        ("calibration", MODEL, "--horizon"),
        ("calibration", (*MODEL, "--horizon", "12", "--per-group", "3"), "--per-group"),
        ("calibration", (*MODEL, "--horizon", "12", "--resamples", "1"), "--resamples"),
    ],
)
def test_wrong_wishes_are_one_sentence(rows: Path, kind: str, options: tuple[str, ...], said: str) -> None:
    sentence = refused(kind, rows, *FOLLOW_UP, *options)
    assert said in sentence and "\n" not in sentence
