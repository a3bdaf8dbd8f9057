"""The cutoff picker for a page and for files. Nothing is computed here."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from analysis import VERSION
from analysis.charts import cutpoint, histogram
from analysis.charts.render import Stamp
from analysis.cutoffs.picking import Picked
from analysis.kinds.cutoff_preview import spec_of
from analysis.standing import standing_of
from analysis.stats.printing import exact

SCORE_STEPS = 24


def picker_context(picked: Picked, errors: list[str]) -> dict[str, Any]:
    analysis, chosen = picked.analysis, picked.chosen
    return {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "simulated": analysis.cohort.is_simulated,
        "picked": picked,
        "errors": errors,
        "preview_query": urlencode(
            {"marker": picked.marker.name, "choice": chosen.method, "cutoff": exact(chosen.cutoff)}
        ),
        "histogram": _histogram(picked),
        "preview_spec": spec_of(picked.marker, chosen)
        if chosen.output.get("groups") or chosen.output.get("markers")
        else None,
        "curve": _curve(picked),
        "caption": _caption(picked),
        "largest_step": len(picked.marker.steps) - 1,
    }


def picked_stamp(picked: Picked) -> Stamp:
    marks = [_("Simulated data")] if picked.analysis.cohort.is_simulated else []
    if picked.chosen.is_exploratory:
        marks.append(_("Exploratory cutoff"))
    return Stamp(
        run_id=str(picked.run.pk if picked.run else "-"),
        data_hash=picked.data_hash,
        caption=_caption(picked, for_file=True),
        marks=tuple(marks),
        freshness=str(standing_of(picked.run)) if picked.run else "",
        title=f"{picked.analysis.cohort.name}, {picked.analysis.title}: {picked.marker.label}",
        software=f"Hepatica {VERSION}",
    )


def picked_json(picked: Picked) -> dict[str, Any]:
    analysis, chosen = picked.analysis, picked.chosen
    return {
        "analysis": analysis.log_code(),
        "title": analysis.title,
        "simulated": analysis.cohort.is_simulated,
        "exploratory": chosen.is_exploratory,
        "run": picked.run.pk if picked.run else None,
        "freshness": picked.freshness.state,
        "fingerprint": picked.data_hash,
        "marker": picked.marker.name,
        "cutoff": {"value": chosen.cutoff, "operator": ">", "method": chosen.method, "unit": picked.marker.unit},
        "sides": [vars(side) for side in chosen.sides],
        "effect": chosen.effect,
        "p": chosen.p,
        "p_corrected": chosen.p_corrected,
        "p_in_words": chosen.p_text,
        "changes_group": [vars(mover) for mover in chosen.movers],
        "against": vars(picked.reference) if picked.reference else None,
        "steps": [
            {"cutoff": step.cutoff, "moved": step.moved, "sides": [vars(side) for side in step.sides]}
            for step in chosen.steps
        ],
        "warnings": chosen.warnings,
    }


def _histogram(picked: Picked) -> dict[str, Any]:
    marker, chosen = picked.marker, picked.chosen
    is_score = len(marker.steps) <= SCORE_STEPS and all(step.is_integer() for step in marker.steps)
    return histogram.chart(
        marker.values,
        label=marker.label,
        unit=marker.unit,
        cutoff=chosen.cutoff,
        cutoff_label=f"{chosen.method} cutoff",
        attainable=marker.steps if is_score else (),
    )


def _curve(picked: Picked) -> dict[str, Any] | None:
    output = picked.search.output if picked.search else None
    if output is None or output["refused"] or all(candidate["p"] is None for candidate in output["candidates"]):
        return None
    return cutpoint.chart(dict(output), title=f"Cutoff of {picked.marker.label}")


def _caption(picked: Picked, *, for_file: bool = False) -> str:
    marker, chosen = picked.marker, picked.chosen
    unit = f" {marker.unit}" if marker.unit else ""
    n, events = len(marker.values), sum(marker.happened)
    parts = [
        _("%(label)s > %(cutoff)s%(unit)s (%(method)s cutoff)")
        % {"label": marker.label, "cutoff": exact(chosen.cutoff), "unit": unit, "method": chosen.method},
        f"n = {n}",
        f"{_('events') if marker.kind == 'survival' else _('cases')} = {events}",
        *(f"{_('left out')}: {reason} ({count})" for reason, count in chosen.output.get("dropped", {}).items()),
        chosen.p_text.rstrip("."),
    ]
    if not for_file:
        # A file has run and freshness burned in anyway.
        parts.append(_("frame of run %(run)s") % {"run": picked.run.pk if picked.run else "-"})
    return "; ".join(parts) + "."
