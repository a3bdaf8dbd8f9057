"""Whether an answer still stands: a comparison of versions, true at once and without any worker."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from analysis.engine.models import Analysis, AnalysisInput, Run

_MOVED = Q(computed_version__isnull=True) | ~Q(computed_version=F("stream__version"))
_NOT_FAILED_THERE = Q(failed_version__isnull=True) | ~Q(failed_version=F("stream__version"))


def stale(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    return analyses.filter(Exists(_moved_inputs()))


def waiting(analyses: QuerySet[Analysis]) -> QuerySet[Analysis]:
    """Stale, and the same data did not fail before."""
    return analyses.filter(Exists(_moved_inputs().filter(_NOT_FAILED_THERE)))


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
        domains = tuple(row.stream.domain for row in rows)
        is_failed = last is not None and last.state == Run.State.FAILED
        has_waiting = any(row.failed_version is None or row.failed_version != row.stream.version for row in rows)
        made[analysis.pk] = Freshness(
            state=_state(analysis, bool(domains), is_failed=is_failed and not has_waiting),
            as_of=shown.finished_at if shown else None,
            run_id=shown.pk if shown else None,
            url="",
            moved=domains,
            error=last.error if last and is_failed else "",
        )
    return made


def _state(analysis: Analysis, is_moved: bool, *, is_failed: bool) -> str:
    if not is_moved:
        return "fresh"
    if analysis.lease_until and analysis.lease_until > timezone.now():
        return "running"
    if is_failed:
        return "failed"
    return "stale" if analysis.current_id else "waiting"
