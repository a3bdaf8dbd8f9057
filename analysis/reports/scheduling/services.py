"""When reports come by themselves, and asking for those that are due."""

from datetime import datetime
from typing import Any

from django.db.models import Min
from django.utils import timezone

from analysis.reports.models import Report
from analysis.reports.scheduling.models import ReportSchedule
from analysis.reports.scheduling.selectors import schedule_of
from analysis.reports.scheduling.slots import last_slot
from analysis.reports.services import request_report
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since, log_fact
from registry.log.models import Action, Change
from registry.log.recording import recording

SCHEDULE = "schedule"


def schedule_set(
    *, cohort: Cohort, expected_version: int, by: Actor, reason: str = "", **wanted: Any
) -> ReportSchedule:
    """`wanted`: is_on, every, weekday, day, hour. `expected_version` is 0 of a cohort that had the default."""
    with recording(by, reason) as log:
        # The row of the cohort is there to be locked, that of the schedule perhaps not yet.
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        schedule = schedule_of(cohort)
        if expected_version != (schedule.version if schedule.pk else 0):
            raise StaleWrite(changes_since(schedule, expected_version))
        old = schedule.values()
        for name, value in wanted.items():
            setattr(schedule, name, value)
        moved = [name for name, value in schedule.values().items() if old[name] != value]
        if schedule.pk and not moved:
            return schedule
        schedule.version += 1 if schedule.pk else 0
        schedule.full_clean()
        action = Action.UPDATE if schedule.pk else Action.CREATE
        schedule.save()
        new = schedule.values()
        changed = {name: new[name] for name in moved} if action == Action.UPDATE else new
        log_fact(log, schedule, action, old={name: old[name] for name in moved}, new=changed)
    return schedule


def request_due(now: datetime | None = None) -> list[Report]:
    """Asks for each report whose hour has come since the last one of the schedule.

    A comparison of times, not an event: after a night without a worker or a scheduler the report still comes.
    """
    moment = now or timezone.now()
    cohorts = Cohort.objects.filter(retired_reason="").order_by("pk")
    return [
        request_report(cohort=cohort, trigger=SCHEDULE, requested_by="system:schedule")
        for cohort in cohorts
        if _is_due(cohort, moment)
    ]


def _is_due(cohort: Cohort, now: datetime) -> bool:
    schedule = schedule_of(cohort)
    if not schedule.is_on:
        return False
    slot = last_slot(schedule.rhythm, now)
    since = schedule.since if schedule.pk else _began(cohort)
    made = Report.objects.filter(cohort=cohort, trigger=SCHEDULE, started_at__gte=slot)
    return since is not None and since < slot and not made.exists()


def _began(cohort: Cohort) -> datetime | None:
    """A cohort that was made after the slot has missed nothing."""
    began: datetime | None = Change.objects.filter(cohort=cohort).aggregate(at=Min("at"))["at"]
    return began
