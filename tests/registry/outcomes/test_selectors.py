from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.clinical.models import OutcomeEvent
from registry.clinical.services import (
    assessment_set,
    fact_retire,
    follow_up_set,
    imported_time_set,
    outcome_event_set,
)
from registry.cohorts.models import Cohort
from registry.cohorts.services import endpoint_set
from registry.outcomes.selectors import (
    derived_outcomes,
    patient_outcomes,
    patient_recurrence_timing,
    recurrence_timings,
)
from registry.patients.models import Enrolment
from registry.patients.services import enrolment_withdraw
from tests.registry.fixtures import BY, enrol

pytestmark = pytest.mark.django_db


def recur(enrolment: Enrolment, day: date) -> OutcomeEvent:
    return outcome_event_set(patient=enrolment.patient, kind="recurrence", day=day, method="MRI", by=BY)


def test_outcomes_are_derived_from_the_facts_of_each_patient(a_cohort: Cohort) -> None:
    first, second = enrol(a_cohort, "P-1"), enrol(a_cohort, "P-2")
    recur(first, date(2023, 5, 11))
    assessment_set(patient=second.patient, day=date(2023, 9, 1), mrecist="SD", by=BY)
    found = derived_outcomes(a_cohort, "PFS")
    assert [(outcome.study_number, outcome.event) for outcome in found] == [("P-1", True), ("P-2", False)]
    assert found[0].sentence == (
        "PFS 14.2 months: recurrence 2023-05-11 (MRI), start resection 2022-03-05; data cut 2024-01-31"
    )
    assert "last known at response assessment 2023-09-01" in found[1].sentence


def test_a_withdrawn_patient_has_no_outcome_any_more(a_cohort: Cohort, enrolled: Enrolment) -> None:
    assert len(derived_outcomes(a_cohort, "PFS")) == 1
    enrolment_withdraw(enrolment=enrolled, on=date(2023, 1, 1), why="consent withdrawn", by=BY)
    assert derived_outcomes(a_cohort, "PFS") == []
    assert recurrence_timings(a_cohort) == []


def test_an_event_entered_in_error_does_not_count(a_cohort: Cohort, enrolled: Enrolment) -> None:
    follow_up_set(patient=enrolled.patient, day=date(2023, 9, 1), by=BY)
    event = recur(enrolled, date(2023, 5, 11))
    fact_retire(fact=event, expected_version=event.version, by=BY, reason="another patient's image")
    assert derived_outcomes(a_cohort, "PFS")[0].event is False


def test_imported_months_are_marked(a_cohort: Cohort) -> None:
    enrolment = enrol(a_cohort, "P-1", index_date=None)
    imported_time_set(enrolment=enrolment, endpoint="OS", months=19.0, is_event=True, by=BY)
    outcome = derived_outcomes(a_cohort, "OS")[0]
    assert (outcome.months, outcome.event, outcome.is_imported) == (19.0, True, True)


def test_a_cohort_without_the_endpoint_has_no_such_outcomes(a_cohort: Cohort, enrolled: Enrolment) -> None:
    assert derived_outcomes(a_cohort, "DFS") == []


@pytest.mark.parametrize("patients", [1, 8])
def test_the_number_of_queries_does_not_grow_with_the_patients(a_cohort: Cohort, patients: int) -> None:
    for number in range(patients):
        recur(enrol(a_cohort, f"P-{number}"), date(2023, 5, 11))
    with CaptureQueriesContext(connection) as queries:
        assert len(derived_outcomes(a_cohort, "PFS")) == patients
    assert len(queries) == 6


def test_the_patient_page_says_what_the_frame_says(a_cohort: Cohort) -> None:
    first, second = enrol(a_cohort, "P-1"), enrol(a_cohort, "P-2")
    recur(first, date(2023, 5, 11))
    recur(second, date(2023, 8, 1))
    for enrolment in (first, second):
        of_cohort = [
            outcome
            for code in ("OS", "PFS")
            for outcome in derived_outcomes(a_cohort, code)
            if outcome.enrolment_id == enrolment.pk
        ]
        assert patient_outcomes(enrolment) == of_cohort
        assert patient_recurrence_timing(enrolment) in recurrence_timings(a_cohort)


def test_early_and_late_follow_the_limit_of_the_cohort(a_cohort: Cohort) -> None:
    early, late, dead = enrol(a_cohort, "P-1"), enrol(a_cohort, "P-2"), enrol(a_cohort, "P-3")
    recur(early, date(2023, 5, 11))
    outcome_event_set(patient=dead.patient, kind="death", day=date(2023, 5, 11), by=BY)
    a_cohort.data_cut = None
    recur(late, date(2024, 3, 6))
    groups = [timing.group for timing in recurrence_timings(a_cohort)]
    assert groups == ["early", "late", None]


def test_imported_months_decide_early_or_late_only_when_they_are_months_to_a_recurrence(a_cohort: Cohort) -> None:
    enrolment = enrol(a_cohort, "P-1", index_date=None)
    imported_time_set(enrolment=enrolment, endpoint="PFS", months=5.0, is_event=True, by=BY)
    assert recurrence_timings(a_cohort)[0].group is None
    endpoint_set(cohort=a_cohort, code="TTR", name="Time to recurrence", event_kinds=["recurrence"], by=BY)
    imported_time_set(enrolment=enrolment, endpoint="TTR", months=5.0, is_event=True, by=BY)
    assert recurrence_timings(a_cohort)[0].group == "early"
