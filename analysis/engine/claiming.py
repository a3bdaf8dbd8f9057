"""Who computes what. A claim is a compare-and-set with a lease: whoever dies loses it, nobody has to notice."""

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from analysis.alerts.services import alert_of_failure
from analysis.engine.freshness import waiting
from analysis.engine.models import Analysis, AnalysisInput, Run
from registry.log.models import Stream

# A run that takes its worker down with it is tried this often, then it counts as failed.
MAX_LOST = 3


@dataclass(frozen=True)
class Claimed:
    analysis_id: int
    run_id: int
    token: str


def claim_next(trigger: str) -> Claimed | None:
    """Claims one stale analysis that nobody holds; None when there is none."""
    while True:
        analysis = waiting(_unheld()).order_by("pk").first()
        if analysis is None:
            return None
        if _gave_up_on(analysis):
            continue
        claimed = claim(analysis.pk, trigger)
        if claimed:
            return claimed


def claim(analysis_id: int, trigger: str) -> Claimed | None:
    """Claims this analysis, stale or not; None when somebody else holds it."""
    token = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    with transaction.atomic():
        won = _unheld().filter(pk=analysis_id).update(claimed_by=token, lease_until=_lease_end())
        if won != 1:
            return None
        Run.objects.filter(analysis_id=analysis_id, state=Run.State.RUNNING).update(
            state=Run.State.LOST, finished_at=timezone.now(), error="The worker did not finish; the run was repeated."
        )
        run = Run.objects.create(analysis_id=analysis_id, trigger=trigger, worker=token)
    return Claimed(analysis_id, run.pk, token)


def renew(claimed: Claimed) -> bool:
    """Extends the lease; False when the claim was lost to somebody else."""
    return _held(claimed).update(lease_until=_lease_end()) == 1


def release(claimed: Claimed) -> bool:
    return _held(claimed).update(claimed_by="", lease_until=None) == 1


def _held(claimed: Claimed) -> QuerySet[Analysis]:
    return Analysis.objects.filter(pk=claimed.analysis_id, claimed_by=claimed.token)


def _unheld() -> QuerySet[Analysis]:
    return Analysis.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now()))


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def _gave_up_on(analysis: Analysis) -> bool:
    """Marks the present data as failed when the last runs were all lost."""
    with transaction.atomic():
        # Who claimed it since it was found is on the last try: a run that goes on is not lost.
        if _unheld().select_for_update().filter(pk=analysis.pk).first() is None or not _is_dying(analysis):
            return False
        version = Stream.objects.filter(pk=OuterRef("stream_id")).values("version")
        AnalysisInput.objects.filter(analysis=analysis).update(failed_version=Subquery(version))
        analysis.runs.filter(state=Run.State.RUNNING).update(state=Run.State.LOST, finished_at=timezone.now())
        run = Run.objects.create(
            analysis=analysis,
            state=Run.State.FAILED,
            trigger="sweep",
            worker="",
            error=f"The computation was lost {MAX_LOST} times in a row.",
            finished_at=timezone.now(),
        )
        Analysis.objects.filter(pk=analysis.pk).update(claimed_by="", lease_until=None)
        alert_of_failure(run)
    return True


def _is_dying(analysis: Analysis) -> bool:
    last = list(analysis.runs.order_by("-id").values_list("state", flat=True)[:MAX_LOST])
    return len(last) == MAX_LOST and set(last) <= {Run.State.LOST, Run.State.RUNNING}
