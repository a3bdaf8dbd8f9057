"""The scores on the page of a patient."""

from datetime import date

import pytest

from analysis.engine.execution import run_stale
from analysis.riskmodels.validating import validations_define
from registry.clinical.services import extra_value_set
from registry.models import Enrolment, ExtraValue
from registry.patients.services import enrolment_withdraw
from registry.people.roles import Role
from tests.analysis.riskmodels.worlds import a_model, expressed
from tests.registry.fixtures import BY
from tests.registry.people import signed_in, site

pytestmark = pytest.mark.django_db
PAGE = "/patients/FIR-003/"


def page() -> str:
    return signed_in(Role.INVESTIGATOR).get(PAGE).content.decode()


@pytest.fixture
def scored_patient() -> Enrolment:
    a_model(cutoff=0.5)
    cohort = expressed("first")
    validations_define()
    run_stale("test")
    return cohort.enrolments.get(patient__study_number="FIR-003")


def test_a_patient_shows_score_group_values_and_whether_they_stand(scored_patient: Enrolment) -> None:
    shown = page()
    assert "Two genes" in shown
    assert "S100A11 300 TPM; PUSL1 5 TPM" in shown
    assert "0.85" in shown
    assert "Stale" not in shown


def test_a_corrected_value_leaves_the_score_marked_stale_until_it_is_computed(scored_patient: Enrolment) -> None:
    value = ExtraValue.objects.get(enrolment=scored_patient, variable__code="S100A11")
    extra_value_set(enrolment=scored_patient, variable=value.variable, value=10.0, by=BY, reason="typing error")
    assert "Stale" in page()


def test_who_has_withdrawn_shows_none(scored_patient: Enrolment) -> None:
    enrolment_withdraw(enrolment=scored_patient, on=date(2023, 1, 1), why="wish", by=BY)
    assert "Two genes" not in page()


def test_somebody_of_another_hospital_sees_no_patient_and_no_score(scored_patient: Enrolment) -> None:
    stranger = signed_in(Role.INVESTIGATOR, sites=[site("BJM")], username="stranger")
    assert stranger.get(PAGE).status_code == 404
    listed = stranger.get("/models/two-genes/1/")
    assert listed.status_code == 200
    assert "Cohort first" not in listed.content.decode()
