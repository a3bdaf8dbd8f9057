"""The tables of a result: those of its kind, or, where the kind has a page of its own, the numbers of that page."""

import re
from typing import Any

from django.utils.translation import gettext as _

from analysis.kinds.base import Output, TabledKind
from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import interval_text, p_cell, p_text
from analysis.reports import blocks
from analysis.reports.blocks import Block
from analysis.reports.making import Item
from analysis.templatetags.claims import months, number, percent

# Said with the assumptions.
_ELSEWHERE = {"checks", "ph"}
_MOST_ROWS = 40
_NUMBER = re.compile(r"(p [=<] ?)?[<>−-]? ?\d|—$|∞|$")


def result_tables(item: Item) -> list[Block]:
    output = item.output
    if isinstance(item.kind, TabledKind):
        return [_of_kind(table) for table in item.kind.tables(output) if table.name not in _ELSEWHERE]
    if "groups" in output:
        return _groups(output)
    if "markers" in output:
        return _markers(output)
    return _methods(output) if "methods" in output else []


def _of_kind(table: ResultTable) -> Block:
    rows = [blocks.row(*row) for row in table.rows[:_MOST_ROWS]]
    more = len(table.rows) - len(rows)
    notes = [*table.notes, _("%(n)s more rows are in the analysis's own numbers.") % {"n": more} if more else ""]
    return blocks.table(table.title, table.columns, rows, numbers=_numbers(table), notes=notes)


def _numbers(table: ResultTable) -> list[int]:
    """Columns in which every cell begins as a number does; a test's name or a refusal is read from the left."""
    columns = list(zip(*table.rows, strict=True))
    return [place for place, cells in enumerate(columns) if place and all(_NUMBER.match(cell) for cell in cells)]


def _groups(output: Output) -> list[Block]:
    if not output["groups"]:
        return []
    unit = output["time_unit"]
    rows = [
        blocks.row(
            group["name"],
            str(group["n"]),
            str(group["events"]),
            f"{months(group['median'])} ({months(group['median_low'])}–{months(group['median_high'])})",
            f"{group['rmst']:.1f} ({group['rmst_se']:.1f})" if group.get("rmst") is not None else "—",
        )
        for group in output["groups"]
    ]
    columns = [output["label"], _("Patients"), _("Events"), _("Median, %(unit)s (95%% CI)") % {"unit": unit}]
    columns.append(_("Restricted mean (SE)"))
    tau = (
        _("Restricted mean to %(tau)s %(unit)s.") % {"tau": number(output["tau"]), "unit": unit}
        if output.get("tau")
        else ""
    )
    return [
        blocks.table(f"{output['endpoint']} by group", columns, rows, numbers=range(1, 5), notes=[tau]),
        *_tests(output),
    ]


def _tests(output: Output) -> list[Block]:
    if output["refused"] or not output.get("logrank"):
        return []
    test = output["logrank"]
    rows = [blocks.row(_("Log-rank test"), f"χ² {test['chi2']:.2f}, {test['df']} df", p_cell(test["p"]))]
    corrected = (output.get("cutoff") or {}).get("p_corrected")
    if corrected is not None:
        rows.append(blocks.row(_("Corrected for the choice of the cutoff"), "", p_cell(corrected)))
    rows += [
        blocks.row(
            _("Hazard ratio, %(a)s against %(b)s") % {"a": ratio["compared"], "b": ratio["reference"]},
            interval_text(ratio["hr"], ratio["low"], ratio["high"]),
            p_cell(ratio["p"]),
        )
        for ratio in output["hrs"]
    ]
    return [blocks.table(_("Tests"), [_("Test"), _("Estimate"), "p"], rows, numbers=(1, 2))]


