"""Re-executions that somebody asked for: requested, claimed, judged. The rows are the truth; the bell may be lost."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.engine.doorbell import ring_for_reexecutions
from analysis.engine.heartbeat import beating
from analysis.engine.models import Result, Run
from analysis.reexecution.judging import Judgement, judge
from analysis.reexecution.models import Reexecution, Verification
from analysis.reexecution.verifying import Pass, results_of, tampered, verified
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.models import Cohort


def reexecution_request(*, run: Run, by: Actor) -> Reexecution:
    """Asks for one; while one waits, that is it."""
    if run.result is None:
        raise ValidationError({"run": _("This run has no result that could be computed again.")})
    with recording(by) as log:
        # Whoever asks at the same moment waits here and finds this one.
        Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        waiting = run.reexecutions.filter(state=Reexecution.State.WAITING).first()
        if waiting:
            return waiting
        asked = Reexecution(run=run, requested_by=by.name)
        asked.full_clean()
        asked.save(force_insert=True)
        log_fact(log, asked, Action.CREATE, new={"run": run.pk, "state": asked.state})
    return asked


def sweep() -> None:
    """What beat runs. A run may be long, so the sweep repeats none: it rings again for what still waits."""
    if _free().exists():
        ring_for_reexecutions()


def run_waiting() -> int:
    """Judges every re-execution that nobody is at; returns how many."""
    count = 0
    while asked := _claim():
        with beating(partial(_renew, asked.pk)):
            judgement = judge(_result_of(asked))
        _store(asked, judgement)
        count += 1
    return count


def _free() -> QuerySet[Reexecution]:
    return Reexecution.objects.filter(state=Reexecution.State.WAITING).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    )


def _claim() -> Reexecution | None:
    free = _free()
    for asked in free.select_related("run__analysis__cohort", "run__result__frame").order_by("pk"):
        if free.filter(pk=asked.pk).update(lease_until=_lease_end()) == 1:
            return asked
    return None


def _result_of(asked: Reexecution) -> Result:
    if asked.run.result is None:
        raise LookupError(f"Run {asked.run_id} has no result: its re-execution should have been refused.")
    return asked.run.result


def _renew(pk: int) -> bool:
    return Reexecution.objects.filter(pk=pk, state=Reexecution.State.WAITING).update(lease_until=_lease_end()) == 1


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _store(asked: Reexecution, judgement: Judgement) -> None:
    """Two that judge the same, because a lease was lost, come to the same: the second writes nothing."""
    with recording(Actor.system("re-execution", "task")) as log:
        row = Reexecution.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        if row.state == Reexecution.State.DONE:
            return
        row.state, row.verdict, row.finished_at = Reexecution.State.DONE, judgement.verdict, timezone.now()
        row.findings, row.lease_until = judgement.as_json(), None
        row.version += 1
        row.save()
        log_fact(
            log,
            row,
            Action.UPDATE,
            old={"state": Reexecution.State.WAITING},
            new={"state": row.state, "verdict": row.verdict},
        )


def verification_run(*, cohort: Cohort | None = None, is_of_all: bool = False) -> Verification:
    """Re-executes stored results, the present ones or all, and keeps what came of it."""
    started_at = timezone.now()
    rows_read, unlike = tampered(cohort)
    found = Pass(started_at, rows_read, unlike, list(verified(results_of(cohort, is_of_all=is_of_all))))
    return Verification.objects.create(
        cohort_code=cohort.code if cohort else "",
        is_of_all=is_of_all,
        started_at=started_at,
        finished_at=timezone.now(),
        results=len(found.verified),
        frames=found.rows_read,
        equal=found.equal,
        explained=found.explained,
        faults=found.faults,
        details=found.details(),
    )
