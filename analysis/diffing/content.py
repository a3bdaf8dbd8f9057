"""Two results of one analysis side by side, as one object: page and JSON are drawn from it and from nothing else."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analysis.alerts.wording import passage as passage_text
from analysis.diffing.frames import frame_difference
from analysis.engine.between import changes_between, passage, stretches
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Result, Run
from analysis.frames.frame import Frame
from analysis.headline.claims import Moved, compare
from analysis.headline.exploratory import mark_of
from analysis.stats.printing import significant
from registry.log.facts import shown_changes
from registry.log.models import Action, Change

_MOST_CHANGES = 200


def difference(analysis: Analysis, before: Result, after: Result, log: QuerySet[Change]) -> dict[str, Any]:
    """`log`: the entries that may be shown."""
    left, came = passage(analysis, before, after)
    claims = compare(before.claims, after.claims)
    freshness = freshness_of(analysis)
    return {
        "analysis": analysis.log_code(),
        "title": analysis.title,
        "simulated": analysis.cohort.is_simulated,
        "freshness": freshness.state,
        "before": _end(analysis, before, left),
        "after": _end(analysis, after, came),
        "flipped": any(claim.is_flip for claim in claims),
        "claims": [_claim(claim) for claim in claims],
        "setup": [*_parameters(before, after), *_method(before, after)],
        "patients": frame_difference(
            Frame.from_bytes(before.frame.content),
            Frame.from_bytes(after.frame.content),
            _groups(before),
            _groups(after),
        ),
        "changes": _changes(analysis, left, came, log),
    }


def _end(analysis: Analysis, result: Result, run: Run | None) -> dict[str, Any]:
    output = result.output_values
    return {
        "look": result.look,
        "run": run.pk if run else None,
        "computed": result.created_at.isoformat(),
        "fingerprint": result.frame_id,
        "kind_version": result.kind_version,
        "threshold": result.threshold,
        "spending": result.spending_values,
        "n": output.get("n"),
        "exploratory": mark_of(output),
        "current": result.pk == analysis.current_id,
    }


def _claim(claim: Moved) -> dict[str, Any]:
    before, after = claim.before or {}, claim.after or {}
    ends = [end.get("value") for end in (before, after)]
    numbers = [end for end in ends if isinstance(end, int | float)]
    unit = (claim.after or claim.before or {}).get("unit", "")
    told = bool(claim.before and claim.after) and claim.is_moved
    return claim.as_json() | {
        "difference": float(f"{numbers[1] - numbers[0]:.12g}") if len(numbers) == 2 else None,
        "passage": passage_text(ends[0], ends[1], unit, name=claim.name) if told else "",
    }


def _parameters(before: Result, after: Result) -> list[dict[str, str]]:
    return _differing(_("parameter"), before.parameter_values, after.parameter_values)


def _method(before: Result, after: Result) -> list[dict[str, str]]:
    """What computed it, and at which p it was judged."""
    versions = ({"": before.kind_version}, {"": after.kind_version})
    software = [result.provenance_values.get("software", {}) for result in (before, after)]
    return [
        *_differing(_("version of the method"), *versions),
        *_differing(_("software"), *software),
        *_differing(_("judged at p <"), {"": before.threshold}, {"": after.threshold}),
    ]


def _differing(what: str, old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"what": f"{what} {name}".strip(), "before": _written(old.get(name)), "after": _written(new.get(name))}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_written(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_written(part)}" for name, part in value.items())
    if isinstance(value, float):
        return significant(value, 6)
    return "—" if value in (None, "") else str(value)


def _groups(result: Result) -> dict[str, str]:
    members = result.output_values.get("members", [])
    return {member["patient"]: str(member["group"]) for member in members}


def _changes(analysis: Analysis, left: Run | None, came: Run | None, log: QuerySet[Change]) -> dict[str, Any]:
    causes = stretches(left.versions, came.versions) if left and came else []
    found = changes_between(causes, analysis.cohort_id, log.exclude(action=Action.READ))
    total = found.count()
    return {
        "streams": causes,
        "total": total,
        "more": max(0, total - _MOST_CHANGES),
        "rows": [
            {
                "at": change.at.isoformat(),
                "by": change.actor_name,
                "domain": change.domain,
                "action": str(Action(change.action).label),
                "code": change.subject_code,
                "moved": [list(moved) for moved in shown_changes(change)] if change.action != Action.CREATE else [],
                "reason": change.reason,
            }
            for change in found.order_by("-pk")[:_MOST_CHANGES]
        ],
    }
