"""What a report says, as one object: page, PDF, mail and JSON are drawn from it and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from analysis import VERSION
from analysis.canonical import canonical_json, plain, sha256
from analysis.engine.environment import revision, software
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Result, Run
from analysis.engine.reanalysis import Rechecked
from analysis.headline.claims import Moved, compare
from analysis.kinds.registry import KINDS, kind_of
from analysis.reports.documents import StoredFigure
from analysis.reports.drawing import figures_of
from analysis.reports.making import Item, Making, clock, newest_run
from analysis.reports.models import Report
from analysis.reports.sections.order import FIRST_PAGE, SECTIONS
from analysis.reports.since import changes_since, versions_of
from analysis.reports.turning import new_leaders, turned
from registry.log.models import Action, Change
from registry.log.sealing import head, seal_pending
from registry.models import Cohort

_MOST_CAUSES = 50


@dataclass(frozen=True)
class Composed:
    content: dict[str, Any]
    # drawn for this report, and not kept yet
    figures: list[StoredFigure]


def compose(report: Report, checked: list[Rechecked]) -> Composed:
    """1. results against those of the last report; 2. the data that changed since; 3. the verdict; 4. the pages."""
    previous = _previous(report)
    before = previous.content_values if previous else {}
    items = _items(report.cohort, before.get("results", {}), checked)
    rows = [item.row for item in items]
    seal_pending()
    results = {item.analysis.slug: item.analysis.current_id for item in items if item.analysis.current_id}
    troubles = [_trouble(row) for row in rows if row["trouble"]]
    # What comes in from here on belongs to the next report.
    versions = versions_of(report.cohort)
    changes = changes_since(report.cohort, before, versions)
    for item in items:
        item.row["told"] = turned(item, changes) if item.row["flipped"] else []
    nothing = _nothing_changed(before, results, troubles, changes) and _asked(before["analyses"]) == _asked(rows)
    making = Making(
        report=report,
        cohort=report.cohort,
        previous=previous,
        items=items,
        changes=changes,
        verdict=_verdict(rows, _changed_records(changes), previous, nothing_changed=nothing),
        log_head=head(),
        software=software(),
        program=f"Hepatica {VERSION}" + (f", commit {revision()}" if revision() else ""),
    )
    built = [build(making) for build in (FIRST_PAGE if nothing else SECTIONS)]
    content = {
        "cohort": {"code": report.cohort.code, "name": report.cohort.name, "simulated": report.cohort.is_simulated},
        "document": {
            "report": report.pk,
            "made_at": clock(making.now),
            "program": making.program,
            "title": f"{report.cohort.name}: reanalysis of {clock(making.now)}",
            "runs": [item.run.pk for item in items if item.run],
        },
        "since": previous.started_at.isoformat() if previous else None,
        "previous_report": previous.pk if previous else None,
        "verdict": making.verdict,
        "nothing_changed": nothing,
        # The newest report with all its pages: what stands there still holds where nothing has changed.
        "full_report": before.get("full_report") if nothing else report.pk,
        "sections": [section for section in built if section],
        "data": _data_changes(changes, previous),
        "analyses": rows,
        "results": results,
        "troubles": troubles,
        "log_head": making.log_head,
        "versions": versions,
        "software": making.software,
    }
    content = dict(plain(content))
    blocks = [block for section in content["sections"] for block in section["blocks"]]
    # One numbering for page and print.
    for numbered in (figures_of(content), [block for block in blocks if block["kind"] == "table"]):
        for number, part in enumerate(numbered, start=1):
            part["number"] = number
    content["document"]["content_sha256"] = sha256(canonical_json(content).encode())
    return Composed(content, making.drawing.rows())


def _items(cohort: Cohort, old_results: Mapping[str, int], checked: list[Rechecked]) -> list[Item]:
    by_id = {item.analysis_id: item for item in checked}
    analyses = (
        Analysis.objects.asked()
        .filter(cohort=cohort, kind__in=KINDS)
        .select_related("current", "current__frame", "cohort", "subcohort")
    )
    return [_item(analysis, old_results.get(analysis.slug), by_id.get(analysis.pk)) for analysis in analyses]


def _item(analysis: Analysis, old_result_id: int | None, checked: Rechecked | None) -> Item:
    old = Result.objects.filter(pk=old_result_id).first() if old_result_id else None
    result = analysis.current
    run = newest_run(result) if result else None
    kind = kind_of(analysis.kind)
    row = _row(analysis, old, checked, run, has_turned=bool(new_leaders(kind, old, result)))
    return Item(analysis, kind, row, result, run, old, freshness_of(analysis))


def _nothing_changed(
    before: dict[str, Any], results: dict[str, int], troubles: list[dict[str, str]], changes: QuerySet[Change]
) -> bool:
    """No record, no result, nothing to complain of now or then, and a report with all its pages that still holds."""
    return (
        bool(before.get("full_report"))
        and before["results"] == results
        and not troubles
        and not before["troubles"]
        and not changes.exists()
    )


def _asked(rows: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    """What a report calls its analyses: another title, or a registration that is gone, is not on its pages."""
    return [(row["slug"], row["title"], row["registered"]) for row in rows]


def _previous(report: Report) -> Report | None:
    done = Report.objects.filter(cohort=report.cohort, state=Report.State.DONE, pk__lt=report.pk)
    return done.order_by("-pk").first()


def _row(
    analysis: Analysis, old: Result | None, checked: Rechecked | None, run: Run | None, *, has_turned: bool
) -> dict[str, Any]:
    current = analysis.current
    moved = compare(old.claims if old else [], current.claims if current else [])
    return {
        "slug": analysis.slug,
        "title": analysis.full_title,
        "kind": analysis.kind,
        "registered": analysis.is_registered,
        "is_new": old is None,
        "looks": current.look if current else 0,
        "run": run.pk if run else None,
        "freshness": freshness_of(analysis).state,
        "fingerprint": current.frame_id if current else None,
        "claims": [claim.as_json() for claim in moved],
        "moved": old is not None and any(claim.is_moved for claim in moved),
        "flipped": has_turned or (old is not None and any(claim.is_flip for claim in moved)),
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


def _changed_records(changes: QuerySet[Change]) -> int:
    return changes.values("subject_type", "subject_code").distinct().order_by().count()


def _data_changes(changes: QuerySet[Change], previous: Report | None) -> dict[str, Any]:
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


def _verdict(rows: list[dict[str, Any]], changed: int, previous: Report | None, *, nothing_changed: bool) -> str:
    if previous is None:
        return f"First report: {len(rows)} {'analysis' if len(rows) == 1 else 'analyses'}"
    if nothing_changed:
        return f"Nothing changed since {clock(previous.started_at)}"
    flips = sum(row["flipped"] for row in rows)
    hand = sum(row["unexplained"] for row in rows)
    records = f"{changed} record{'' if changed == 1 else 's'} changed"
    conclusions = "no conclusion changed" if not flips else f"{flips} conclusion{'' if flips == 1 else 's'} changed"
    extra = f"; {hand} {'analysis' if hand == 1 else 'analyses'} met data changed outside the log" if hand else ""
    return f"{records}, {conclusions}{extra}"
