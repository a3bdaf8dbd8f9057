"""Whether an answer still stands: a comparison of versions, true at once and without any worker."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from analysis.engine.models import Analysis, AnalysisInput, Run
from registry.log.models import Change

_MOVED = Q(computed_version__isnull=True) | ~Q(computed_version=F("stream__version"))
# As Analysis.objects.asked() has it; what nobody asks is not stale.
_ASKED = Q(retired_reason="", waits_for_plan=False)
_NOT_FAILED_THERE = Q(failed_version__isnull=True) | ~Q(failed_version=F("stream__version"))
_NOT_IN_PARTS_THERE = Q(parts_version__isnull=True) | ~Q(parts_version=F("stream__version"))
_WAITS = _MOVED & _NOT_FAILED_THERE & _NOT_IN_PARTS_THERE
# When the first change was made that the current result does not know.
_FIRST_MOVE = Coalesce(
    Subquery(
        Change.objects.filter(
            Q(cohort_id=OuterRef("stream__cohort_id")) | Q(cohort__isnull=True),
            domain=OuterRef("stream__domain"),
            version=OuterRef("computed_version") + 1,
        )
        .order_by(F("cohort").asc(nulls_last=True))
        .values("at")[:1]
    ),
    F("stream__changed_at"),
)
# Somebody who saves without a pause still sees an answer after so many seconds.
MOST_UNSETTLED = 30


def stale(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    return analyses.filter(Exists(_moved_inputs()), _ASKED)


def waiting(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """Stale, and the same data did not fail before nor are computed in parts at the moment."""
    return analyses.filter(Exists(_inputs().filter(_WAITS)), _ASKED)


def in_parts(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """Those whose run in parts is of the data as they are now."""
    return analyses.filter(Exists(_inputs()), ~Exists(_inputs().filter(_NOT_IN_PARTS_THERE)))


def settled(analyses: QuerySet[Analysis], quiet: timedelta) -> QuerySet[Analysis]:
    """Those whose facts have rested that long: a burst of changes is one run, not one for each."""
    now = timezone.now()
    restless = _inputs().filter(_MOVED, stream__changed_at__gt=now - quiet)
    long_ago = now - timedelta(seconds=MOST_UNSETTLED)
    overdue = (
        _inputs().filter(_MOVED, computed_version__isnull=False).alias(since=_FIRST_MOVE).filter(since__lt=long_ago)
    )
    return analyses.filter(~Exists(restless) | Exists(overdue))


def waiting_since() -> datetime | None:
    """When the longest waiting analysis became stale."""
    asked = Analysis.objects.filter(_ASKED)
    inputs = AnalysisInput.objects.filter(_WAITS, analysis__in=asked).annotate(since=_FIRST_MOVE)
    found: datetime | None = inputs.aggregate(first=Min("since"))["first"]
    return found


def _inputs() -> QuerySet[AnalysisInput]:
    return AnalysisInput.objects.filter(analysis=OuterRef("pk"))


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
    # the last run was cancelled, and nothing has changed since
    is_cancelled: bool = False
    last_run_id: int | None = None

    @property
    def is_settled(self) -> bool:
        return self.state in ("fresh", "failed")


def freshness_of(analysis: Analysis, url: str = "") -> Freshness:
    return replace(freshness_of_all([analysis])[analysis.pk], url=url)


def freshness_of_all(analyses: Sequence[Analysis]) -> dict[int, Freshness]:
    """By analysis, in as many queries for fifty of them as for one."""
    keys = [analysis.pk for analysis in analyses]
    moved: dict[int, list[AnalysisInput]] = defaultdict(list)
    inputs = AnalysisInput.objects.filter(_MOVED, analysis__in=keys).select_related("stream")
    for row in inputs.order_by("stream__domain"):
        moved[row.analysis_id].append(row)
    runs = Run.objects.filter(analysis__in=keys).values("analysis")
    newest = runs.annotate(last=Max("pk"), shown=Max("pk", filter=Q(result__isnull=False)))
    of_analysis = {row["analysis"]: (row["last"], row["shown"]) for row in newest.order_by()}
    wanted = {pk for pair in of_analysis.values() for pk in pair if pk}
    found = Run.objects.only("state", "error", "finished_at").in_bulk(wanted)
    made = {}
    for analysis in analyses:
        last, shown = (found.get(pk) if pk else None for pk in of_analysis.get(analysis.pk, (None, None)))
        rows = moved[analysis.pk]
        # What was tried is not tried again by itself: the last run says how it ended, or that it goes on in parts.
        tried = last.state if last and rows and not any(_is_waiting(row) for row in rows) else None
        made[analysis.pk] = Freshness(
            state=_state(analysis, tried, is_moved=bool(rows)),
            as_of=shown.finished_at if shown else None,
            run_id=shown.pk if shown else None,
            url="",
            moved=tuple(row.stream.domain for row in rows),
            error=last.error if last and (last.state == Run.State.FAILED or tried == Run.State.CANCELLED) else "",
            is_cancelled=tried == Run.State.CANCELLED,
            last_run_id=last.pk if last else None,
        )
    return made


def _state(analysis: Analysis, tried: str | None, *, is_moved: bool) -> str:
    if not is_moved:
        return "fresh"
    if (analysis.lease_until and analysis.lease_until > timezone.now()) or tried == Run.State.RUNNING:
        return "running"
    if tried == Run.State.FAILED:
        return "failed"
    return "stale" if analysis.current_id else "waiting"


def _is_waiting(row: AnalysisInput) -> bool:
    return row.stream.version not in (row.failed_version, row.parts_version)
