"""What a report says, as one object: page, mail and JSON are drawn from it and from nothing else."""

from typing import Any

from django.db.models import Count, QuerySet

from analysis.engine.environment import software
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Result, Run
from analysis.engine.reanalysis import Rechecked
from analysis.headline.claims import Moved, compare
from analysis.reports.models import Report
from labs.rounds.models import ROUNDS
from registry.log.models import Action, Change
from registry.log.sealing import head, seal_pending
from registry.models import Cohort

_MOST_CAUSES = 50


def compose(report: Report, checked: list[Rechecked]) -> dict[str, Any]:
    """1. results against those of the last report; 2. the data that changed in between; 3. the verdict."""
    previous = _previous(report)
    old_results = previous.content_values.get("results", {}) if previous else {}
    by_id = {item.analysis_id: item for item in checked}
    analyses = Analysis.objects.asked().filter(cohort=report.cohort).select_related("current")
    rows = [_row(analysis, old_results.get(analysis.slug), by_id.get(analysis.pk)) for analysis in analyses]
    seal_pending()
    return {
        "cohort": {"code": report.cohort.code, "name": report.cohort.name, "simulated": report.cohort.is_simulated},
        "since": previous.started_at.isoformat() if previous else None,
        "previous_report": previous.pk if previous else None,
        "verdict": _verdict(rows, _changed_records(report.cohort, previous), is_first=previous is None),
        "data": _data_changes(report.cohort, previous),
        "analyses": rows,
        "results": {analysis.slug: analysis.current_id for analysis in analyses if analysis.current_id},
        "troubles": [_trouble(row) for row in rows if row["trouble"]],
        "log_head": head(),
        "last_change": _last_change(report.cohort),
        "software": software(),
    }


def _previous(report: Report) -> Report | None:
    done = Report.objects.filter(cohort=report.cohort, state=Report.State.DONE, pk__lt=report.pk)
    return done.order_by("-pk").first()


def _row(analysis: Analysis, old_result_id: int | None, checked: Rechecked | None) -> dict[str, Any]:
    old = Result.objects.filter(pk=old_result_id).first() if old_result_id else None
    current = analysis.current
    moved = compare(old.claims if old else [], current.claims if current else [])
    return {
        "slug": analysis.slug,
        "title": analysis.title,
        "kind": analysis.kind,
        "registered": analysis.is_registered,
        "is_new": old is None,
        "looks": current.look if current else 0,
        "run": checked.run.pk if checked and checked.run else None,
        "freshness": freshness_of(analysis).state,
        "fingerprint": current.frame_id if current else None,
        "claims": [claim.as_json() for claim in moved],
        "moved": old is not None and any(claim.is_moved for claim in moved),
        "flipped": old is not None and any(claim.is_flip for claim in moved),
        "flips": [_flip(claim) for claim in moved if claim.is_flip] if old else [],
        "unexplained": bool(checked and checked.is_unexplained),
        "trouble": _trouble_of(checked, current),
    }


def _flip(claim: Moved) -> dict[str, Any]:
    before, after = claim.before or {}, claim.after or {}
    return {"label": claim.label, "before": before, "after": after}


def _trouble_of(checked: Rechecked | None, current: Result | None) -> str:
    if checked is None or checked.run is None:
        return "It was being computed while the report was made."
    if checked.run.state == Run.State.FAILED:
        return checked.run.error
    if checked.is_unexplained:
        return "Its data changed without an entry in the change log: somebody changed the database by hand."
    return "" if current else "It has no result yet."


def _trouble(row: dict[str, Any]) -> dict[str, str]:
    return {"slug": row["slug"], "title": row["title"], "text": row["trouble"]}


def _since_last(cohort: Cohort, previous: Report | None) -> QuerySet[Change]:
    """By the log's own order, not by the clock: a change is in exactly one report.

    What happens inside a reading round stays there; its values are news when the round is closed.
    """
    changes = Change.objects.filter(cohort=cohort).exclude(action=Action.READ).exclude(domain="analyses")
    changes = changes.exclude(domain__startswith=ROUNDS)
    after = previous.content_values.get("last_change", 0) if previous else 0
    return changes.filter(pk__gt=after)


def _last_change(cohort: Cohort) -> int:
    newest = Change.objects.filter(cohort=cohort).order_by("-pk").first()
    return newest.pk if newest else 0


def _changed_records(cohort: Cohort, previous: Report | None) -> int:
    return _since_last(cohort, previous).values("subject_type", "subject_code").distinct().order_by().count()


def _data_changes(cohort: Cohort, previous: Report | None) -> dict[str, Any]:
    changes = _since_last(cohort, previous)
    counts = changes.values("domain", "action").annotate(n=Count("pk")).order_by("domain", "action")
    named = changes.exclude(action=Action.CREATE) if previous is None else changes
    return {
        "counts": list(counts),
        "records": [
            {
                "at": change.at.isoformat(),
                "by": change.actor_name,
                "domain": change.domain,
                "action": change.get_action_display(),
                "code": change.subject_code,
                "old": change.old_values,
                "new": change.new_values,
                "reason": change.reason,
            }
            for change in named.order_by("-pk")[:_MOST_CAUSES]
        ],
        "more": max(0, named.count() - _MOST_CAUSES),
    }


def _verdict(rows: list[dict[str, Any]], changed: int, *, is_first: bool) -> str:
    if is_first:
        return f"First report: {len(rows)} analyses"
    flips = sum(row["flipped"] for row in rows)
    hand = sum(row["unexplained"] for row in rows)
    records = f"{changed} record{'' if changed == 1 else 's'} changed"
    conclusions = "no conclusion changed" if not flips else f"{flips} conclusion{'' if flips == 1 else 's'} changed"
    extra = f"; {hand} analyses met data changed outside the log" if hand else ""
    return f"{records}, {conclusions}{extra}"
