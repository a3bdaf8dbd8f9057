"""A Cox model asked about one patient: points as the nomogram has them, survival as the model predicts it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis.calculator.calculation import NoCalculator, calculator_of
from analysis.canonical import canonical_json
from analysis.engine.models import Result, Run, StoredFrame
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.kinds.registry import kind_of
from analysis.stats.cox_baseline import predict_survival
from registry.people.models import User
from tests.registry import people
from tests.registry.fixtures import BY, make_cohort
from tests.registry.people import client_of

AGE, ALBUMIN, CAPSULE = "baseline:age", "blood:ALB", "extra:capsule"
PARAMETERS: dict[str, Any] = {"endpoint": "OS", "covariates": [AGE, ALBUMIN, CAPSULE]}


def frame(n: int = 120) -> Frame:
    random = np.random.default_rng(3)
    rows = []
    for i in range(n):
        age, albumin, capsule = float(random.integers(30, 80)), float(random.normal(40, 5)), str(i % 2)
        risk = np.exp(0.03 * (age - 55) - 0.05 * (albumin - 40) + 0.5 * int(capsule))
        rows.append(
            {
                "patient": f"P{i:03d}",
                "months": float(min(random.exponential(40 / risk), 50)),
                "event": bool(random.random() < 0.8),
                AGE: age,
                ALBUMIN: albumin,
                CAPSULE: capsule,
            }
        )
    columns: dict[str, dict[str, Any]] = {
        AGE: {"label": "age", "unit": "years"},
        ALBUMIN: {"label": "ALB", "unit": "g/L"},
        CAPSULE: {"label": "Capsule", "unit": "", "levels": {"0": "absent", "1": "present"}},
    }
    return Frame(rows, columns=columns)


def test_points_add_up_and_survival_is_that_of_the_model() -> None:
    found = calculator_of("cox", frame().to_bytes(), canonical_json(PARAMETERS))
    answer = found.answer({AGE: 61.0, ALBUMIN: 33.5, CAPSULE: "1"})
    assert answer.total == pytest.approx(sum(row.points for row in answer.points), rel=1e-12)
    assert [row.years for row in answer.survival] == [1, 2, 3]  # nobody was followed for five
    expected = predict_survival(found.fit, [61.0, 33.5, 1.0], [12, 24, 36])
    assert [row.survival for row in answer.survival] == pytest.approx(expected.survival, rel=1e-12)
    assert [(row.low, row.high) for row in answer.survival] == list(zip(expected.low, expected.high, strict=True))
    assert answer.survival[1].survival == pytest.approx(found.chart.survival_at([answer.total], 24)[0], rel=1e-9)
    assert found.answer({AGE: 61.0, ALBUMIN: 20.0, CAPSULE: "0"}).points[1].is_outside
    far_away = found.answer({AGE: 400.0, ALBUMIN: 20.0, CAPSULE: "0"}).survival[0]
    assert (far_away.survival, far_away.low, far_away.high) == (0.0, None, None)
    validated = found.validated
    assert validated is not None
    assert 0.5 < validated.concordance_corrected < validated.concordance == pytest.approx(found.fit.concordance.c)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"strata": [CAPSULE], "covariates": [AGE]}, "stratum"),
        ({"landmark": 6}, "landmark"),
        ({"interactions": [[AGE, ALBUMIN]]}, "products"),
        ({"covariates": [CAPSULE], "references": {CAPSULE: "2"}}, "Capsule"),
    ],
)
def test_a_model_that_says_nothing_of_one_patient_says_why(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(NoCalculator, match=why):
        calculator_of("cox", frame().to_bytes(), canonical_json(PARAMETERS | changed))


def stored(kind: str, parameters: dict[str, Any], given: Frame | None = None) -> Run:
    given = given or frame()
    cohort = make_cohort(people.site("HEB"))
    analysis = analysis_define(cohort=cohort, slug="it", title="It", kind=kind, parameters=parameters, by=BY)
    rows = StoredFrame.objects.create(
        fingerprint=given.fingerprint(), packed=StoredFrame.pack(given.to_bytes()), rows=len(given.rows)
    )
    result = Result.objects.create(
        analysis=analysis,
        look=1,
        kind=kind,
        frame=rows,
        parameters=canonical_json(parameters),
        kind_version=kind_of(kind).version,
        output=canonical_json(kind_of(kind).compute(given, parameters)),
        headline="[]",
        provenance=canonical_json({"software": {}}),
    )
    now = timezone.now()
    return Run.objects.create(
        analysis=analysis, state=Run.State.DONE, trigger="test", worker="test", result=result, finished_at=now
    )


@pytest.mark.django_db
def test_the_page_takes_values_in_any_unit_of_the_analyte_and_keeps_none(alice: User) -> None:
    run = stored("cox", PARAMETERS)
    client, page = client_of(alice), reverse("analysis:run-calculator", args=[run.pk])
    assert page in client.get(reverse("analysis:run", args=[run.pk])).content.decode()
    empty = client.get(page).content.decode()
    assert "corrected for optimism" in empty
    assert run.result is not None and run.result.frame_id in empty
    in_litres = _asked(client, page, {"value-0": "61", "value-1": "33.5", "unit-1": "g/L", "value-2": "1"})
    in_decilitres = _asked(client, page, {"value-0": "61", "value-1": "3.35", "unit-1": "g/dL", "value-2": "1"})
    assert in_litres == in_decilitres
    beyond = _asked(client, page, {"value-0": "99999", "value-1": "33.5", "unit-1": "g/L", "value-2": "1"})
    assert "no survival can be predicted" in str(beyond["errors"])
    assert in_litres["errors"] == {} and len(in_litres["survival"]) == 3
    huge = _asked(client, page, {"value-0": "1e999999999", "value-1": "33.5", "unit-1": "g/L", "value-2": "1"})
    assert set(huge["errors"]) == {"value-0"}
    wrong = _asked(client, page, {"value-0": "sixty", "value-1": "NaN", "unit-1": "mg", "value-2": ""})
    assert set(wrong["errors"]) == {"value-0", "value-1", "unit-1", "value-2"}


def _asked(client: Client, page: str, data: dict[str, str]) -> dict[str, Any]:
    answer = client.post(page, data)
    assert answer.status_code == 200
    found = answer.context.get("answer")
    return {"errors": dict(answer.context["form"].errors), "survival": found.survival if found else []}


@pytest.mark.parametrize(
    ("kind", "own"), [("nomogram", {"times": [12]}), ("calibration", {"horizon": 12, "resamples": 10})]
)
def test_a_nomogram_and_a_calibrated_model_are_asked_like_the_model_itself(kind: str, own: dict[str, Any]) -> None:
    values: dict[str, float | str] = {AGE: 61.0, ALBUMIN: 33.5, CAPSULE: "1"}
    of_cox = calculator_of("cox", frame().to_bytes(), canonical_json(PARAMETERS)).answer(values)
    assert calculator_of(kind, frame().to_bytes(), canonical_json(PARAMETERS | own)).answer(values) == of_cox


SIGNATURE = ((ALBUMIN, -0.05), (AGE, 0.03))
OF_SCORE = {"endpoint": "OS", "covariates": [AGE, ALBUMIN], "clinical": [CAPSULE], "times": [12]}


def test_in_place_of_a_score_its_terms_are_entered() -> None:
    found = calculator_of("pipeline", frame().to_bytes(), canonical_json(OF_SCORE), SIGNATURE)
    assert [covariate.name for covariate in found.entered()] == [ALBUMIN, AGE, CAPSULE]
    answer = found.answer({AGE: 61.0, ALBUMIN: 33.5, CAPSULE: "1"})
    score = 0.03 * 61 - 0.05 * 33.5
    assert [point.label for point in answer.points] == ["risk score", "Capsule"]
    assert answer.points[0].shown == f"{score:.6g}"
    assert answer.points[0].made_of == ("ALB 33.5 g/L", "age 61 years")
    expected = predict_survival(found.fit, [score, 1.0], [12, 24, 36])
    assert [row.survival for row in answer.survival] == pytest.approx(expected.survival, rel=1e-12)
    # The score lies among theirs, one of its terms among nobody's.
    assert not answer.points[0].is_outside
    assert found.answer({AGE: 100.0, ALBUMIN: 56.0, CAPSULE: "1"}).points[0].is_outside


@pytest.mark.django_db
def test_the_page_of_a_pipeline_asks_for_the_values_of_its_score(alice: User) -> None:
    run = stored("pipeline", OF_SCORE | {"threshold": 0.9, "resamples": 10})
    assert run.result is not None
    terms = [term["label"] for term in run.result.output_values["score"]["terms"]]
    client, page = client_of(alice), reverse("analysis:run-calculator", args=[run.pk])
    assert page in client.get(reverse("analysis:run", args=[run.pk])).content.decode()
    form = client.get(page).context["form"]
    assert [entry.covariate.label for entry in form.entries()] == [*terms, "Capsule"]


@pytest.mark.django_db
def test_the_patients_of_a_pipelines_model_are_those_with_all_clinical_values(alice: User) -> None:
    whole = frame()
    rows = [row | ({CAPSULE: None} if place < 20 else {}) for place, row in enumerate(whole.rows)]
    run = stored("pipeline", OF_SCORE | {"threshold": 0.9, "resamples": 10}, replace(whole, rows=rows))
    assert run.result is not None and run.result.output_values["n"] == 120
    page = client_of(alice).get(reverse("analysis:run-calculator", args=[run.pk])).content.decode()
    events = sum(row["event"] for row in rows[20:])
    assert f"<dd>100, {events} with the event</dd>" in page


@pytest.mark.django_db
def test_only_a_model_is_asked(alice: User) -> None:
    run = stored("correlate", {"columns": [AGE, ALBUMIN]})
    page = client_of(alice).get(reverse("analysis:run-calculator", args=[run.pk]))
    assert "There is no calculator of this model." in page.content.decode()
