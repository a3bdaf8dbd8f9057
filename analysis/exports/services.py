"""An export: asked for, claimed, made, mailed, downloaded, purged. The table is the truth; Celery only rings."""

import logging
import os
import secrets
import shutil
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.engine import execution
from analysis.engine.doorbell import ring_for_exports
from analysis.engine.environment import software
from analysis.engine.heartbeat import beating
from analysis.exports.bundle import Made, make_bundle
from analysis.exports.errors import ExportLost, ExportRefused
from analysis.exports.mail import mail_failed, mail_ready
from analysis.exports.models import ExportJob, lifetime
from analysis.exports.plan import Plan, make_plan
from analysis.exports.profiles import Profile
from analysis.exports.wish import Wish
from registry.log.actors import Actor
from registry.log.models import Action
from registry.log.recording import recording
from registry.log.sealing import head
from registry.people.models import User

logger = logging.getLogger(__name__)

# An export that takes its worker down with it is tried this often.
MAX_ATTEMPTS = 3
State = ExportJob.State


def export_request(*, user: User, wish: Wish, plan: Plan) -> ExportJob:
    """The job, and the log's entry of who asks for what and why."""
    with recording(Actor.of(user), wish.purpose) as log:
        job = ExportJob.objects.create(
            asked_by=user,
            profile=wish.profile,
            purpose=wish.purpose,
            recipient=wish.recipient,
            wish=wish.as_json(),
        )
        job.cohorts.set(plan.cohorts)
        told = {
            "step": "asked",
            "tables": list(wish.names),
            "profile": str(wish.profile),
            "recipient": wish.recipient,
            "version": wish.version,
        }
        for cohort in plan.cohorts:
            log.add([(cohort.pk, "export")], Action.READ, subject=("exportjob", job.pk, str(job)), new=told)
    return job


def export_cancel(*, job: ExportJob) -> bool:
    """False when it was over before."""
    return _open().filter(pk=job.pk).update(state=State.CANCELLED, finished_at=timezone.now(), lease_until=None) == 1


def export_downloaded(*, job: ExportJob, user: User) -> None:
    """Written down before the first byte leaves."""
    with recording(Actor.of(user), job.purpose) as log:
        told = {
            "step": "downloaded",
            "profile": job.profile,
            "recipient": job.recipient,
            "rows": job.rows_done,
            "sha256": job.sha256,
            "files": len(job.files),
        }
        for cohort in job.cohorts.order_by("pk"):
            log.add([(cohort.pk, "export")], Action.READ, subject=("exportjob", job.pk, str(job)), new=told)
        ExportJob.objects.filter(pk=job.pk).update(downloads=F("downloads") + 1)


def run_waiting() -> int:
    """Makes every export that nobody is making; returns how many."""
    count = 0
    while job := _claim():
        _make(job)
        count += 1
    return count


def sweep() -> None:
    """What beat runs. A bundle takes minutes, so the sweep itself makes none: it rings again for what still waits."""
    purge()
    if _unheld().exists():
        ring_for_exports()


def purge() -> int:
    """Deletes the files that expired, and what a worker that died left half made; returns how many expired."""
    over = ExportJob.objects.filter(expires_at__lte=timezone.now()).exclude(file_name="")
    count = 0
    for job in over:
        job.path.unlink(missing_ok=True)
        count += ExportJob.objects.filter(pk=job.pk).update(file_name="")
    _purge_remains()
    return count


def _purge_remains() -> None:
    if not settings.EXPORTS_ROOT.is_dir():
        return
    known = set(ExportJob.objects.exclude(file_name="").values_list("file_name", flat=True))
    before = (timezone.now() - timedelta(days=1)).timestamp()
    for path in settings.EXPORTS_ROOT.iterdir():
        if path.name in known or path.stat().st_mtime > before:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _open() -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(state__in=[State.WAITING, State.RUNNING])


def _unheld() -> QuerySet[ExportJob]:
    return _open().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now()))


def _claim() -> ExportJob | None:
    for pk in _unheld().order_by("pk").values_list("pk", flat=True):
        token = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        won = (
            _unheld()
            .filter(pk=pk)
            .update(state=State.RUNNING, claimed_by=token, lease_until=_lease_end(), attempts=F("attempts") + 1)
        )
        if won == 1:
            job = ExportJob.objects.select_related("asked_by").get(pk=pk)
            if job.attempts <= MAX_ATTEMPTS:
                return job
            _fail(
                job, _("The export was lost %(n)s times in a row with the worker that made it.") % {"n": MAX_ATTEMPTS}
            )
    return None


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _held(job: ExportJob) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(pk=job.pk, claimed_by=job.claimed_by, state=State.RUNNING)


