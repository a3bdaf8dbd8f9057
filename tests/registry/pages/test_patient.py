"""The page of one patient: facts, reasons, derived times, and who may see them."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry import extensions
from registry.clinical.services import (
    assessment_add,
    baseline_save,
    extra_value_set,
    extra_variable_set,
    follow_up_add,
    outcome_event_add,
    response_report,
    treatment_add,
)
from registry.cohorts.models import Cohort
from registry.cohorts.services import rule_set
from registry.extensions import Lane, Mark, Panel
from registry.patients.models import Enrolment, Patient
from registry.patients.services import enrolment_create, enrolment_withdraw, identity_save
from registry.people.models import User
from registry.people.roles import CLINICAL, Role
from tests.registry.fixtures import BY, enrol
from tests.registry.people import client_of, signed_in, site

pytestmark = pytest.mark.django_db
URL = "/patients/P-001/"


@pytest.fixture
def told(enrolled: Enrolment) -> Enrolment:
    """A patient with one of everything."""
    patient = enrolled.patient
    treatment_add(patient=patient, kind="resection", start=date(2022, 3, 5), by=BY)
    treatment_add(patient=patient, kind="ici", agent="Sintilimab", start=date(2023, 6, 1), end=date(2023, 9, 1), by=BY)
    assessment_add(patient=patient, day=date(2023, 7, 15), mrecist="PR", method="MRI", by=BY)
    follow_up_add(patient=patient, day=date(2022, 6, 5), by=BY, note="well")
    outcome_event_add(patient=patient, kind="recurrence", day=date(2023, 5, 1), precision="month", method="MRI", by=BY)
    baseline_save(enrolment=enrolled, values={"age": 61.0, "mvi": True, "afp": 412.5}, by=BY)
    response_report(enrolment=enrolled, is_responder=True, definition="mRECIST CR, PR or SD", by=BY)
    extra = extra_variable_set(
        cohort=enrolled.cohort, code="capsule", label="Capsule", type="category", levels={"0": "no", "1": "yes"}, by=BY
    )
    extra_value_set(enrolment=enrolled, variable=extra, value="1", by=BY)
    return enrolled


def page(user: User, url: str = URL) -> str:
    return client_of(user).get(url).content.decode()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_tells_every_kind_of_fact(told: Enrolment, alice: User) -> None:
    text = words(page(alice))
    for fact in ("Sintilimab", "mRECIST PR (MRI)", "Clinic visit: well", "Recurrence (MRI)", "61", "412.5"):
        assert fact in text
    assert "Microvascular invasion yes" in text
    assert "responder (mRECIST CR, PR or SD)" in text
    assert "Capsule yes" in text


def test_the_page_says_the_sentence_of_each_endpoint(told: Enrolment, alice: User) -> None:
    text = words(page(alice))
    assert re.search(r"PFS 1\d\.\d months: recurrence", text)
    assert "uncertain date" in text
    assert "OS " in text


def test_the_reasons_of_the_eligibility_are_given(told: Enrolment, alice: User) -> None:
    rule_set(
        cohort=told.cohort,
        text="Age 18 to 60",
        kind="include",
        variable="age",
        operator="between",
        bounds=[18, 60],
        by=BY,
    )
    text = words(page(alice))
    assert "Not eligible" in text
    assert "Inclusion criterion not met: Age 18 to 60." in text


def test_no_identifier_is_on_the_page(told: Enrolment, dora: User) -> None:
    identity_save(patient=told.patient, values={"name": "Wang Xiu", "record_number": "MRN-77"}, by=BY)
    html = page(dora)
    assert "Wang" not in html
    assert "MRN-77" not in html


def test_the_timeline_draws_bars_points_and_hollow_points(told: Enrolment, alice: User) -> None:
    html = page(alice)
    assert html.count('class="bar"') == 1
    assert 'class="dot-uncertain dot-event"' in html
    assert html.count('class="bracket"') == 2
    assert "style=" not in html


def test_the_timeline_shows_the_gap_of_an_overdue_follow_up(told: Enrolment, alice: User) -> None:
    html = page(alice)
    overdue = re.search(r"overdue (\d+) d", html)
    assert overdue
    # The last contact is the image of 2023-07-15, due again on 2023-10-15; the data were cut on 2024-01-31.
    assert int(overdue[1]) == (date(2024, 1, 31) - date(2023, 10, 15)).days
    assert 'class="gap"' in html


def test_facts_are_listed_by_date_and_can_be_filtered_by_kind(told: Enrolment, alice: User) -> None:
    client = client_of(alice)
    days = [entry.mark.day for entry in client.get(URL).context["entries"]]
    assert days == sorted(days)
    assert len(days) == 5
    therapy = client.get(URL, {"lane": "Therapy"}).context["entries"]
    assert [entry.mark.label for entry in therapy] == ["Resection", "Immune-checkpoint inhibitor: Sintilimab"]


def test_day_zero_can_be_chosen_among_the_cohorts(told: Enrolment, an_ici_cohort: Cohort, alice: User) -> None:
    enrolment_create(patient=told.patient, cohort=an_ici_cohort, index_date=date(2023, 6, 1), by=BY)
    client = client_of(alice)
    assert client.get(URL).context["zero"] == date(2022, 3, 5)
    assert client.get(URL, {"zero": "ici"}).context["zero"] == date(2023, 6, 1)


def test_a_withdrawn_patient_has_no_results_any_more(told: Enrolment, alice: User) -> None:
    enrolment_withdraw(enrolment=told, on=date(2023, 8, 1), why="asked to leave", by=BY)
    text = words(page(alice))
    assert "Withdrawn on 2023-08-01: asked to leave" in text
    assert "PFS" not in text


def test_a_patient_without_any_date_has_a_page_without_a_timeline(a_patient: Patient, alice: User) -> None:
    text = words(page(alice))
    assert "In no cohort" in text
    assert "Timeline" not in text


def test_a_retired_fact_is_gone_from_the_page_and_kept_in_the_history(told: Enrolment, dora: User) -> None:
    visit = told.patient.follow_ups.get()
    client = client_of(dora)
    answer = client.post(f"{URL}follow-up/{visit.pk}/retire/", {"version": visit.version, "reason": "another patient"})
    assert answer.status_code == 302
    assert "Clinic visit: well" not in words(client.get(URL).content.decode())
    history = words(client.get(f"{URL}follow-up/{visit.pk}/history/").content.decode())
    assert "another patient" in history
    assert "marked as entered in error" in history


def test_retiring_takes_a_reason(told: Enrolment, dora: User) -> None:
    visit = told.patient.follow_ups.get()
    answer = client_of(dora).post(f"{URL}follow-up/{visit.pk}/retire/", {"version": visit.version, "reason": " "})
    assert "This field is required." in answer.content.decode()
    visit.refresh_from_db()
    assert visit.retired_reason == ""


def test_only_who_may_record_is_offered_the_forms(told: Enrolment, alice: User, dora: User) -> None:
    assert f"{URL}treatment/add/" not in page(alice)
    assert f"{URL}treatment/add/" in page(dora)


def test_a_stranger_reads_what_a_wrong_number_reads(told: Enrolment) -> None:
    stranger = signed_in(Role.INVESTIGATOR, Role.DATA_MANAGER, username="x", sites=[site("FAR")])
    assert stranger.get(URL).status_code == 404
    assert words(stranger.get(URL).content.decode()) == words(stranger.get("/patients/P-999/").content.decode())


def test_an_upper_app_adds_a_panel_and_a_lane(told: Enrolment, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def lanes(user: User, patient: Any) -> list[Lane]:
        return [Lane("Specimens", [Mark(day=date(2022, 3, 5), label=f"Tumour of {patient}")])]

    shown = Panel(
        "Specimens", CLINICAL, lambda user, patient: {"n": 3}, "registry/parts/becomes_stale.html", lanes=lanes
    )
    hidden = Panel("Secret", (Role.PATHOLOGIST,), lambda user, patient: {}, "registry/parts/becomes_stale.html")
    empty = Panel("Nothing", CLINICAL, lambda user, patient: None, "registry/parts/becomes_stale.html")
    monkeypatch.setattr(extensions._extensions, "patient_panels", [shown, hidden, empty])
    text = words(page(alice))
    assert "Tumour of P-001" in text
    assert "Secret" not in text
    assert "Nothing" not in text


def test_the_page_costs_the_same_for_any_number_of_facts(told: Enrolment, alice: User) -> None:
    client = client_of(alice)
    client.get(URL)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(seen)

    few = cost()
    for month in range(1, 12):
        follow_up_add(patient=told.patient, day=date(2023, month, 20), by=BY)
    assert cost() == few
    assert few <= 60


def test_each_kind_of_fact_has_its_own_history(told: Enrolment, alice: User) -> None:
    treatment = told.patient.treatments.get(kind="ici")
    text = words(page(alice, f"{URL}treatment/{treatment.pk}/history/"))
    assert "Agent Sintilimab" in text
    assert "by system:tests" in text


def test_a_history_says_lists_of_values_in_words(told: Enrolment, a_cohort: Cohort, alice: User) -> None:
    rule_set(
        cohort=a_cohort,
        text="Age 18 to 80 years",
        kind="include",
        variable="age",
        operator="between",
        bounds=[18, 80],
        by=BY,
    )
    text = words(page(alice, f"{URL}history/"))
    assert "criterion: Age 18 to 80 years, kind: include, result: met" in text
    assert "{" not in text


def test_the_history_of_a_patient_leaves_the_identity_out(told: Enrolment, alice: User, dora: User) -> None:
    identity_save(patient=told.patient, values={"name": "Wang Xiu"}, by=BY)
    client_of(dora).get(f"{URL}identity/")
    text = words(page(alice, f"{URL}history/"))
    assert "Sintilimab" in text
    assert "withheld" not in text
    assert "identity" not in text


def test_another_patients_fact_is_not_found_under_this_number(told: Enrolment, a_cohort: Cohort, dora: User) -> None:
    enrol(a_cohort, "P-002")
    treatment = told.patient.treatments.first()
    assert treatment
    client: Client = client_of(dora)
    assert client.get(f"/patients/P-002/treatment/{treatment.pk}/").status_code == 404
    assert client.get(f"/patients/P-002/treatment/{treatment.pk}/history/").status_code == 404
