"""Hazard ratios with their intervals on a log axis, the numbers beside them."""

import math
import textwrap
from typing import Any

from analysis.charts import words
from analysis.stats.printing import p_number

WIDTH = 300
STEP = 30
LABEL_WIDTH, LABEL_CHARACTERS = 260, 44
# Beside the plot, from its right end: a page draws it as wide as there is room.
NUMBERS_AT, P_AT = 16, 150
# Beyond these a limit is drawn as an arrow: one term of few events must not flatten all others.
WIDEST = (0.02, 50.0)
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_FINE_TICKS = (0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2)

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of the terms of a hazard model; it holds no colours.

    Parameters
    ----------
    result
        ``endpoint``, ``n``, ``events`` and ``terms``: per coefficient ``label``, ``unit`` (of a number, may be empty),
        ``hr`` with limits ``low`` and ``high`` (95 %), and ``p``. ``ratio`` names the ratio where it is no hazard ratio
        of an ordinary Cox model.
    """
    rows = [_row(term) for term in result["terms"]]
    labels = [row["label"] for row in rows]
    for row in rows:
        # Two terms of one label, as of one marker by two methods, must not lie on one line.
        name = row["label"] if labels.count(row["label"]) == 1 else f"{row['label']} ({row['term']})"
        row["label"] = "\n".join(textwrap.wrap(name, LABEL_CHARACTERS)[:2])
    low, high = _domain(rows)
    for row in rows:
        row |= {"from": min(max(row["low"], low), high), "to": max(min(row["high"], high), low)}
    axis = _Axis(low, high, _title(result))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": {"left": 8, "right": 14, "top": 8, "bottom": 8},
        "width": WIDTH,
        "height": {"step": STEP},
        "data": {"values": rows},
        "layer": [
            _one(axis),
            _intervals(axis),
            *_arrows(rows, axis),
            _estimates(rows, axis),
            _text("numbers", NUMBERS_AT, rows),
            _text("p", P_AT, rows),
            *_heads(),
        ],
    }


def description(result: dict[str, Any]) -> str:
    said = "; ".join(
        f"{_label(term)}: {words.interval(term['hr'], term['low'], term['high'])}, {words.p_value(term['p'])}"
        for term in result["terms"]
    )
    counts = f"n {result['n']}, events {result['events']}"
    return f"Forest plot of {_ratio(result).lower()}s for {result['endpoint']}, {counts}. {said}."


def _ratio(result: dict[str, Any]) -> str:
    return str(result.get("ratio", "Hazard ratio"))


def _title(result: dict[str, Any]) -> str:
    return f"{_ratio(result)} for {result['endpoint']} (95 % CI, log scale)"


def _label(term: Row) -> str:
    return f"{term['label']}, per {term['unit']}" if term.get("unit") else str(term["label"])


def _row(term: Row) -> Row:
    low, high = _finite(term["low"], 0.0), _finite(term["high"], math.inf)
    # A ratio per small unit would else round to 1.00.
    digits = 3 if 0.9 < term["hr"] < 1.1 and high - low < 0.3 else 2
    shown = [_short(term[name], digits) for name in ("hr", "low", "high")]
    return {
        "term": term["term"],
        "label": _label(term),
        "hr": term["hr"],
        "low": low,
        "high": high,
        "numbers": f"{shown[0]} ({shown[1]}–{shown[2]})",
        "p": p_number(term["p"]),
    }


def _finite(value: words.Number, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _short(value: words.Number, digits: int) -> str:
    if not isinstance(value, int | float):
        return words.number(value, digits=digits)
    return f"{value:.2g}" if value >= 1000 or value < 0.01 else f"{value:.{digits}f}"


def _domain(rows: list[Row]) -> tuple[float, float]:
    """As wide as the intervals, to both sides of 1, within the widest; never so narrow that chance looks like much."""
    lows, highs = [row["low"] for row in rows], [row["high"] for row in rows]
    low = max(min([*lows, 1.0]), WIDEST[0])
    high = min(max([*highs, 1.0]), WIDEST[1])
    margin = 1.08
    return min(low / margin, 0.8), max(high * margin, 1.25)


class _Axis:
    def __init__(self, low: float, high: float, title: str) -> None:
        candidates = _TICKS if high / low > 6 else _FINE_TICKS
        self.low, self.high = low, high
        self.ticks = [tick for tick in candidates if low <= tick <= high]
        self.title = textwrap.wrap(title, 52)

    def encoding(self, field: str) -> Spec:
        shown = {"values": self.ticks, "title": self.title, "format": "~g", "grid": True, "labelFlush": False}
        scale = {"type": "log", "domain": [self.low, self.high], "nice": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": shown}


def _y() -> Spec:
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "domain": False,
            "ticks": False,
            "labelLimit": LABEL_WIDTH,
            "labelPadding": 10,
            "labelExpr": "split(datum.label, '\\n')",
        },
    }


def _one(axis: _Axis) -> Spec:
    """No effect."""
    return {
        "name": "no-effect",
        "data": {"values": [{"one": 1}]},
        "mark": {"type": "rule", "style": "reference"},
        "encoding": {"x": axis.encoding("one")},
    }


def _intervals(axis: _Axis) -> Spec:
    return {
        "name": "intervals",
        "mark": {"type": "rule", "style": "emphasis", "strokeWidth": 1.6},
        "encoding": {"x": axis.encoding("from"), "x2": {"field": "to"}, "y": _y()},
    }


def _arrows(rows: list[Row], axis: _Axis) -> list[Spec]:
    """Where the axis ends before the interval does."""
    cut = [
        ("cut-low", "triangle-left", "from", [row for row in rows if row["low"] < axis.low]),
        ("cut-high", "triangle-right", "to", [row for row in rows if row["high"] > axis.high]),
    ]
    return [
        {
            "name": name,
            "data": {"values": those},
            "mark": {"type": "point", "shape": shape, "filled": True, "size": 60, "opacity": 1, "style": "emphasis"},
            "encoding": {"x": axis.encoding(field), "y": _y()},
        }
        for name, shape, field, those in cut
        if those
    ]


def _estimates(rows: list[Row], axis: _Axis) -> Spec:
    tooltip = [
        {"field": "label", "type": "nominal", "title": "Term"},
        {"field": "numbers", "type": "nominal", "title": "Hazard ratio (95 % CI)"},
        {"field": "p", "type": "nominal", "title": "p"},
    ]
    return {
        "name": "estimates",
        "data": {"values": [row for row in rows if axis.low <= row["hr"] <= axis.high]},
        "mark": {"type": "square", "size": 70, "opacity": 1, "style": "emphasis"},
        "encoding": {"x": axis.encoding("hr"), "y": _y(), "tooltip": tooltip},
    }


def _text(field: str, at: int, rows: list[Row]) -> Spec:
    return {
        "name": f"beside-{field}",
        "data": {"values": rows},
        "mark": {"type": "text", "style": "label", "align": "left", "dx": at},
        "encoding": {"x": {"value": "width"}, "y": _y(), "text": {"field": field, "type": "nominal"}},
    }


def _heads() -> list[Spec]:
    return [
        {
            "name": f"beside-head-{name}",
            "data": {"values": [{"head": head}]},
            "mark": {"type": "text", "style": "strong-label", "align": "left", "baseline": "bottom", "dx": at},
            "encoding": {"x": {"value": "width"}, "y": {"value": -4}, "text": {"field": "head", "type": "nominal"}},
        }
        for name, head, at in (("numbers", "Ratio (95 % CI)", NUMBERS_AT), ("p", "p", P_AT))
    ]
