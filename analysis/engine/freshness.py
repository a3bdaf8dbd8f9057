"""Whether an answer still stands: a comparison of versions, true at once and without any worker."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from analysis.engine.models import Analysis, AnalysisInput, Run

_MOVED = Q(computed_version__isnull=True) | ~Q(computed_version=F("stream__version"))
# As Analysis.objects.asked() has it; what nobody asks is not stale.
_ASKED = Q(retired_reason="", waits_for_plan=False)
_NOT_FAILED_THERE = Q(failed_version__isnull=True) | ~Q(failed_version=F("stream__version"))


def stale(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    return analyses.filter(Exists(_moved_inputs()), _ASKED)


def waiting(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """Stale, and the same data did not fail before."""
    return analyses.filter(Exists(_moved_inputs().filter(_NOT_FAILED_THERE)), _ASKED)


def _moved_inputs() -> QuerySet[AnalysisInput]:
    return AnalysisInput.objects.filter(_MOVED, analysis=OuterRef("pk"))


@dataclass(frozen=True)
class Freshness:
    state: str
    as_of: datetime | None
    run_id: int | None
    # set where the badge is to follow by itself
    url: str
    # streams that moved since the result on show
    moved: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_settled(self) -> bool:
        return self.state in ("fresh", "failed")


def freshness_of(analysis: Analysis, url: str = "") -> Freshness:
    moved = tuple(
        AnalysisInput.objects.filter(_MOVED, analysis=analysis)
        .order_by("stream__domain")
        .values_list("stream__domain", flat=True)
    )
    shown = analysis.runs.filter(result__isnull=False).order_by("-id").first()
    last = analysis.runs.order_by("-id").first()
    return Freshness(
        state=_state(analysis, moved, last),
        as_of=shown.finished_at if shown else None,
        run_id=shown.pk if shown else None,
        url=url,
        moved=moved,
        error=last.error if last and last.state == Run.State.FAILED else "",
    )


def _state(analysis: Analysis, moved: tuple[str, ...], last: Run | None) -> str:
    if not moved:
        return "fresh"
    if analysis.lease_until and analysis.lease_until > timezone.now():
        return "running"
    if last and last.state == Run.State.FAILED and not _has_waiting_input(analysis):
        return "failed"
    return "stale" if analysis.current_id else "waiting"


def _has_waiting_input(analysis: Analysis) -> bool:
    return analysis.inputs.filter(_MOVED).filter(_NOT_FAILED_THERE).exists()
