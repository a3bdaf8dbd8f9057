"""Whether a report still stands: later reports, and what its analyses say now."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.engine.freshness import Freshness, stale
from analysis.engine.models import Analysis
from analysis.reports.models import Report


@dataclass(frozen=True)
class Standing:
    """`later` is the report that replaced this one, or failed to."""

    freshness: Freshness
    words: str = ""
    later: Report | None = None


def standing_of(report: Report) -> Standing:
    later = _later(report)
    if later is not None:
        words = (
            _("The report after it failed.")
            if later.state == Report.State.FAILED
            else _("A later report has replaced it.")
        )
        return Standing(_badge(report, "stale"), words, later)
    moved = _moved_on(report)
    if not moved:
        return Standing(_badge(report, "fresh"))
    words = ngettext("%(n)s analysis has moved on since.", "%(n)s analyses have moved on since.", moved) % {"n": moved}
    return Standing(_badge(report, "stale"), words)


def stale_by_failure(reports: list[Report]) -> set[int]:
    """Of a list, newest first: the last good report of each cohort whose newest one failed."""
    newest_failed: set[int] = set()
    settled: set[int] = set()
    found: set[int] = set()
    for report in reports:
        if report.cohort_id in settled or report.state == Report.State.RUNNING:
            continue
        if report.state == Report.State.FAILED:
            newest_failed.add(report.cohort_id)
            continue
        settled.add(report.cohort_id)
        if report.cohort_id in newest_failed:
            found.add(report.pk)
    return found


def last_good(report: Report) -> Report | None:
    """What is still to be had when this one failed."""
    return (
        Report.objects.filter(cohort=report.cohort, state=Report.State.DONE, pk__lt=report.pk).order_by("-pk").first()
    )


def _later(report: Report) -> Report | None:
    after = Report.objects.filter(cohort=report.cohort, pk__gt=report.pk).order_by("-pk")
    done = after.filter(state=Report.State.DONE).first()
    failed = after.filter(state=Report.State.FAILED)
    if done is not None and done.content_values.get("full_report") == report.pk:
        # It found nothing new, and says itself that this one still holds.
        return failed.filter(pk__gt=done.pk).first()
    return done or failed.first()


def _moved_on(report: Report) -> int:
    """Analyses whose result is another than that of the report, or is stale itself."""
    results = report.content_values.get("results", {})
    mine = Analysis.objects.filter(cohort=report.cohort)
    other = {analysis.pk for analysis in mine if results.get(analysis.slug) != analysis.current_id}
    return len(other | set(stale(mine).values_list("pk", flat=True)))


def _badge(report: Report, state: str) -> Freshness:
    return Freshness(state=state, as_of=report.finished_at, run_id=None, url="")