def _renew(job: ExportJob) -> bool:
    return _held(job).update(lease_until=_lease_end()) == 1


def _progress(job: ExportJob, done: int, total: int) -> None:
    if _held(job).update(rows_done=done, rows_total=total, lease_until=_lease_end()) != 1:
        raise ExportLost


def _make(job: ExportJob) -> None:
    name = f"{job.pk}-{secrets.token_hex(16)}.zip"
    try:
        with beating(partial(_renew, job)):
            made = _bundle(job, name, partial(_progress, job))
    except ExportRefused as refused:
        _fail(job, str(refused))
    except ExportLost:
        logger.info("export %s was cancelled or taken over", job.pk)
    except OperationalError:
        # The lease runs out, and the next sweep tries again.
        logger.exception("export %s met a busy or absent database", job.pk)
    except OSError as error:
        logger.exception("export %s could not be written", job.pk)
        _fail(job, _("The bundle could not be written: %(why)s.") % {"why": error.strerror or type(error).__name__})
    except Exception as error:
        logger.exception("export %s failed", job.pk)
        # The text of an unforeseen error may quote values of patients: the worker's log has it, the page does not.
        _fail(job, _("Unforeseen %(name)s; the worker's log has the details.") % {"name": type(error).__name__})
    else:
        _finish(job, name, made)


def _bundle(job: ExportJob, name: str, progress: Callable[[int, int], None]) -> Made:
    """All tables from one moment of the database."""
    settings.EXPORTS_ROOT.mkdir(parents=True, exist_ok=True, mode=0o700)
    with transaction.atomic(using=execution.SNAPSHOT):
        plan = make_plan(job.asked_by, job.wished, execution.SNAPSHOT)
        return make_bundle(plan, settings.EXPORTS_ROOT / name, _about(job, plan), progress)


def _about(job: ExportJob, plan: Plan) -> dict[str, Any]:
    wish = plan.wish
    about: dict[str, Any] = {
        "export": str(job),
        "asked_by": job.asked_by.username,
        "asked_at": job.asked_at.isoformat(timespec="seconds"),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "purpose": job.purpose,
        "recipient": job.recipient,
        "profile": str(wish.profile),
        "dates_shifted": wish.is_shifted,
        "filter": {
            "cohorts": list(wish.cohorts),
            "sub_cohort": wish.part or None,
            "tables": list(wish.names),
            "columns_not_wanted": {table: list(columns) for table, columns in wish.left_out.items() if columns},
        },
        "columns_withheld": {
            dataset.name: {column.name: column.why for column in dataset.vanished} for dataset in plan.datasets
        },
        "version": {"code": wish.version, "label": str(plan.version.label), **plan.version.description},
        "change_log_head": head(),
        "software": software(),
        "simulated_cohorts": [cohort.code for cohort in plan.cohorts if cohort.is_simulated],
        "stale_accepted": wish.stale_accepted,
        "runs": plan.ready.runs if plan.ready else [],
        "notes": plan.ready.notes if plan.ready else [],
    }
    if wish.profile == Profile.ANONYMOUS:
        about["small_cells"] = {"smallest": wish.smallest_cell} | plan.population.released.counts()
    return about


def _finish(job: ExportJob, name: str, made: Made) -> None:
    now = timezone.now()
    with transaction.atomic():
        won = _held(job).update(
            state=State.DONE,
            finished_at=now,
            expires_at=now + lifetime(),
            lease_until=None,
            file_name=name,
            size=made.size,
            sha256=made.sha256,
            rows_done=made.rows,
            rows_total=made.rows,
            manifest=made.manifest,
            error="",
        )
        if won == 1:
            job.refresh_from_db()
            mail_ready(job)
    if won != 1:
        (settings.EXPORTS_ROOT / name).unlink(missing_ok=True)


def _fail(job: ExportJob, why: str) -> None:
    with transaction.atomic():
        won = _held(job).update(state=State.FAILED, error=why[:500], finished_at=timezone.now(), lease_until=None)
        if won == 1:
            job.refresh_from_db()
            mail_failed(job)
