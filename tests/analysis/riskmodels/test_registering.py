"""From a run to a registered model, by the page."""

import pytest
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.validating import validations_define
from analysis.standing import last_run
from registry.clinical.services import extra_value_set
from registry.cohorts.services import cohort_update
from registry.models import ExtraValue, ExtraVariable, Patient
from registry.patients.services import enrolment_create
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.riskmodels.worlds import a_model, expressed
from tests.registry.fixtures import BY, RESECTED
from tests.registry.people import client_of, person, signed_in, site

pytestmark = pytest.mark.django_db
COVARIATES = ["extra:S100A11", "extra:PUSL1"]


def asked(kind: str, code: str = "first", **parameters: object) -> Analysis:
    cohort = expressed(code, patients=60)
    analysis = analysis_define(
        cohort=cohort,
        slug=kind,
        title=f"A {kind} of two genes",
        kind=kind,
        parameters={"endpoint": "OS", "covariates": COVARIATES} | parameters,
        by=BY,
    )
    run_stale("test")
    analysis.refresh_from_db()
    return analysis


def register(analysis: Analysis, **given: str) -> object:
    run = last_run(analysis)
    assert run
    client = client_of(
        User.objects.filter(username="ivy").first()
        or person(Role.INVESTIGATOR, username="ivy", sites=[analysis.cohort.site])
    )
    given = {"title": "Two genes", "reason": "to be validated"} | given
    return client.post(reverse("analysis:run-model", args=[run.pk]), given)


def test_the_score_of_a_pipeline_is_registered_with_cutoff_origin_and_validations() -> None:
    expressed("second")
    analysis = asked("pipeline", times=[12], threshold=0.9, resamples=10)
    assert analysis.current
    score = analysis.current.output_values["score"]
    response = register(analysis)
    model = RiskModel.objects.get(code="two-genes")
    assert response.url == reverse("analysis:model", args=["two-genes", 1])  # type: ignore[attr-defined]
    assert [term["coefficient"] for term in model.terms] == [term["coef"] for term in score["terms"]]
    assert {term["unit"] for term in model.terms} == {"TPM"}
    assert (model.unit, model.cutoff, model.endpoint) == ("TPM", score["above"], "OS")
    assert (model.developed_in, model.result) == (analysis.cohort, analysis.current)
    made = Analysis.objects.filter(kind="validation", parameters__model="two-genes")
    assert {row.cohort.code for row in made} == {"first", "second"}
    run_stale("test")
    client = signed_in(Role.ADMINISTRATOR)
    page = client.get(reverse("analysis:model", args=["two-genes", 1])).content.decode()
    assert "its own patients" in page
    for row in made:
        assert "the cutoff of the model" in client.get(row.get_absolute_url()).content.decode()
    assert page.count("Fresh") == 2


def test_a_score_is_registered_once_and_another_becomes_the_next_version() -> None:
    analysis = asked("cox")
    register(analysis)
    again = register(analysis)
    assert "registered already" in again.content.decode()  # type: ignore[attr-defined]
    register(asked("stepwise", "third"), code="two-genes")
    assert list(RiskModel.objects.filter(code="two-genes").values_list("number", flat=True)) == [1, 2]


def test_who_is_in_another_cohort_as_well_is_counted_there_and_validates_nothing() -> None:
    register(asked("cox"))
    page = reverse("analysis:model", args=["two-genes", 1])
    other = expressed("second")
    known = Patient.objects.get(study_number="FIR-003")
    enrolment = enrolment_create(patient=known, cohort=other, index_date=RESECTED, by=BY)
    for variable in ExtraVariable.objects.filter(cohort=other):
        extra_value_set(enrolment=enrolment, variable=variable, value=3.0, by=BY)
    validations_define()
    run_stale("test")
    made = Analysis.objects.get(kind="validation", parameters__model="two-genes", cohort=other)
    assert made.current
    assert made.current.output_values["shared"] == 1
    shown = signed_in(Role.ADMINISTRATOR).get(page).content.decode()
    assert "1 of its own patients" in shown
    assert "Not in other patients yet" in shown


def test_a_model_with_categories_has_no_score_and_says_so() -> None:
    analysis = asked("cox", categories=["extra:PUSL1"])
    response = register(analysis)
    assert "only numbers make a score" in response.content.decode()  # type: ignore[attr-defined]
    assert not RiskModel.objects.filter(code="two-genes").exists()


def test_whoever_registers_sees_that_the_facts_have_changed_since() -> None:
    run = last_run(asked("cox"))
    assert run
    client, page = signed_in(Role.ADMINISTRATOR), reverse("analysis:run-model", args=[run.pk])
    assert "have changed" not in client.get(page).content.decode()
    value = ExtraValue.objects.filter(variable__code="S100A11").order_by("pk").first()
    assert value
    extra_value_set(enrolment=value.enrolment, variable=value.variable, value=5.0, by=BY, reason="typing error")
    assert "The facts of this score have changed" in client.get(page).content.decode()


def test_without_a_reason_nothing_is_registered() -> None:
    response = register(asked("cox"), reason=" ")
    assert response.status_code == 200  # type: ignore[attr-defined]
    assert not RiskModel.objects.filter(code="two-genes").exists()


def test_a_run_of_another_hospital_is_not_found() -> None:
    analysis = asked("cox")
    run = last_run(analysis)
    assert run
    stranger = signed_in(Role.INVESTIGATOR, sites=[site("BJM")])
    assert stranger.get(reverse("analysis:run-model", args=[run.pk])).status_code == 404
    assert signed_in(Role.TECHNICIAN).get(reverse("analysis:models")).status_code == 403


def test_pages_of_models_say_where_patients_are_simulated() -> None:
    cohort = expressed("made-up")
    client = signed_in(Role.INVESTIGATOR, username="ines")
    a_model()
    validations_define()
    assert "banner-simulated" not in client.get("/models/").content.decode()
    cohort_update(cohort=cohort, changes={"is_simulated": True}, expected_version=cohort.version, by=BY)
    for page in ("/models/", "/models/two-genes/1/"):
        assert "banner-simulated" in client.get(page).content.decode()
