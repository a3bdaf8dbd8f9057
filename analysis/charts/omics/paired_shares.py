"""Shares of two groups side by side: how often each gene is mutated, gained or lost, with its test beside the bars."""

import json
from typing import Any

from analysis.charts.omics.frames import PERCENT, figure, heading, names_axis, percent, row_height

WIDTH, BAR = 300, 13
MOST_ROWS = 30
_CHARACTERS = 22

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of paired bars; it holds no colours and names no patient.

    Parameters
    ----------
    result
        ``what`` the shares are of, ``alpha``; two ``groups`` with ``name`` and ``n``; ``rows`` in the order of the
        drawing: ``label`` (each once), ``shares`` (0 to 1, by group), ``said`` (the test in words) and ``found``. Of
        more than 30 rows the first are drawn.
    """
    rows = result["rows"][:MOST_ROWS]
    names = [group["name"] for group in result["groups"]]
    bars = [
        {"label": row["label"], "group": name, "share": share, "text": percent(share)}
        for row in rows
        for name, share in zip(names, row["shares"], strict=True)
    ]
    labels = [row["label"] for row in rows]
    # Room for the numbers beyond the longest bars.
    top = 1.18 * max([0.05, *(bar["share"] for bar in bars)])
    x: Spec = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": False},
        "axis": {"title": f"Share of the group, {result['what']}", "labelExpr": PERCENT, "tickCount": 5},
    }
    y = {
        "field": "label",
        "type": "nominal",
        "scale": {"domain": labels, "paddingInner": 0.25, "paddingOuter": 0.15},
        "axis": names_axis(labels, _CHARACTERS),
    }
    place: Spec = {"y": y, "yOffset": {"field": "group", "sort": names, "scale": {"domain": names}}}
    said = {group["name"]: f"{group['name']}: {group['n']}" for group in result["groups"]}
    legend = {"labelExpr": f"{json.dumps(said)}[datum.label]", "symbolType": "square", "columns": 2}
    colour = {"field": "group", "type": "nominal", "scale": {"domain": names}, "title": None, "legend": legend}
    tooltip = [
        {"field": "label", "type": "nominal", "title": "Gene"},
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "share", "type": "quantitative", "title": "Share", "format": ".1%"},
    ]
    return figure(
        description(result),
        width=WIDTH,
        height=round(1.2 * row_height(labels, 2 * BAR, _CHARACTERS) * len(rows)),
        title=heading(f"Fisher's exact test; bold: q < {result['alpha']:g}", _more(result)),
        layer=[
            {
                "name": "shares",
                "data": {"values": bars},
                "mark": {"type": "bar", "fillOpacity": 0.75},
                "encoding": {"x": x, **place, "color": colour, "tooltip": tooltip},
            },
            {
                "name": "numbers",
                "data": {"values": bars},
                "mark": {"type": "text", "style": "muted-label", "align": "left", "dx": 3},
                "encoding": {"x": x, **place, "text": {"field": "text", "type": "nominal"}},
            },
            *(_said(rows, y, is_found=is_found) for is_found in (True, False)),
        ],
    )


def description(result: dict[str, Any]) -> str:
    groups = " and ".join(f"{group['name']} (n {group['n']})" for group in result["groups"])
    said = "; ".join(
        f"{row['label']}: {' against '.join(percent(share) for share in row['shares'])}, {row['said']}"
        for row in result["rows"][:MOST_ROWS]
    )
    more = f" {_more(result)}." if _more(result) else ""
    return f"Share {result['what']} in {groups}. {said}.{more}"


def _more(result: dict[str, Any]) -> str:
    more = len(result["rows"]) - MOST_ROWS
    return f"{more} more rows are not drawn" if more > 0 else ""


def _said(rows: list[Spec], y: Spec, *, is_found: bool) -> Spec:
    chosen = [{"label": row["label"], "text": row["said"]} for row in rows if row["found"] is is_found]
    style = "strong-label" if is_found else "muted-label"
    return {
        "name": "differing" if is_found else "not-differing",
        "data": {"values": chosen},
        "mark": {"type": "text", "style": style, "align": "left", "dx": 6},
        "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "text", "type": "nominal"}},
    }
