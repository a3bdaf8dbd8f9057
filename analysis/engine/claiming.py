"""Who computes what. A claim is a compare-and-set with a lease: whoever dies loses it, nobody has to notice."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from analysis.alerts.services import alert_of_failure
from analysis.engine import failures, workers
from analysis.engine.freshness import settled, waiting
from analysis.engine.models import Analysis, AnalysisInput, Run
from registry.log.models import Stream

# A run that takes its worker down with it is tried this often, then it counts as failed. Three in a row also happen
# where a machine is restarted at a bad hour, or is short of memory for something else.
MAX_LOST = 5


@dataclass(frozen=True)
class Claimed:
    analysis_id: int
    run_id: int
    token: str
    # another analysis waited too when this one was claimed
    others_wait: bool = False


def claim_next(trigger: str, quiet: timedelta = timedelta()) -> Claimed | None:
    """Claims one stale analysis that nobody holds and whose facts have rested that long; None when there is none."""
    while True:
        found = waiting(_unheld())
        first, *others = (settled(found, quiet) if quiet else found).order_by("pk")[:2] or [None]
        if first is None:
            return None
        if _gave_up_on(first):
            continue
        claimed = claim(first.pk, trigger)
        if claimed:
            return replace(claimed, others_wait=bool(others))


def claim(analysis_id: int, trigger: str) -> Claimed | None:
    """Claims this analysis, stale or not; None when somebody else holds it."""
    token = new_token()
    with transaction.atomic():
        won = _unheld().filter(pk=analysis_id).update(claimed_by=token, lease_until=lease_end())
        if won != 1:
            return None
        left = Run.objects.filter(analysis_id=analysis_id, state=Run.State.RUNNING)
        left.filter(parted__isnull=False).update(state=Run.State.OVERTAKEN, finished_at=timezone.now())
        left.update(
            state=Run.State.LOST, finished_at=timezone.now(), error="The worker did not finish; the run was repeated."
        )
        run = Run.objects.create(analysis_id=analysis_id, trigger=trigger, worker=token)
    return Claimed(analysis_id, run.pk, token)


def claim_run(run: Run) -> Claimed | None:
    """Claims the analysis of a run in parts that is still under way, to end it; None when somebody else holds it."""
    token = new_token()
    with transaction.atomic():
        if _unheld().filter(pk=run.analysis_id).update(claimed_by=token, lease_until=lease_end()) != 1:
            return None
        if not Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).exists():
            Analysis.objects.filter(pk=run.analysis_id).update(claimed_by="", lease_until=None)
            return None
    return Claimed(run.analysis_id, run.pk, token)


def new_token() -> str:
    return f"{workers.own_name()}:{uuid.uuid4().hex[:8]}"


def renew(claimed: Claimed) -> bool:
    """Extends the lease; False when the claim was lost to somebody else."""
    return _held(claimed).update(lease_until=lease_end()) == 1


def release(claimed: Claimed) -> bool:
    return _held(claimed).update(claimed_by="", lease_until=None) == 1


def _held(claimed: Claimed) -> QuerySet[Analysis]:
    return Analysis.objects.filter(pk=claimed.analysis_id, claimed_by=claimed.token)


def _unheld() -> QuerySet[Analysis]:
    return Analysis.objects.asked().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now()))


def lease_end() -> datetime:
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
            error=failures.LOST % {"times": MAX_LOST},
            finished_at=timezone.now(),
        )
        Analysis.objects.filter(pk=analysis.pk).update(claimed_by="", lease_until=None)
        alert_of_failure(run)
    return True


def _is_dying(analysis: Analysis) -> bool:
    unparted = analysis.runs.exclude(parted__isnull=False, state=Run.State.RUNNING)
    last = list(unparted.order_by("-id").values_list("state", flat=True)[:MAX_LOST])
    return len(last) == MAX_LOST and set(last) <= {Run.State.LOST, Run.State.RUNNING}
