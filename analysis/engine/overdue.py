"""What the rows of beat's schedule say: when each job is due next, and whether somebody keeps to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Min
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

# One interval is the rule, two are a failure: whoever watches hears of it within two.
_PATIENCE = 2
# Of a job with a time of day, and of whatever was never seen at all.
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True)
class Job:
    name: str
    task: str
    last: datetime | None
    due: datetime
    is_late: bool


def jobs() -> list[Job]:
    ours = PeriodicTask.objects.filter(enabled=True).exclude(task__startswith="celery.")
    rows = ours.select_related("interval", "crontab", "solar", "clocked")
    return [_job(row) for row in rows.order_by("name") if row.interval or row.crontab]


def last_ring() -> datetime | None:
    """When beat last sent any job: it writes that down itself, so that a busy worker is not taken for a dead beat."""
    last: datetime | None = PeriodicTask.objects.aggregate(last=Max("last_run_at"))["last"]
    return last


def installed_at() -> datetime:
    try:
        return _first_migration()
    except LookupError:
        return timezone.now()


@cache
def _first_migration() -> datetime:
    """Every page asks for it, and it stays what it is."""
    found: datetime | None = MigrationRecorder.Migration.objects.aggregate(first=Min("applied"))["first"]
    if found is None:
        raise LookupError
    return found


def is_never_late() -> bool:
    """Whether what was never seen at all since the installation should have been."""
    return timezone.now() > installed_at() + grace_of_the_unseen()


def grace_of_the_unseen() -> timedelta:
    return max(timedelta(seconds=_PATIENCE * settings.SWEEP_SECONDS), timedelta(minutes=2))


def silence_after() -> timedelta:
    """Without a sign of life for longer, beat or a worker counts as silent."""
    return timedelta(seconds=_PATIENCE * settings.SWEEP_SECONDS)


def _next(schedule: Any, last: datetime) -> datetime:
    """By the schedule alone: what celery calls remaining is counted from its own clock."""
    due: datetime
    if hasattr(schedule, "run_every"):
        due = last + schedule.run_every
    else:
        start, ahead, _now = schedule.remaining_delta(last)
        due = start + ahead
    return due.replace(microsecond=0)


def _job(row: PeriodicTask) -> Job:
    schedule, now = row.schedule, timezone.now()
    reference = row.last_run_at or row.date_changed
    # A schedule with a time of day counts in its own zone.
    last = reference.astimezone(getattr(schedule, "tz", timezone.get_current_timezone()))
    due = _next(schedule, last)
    if row.interval:
        slack = schedule.run_every * (_PATIENCE - 1)
        is_late = now > due + slack if row.last_run_at else now > reference + max(grace_of_the_unseen(), slack * 2)
    else:
        is_late = now > due + _GRACE
    return Job(row.name, row.task, row.last_run_at, due, is_late)
