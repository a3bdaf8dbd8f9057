"""The cutoff card: where high begins, who says so, and how much hangs on that very place."""

from typing import Any

from django.utils.translation import gettext as _

from analysis.kinds.wording import p_text
from analysis.reports import blocks
from analysis.reports.blocks import Block
from analysis.reports.cards.cutoff_steps import Steps, steps
from analysis.reports.making import Item, Making
from analysis.templatetags.claims import number

_CHOSEN = {
    "registered": "declared before the outcomes were joined",
    "published": "taken from the literature",
    "median": "the median of these patients",
    "optimal": "largest standardised log-rank statistic in these patients",
    "value": "given as a number",
}


def cutoff_card(making: Making, item: Item) -> list[Block]:
    output = item.output
    if "candidates" in output:
        return [] if output["refused"] else [_title(), _of_search(item)]
    if "markers" in output:
        return _of_curves(item)
    cutoff = output.get("cutoff")
    if not cutoff or not output.get("values"):
        return []
    found = steps(output["values"], cutoff["value"])
    unit = f" {output['unit']}" if output.get("unit") else ""
    rows = [
        (_("High means"), f"{output['label']} > {number(cutoff['value'])}{unit}"),
        (_("Status"), f"{cutoff['status']}; {_CHOSEN[cutoff['method']]}"),
        *_sides(output),
        *_corrected(cutoff),
        *_bootstrap(making, item),
        (_("Would change group within one step"), _step_words(found, unit)),
    ]
    return [_title(), blocks.facts(rows)]


def _title() -> Block:
    return blocks.head(_("Cutoff"), level=4)


def _sides(output: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Group %(name)s") % {"name": group["name"]}, _("%(n)s patients, %(events)s events") % group)
        for group in output["groups"]
    ]


def _corrected(cutoff: dict[str, Any]) -> list[tuple[str, str]]:
    p = cutoff.get("p_corrected")
    return [] if p is None else [(_("p corrected for the choice"), p_text(p))]


def _bootstrap(making: Making, item: Item) -> list[tuple[str, str]]:
    """From the search for the best cutoff of the same marker and endpoint, where the cohort has one."""
    for other in making.answered:
        output = other.output
        is_same = (output.get("variable"), output.get("endpoint")) == (item.output["variable"], item.output["endpoint"])
        if is_same and output.get("bootstrap"):
            return [(_("Best cutoff, bootstrap interval"), _bootstrap_words(output, other))]
    return []


def _bootstrap_words(output: dict[str, Any], item: Item) -> str:
    drawn = output["bootstrap"]
    return _("%(best)s (%(low)s to %(high)s), the same in %(same)s of %(n)s resamples; run %(run)s") % {
        "best": number(output["cutoff"]),
        "low": number(drawn["low"]),
        "high": number(drawn["high"]),
        "same": f"{drawn['same']:.1%}",
        "n": drawn["resamples"],
        "run": item.run_name,
    }


def _step_words(found: Steps, unit: str) -> str:
    said = [
        _("%(n)s at > %(cutoff)s%(unit)s") % {"n": step.moved, "cutoff": number(step.cutoff), "unit": unit}
        for step in (found.down, found.up)
        if step
    ]
    total = found.low + found.high
    return _("%(moved)s of %(n)s patients: %(steps)s") % {
        "moved": found.moved,
        "n": total,
        "steps": "; ".join(said) or "—",
    }


def _of_search(item: Item) -> Block:
    output = item.output
    unit = f" {output['unit']}" if output["unit"] else ""
    values = [row[output["variable"]] for row in item.frame.rows]
    rows = [
        (_("High means"), f"{output['label']} > {number(output['cutoff'])}{unit}"),
        (_("Status"), _("exploratory; %(method)s in these patients") % {"method": output["method"]}),
        (_("Patients low, high"), f"{output['n_low']}, {output['n_high']}"),
        (_("p corrected for the choice"), p_text(output["p_corrected"])),
        (_("Bootstrap interval"), _bootstrap_words(output, item)),
        (_("Would change group within one step"), _step_words(steps(values, output["cutoff"]), unit)),
    ]
    return blocks.facts(rows)


def _of_curves(item: Item) -> list[Block]:
    rows = []
    for marker in item.output["markers"]:
        values = [row[marker["name"]] for row in item.frame.rows if row.get(marker["name"]) is not None]
        for point in marker.get("points", []):
            if not isinstance(point["threshold"], int | float):
                continue
            found, counts = steps(values, point["threshold"]), point["counts"]
            called, not_called = counts["tp"] + counts["fp"], counts["tn"] + counts["fn"]
            rows.append(
                blocks.row(
                    marker["label"],
                    number(point["threshold"]),
                    point["status"] if point["kind"] == point["status"] else f"{point['status']}, {point['kind']}",
                    f"{called} ({counts['tp']})",
                    f"{not_called} ({counts['fn']})",
                    str(found.moved),
                )
            )
    columns = [
        _("Marker"),
        _("Cutoff"),
        _("Status"),
        _("Called a case (of them cases)"),
        _("Not called (of them cases)"),
        _("Change group within one step"),
    ]
    return [blocks.table(_("Cutoffs"), columns, rows, numbers=(1, 3, 4, 5))] if rows else []
