"""Who waits for whom on PostgreSQL; SQLite has one writer at a time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections

from registry.clinical.services import baseline_save, fact_update, treatment_add
from registry.cohorts.services import rule_set
from registry.log.models import Change
from registry.log.recording import recording
from registry.patients.models import Enrolment
from registry.patients.services import enrolment_create
from tests.registry import people
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort
from tests.services.processes import wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def in_another_connection(work: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        try:
            return work()
        finally:
            connections.close_all()

    return run


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Not pg_stat_activity, which a transaction reads once.
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def made_to_wait(pool: ThreadPoolExecutor, work: Callable[[], object]) -> "Future[object]":
    """Starts `work` beside the open transaction and sees that it waits for the end of it."""
    other = pool.submit(in_another_connection(work))
    wait_for(lambda: somebody_waits() or other.done(), "the other writer waits")
    assert not other.done(), other.result()
    return other


@pytest.fixture
def enrolment() -> Enrolment:
    return enrol(make_cohort(people.site()), "P-001")


def test_an_enrolment_waits_for_a_change_that_would_not_reach_the_new_cohort(enrolment: Enrolment) -> None:
    elsewhere = make_cohort(enrolment.cohort.site, "elsewhere")
    treatment = treatment_add(patient=enrolment.patient, kind="tace", start=RESECTED, by=BY)
    with ThreadPoolExecutor(1) as pool:
        with recording(BY):
            fact_update(fact=treatment, changes={"end": date(2022, 9, 1)}, expected_version=1, by=BY)
            other = made_to_wait(pool, lambda: enrolment_create(patient=enrolment.patient, cohort=elsewhere, by=BY))
        other.result()
    order = Change.objects.filter(domain__in=["treatments", "enrolment"]).order_by("at", "id")
    assert [(change.domain, change.cohort) for change in order][-2:] == [
        ("treatments", enrolment.cohort),
        ("enrolment", elsewhere),
    ]


def test_a_change_waits_for_an_enrolment_and_then_reaches_the_new_cohort(enrolment: Enrolment) -> None:
    elsewhere = make_cohort(enrolment.cohort.site, "elsewhere")
    with ThreadPoolExecutor(1) as pool:
        with recording(BY):
            enrolment_create(patient=enrolment.patient, cohort=elsewhere, by=BY)
            other = made_to_wait(
                pool, lambda: treatment_add(patient=enrolment.patient, kind="tace", start=RESECTED, by=BY)
            )
        other.result()
    reached = {change.cohort for change in Change.objects.filter(domain="treatments")}
    assert reached == {enrolment.cohort, elsewhere}


def adults_only(enrolment: Enrolment) -> object:
    return rule_set(
        cohort=enrolment.cohort,
        text="Age 18 to 80 years",
        kind="include",
        variable="age",
        operator="between",
        bounds=[18, 80],
        by=BY,
    )


def test_a_new_criterion_waits_for_a_baseline_and_judges_by_it(enrolment: Enrolment) -> None:
    adults_only(enrolment)
    with ThreadPoolExecutor(1) as pool:
        with recording(BY):
            baseline_save(enrolment=enrolment, values={"age": 90.0, "other_malignancy": False}, by=BY)
            other = made_to_wait(
                pool,
                lambda: rule_set(
                    cohort=enrolment.cohort,
                    text="Another malignant tumour",
                    kind="exclude",
                    variable="other_malignancy",
                    operator="is_true",
                    by=BY,
                ),
            )
        other.result()
    enrolment.refresh_from_db()
    assert [row["result"] for row in enrolment.reasons] == ["not met", "not met"]
    assert enrolment.eligibility == "ineligible"


def test_a_long_write_holds_no_stream_that_a_short_one_needs(enrolment: Enrolment) -> None:
    other = enrol(enrolment.cohort, "P-002")
    with ThreadPoolExecutor(1) as pool, recording(BY):
        treatment_add(patient=enrolment.patient, kind="tace", start=RESECTED, by=BY)
        short = in_another_connection(lambda: treatment_add(patient=other.patient, kind="tace", start=RESECTED, by=BY))
        pool.submit(short).result(timeout=30)
