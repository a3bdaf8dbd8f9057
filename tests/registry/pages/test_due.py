"""The work list of follow-up: who is on it, since when, and one step to take somebody off."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, seed
from hypothesis import strategies as st

from registry.clinical.models import FollowUp
from registry.clinical.services import assessment_add, follow_up_add, outcome_event_add
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.patients.due import DUE_SOON, LATER, NO_DAY, OVERDUE, Due, due_list
from registry.patients.follow_up import _limit, months_later, overdue
from registry.patients.models import Enrolment
from registry.patients.services import enrolment_withdraw
from registry.people.models import User
from registry.people.roles import Role
from tests.registry.fixtures import BY, enrol, make_cohort
from tests.registry.people import client_of, signed_in, site

CUT = date(2024, 1, 31)


@pytest.fixture
def client(dora: User) -> Client:
    return client_of(dora)


def states(cohort: Cohort) -> dict[str, str]:
    return {row.enrolment.patient.study_number: row.state for row in due_list([cohort])}


def text(response: Any) -> str:
    content = response.getvalue() if response.streaming else response.content
    return str(content.decode())


def test_everybody_who_is_followed_has_one_state(a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1", date(2023, 1, 10))
    seen = enrol(a_cohort, "P-2", date(2023, 1, 10))
    assessment_add(patient=seen.patient, day=date(2023, 11, 20), mrecist="SD", by=BY)
    lately = enrol(a_cohort, "P-3", date(2023, 1, 10))
    follow_up_add(patient=lately.patient, day=date(2024, 1, 20), by=BY)
    enrol(a_cohort, "P-4", None)
    on_the_day = enrol(a_cohort, "P-5", date(2023, 1, 10))
    follow_up_add(patient=on_the_day.patient, day=date(2023, 10, 31), by=BY)
    assert states(a_cohort) == {"P-1": OVERDUE, "P-2": DUE_SOON, "P-3": LATER, "P-4": NO_DAY, "P-5": DUE_SOON}


def test_the_dead_and_those_who_left_are_not_chased(a_cohort: Cohort) -> None:
    died, left = enrol(a_cohort, "P-1"), enrol(a_cohort, "P-2")
    outcome_event_add(patient=died.patient, kind="death", day=date(2023, 5, 1), by=BY)
    enrolment_withdraw(enrolment=left, on=date(2023, 1, 1), why="asked to leave", by=BY)
    assert states(a_cohort) == {}


def test_the_interval_is_the_cohorts_own(a_site: Any) -> None:
    cohort = make_cohort(a_site, "slow", follow_up_months=6)
    enrol(cohort, "P-1", date(2023, 8, 15))
    (row,) = due_list([cohort])
    assert (row.due, row.state) == (date(2024, 2, 15), DUE_SOON)


def test_the_longest_overdue_come_first_with_their_days(client: Client, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1", date(2023, 10, 1))
    enrol(a_cohort, "P-2", date(2023, 6, 1))
    page = text(client.get("/follow-up/"))
    assert page.index("P-2</a>") < page.index("P-1</a>")
    assert "overdue 30 days" in page
    assert f"overdue {(CUT - date(2023, 9, 1)).days} days" in page


def test_a_contact_is_recorded_from_the_row_in_one_step(client: Client, a_cohort: Cohort) -> None:
    enrolled = enrol(a_cohort, "P-1")
    answer = {"study_number": "P-1", "in_cohort": a_cohort.code, "day": "2024-01-30", "mode": "telephone"}
    page = text(client.post("/follow-up/contact/", answer, follow=True))
    assert "The contact of P-1 was recorded." in page
    assert "Nobody is on this list" in page
    contact = FollowUp.objects.get(patient=enrolled.patient)
    assert (contact.day, contact.mode) == (date(2024, 1, 30), "telephone")
    assert Change.objects.filter(subject_type="followup").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"day": "2999-01-01"}, "The date lies in the future."),
        ({"day": "soon"}, "Enter a valid date."),
        ({"day": "2023-12-01"}, "This contact is already recorded."),
        ({"mode": "pigeon"}, "Select a valid choice"),
    ],
)
def test_a_wrong_contact_is_refused_and_the_list_is_still_there(
    client: Client, a_cohort: Cohort, changed: dict[str, str], message: str
) -> None:
    enrolled = enrol(a_cohort, "P-1")
    follow_up_add(patient=enrolled.patient, day=date(2023, 12, 1), by=BY)
    answer = {"study_number": "P-1", "in_cohort": a_cohort.code, "day": "2024-01-30", "mode": "visit", "state": "all"}
    page = text(client.post("/follow-up/contact/", answer | changed))
    assert message in page
    assert "Nothing was saved for P-1." in page
    assert "/patients/P-1/" in page
    assert FollowUp.objects.count() == 1


def test_the_file_holds_the_filtered_list_and_its_taking_is_logged(client: Client, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1", date(2023, 10, 1))
    enrol(a_cohort, "P-2", date(2024, 1, 20))
    lines = text(client.post("/follow-up/file/", {"state": "all"})).splitlines()
    assert lines[1] == "P-1,resection,2023-10-01,,2024-01-01,overdue,30,2024-01-31"
    assert lines[2].startswith("P-2,")
    assert len(text(client.post("/follow-up/file/", {})).splitlines()) == 2
    assert Change.objects.filter(domain="export", subject_code="follow-up-due").count() == 2


def test_the_home_page_counts_them_and_leads_to_the_list(client: Client, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1", date(2023, 10, 1))
    enrol(a_cohort, "P-2", date(2023, 11, 5))
    page = text(client.get("/"))
    assert "follow-up is overdue" in page
    assert "follow-up is due within 30 days" in page
    assert '"/follow-up/?state=soon"' in page


def test_a_stranger_sees_nobody_and_records_nothing(charlie: User, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1")
    stranger = client_of(charlie)
    assert "P-1" not in text(stranger.get("/follow-up/", {"state": "all"}))
    answer = {"study_number": "P-1", "in_cohort": a_cohort.code, "day": "2024-01-30", "mode": "visit"}
    assert stranger.post("/follow-up/contact/", answer).status_code == 404
    assert not FollowUp.objects.exists()


def test_an_investigator_reads_the_list_and_does_not_record(alice: User, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1")
    client = client_of(alice)
    assert "Record a contact" not in text(client.get("/follow-up/"))
    assert client.post("/follow-up/contact/", {}).status_code == 403


def test_the_list_costs_the_same_number_of_queries_for_any_number_of_patients(client: Client, a_cohort: Cohort) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/follow-up/")
        return len(seen)

    client.get("/follow-up/")
    enrol(a_cohort, "P-1")
    few = cost()
    for number in range(2, 20):
        enrol(a_cohort, f"P-{number}")
    assert cost() == few


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@seed(20)
@given(last=DAYS, cut=DAYS, months=st.integers(1, 24))
def test_the_patients_page_the_list_and_the_filter_agree(last: date, cut: date, months: int) -> None:
    # A cut in the past is the day that is counted to.
    cut = min(cut, date.today() - timedelta(days=1))
    cohort = Cohort(follow_up_months=months, data_cut=cut)
    enrolment = Enrolment(cohort=cohort, index_date=last)
    is_late = Due(enrolment, last, months_later(last, months), cut).state == OVERDUE
    assert (overdue(enrolment, last, died=False) is not None) == is_late
    assert (last < _limit(cohort)) == is_late


def test_sites_see_their_own_cohorts_only(a_cohort: Cohort) -> None:
    far = make_cohort(site("FAR"), "far")
    enrol(a_cohort, "P-1")
    enrol(far, "F-1")
    page = text(signed_in(Role.DATA_MANAGER, username="far", sites=[far.site]).get("/follow-up/"))
    assert "F-1" in page
    assert "P-1" not in page
