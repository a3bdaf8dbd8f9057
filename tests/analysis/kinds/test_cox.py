from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.canonical import plain
from analysis.frames.frame import Frame
from analysis.frames.variables import VariableNameError
from analysis.headline.claims import compare
from analysis.kinds.base import ParameterError
from analysis.kinds.cox import COX
from tests.analysis.tables.command import frame_reproduced_by_r
from tests.services.r import R

AGE, FAP, MVI, GRADE, CAPSULE = "baseline:age", "ihc:FAP@tumour", "baseline:mvi", "baseline:grade", "extra:capsule"
COLUMNS: dict[str, dict[str, Any]] = {
    AGE: {"label": "age (years)", "unit": ""},
    FAP: {"label": "FAP", "unit": ""},
    MVI: {"label": "microvascular invasion", "unit": ""},
    GRADE: {"label": "grade", "unit": ""},
    CAPSULE: {"label": "Capsule", "unit": "", "levels": {"0": "absent", "1": "present"}},
}


def cohort(n: int = 120, *, capsule_hazard: float = 1.2) -> Frame:
    random = np.random.default_rng(2)
    rows = []
    for i in range(n):
        capsule = str(i % 2)
        hazard = np.exp(capsule_hazard * int(capsule))
        rows.append(
            {
                "patient": f"P{i:03d}",
                "months": float(random.exponential(30 / hazard)),
                "event": bool(random.random() < 0.7),
                AGE: float(random.integers(30, 80)),
                FAP: int(random.integers(0, 13)),
                MVI: bool(random.random() < 0.5),
                GRADE: int(random.integers(1, 4)),
                CAPSULE: capsule,
            }
        )
    return Frame(rows, columns=COLUMNS)


def run(frame: Frame, **parameters: Any) -> dict[str, Any]:
    wanted = {"endpoint": "PFS", "covariates": [AGE, FAP, CAPSULE]} | parameters
    COX.check(wanted)
    return dict(plain(COX.compute(frame, wanted)))


def test_the_frame_that_is_asked_for_has_every_variable_complete() -> None:
    wanted = {"endpoint": "PFS", "covariates": [AGE], "interactions": [[FAP, CAPSULE]], "strata": [MVI]}
    COX.check(wanted)
    request = COX.request(wanted)
    assert request.endpoint == "PFS"
    assert set(request.variables) == set(request.required) == {AGE, FAP, CAPSULE, MVI}


def test_a_category_is_compared_by_the_levels_of_its_column() -> None:
    term = run(cohort())["terms"][2]
    assert (term["term"], term["label"]) == (f"{CAPSULE}1", "Capsule: present against absent")
    assert (term["level"], term["reference"]) == ("present", "absent")


def test_yes_and_no_are_a_category_and_numbers_are_one_when_asked() -> None:
    output = run(cohort(), covariates=[MVI, GRADE], categories=[GRADE])
    assert [term["label"] for term in output["terms"]] == [
        "microvascular invasion: yes against no",
        "grade: 2 against 1",
        "grade: 3 against 1",
    ]
    assert run(cohort(), covariates=[GRADE])["terms"][0]["label"] == "grade"


def test_a_reference_may_be_chosen_and_must_be_somebodys() -> None:
    term = run(cohort(), covariates=[CAPSULE], references={CAPSULE: "1"})["terms"][0]
    assert term["label"] == "Capsule: absent against present"
    refused = run(cohort(), covariates=[CAPSULE], references={CAPSULE: "2"})["refused"]
    assert refused == "No model: Capsule: nobody has the level '2' that is to be the reference."


def test_a_product_is_a_term_of_its_own() -> None:
    output = run(cohort(), covariates=[AGE, CAPSULE], interactions=[[AGE, CAPSULE]])
    assert output["terms"][2]["label"] == "age (years) × Capsule: present against absent"
    assert [row["df"] for row in output["ph"]] == [1, 1, 1, 3]


def test_the_claims_are_the_hazard_ratios_with_their_verdicts() -> None:
    output = run(cohort())
    claims = {claim.name: claim for claim in COX.headline(output)}
    capsule = claims[f"hr_{CAPSULE}1"]
    assert capsule.value == output["terms"][2]["hr"]
    assert capsule.low == output["terms"][2]["low"]
    assert capsule.verdict == "Capsule: present against absent: higher hazard"
    assert claims[f"hr_{FAP}"].verdict == "FAP: no effect shown"
    assert claims["n"].value == 120
    assert claims["concordance"].value == output["concordance"]["c"]


def test_an_effect_that_is_shown_no_more_is_a_flip() -> None:
    before, after = (
        [claim.as_json() for claim in COX.headline(run(cohort(capsule_hazard=hazard)))] for hazard in (1.2, 0.0)
    )
    moved = {claim.name: claim for claim in compare(before, after)}
    assert moved[f"hr_{CAPSULE}1"].is_flip


