"""Every registered model in every cohort that can be scored, without anybody asking."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_retire
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.scorable import scorable
from analysis.riskmodels.validating import validations_define
from analysis.scores.models import PatientScore
from labs.blood.services import blood_result_record
from labs.models import Analyte
from labs.specimens.services import specimen_create
from registry.clinical.services import extra_value_set, extra_variable_set
from registry.models import ExtraValue
from tests.analysis.riskmodels.worlds import a_model, expressed
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort
from tests.registry.people import site

pytestmark = pytest.mark.django_db


def validations(model: RiskModel) -> dict[str, Analysis]:
    found = Analysis.objects.filter(kind="validation", parameters__model=model.code, parameters__number=model.number)
    return {analysis.cohort.code: analysis for analysis in found.select_related("cohort", "current")}


def test_a_model_is_applied_wherever_its_values_are_in_its_unit() -> None:
    model = a_model()
    expressed("first")
    expressed("second", suffix="_TPM", labelled=False)
    expressed("other-unit", unit="FPKM")
    make_cohort(site("HEB"), "nothing")
    validations_define()
    run_stale("test")
    found = validations(model)
    assert set(found) == {"first", "second"}
    assert found["second"].parameters["terms"] == {"S100A11": "extra:S100A11_TPM", "PUSL1": "extra:PUSL1_TPM"}
    output = found["first"].current.output_values if found["first"].current else {}
    assert output["n"] == 23
    assert output["concordance"]["c"] > 0.6


def test_it_is_defined_once_and_never_again_where_somebody_retired_it() -> None:
    model = a_model()
    expressed("first")
    assert len([made for made in validations_define() if made.parameters["model"] == model.code]) == 1
    assert validations_define() == []
    analysis = validations(model)["first"]
    analysis_retire(analysis=analysis, expected_version=analysis.version, by=BY, reason="not wanted")
    assert validations_define() == []


def test_the_next_version_is_validated_beside_the_old_one() -> None:
    old = a_model()
    expressed("first")
    validations_define()
    new = a_model(number=2, cutoff=0.4)
    validations_define()
    assert set(validations(old)) == set(validations(new)) == {"first"}


def test_a_cohort_that_cannot_be_scored_says_why() -> None:
    model = a_model()
    bare = make_cohort(site("HEB"), "bare")
    assert scorable(model, bare).why == "Nothing in the cohort is S100A11 in TPM."
    twice = expressed("twice")
    extra_variable_set(cohort=twice, code="S100A11_TPM", label="S100A11 again", type="number", unit="TPM", by=BY)
    assert "could be any of extra:S100A11, extra:S100A11_TPM" in scorable(model, twice).why
    empty = make_cohort(site("HEB"), "empty")
    for gene in ("S100A11", "PUSL1"):
        extra_variable_set(cohort=empty, code=gene, label=gene, type="number", unit="TPM", by=BY)
    assert scorable(model, empty).why == "Nobody in the cohort has all values of the model."
    assert "does not have RFS" in scorable(a_model("of-rfs", endpoint="RFS"), twice).why


def test_a_value_that_is_corrected_makes_the_validation_stale_and_the_patient_has_the_new_score() -> None:
    model = a_model(cutoff=0.5)
    expressed("first")
    validations_define()
    run_stale("test")
    analysis = validations(model)["first"]
    row = PatientScore.objects.get(result=analysis.current, enrolment__patient__study_number="FIR-003")
    assert row.value == pytest.approx(0.002 * 300 + 0.05 * 5)
    assert row.is_high is True
    assert row.values == {"S100A11": 300.0, "PUSL1": 5.0}
    value = ExtraValue.objects.get(enrolment=row.enrolment, variable__code="S100A11")
    extra_value_set(enrolment=value.enrolment, variable=value.variable, value=10.0, by=BY, reason="typing error")
    assert freshness_of(analysis).state == "stale"
    run_stale("test")
    analysis.refresh_from_db()
    now = PatientScore.objects.get(result=analysis.current, enrolment=row.enrolment)
    assert now.value == pytest.approx(0.002 * 10 + 0.05 * 5)
    assert now.is_high is False
    assert PatientScore.objects.filter(enrolment=row.enrolment, model=model).count() == 2


def test_who_was_never_followed_has_a_score_too() -> None:
    model = a_model()
    cohort = expressed("first")
    new = enrol(cohort, "NEW-1")
    for gene, value in (("S100A11", 50.0), ("PUSL1", 4.0)):
        variable = cohort.extra_variables.get(code=gene)
        extra_value_set(enrolment=new, variable=variable, value=value, by=BY)
    validations_define()
    run_stale("test")
    current = validations(model)["first"].current
    assert PatientScore.objects.get(result=current, enrolment=new).value == pytest.approx(0.1 + 0.2)


def test_scores_are_not_changed_once_they_are_written() -> None:
    a_model()
    expressed("first")
    validations_define()
    run_stale("test")
    with pytest.raises(Exception, match="append-only"):
        PatientScore.objects.update(value=1.0)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"terms": []}, "terms"),
        ({"terms": [{"name": "A", "coefficient": float("nan")}]}, "terms"),
        ({"terms": [{"name": "A", "coefficient": True}]}, "terms"),
        ({"terms": [{"name": "A", "coefficient": 1}, {"name": "A", "coefficient": 2}]}, "terms"),
        ({"terms": [{"name": "A", "coefficient": 1, "weight": 2}]}, "terms"),
        ({"terms": [{"name": " ", "coefficient": 1}]}, "terms"),
        ({"terms": "A"}, "terms"),
        ({"unit": ""}, "unit"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused_by_field(given: dict[str, Any], name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        a_model(**given)
    assert name in refusal.value.message_dict


def test_a_term_that_names_a_fact_of_no_cohort_stops_nobody_else() -> None:
    cohort = expressed("first")
    a_model("nonsense", terms=[{"name": "x", "coefficient": 1, "unit": "", "variable": "baseline:nonsense"}])
    assert "Nothing in the cohort is x" in scorable(RiskModel.objects.get(code="nonsense"), cohort).why
    model = a_model()
    validations_define()
    assert set(validations(model)) == {"first"}


@pytest.mark.parametrize("unit", ["umol/L", "µmol/L"])
def test_a_blood_value_is_found_by_either_spelling_of_its_unit(unit: str) -> None:
    cohort = expressed("first")
    analyte = Analyte.objects.get(code="TBIL")
    for place, enrolment in enumerate(cohort.enrolments.select_related("patient").order_by("pk")):
        draw = specimen_create(
            patient=enrolment.patient, code=f"B-{place}", kind="blood", collected=RESECTED - timedelta(days=2), by=BY
        )
        blood_result_record(specimen=draw, analyte=analyte, value=10.0 + place, unit="umol/L", by=BY)
    model = a_model("bilirubin", terms=[{"name": "TBIL", "coefficient": 0.1}], unit=unit)
    validations_define()
    run_stale("test")
    current = validations(model)["first"].current
    assert current
    assert current.output_values["refused"] is None
    assert min(current.patient_scores.values_list("value", flat=True)) == pytest.approx(1.0)
