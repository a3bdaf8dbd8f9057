from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.reports.models import Report, Subscription
from analysis.reports.scheduling.models import ReportSchedule
from analysis.reports.scheduling.selectors import next_report_at
from analysis.reports.scheduling.services import request_due, schedule_set
from analysis.reports.scheduling.slots import Rhythm, last_slot, next_slot
from registry.cohorts.models import Cohort
from registry.log.facts import StaleWrite
from registry.log.models import Change
from registry.people.models import User
from tests.registry.fixtures import BY
from tests.registry.people import client_of, site

FAST = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
WEEKLY: dict[str, Any] = {"is_on": True, "every": "week", "weekday": 0, "day": 1, "hour": 6}
HOURS = st.integers(0, 23)
RHYTHMS = st.one_of(
    st.builds(Rhythm, HOURS, st.integers(0, 6)), st.builds(Rhythm, HOURS, st.none(), st.integers(1, 28))
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@FAST
@given(RHYTHMS, MOMENTS)
def test_a_moment_lies_between_its_slots_and_none_is_skipped(rhythm: Rhythm, now: datetime) -> None:
    before, after = last_slot(rhythm, now), next_slot(rhythm, now)
    assert before <= now < after
    assert last_slot(rhythm, after - timedelta(seconds=1)) == before
    assert next_slot(rhythm, before) == after


def monday() -> datetime:
    """The next Monday, half past six."""
    return next_slot(Rhythm(6, 0), timezone.now()) + timedelta(minutes=30)


@pytest.mark.django_db
def test_a_report_is_asked_for_once_when_its_hour_has_come(a_cohort: Cohort) -> None:
    assert request_due() == []
    [report] = request_due(monday())
    assert (report.cohort, report.trigger) == (a_cohort, "schedule")
    Report.objects.update(state=Report.State.DONE, started_at=monday())
    assert request_due(monday()) == []
    assert len(request_due(monday() + timedelta(days=7))) == 1


@pytest.mark.django_db
def test_a_missed_hour_is_made_up_for_and_what_was_due_before_the_schedule_is_not(a_cohort: Cohort) -> None:
    assert len(request_due(monday() + timedelta(days=3))) == 1
    Report.objects.update(state=Report.State.DONE, started_at=monday() - timedelta(days=30), trigger="manual")
    schedule_set(cohort=a_cohort, expected_version=0, by=BY, **WEEKLY | {"weekday": monday().weekday()})
    ReportSchedule.objects.update(since=monday() + timedelta(hours=1))
    assert request_due(monday() + timedelta(days=3)) == []


@pytest.mark.django_db
def test_a_schedule_is_switched_off_by_a_logged_write(a_cohort: Cohort) -> None:
    schedule_set(cohort=a_cohort, expected_version=0, by=BY, **WEEKLY)
    schedule_set(cohort=a_cohort, expected_version=1, by=BY, reason="study paused", **WEEKLY | {"is_on": False})
    assert request_due(monday()) == []
    assert next_report_at(a_cohort) is None
    newest = Change.objects.filter(domain="reports").latest("pk")
    assert (newest.old_values, newest.new_values["is_on"], newest.reason) == ({"is_on": True}, False, "study paused")
    with pytest.raises(StaleWrite):
        schedule_set(cohort=a_cohort, expected_version=1, by=BY, **WEEKLY)
    with pytest.raises(ValidationError) as refused:
        schedule_set(cohort=a_cohort, expected_version=2, by=BY, **WEEKLY | {"hour": 24})
    assert "hour" in refused.value.message_dict


@pytest.mark.django_db
def test_administrators_set_the_schedule_and_data_managers_see_it(a_cohort: Cohort, ada: User, dora: User) -> None:
    page, save = (reverse(f"analysis:{name}", args=[a_cohort.code]) for name in ("reporting", "reporting-schedule"))
    wanted = {"version": "0", "is_on": "on", "every": "month", "weekday": "0", "day": "15", "hour": "4"}
    assert client_of(dora).post(save, wanted).status_code == 403
    answer = client_of(ada).post(save, wanted | {"day": "31"})
    assert "28" in answer.content.decode() and not ReportSchedule.objects.exists()
    assert client_of(ada).post(save, wanted).status_code == 302
    assert "On day 15 of every month at 4:00." in client_of(dora).get(page).content.decode()
    coming = next_report_at(a_cohort)
    assert coming is not None and (coming.day, coming.hour) == (15, 4)


@pytest.mark.django_db
def test_subscribers_are_added_and_removed_with_an_entry_in_the_log(
    a_cohort: Cohort, alice: User, dora: User, bob: User, charlie: User
) -> None:
    address = reverse("analysis:reporting-subscribers", args=[a_cohort.code])
    client = client_of(dora)
    client.post(address, {"username": alice.username, "subscribe": "1"})
    assert Subscription.objects.get().user == alice
    client.post(address, {"username": alice.username, "subscribe": "0"})
    assert not Subscription.objects.exists()
    entries = Change.objects.filter(domain="reports").order_by("pk")
    assert [(entry.actor_name, entry.action) for entry in entries] == [("dora", "create"), ("dora", "retire")]
    # Neither whoever reads no clinical fact nor whoever belongs to another hospital.
    for stranger in (bob, charlie):
        refused = client.post(address, {"username": stranger.username, "subscribe": "1"}, follow=True)
        assert "Choose somebody who may read the reports" in refused.content.decode()
    assert client_of(alice).get(reverse("analysis:reporting", args=[a_cohort.code])).status_code == 403
    assert not Subscription.objects.exists() and site().code == "HEB"