def _markers(output: Output) -> list[Block]:
    areas, points = [], []
    for marker in output["markers"]:
        label = f"{marker['label']}, {marker['unit']}" if marker["unit"] else marker["label"]
        if marker["refused"]:
            areas.append(blocks.row(label, "—", "—", "—", marker["refused"], ""))
            continue
        side = _("higher") if marker["direction"] == "<" else _("lower")
        counts = [str(marker[name]) for name in ("n_cases", "n_controls", "missing")]
        area = interval_text(marker["auc"], marker["low"], marker["high"], 3)
        areas.append(blocks.row(label, *counts, area, side))
        points += [blocks.group(label), *[_point(point) for point in marker["points"]]]
    case = str(output.get("case") or output["positive"])
    columns = [_("Marker"), f"{case.capitalize()}s", _("Others"), _("Missing"), _("AUC (95% CI)"), _("In cases")]
    found = [blocks.table(_("Area under the curve"), columns, areas, numbers=range(1, 5))]
    if points:
        columns = [_("Cutoff"), _("Sensitivity"), _("Specificity"), "PPV", "NPV"]
        found.append(blocks.table(_("Operating points (95% CI)"), columns, points, numbers=range(1, 5)))
    return [*found, *_differences(output)]


def _point(point: dict[str, Any]) -> blocks.Row:
    mark = point["kind"] if point["kind"] == point["status"] else f"{point['kind']}, {point['status']}"
    sign = ">" if point["direction"] == "<" else "<"
    names = ("sensitivity", "specificity", "ppv", "npv")
    shares = [
        f"{percent(point[name])} ({percent(point[f'{name}_low'])}–{percent(point[f'{name}_high'])})" for name in names
    ]
    return blocks.row(f"{sign} {number(point['threshold'])} ({mark})", *shares)


def _differences(output: Output) -> list[Block]:
    rows = [
        blocks.row(
            f"{pair['a']} – {pair['b']}",
            str(pair["n"]),
            pair["refused"] or f"{pair['difference']:.3f} ({pair['low']:.3f} to {pair['high']:.3f})",
            "" if pair["refused"] else p_cell(pair["p"]),
            "" if pair["refused"] else p_cell(pair["p_holm"]),
        )
        for pair in output.get("comparisons", [])
    ]
    columns = [_("Areas compared"), "n", _("Difference (95% CI)"), "p", _("p, Holm")]
    return [blocks.table(_("Differences between markers"), columns, rows, numbers=range(1, 5))] if rows else []


def _methods(output: Output) -> list[Block]:
    rows = []
    for method in output["methods"]:
        medians = method["medians"]
        test = method["test"]
        rows.append(
            blocks.row(
                method["label"],
                str(method["n"]),
                f"{method['n_higher']}, {method['n_equal']}, {method['n_lower']}",
                f"{number(medians['tumour'])}, {number(medians['normal'])} {method['unit']}".strip()
                if method["n"]
                else "—",
                f"{test['test']}, {p_text(test['p'])}" if test else str(method["refused"]),
            )
        )
    columns = [_("Method"), _("Pairs"), _("Higher, equal, lower"), _("Median, tumour and normal"), _("Test")]
    found = [blocks.table(_("Tumour against adjacent normal tissue"), columns, rows, numbers=(1, 2))]
    agreed = output["agreement"]
    if agreed["known"]:
        share = f"{percent(agreed['value'])} ({percent(agreed['low'])}–{percent(agreed['high'])})"
        words = _(
            "The methods point the same way in %(agree)s of %(known)s patients with pairs by two or more: %(share)s."
        )
        found.append(blocks.text(words % {"agree": agreed["agree"], "known": agreed["known"], "share": share}))
    rows = [
        blocks.row(
            f"{pair['a']} – {pair['b']}",
            str(pair["n"]),
            shown(pair["rho"], 3) if pair["rho"] is not None else str(pair["refused"]),
            p_cell(pair["p"]) if pair["rho"] is not None else "",
        )
        for pair in output.get("correlations", [])
    ]
    if rows:
        columns = [_("Methods"), "n", _("Spearman's rho of the changes"), "p"]
        found.append(blocks.table(_("Two methods at a time"), columns, rows, numbers=range(1, 4)))
    return found
