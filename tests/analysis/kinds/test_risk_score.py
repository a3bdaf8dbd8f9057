from typing import Any

import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.risk_score import RISK_SCORE
from analysis.riskmodels.scoring import UnitError, linear_score

MODEL: dict[str, Any] = {
    "code": "gao-2025",
    "number": 1,
    "title": "Signature",
    "unit": "TPM",
    "source": "print",
    "terms": [{"name": "S100A11", "coefficient": 0.00026}, {"name": "PUSL1", "coefficient": 0.02752}],
}
TERMS = {"S100A11": "extra:S100A11", "PUSL1": "extra:PUSL1"}
PARAMETERS = {"endpoint": "OS", "model": "gao-2025", "terms": TERMS}


def frame(unit: str = "TPM", model: dict[str, Any] | None = MODEL) -> Frame:
    rows = [
        {
            "patient": f"P{number:02d}",
            "months": 60.0 - number,
            "event": number % 3 != 0,
            "extra:S100A11": 100.0 * number,
            "extra:PUSL1": 1.0 + number,
        }
        for number in range(40)
    ]
    columns = {name: {"label": name, "unit": unit} for name in TERMS.values()}
    return Frame(rows, columns=columns, constants={"risk_model": model})


def run(given: Frame) -> dict[str, Any]:
    RISK_SCORE.check(PARAMETERS)
    return dict(plain(RISK_SCORE.compute(given, PARAMETERS)))


def test_the_published_score_by_hand() -> None:
    units = {"S100A11": "TPM", "PUSL1": "TPM"}
    assert linear_score(MODEL, {"S100A11": 500.0, "PUSL1": 10.0}, units) == pytest.approx(0.13 + 0.2752)


def test_a_score_is_split_at_its_median() -> None:
    output = run(frame())
    assert {group["name"]: group["n"] for group in output["groups"]} == {"low": 20, "high": 20}
    assert output["scores"][1]["score"] == pytest.approx(0.026 + 2 * 0.02752)
    assert RISK_SCORE.headline(output)[2].verdict == "Risk score splits OS"


@pytest.mark.parametrize("unit", ["FPKM", "log2(TPM+1)", "fold", ""])
def test_values_in_another_unit_are_refused_in_words(unit: str) -> None:
    refused = run(frame(unit))["refused"]
    assert "valid for values in TPM" in refused
    with pytest.raises(UnitError):
        linear_score(MODEL, {"S100A11": 1.0, "PUSL1": 1.0}, {"S100A11": unit, "PUSL1": unit})


def test_a_missing_term_is_named() -> None:
    with pytest.raises(UnitError, match="PUSL1"):
        linear_score(MODEL, {"S100A11": 1.0}, {"S100A11": "TPM"})


def test_an_unknown_model_is_an_answer_and_no_error() -> None:
    assert "No risk model" in run(frame(model=None))["refused"]
