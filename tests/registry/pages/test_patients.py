"""The list of patients: who is on it, how it is filtered, what it costs."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.clinical.services import baseline_save, follow_up_add, outcome_event_add
from registry.cohorts.models import Cohort
from registry.cohorts.services import rule_set
from registry.patients.services import enrolment_withdraw
from registry.people.models import Site, User
from registry.people.roles import Role
from tests.registry.fixtures import BY, enrol, make_cohort
from tests.registry.people import client_of, signed_in, site

pytestmark = pytest.mark.django_db
CUT = date(2024, 1, 31)


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


def numbers(client: Client, **chosen: str) -> list[str]:
    page = client.get("/patients/", chosen).context["page_obj"]
    return [patient.study_number for patient in page]


@pytest.fixture
def five(a_cohort: Cohort) -> list[str]:
    for number in range(1, 6):
        enrolled = enrol(a_cohort, f"P-{number:03}", sex="F" if number == 1 else "M")
        if number == 2:
            outcome_event_add(patient=enrolled.patient, kind="death", day=date(2023, 5, 1), by=BY)
        if number == 3:
            follow_up_add(patient=enrolled.patient, day=date(2023, 12, 1), by=BY)
        if number == 4:
            enrolment_withdraw(enrolment=enrolled, on=date(2023, 1, 1), why="asked to leave", by=BY)
    return [f"P-{number:03}" for number in range(1, 6)]


def test_everybody_is_on_the_list_by_study_number(client: Client, five: list[str]) -> None:
    assert numbers(client) == five


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"q": "p-003"}, ["P-003"]),
        ({"sex": "F"}, ["P-001"]),
        ({"event": "yes"}, ["P-002"]),
        ({"event": "no", "sex": "M"}, ["P-003", "P-004", "P-005"]),
        # Neither the dead, nor who was seen lately, nor who left.
        ({"overdue": "on"}, ["P-001", "P-005"]),
        ({"overdue": "on", "cohort": "resection"}, ["P-001", "P-005"]),
        ({"eligibility": "ineligible"}, []),
        ({"cohort": "no-such-cohort", "q": "P-001"}, ["P-001"]),
    ],
)
def test_filters_can_be_combined(client: Client, five: list[str], chosen: dict[str, str], found: list[str]) -> None:
    assert numbers(client, **chosen) == found


def test_nobody_waits_for_a_contact_of_a_patient_who_was_not_eligible(client: Client, a_cohort: Cohort) -> None:
    rule_set(
        cohort=a_cohort,
        text="Age 18 to 80 years",
        kind="include",
        variable="age",
        operator="between",
        bounds=[18, 80],
        by=BY,
    )
    for number, age in (("P-001", 61.0), ("P-002", 84.0)):
        baseline_save(enrolment=enrol(a_cohort, number), values={"age": age}, by=BY)
    assert numbers(client, overdue="on") == ["P-001"]
    assert "overdue" in client.get("/patients/P-001/").content.decode()
    assert "overdue" not in client.get("/patients/P-002/").content.decode()


def test_a_filter_by_cohort_leaves_out_the_patients_of_others(
    client: Client, five: list[str], an_ici_cohort: Cohort
) -> None:
    enrol(an_ici_cohort, "ICI-1")
    assert numbers(client, cohort="ici") == ["ICI-1"]
    assert numbers(client, cohort="ici", eligibility="eligible") == ["ICI-1"]


def test_the_page_marks_the_dead_the_withdrawn_and_the_last_contact(client: Client, five: list[str]) -> None:
    page = client.get("/patients/").content.decode()
    assert "Death 2023-05-01" in page
    assert "Withdrawn" in page
    assert "2023-12-01" in page


def test_a_stranger_sees_none_of_them(five: list[str]) -> None:
    assert numbers(signed_in(Role.INVESTIGATOR, username="x", sites=[site("FAR")])) == []


def test_a_pathologist_sees_no_list(bob: User) -> None:
    assert client_of(bob).get("/patients/").status_code == 403


def test_the_list_costs_the_same_number_of_queries_for_any_number_of_patients(client: Client, a_cohort: Cohort) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/patients/", {"overdue": "on"})
        return len(seen)

    client.get("/patients/")
    enrol(a_cohort, "P-1")
    few = cost()
    for number in range(2, 30):
        enrolled = enrol(a_cohort, f"P-{number}")
        outcome_event_add(patient=enrolled.patient, kind="recurrence", day=date(2022, 6, 1), by=BY)
    assert cost() == few
    assert few <= 26


def test_a_long_list_has_pages_that_keep_the_filter(client: Client, a_cohort: Cohort) -> None:
    for number in range(60):
        enrol(a_cohort, f"P-{number:03}", sex="M")
    page = client.get("/patients/", {"sex": "M", "page": "2"})
    assert len(page.context["page_obj"]) == 10
    assert "sex=M&amp;page=1" in page.content.decode()


def test_simulated_patients_are_marked(client: Client, a_site: Site) -> None:
    enrol(make_cohort(a_site, "demo", is_simulated=True), "SIM-1")
    assert "These patients do not exist" in client.get("/patients/").content.decode()
