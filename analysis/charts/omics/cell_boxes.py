"""Estimated cell types of two groups or more: boxes one below the other on one axis, with the q of each type."""

import json
from typing import Any

from analysis.charts import words
from analysis.charts.boxes import box_of
from analysis.charts.omics.frames import figure, heading, names_axis, row_height

WIDTH, BAND = 420, 12
MOST_TYPES = 30
ALPHA = 0.05
_CHARACTERS = 22

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of boxes by cell type; it holds no colours and names no patient.

    Parameters
    ----------
    result
        Of the shape of ``compare``: ``names`` of the groups; ``rows`` with ``label``, ``unit``, ``test``, ``p``, ``q``
        (None where there is no test) and ``groups`` with name, n, values and quartiles. Of more than 30 rows the
        first 30 are drawn. Bold: q below 0.05.
    """
    drawn = [row for row in result["rows"] if any(group["n"] for group in row["groups"])][:MOST_TYPES]
    labels = [row["label"] for row in drawn]
    boxes = [{"type": row["label"], **box_of(group)} for row in drawn for group in row["groups"] if group["n"]]
    outliers = [
        {"type": row["label"], "group": group["name"], "value": value}
        for row in drawn
        for group in row["groups"]
        if group["n"]
        for ends in [box_of(group)]
        for value in group["values"]
        if not ends["low"] <= value <= ends["high"]
    ]
    unit = drawn[0]["unit"] if drawn else ""
    x: Spec = {
        "type": "quantitative",
        "scale": _scale(drawn),
        "axis": {"title": f"Estimate, {unit}" if unit else "Estimate", "tickCount": 5},
    }
    y = {
        "field": "type",
        "type": "nominal",
        "scale": {"domain": labels, "paddingInner": 0.25, "paddingOuter": 0.15},
        "axis": names_axis(labels, _CHARACTERS),
    }
    aside = {"field": "group", "sort": result["names"], "scale": {"domain": result["names"]}}
    place: Spec = {"y": y, "yOffset": aside}
    step = row_height(labels, BAND * len(result["names"]), _CHARACTERS)
    return figure(
        description(result),
        width=WIDTH,
        height=round(step * 1.2 * len(drawn)),
        title=heading(*_tests(drawn)),
        layer=[
            {
                "name": "whiskers",
                "data": {"values": boxes},
                "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
                "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, **place},
            },
            {
                "name": "boxes",
                "data": {"values": boxes},
                "mark": {"type": "bar", "fillOpacity": 0.65},
                "encoding": {"x": x | {"field": "q1"}, "x2": {"field": "q3"}, **place, "color": _colour(result, drawn)}
                | {"tooltip": _tooltip()},
            },
            {
                "name": "medians",
                "data": {"values": boxes},
                "mark": {"type": "tick", "style": "emphasis", "thickness": 2},
                "encoding": {"x": x | {"field": "median"}, **place},
            },
            {
                "name": "outliers",
                "data": {"values": outliers},
                "mark": {"type": "point", "filled": True, "size": 7, "opacity": 0.55},
                "encoding": {"x": x | {"field": "value"}, **place, "color": _colour(result, drawn)},
            },
            *_marks(drawn, y),
        ],
    )


def description(result: dict[str, Any]) -> str:
    said = []
    for row in result["rows"][:MOST_TYPES]:
        medians = ", ".join(f"{group['name']} {group['median']:.3g}" for group in row["groups"] if group["n"])
        said.append(f"{row['label']}: median {medians}; {_mark(row)}")
    return f"Cell types by group ({', '.join(result['names'])}). {'. '.join(said)}."


def _tests(rows: list[Row]) -> list[str]:
    tests = list(dict.fromkeys(row["test"] for row in rows if row["p"] is not None))
    return [f"{', '.join(tests)}; bold: {_judged(rows)} < {ALPHA:g}"] if tests else ["No test"]


def _judged(rows: list[Row]) -> str:
    return "q" if any(row["q"] is not None for row in rows) else "p"


def _mark(row: Row) -> str:
    if row["p"] is None:
        return "no test"
    return words.p_value(row["p"]) if row["q"] is None else words.p_value(row["q"]).replace("p", "q", 1)


def _marks(rows: list[Row], y: Spec) -> list[Spec]:
    """The q of each type at the right edge, beyond every box."""
    found = [
        {"type": row["label"], "p": row["p"], "q": row["q"], "text": _mark(row)}
        | {"found": row["p"] is not None and (row["p"] if row["q"] is None else row["q"]) < ALPHA}
        for row in rows
    ]
    return [
        {
            "name": name,
            "data": {"values": [row for row in found if row["found"] is is_found]},
            "mark": {"type": "text", "style": style, "align": "left", "dx": 6},
            "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "text", "type": "nominal"}},
        }
        for name, style, is_found in (("differing", "strong-label", True), ("not-differing", "muted-label", False))
    ]


def _colour(result: dict[str, Any], drawn: list[Row]) -> Spec:
    most = {name: max((g["n"] for row in drawn for g in row["groups"] if g["name"] == name), default=0)
            for name in result["names"]}  # fmt: skip
    said = {name: f"{name}: {n}" for name, n in most.items()}
    legend = {"labelExpr": f"{json.dumps(said)}[datum.label]", "symbolType": "square", "columns": 2}
    return {"field": "group", "type": "nominal", "scale": {"domain": result["names"]}, "title": None, "legend": legend}


def _scale(rows: list[Row]) -> Spec:
    """Shares begin at 0; scores that are negative somewhere at their least."""
    least = min((value for row in rows for group in row["groups"] for value in group["values"]), default=0.0)
    return {"domainMin": 0} if least >= 0 else {"zero": False, "padding": 4}


def _tooltip() -> list[Spec]:
    numbers = {"median": "Median", "q1": "Lower quartile", "q3": "Upper quartile"}
    return [
        {"field": "type", "type": "nominal", "title": "Cell type"},
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "n", "type": "quantitative", "title": "n"},
        *({"field": name, "type": "quantitative", "title": title, "format": ".3~g"} for name, title in numbers.items()),
    ]
