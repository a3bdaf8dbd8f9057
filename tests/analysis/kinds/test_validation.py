from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.kinds.validation import OWN_PATIENTS, VALIDATION
from analysis.stats.concordance import concordance
from tests.analysis.kinds.test_risk_score import MODEL, TERMS

PARAMETERS: dict[str, Any] = {"endpoint": "OS", "model": "gao-2025", "terms": TERMS, "times": [12, 24]}
CUTOFF = 0.5


def frame(n: int = 600, beta: float = 1.0, unit: str = "TPM", **model: Any) -> Frame:
    """Patients whose log hazard is `beta` times the score."""
    chance = np.random.default_rng(7)
    rows = []
    for number in range(n):
        s100a11, pusl1 = float(chance.lognormal(5.5, 1)), float(chance.lognormal(2.5, 0.8))
        score = 0.00026 * s100a11 + 0.02752 * pusl1
        time, censored = chance.exponential(40 / np.exp(beta * score)), chance.uniform(6, 80)
        rows.append(
            {
                "patient": f"P-{number:03d}",
                "months": float(min(time, censored)),
                "event": bool(time <= censored),
                TERMS["S100A11"]: s100a11,
                TERMS["PUSL1"]: pusl1,
            }
        )
    columns = {name: {"label": name, "unit": unit} for name in TERMS.values()}
    return Frame(rows, columns=columns, constants={"risk_model": MODEL | model}).canonical()


def run(given: Frame, **asked: Any) -> dict[str, Any]:
    parameters = PARAMETERS | asked
    VALIDATION.check(parameters)
    return dict(plain(VALIDATION.compute(given, parameters)))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return run(frame(cutoff=CUTOFF))


def test_a_score_that_predicts_as_it_says_has_a_slope_of_one(found: dict[str, Any]) -> None:
    assert found["refused"] is None
    slope = found["slope"]
    assert slope["low"] < 1 < slope["high"]
    assert slope["p"] < 0.001 < 0.05 < slope["p_one"]


def test_a_score_whose_differences_are_too_large_here_has_a_slope_below_one() -> None:
    slope = run(frame(beta=0.2))["slope"]
    assert slope["high"] < 1
    assert slope["p_one"] < 0.001


def test_the_concordance_is_that_of_the_score_itself_also_where_it_goes_the_wrong_way() -> None:
    given = frame(beta=-1.0)
    scores = [row["score"] for row in run(given)["scores"]]
    by_hand = concordance(given.times(), given.column("event"), scores).c
    output = run(given)
    assert output["concordance"]["c"] == pytest.approx(by_hand, abs=1e-12)
    assert by_hand < 0.5
    assert output["slope"]["coef"] < 0
    assert VALIDATION.headline(output)[2].verdict == "The score does not tell who has the event earlier"


def test_groups_are_those_of_the_models_own_cutoff(found: dict[str, Any]) -> None:
    high = {row["patient"] for row in found["scores"] if row["is_high"]}
    assert {row["patient"] for row in found["scores"] if row["score"] > CUTOFF} == high
    assert {group["name"]: group["n"] for group in found["survival"]["groups"]} == {
        "low": 600 - len(high),
        "high": len(high),
    }
    assert found["survival"]["cutoff"]["value"] == CUTOFF


def test_a_model_without_a_cutoff_is_split_at_the_median_and_calls_nobody_high() -> None:
    output = run(frame())
    assert {row["is_high"] for row in output["scores"]} == {None}
    assert output["survival"]["cutoff"]["method"] == "median"


def test_who_was_never_followed_has_a_score_and_counts_nowhere_else() -> None:
    given = frame(60)
    rows = [row | ({"months": None, "event": None} if place < 5 else {}) for place, row in enumerate(given.rows)]
    absences = {row["patient"]: {"months": "no last contact"} for row in rows[:5]}
    output = run(replace(given, rows=rows, absences=absences))
    assert len(output["scores"]) == 60
    assert output["n"] == output["survival"]["n"] == 55
    assert output["dropped"] == {"no value of months: no last contact": 5}


def test_each_score_names_the_values_that_it_was_made_of(found: dict[str, Any]) -> None:
    first = found["scores"][0]
    assert first["score"] == pytest.approx(0.00026 * first["values"]["S100A11"] + 0.02752 * first["values"]["PUSL1"])


def test_its_own_patients_are_said_to_validate_nothing() -> None:
    assert OWN_PATIENTS in run(frame(60, is_own=True))["warnings"]
    assert OWN_PATIENTS not in run(frame(60))["warnings"]
    some = run(frame(60, shared=["P-003", "P-004", "somebody who is not here"]))
    assert some["shared"] == 2
    assert "shared" not in some["model"]
    assert "2 of these patients" in some["warnings"][0]
    assert not some["is_own"]


def test_another_unit_and_words_are_refused_in_words() -> None:
    assert "valid for values in TPM" in run(frame(20, unit="FPKM"))["refused"]
    given = frame(20)
    words = replace(given, rows=[row | {TERMS["PUSL1"]: "high"} for row in given.rows])
    assert "is no number" in run(words)["refused"]
    assert run(words)["scores"] == []


def test_too_few_events_leave_scores_and_no_slope() -> None:
    given = frame(30)
    quiet = replace(given, rows=[row | {"event": False} for row in given.rows])
    output = run(quiet)
    assert len(output["scores"]) == 30
    assert "fewer than" in output["refused"]
    assert output["slope"] is None
    assert [claim.name for claim in VALIDATION.headline(output)][:2] == ["n", "events"]


def test_a_unit_of_a_term_goes_before_that_of_the_model() -> None:
    first, second = (dict(term) for term in MODEL["terms"])
    terms = [first | {"unit": "FPKM"}, second]
    given = frame(40, terms=terms)
    assert "S100A11 is given in TPM" in run(given)["refused"]
    columns = given.columns | {TERMS["S100A11"]: {"label": "S100A11", "unit": "FPKM"}}
    assert run(replace(given, columns=columns))["refused"] is None


@pytest.mark.parametrize(
    ("name", "value"), [("terms", {}), ("number", 0), ("times", []), ("times", [0]), ("cutoff", 3), ("model", None)]
)
def test_nonsense_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as refusal:
        VALIDATION.check(PARAMETERS | {name: value})
    assert refusal.value.name == name


def test_figures_and_tables_are_of_what_was_found(found: dict[str, Any]) -> None:
    assert [figure.name for figure in VALIDATION.figures(found)] == [
        "survival-km", "survival-distribution", "timeroc-roc", "timeroc-auc",
    ]  # fmt: skip
    tables = {table.name: table for table in VALIDATION.tables(found)}
    assert list(tables)[:3] == ["model", "measures", "groups"]
    measures = {row[0]: row[1] for row in tables["measures"].rows}
    assert measures["Score above the cutoff of the model"].endswith("of 600")
    assert tables["groups"].title == "High means above 0.5, the cutoff of the model"
