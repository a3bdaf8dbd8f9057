"""Three people: alice belongs everywhere, hanna to the hospital of the patient, charlie to another."""

from datetime import date

import pytest
from django.http import Http404

from registry.clinical.access import access_enrolment_fact, access_patient_fact
from registry.clinical.models import ImportedTime, Treatment
from registry.clinical.services import fact_retire, imported_time_set, treatment_add
from registry.cohorts.access import access_cohort, visible_cohorts
from registry.cohorts.models import Cohort
from registry.patients.access import access_enrolment, access_identity, access_patient, visible_patients
from registry.patients.models import Enrolment, Patient
from registry.patients.services import enrolment_create, patient_create
from registry.people.models import Site, User
from registry.people.roles import Role
from tests.registry import people
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanna(a_site: Site) -> User:
    return people.person(Role.DATA_MANAGER, username="hanna", sites=[a_site])


def test_a_cohort_is_seen_by_its_site_and_by_those_of_no_site(
    enrolled: Enrolment, alice: User, hanna: User, charlie: User
) -> None:
    assert access_cohort(alice, "resection") == access_cohort(hanna, "resection") == enrolled.cohort
    assert not visible_cohorts(charlie).exists()
    assert not visible_patients(charlie).exists()


@pytest.mark.parametrize("code", ["resection", "no-such-cohort"])
def test_a_stranger_cannot_tell_a_cohort_that_is_hidden_from_one_that_is_not(
    enrolled: Enrolment, charlie: User, code: str
) -> None:
    with pytest.raises(Http404) as refused:
        access_cohort(charlie, code)
    assert str(refused.value) == ""


@pytest.mark.parametrize("number", ["P-001", "P-999"])
def test_a_stranger_cannot_tell_a_patient_who_is_hidden_from_one_who_is_not(
    enrolled: Enrolment, charlie: User, number: str
) -> None:
    for ask in (
        lambda: access_patient(charlie, number),
        lambda: access_identity(charlie, number),
        lambda: access_enrolment(charlie, "resection", number),
    ):
        with pytest.raises(Http404) as refused:
            ask()
        assert str(refused.value) == ""


def test_a_patient_enrolled_in_the_cohort_of_another_site_is_seen_there_without_the_identity(
    a_patient: Patient, charlie: User, hanna: User
) -> None:
    elsewhere = make_cohort(Site.objects.get(code="FAR"), "far")
    enrolment_create(patient=a_patient, cohort=elsewhere, by=BY)
    assert access_patient(charlie, "P-001") == a_patient
    with pytest.raises(Http404):
        access_identity(charlie, "P-001")
    assert access_identity(hanna, "P-001") == a_patient
    with pytest.raises(Http404):
        access_enrolment(hanna, "far", "P-001")
    assert access_enrolment(charlie, "far", "P-001").cohort == elsewhere


def test_a_fact_is_reached_through_its_own_patient_only(enrolled: Enrolment, a_site: Site, alice: User) -> None:
    patient_create(study_number="P-002", site=a_site, by=BY)
    treatment = treatment_add(patient=enrolled.patient, kind="tace", start=RESECTED, by=BY)
    assert access_patient_fact(alice, Treatment, "P-001", treatment.pk) == treatment
    with pytest.raises(Http404):
        access_patient_fact(alice, Treatment, "P-002", treatment.pk)
    fact_retire(fact=treatment, expected_version=1, by=BY, reason="another patient")
    with pytest.raises(Http404):
        access_patient_fact(alice, Treatment, "P-001", treatment.pk)


def test_a_fact_of_an_enrolment_elsewhere_is_not_reached(a_patient: Patient, hanna: User, charlie: User) -> None:
    elsewhere = make_cohort(Site.objects.get(code="FAR"), "far")
    enrolment = enrolment_create(patient=a_patient, cohort=elsewhere, by=BY)
    time = imported_time_set(enrolment=enrolment, endpoint="OS", months=3.0, is_event=False, by=BY)
    assert access_enrolment_fact(charlie, ImportedTime, "P-001", time.pk) == time
    with pytest.raises(Http404):
        access_enrolment_fact(hanna, ImportedTime, "P-001", time.pk)


def test_everybody_of_a_cohort_is_seen_once(a_cohort: Cohort, an_ici_cohort: Cohort, hanna: User) -> None:
    for number in ("P-1", "P-2"):
        enrolment = enrol(a_cohort, number)
        enrolment_create(patient=enrolment.patient, cohort=an_ici_cohort, index_date=date(2023, 1, 1), by=BY)
    assert [patient.study_number for patient in visible_patients(hanna)] == ["P-1", "P-2"]
