"""How far apart groups are, variable by variable: standardised differences, and the line below which they are small."""

from typing import Any

from analysis.stats.printing import p_number

WIDTH, STEP = 360, 26
SMALL = 0.1  # the usual bound of a negligible difference (Austin, Stat Med 2009; 28: 3083-3107)

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a Table 1's balance; it holds no colours.

    Parameters
    ----------
    result
        Names of the groups and ``rows``, one per variable, with label and ``smd``, an absolute standardised mean
        difference (with more than two groups the mean of the pairs). Variables without a number are left out.
    """
    rows = [
        {"variable": row["label"], "from": 0, "smd": row["smd"], "p": _p(row)} for row in result["rows"] if _drawn(row)
    ]
    data, y = {"values": rows}, _y(rows)
    axis = {"grid": True, "format": ".2~f", "tickCount": 6}
    pairs = " (mean of the pairs)" if len(result["names"]) > 2 else ""
    x = {
        "field": "smd",
        "type": "quantitative",
        "title": f"Standardised mean difference{pairs}",
        "scale": {"domainMin": 0, "nice": True},
        "axis": axis,
    }
    stem = {
        "name": "stems",
        "data": data,
        "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
        "encoding": {"y": y, "x": x | {"field": "from"}, "x2": {"field": "smd"}},
    }
    point = {
        "name": "differences",
        "data": data,
        "mark": {"type": "point", "style": "emphasis", "filled": True, "size": 80, "opacity": 1},
        "encoding": {"y": y, "x": x, "tooltip": _tooltip()},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result, rows),
        "padding": {"left": 8, "right": 18, "top": 8, "bottom": 8},
        "title": {"text": _against(result), "fontWeight": "normal", "fontSize": 11, "offset": 18},
        "width": WIDTH,
        "height": {"step": STEP},
        "layer": [stem, *_bound(), point],
    }


def description(result: dict[str, Any], rows: list[Row]) -> str:
    said = ", ".join(f"{row['variable']} {row['smd']:.2f}" for row in rows)
    return f"Standardised mean differences. {_against(result)}: {said}."


def _against(result: dict[str, Any]) -> str:
    return f"{result['group_label']}: {' against '.join(result['names'])}"


def _drawn(row: Row) -> bool:
    # An infinite difference is written as text and has no place on the axis.
    return isinstance(row["smd"], int | float)


def _p(row: Row) -> str:
    return "—" if row["p"] is None else p_number(row["p"])


def _y(rows: list[Row]) -> Spec:
    order = [row["variable"] for row in sorted(rows, key=lambda row: -row["smd"])]
    return {"field": "variable", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 260}}


def _bound() -> list[Spec]:
    data = {"values": [{"bound": SMALL, "text": f"small below {SMALL:g}"}]}
    x = {"field": "bound", "type": "quantitative"}
    text = {"type": "text", "style": "label", "baseline": "bottom", "align": "center"}
    return [
        {"name": "bound", "data": data, "mark": {"type": "rule", "style": "cutoff"}, "encoding": {"x": x}},
        {"name": "bound-text", "data": data, "mark": text, "encoding": {"x": x, "y": {"value": -4}} | _text()},
    ]


def _text() -> Spec:
    return {"text": {"field": "text", "type": "nominal"}}


def _tooltip() -> list[Spec]:
    return [
        {"field": "variable", "type": "nominal", "title": "Variable"},
        {"field": "smd", "type": "quantitative", "title": "SMD", "format": ".3f"},
        {"field": "p", "type": "nominal", "title": "p"},
    ]
