"""Whether the numbers of a run stood when a page or a file of them was made, in words that travel with them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.engine.freshness import Freshness, freshness_of
from analysis.engine.models import Analysis, Run
from registry.log.models import Change


@dataclass(frozen=True)
class Standing:
    run: Run
    # fresh, stale, running or failed
    state: str
    # the moment that this was true of
    at: datetime
    # since when the result no longer is that of the facts, where the log knows
    since: datetime | None
    # streams that moved since
    moved: tuple[str, ...]
    # The last run of the result on show, when that is another result than this run's.
    superseded_by: Run | None

    @property
    def badge(self) -> Freshness:
        return Freshness(state=self.state, as_of=self.run.finished_at, run_id=self.run.pk, url="", moved=self.moved)

    def __str__(self) -> str:
        if self.state == "fresh":
            return _("Fresh at %(at)s") % {"at": _minute(self.at)}
        found = _("STALE since %(since)s") % {"since": _minute(self.since)} if self.since else _("STALE")
        why = self._why()
        return f"{found} ({why})" if why else found

    def _why(self) -> str:
        if self.superseded_by:
            return _("run %(run)s has the result now") % {"run": self.superseded_by.pk}
        if self.state == "failed":
            return _("the last run failed")
        return _("%(facts)s changed") % {"facts": ", ".join(self.moved)} if self.moved else ""


def standing_of(run: Run) -> Standing:
    """Of a run with a result."""
    analysis, now = run.analysis, timezone.now()
    if run.result_id != analysis.current_id:
        current = analysis.runs.filter(result=analysis.current_id).order_by("-id").first()
        return Standing(run, "stale", now, _replaced(run), (), current)
    freshness = freshness_of(analysis)
    since = _first_change(analysis) if freshness.moved else None
    return Standing(run, freshness.state, now, since, freshness.moved, None)


def last_run(analysis: Analysis) -> Run | None:
    """The run that last confirmed the result on show."""
    runs = analysis.runs.filter(result_id=analysis.current_id) if analysis.current_id else analysis.runs.none()
    return runs.select_related("analysis__cohort", "analysis__current", "result__frame").order_by("-id").first()


def _replaced(run: Run) -> datetime | None:
    """When the next result came; the same one may have come back and gone again since."""
    later = run.analysis.movements.filter(before_id=run.result_id)
    if run.finished_at:
        later = later.filter(at__gte=run.finished_at)
    moment: datetime | None = later.aggregate(Min("at"))["at__min"]
    return moment


def _first_change(analysis: Analysis) -> datetime | None:
    """The first change of any stream that moved since the result was computed."""
    moments = []
    for row in analysis.inputs.select_related("stream").exclude(computed_version__isnull=True):
        after = Change.objects.filter(
            cohort=row.stream.cohort_id, domain=row.stream.domain, version__gt=row.computed_version
        )
        moments.append(after.aggregate(Min("at"))["at__min"])
    return min((moment for moment in moments if moment), default=None)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
