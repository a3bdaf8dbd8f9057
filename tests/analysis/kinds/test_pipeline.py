"""The pipeline as a living analysis: what it claims, draws and refuses on a cohort."""

from typing import Any

import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.pipeline import PIPELINE
from tests.analysis.reexecution.test_every_kind import AGE, FAP, NORMAL, drawn

SEX = "baseline:sex"
ASKED: dict[str, Any] = {
    "endpoint": "PFS",
    "covariates": [FAP, NORMAL],
    "clinical": [AGE, SEX],
    "references": {SEX: "M"},
    "times": [12],
    "resamples": 10,
}


@pytest.fixture(scope="module")
def frame() -> Frame:
    whole = drawn(11, 140)
    rows = [
        row | {SEX: "MF"[place % 2], "months": row["months"] / (1 + row[FAP] / 3)}
        for place, row in enumerate(whole.rows)
    ]
    sex = {"label": "sex", "unit": "", "levels": {"M": "Male", "F": "Female"}}
    return Frame(rows, columns=whole.columns | {SEX: sex}, constants=whole.constants).canonical()


def test_a_score_has_claims_figures_and_tables_of_every_step(frame: Frame) -> None:
    PIPELINE.check(ASKED)
    output = plain(PIPELINE.compute(frame, ASKED))
    assert output["refused"] is None
    assert [step["refused"] for step in output["steps"]] == [None] * len(output["steps"])
    assert [term["term"] for term in output["score"]["terms"]] == [FAP]
    claims = {claim.name: claim for claim in PIPELINE.headline(output)}
    assert claims[f"coef_{FAP}"].verdict == f"{FAP}: in the score"
    assert claims[f"coef_{NORMAL}"].verdict == f"{NORMAL}: not in the score"
    assert claims["survival_logrank_p"].verdict == "risk score splits PFS"
    names = [figure.name for figure in PIPELINE.figures(output)]
    assert len(names) == len(set(names)) and {"nomogram-nomogram", "calibration-12-calibration"} <= set(names)
    tables = [table.name for table in PIPELINE.tables(output)]
    assert len(tables) == len(set(tables)) and {"score", "steps", "clinical-terms", "screen-screen"} <= set(tables)


def test_nothing_found_is_a_refusal_without_claims(frame: Frame) -> None:
    output = plain(PIPELINE.compute(frame, ASKED | {"threshold": 1e-12}))
    assert "There is no score" in output["refused"]
    assert [claim.name for claim in PIPELINE.headline(output)] == ["n", "events"]
    few = plain(PIPELINE.compute(Frame(frame.rows[:5], columns=frame.columns), ASKED))
    assert "fewer than 10" in few["refused"] and PIPELINE.tables(few) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"clinical": [FAP]}, "clinical"),
        ({"times": []}, "times"),
        ({"penalty": "none"}, "penalty"),
        ({"threshold": 2}, "threshold"),
        ({"folds": 1}, "folds"),
        ({"references": {"baseline:grade": "1"}}, "references"),
        ({"external": "x"}, "external"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as error:
        PIPELINE.check(ASKED | changes)
    assert error.value.name == name