def test_the_tables_and_the_figure_say_what_the_output_holds() -> None:
    output = run(cohort(), strata=[MVI])
    terms, alone, tests, ph = COX.tables(output)
    assert [row[0] for row in terms.rows] == ["age (years)", "FAP", "Capsule: present against absent"]
    assert [row[0] for row in alone.rows] == [row[0] for row in terms.rows]
    assert "Stratified by baseline:mvi." in terms.notes
    assert "Capsule: the reference is absent." in terms.notes
    assert [row[0] for row in tests.rows] == ["Likelihood ratio", "Wald", "Score"]
    assert ph.rows[-1][0] == "all terms together"
    assert [figure.title for figure in COX.figures(output)] == ["Hazard ratios for PFS"]


def test_each_covariate_alone_is_the_model_of_that_covariate() -> None:
    together = run(cohort(), strata=[MVI])
    for row in together["alone"]:
        variable = row["term"] if row["level"] is None else CAPSULE
        alone = run(cohort(), strata=[MVI], covariates=[variable])
        assert row["hr"] == alone["terms"][0]["hr"]
        assert alone["alone"] == []


def test_a_landmark_is_named_wherever_the_endpoint_is() -> None:
    output = run(cohort(), landmark=6)
    assert output["endpoint"] == "PFS from 6 months"
    assert output["n"] + sum(output["dropped"].values()) == 120


@pytest.mark.parametrize("extra", [{}, {"landmark": 3}, {"strata": [CAPSULE]}, {"interactions": [[MVI, AGE]]}])
def test_r_gives_the_same_numbers_from_the_rows_of_a_cohort(r: R, tmp_path: Path, extra: dict[str, Any]) -> None:
    wanted = {"endpoint": "PFS", "covariates": [AGE, MVI, GRADE], "categories": [GRADE]} | extra
    COX.check(wanted)
    frame_reproduced_by_r(r, tmp_path, COX, cohort().canonical(), wanted)


def test_too_few_patients_leave_no_number_in_output_claims_tables_and_figures() -> None:
    output = run(cohort(9))
    assert output["refused"] == "No model: 9 patients have all the facts, fewer than 10."
    assert [claim.verdict for claim in COX.headline(output)] == ["", "", "no model"]
    assert COX.tables(output) == []
    assert COX.figures(output) == []


def test_nobody_with_all_facts_is_an_answer() -> None:
    assert run(Frame([], columns=COLUMNS))["refused"].startswith("No model: 0 patients")


def test_more_coefficients_than_events_are_refused() -> None:
    frame = cohort(40)
    for i, row in enumerate(frame.rows):
        row[CAPSULE] = str(i)
    assert "cannot carry" in run(frame)["refused"]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"covariates": [AGE]}, "endpoint"),
        ({"endpoint": "PFS"}, "covariates"),
        ({"endpoint": "PFS", "covariates": AGE}, "covariates"),
        ({"endpoint": "PFS", "covariates": [AGE, AGE]}, "covariates"),
        ({"endpoint": "PFS", "covariates": [AGE], "categories": [FAP]}, "categories"),
        ({"endpoint": "PFS", "covariates": [AGE], "references": {FAP: "2"}}, "references"),
        ({"endpoint": "PFS", "covariates": [AGE], "references": ["2"]}, "references"),
        ({"endpoint": "PFS", "covariates": [AGE], "interactions": [[AGE]]}, "interactions"),
        ({"endpoint": "PFS", "covariates": [AGE], "interactions": [[AGE, FAP], [FAP, AGE]]}, "interactions"),
        ({"endpoint": "PFS", "covariates": [AGE], "ties": "random"}, "ties"),
        ({"endpoint": "PFS", "covariates": [AGE], "strata": [AGE]}, "strata"),
        ({"endpoint": "PFS", "covariates": [AGE], "strata": AGE}, "strata"),
        ({"endpoint": "PFS", "covariates": [AGE], "cluster": AGE}, "cluster"),
        ({"endpoint": "PFS", "covariates": [AGE], "cluster": 3}, "cluster"),
        ({"endpoint": "PFS", "covariates": [AGE], "cluster": FAP, "ties": "exact"}, "cluster"),
        ({"endpoint": "PFS", "covariates": [AGE], "landmark": -1}, "landmark"),
        ({"endpoint": "PFS", "covariates": [AGE], "colour": "red"}, "colour"),
    ],
)
def test_parameters_that_make_no_sense_are_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        COX.check(parameters)
    assert caught.value.name == name


def test_a_variable_that_no_cohort_has_is_refused() -> None:
    with pytest.raises(VariableNameError):
        COX.check({"endpoint": "PFS", "covariates": ["age"]})
