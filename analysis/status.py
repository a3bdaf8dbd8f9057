"""What the status page shows: every check, and for administrators who works on what, and with what."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.access import visible_analyses, visible_reports
from analysis.engine.freshness import stale, waiting
from analysis.engine.models import Analysis, Run, RunPart, Worker
from analysis.engine.overdue import Job, jobs
from analysis.engine.watch import Check, Health, health
from analysis.reexecution.models import Verification
from analysis.reexecution.selectors import last_verification
from analysis.reports.models import Report
from analysis.reports.scheduling.selectors import next_report_at
from labs.rounds.blinding import blinded_markers
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.log.models import Pending, Seal
from registry.people.models import User
from registry.people.roles import CLINICAL, Role

# Workers that have ended are listed so long.
_REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True)
class CohortCounts:
    cohort: Cohort
    fresh: int
    waiting: int
    running: int
    failed: int
    report: Report | None
    # None where no report comes by itself
    next_report: datetime | None


@dataclass(frozen=True)
class WorkerShown:
    worker: Worker
    is_silent: bool
    runs: list[str]


@dataclass(frozen=True)
class QueueShown:
    name: str
    messages: int | None
    work: int


@dataclass(frozen=True)
class Machine:
    free: int
    total: int
    database: str
    broker: str
    seal: Seal | None
    unsealed: int


@dataclass(frozen=True)
class Status:
    is_well: bool
    checks: list[Check]
    last_sweep: datetime | None
    cohorts: list[CohortCounts]
    jobs: list[Job]
    queues: list[QueueShown]
    workers: list[WorkerShown]
    machine: Machine | None
    # the last nightly pass over what is on show
    verification: Verification | None


def status_for(user: User) -> Status:
    """Administrators see all of it; the others what they need to know whether to wait."""
    found = health()
    is_clinical = user.has_role(*CLINICAL)
    # How many rows the log has, and what is stale since when, would tell a blind reader of the other's reads.
    is_administrator = user.has_role(Role.ADMINISTRATOR) and not blinded_markers(user)
    checks = [check for check in found.checks if check.is_for_all or is_administrator]
    return Status(
        is_well=all(check.is_well for check in checks),
        checks=checks,
        last_sweep=found.last_sweep,
        cohorts=_cohorts(user) if is_clinical else [],
        jobs=jobs() if is_administrator else [],
        queues=_queues(found) if is_administrator else [],
        workers=_workers(user) if is_administrator else [],
        machine=_machine(found) if is_administrator else None,
        verification=last_verification() if is_administrator else None,
    )


def _cohorts(user: User) -> list[CohortCounts]:
    analyses = visible_analyses(user)
    cohort_of = dict(analyses.values_list("pk", "cohort_id"))
    moved = set(stale(analyses).values_list("pk", flat=True))
    open_runs = Run.objects.filter(analysis__in=cohort_of, state=Run.State.RUNNING).values_list(
        "analysis_id", flat=True
    )
    running = moved & set(open_runs)
    queued = set(waiting(analyses).values_list("pk", flat=True)) - running
    reports: dict[int, Report] = {}
    for report in visible_reports(user).exclude(state=Report.State.RUNNING)[:200]:
        reports.setdefault(report.cohort_id, report)
    return [
        CohortCounts(
            cohort=cohort,
            fresh=len(own - moved),
            waiting=len(own & queued),
            running=len(own & running),
            failed=len((own & moved) - queued - running),
            report=reports.get(cohort.pk),
            next_report=next_report_at(cohort),
        )
        for cohort in visible_cohorts(user)
        for own in [{pk for pk, cohort_id in cohort_of.items() if cohort_id == cohort.pk}]
    ]


def _queues(found: Health) -> list[QueueShown]:
    lengths = found.broker.lengths
    parts = RunPart.objects.filter(state=RunPart.State.WAITING, parted__run__state=Run.State.RUNNING).count()
    return [QueueShown("live", lengths.get("live"), found.stale), QueueShown("heavy", lengths.get("heavy"), parts)]


def _workers(user: User) -> list[WorkerShown]:
    now = timezone.now()
    silent_before = now - timedelta(seconds=2 * settings.SWEEP_SECONDS)
    titles = dict(visible_analyses(user).values_list("pk", "title"))
    busy: dict[str, list[str]] = {}
    for analysis in Analysis.objects.filter(lease_until__gt=now):
        busy.setdefault(_worker_of(analysis.claimed_by), []).append(titles.get(analysis.pk, _("an analysis")))
    parts = RunPart.objects.filter(state=RunPart.State.RUNNING, lease_until__gt=now).select_related("parted__run")
    for part in parts:
        title = titles.get(part.parted.run.analysis_id, _("an analysis"))
        busy.setdefault(_worker_of(part.claimed_by), []).append(
            _("%(title)s, part %(number)d") % {"title": title, "number": part.index + 1}
        )
    return [
        WorkerShown(worker, worker.at < silent_before and worker.stopped_at is None, busy.get(worker.name, []))
        for worker in Worker.objects.filter(at__gt=now - _REMEMBERED)
    ]


def _worker_of(token: str) -> str:
    return token.rpartition(":")[0]


def _machine(found: Health) -> Machine:
    disk = shutil.disk_usage(settings.VAR)
    return Machine(
        free=disk.free,
        total=disk.total,
        database=_database_version(),
        broker=found.broker.version or found.broker.error,
        seal=Seal.objects.select_related("change").order_by("-seq").first(),
        unsealed=Pending.objects.count(),
    )


def _database_version() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    return f"PostgreSQL {'.'.join(str(part) for part in connection.get_database_version())}"
