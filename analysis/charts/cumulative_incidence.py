"""Cumulative incidence by group with its bands, the competing event below it, and a risk table."""

import textwrap
from typing import Any

from analysis.charts import words
from analysis.charts.risk_table import WIDTH, TimeAxis, risk_table
from analysis.charts.series import series

HEIGHT, HEIGHT_COMPETING = 260, 150
LINE_WIDTH = 90

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of an analysis of competing risks; it holds no colours.

    Parameters
    ----------
    result
        ``endpoint`` and ``competing_endpoint``, ``time_unit``, ``groups`` (counts, ``curve`` and ``competing_curve``:
        at each ``time`` the share ``cif`` with limits ``low`` and ``high``), ``risk_table``, ``gray``, ``refused``.
    """
    ticks = list(result["risk_table"]["times"])
    axis = TimeAxis(ticks, end=max([*ticks, *(group["end"] for group in result["groups"]), 1.0]), unit=_unit(result))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "title": {"text": headline(result), "fontWeight": "normal", "fontSize": 11, "offset": 8},
        "padding": {"left": 8, "right": 18, "top": 8, "bottom": 8},  # room for the last number at risk
        "vconcat": [
            _panel(result, axis, "curve", f"Incidence of {result['endpoint']}", HEIGHT),
            _panel(result, axis, "competing_curve", f"Competing: {result['competing_endpoint']}", HEIGHT_COMPETING),
            risk_table(result, axis, ("events", "competing", "censored")),
        ],
        "spacing": 10,
        # Each view has its own legend or none: shared, that of one would stand beside that of the other.
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }


def _unit(result: dict[str, Any]) -> str:
    return result["time_unit"] or "time"


def headline(result: dict[str, Any]) -> list[str]:
    """Gray's test, or the sentence that says why there is none."""
    lines = [f"{result['endpoint']}; competing event: {result['competing_endpoint']}"]
    if result.get("refused"):
        lines.append(result["refused"])
    elif test := result.get("gray"):
        lines.append(f"Gray's test χ² {test['chi2']:.2f}, {test['df']} df, {words.p_value(test['p'])}")
    return [part for line in lines for part in textwrap.wrap(line, LINE_WIDTH)]


def description(result: dict[str, Any]) -> str:
    groups = "; ".join(f"{group['name']}: {_counts(group)}" for group in result["groups"])
    return " ".join([f"Cumulative incidence of {result['endpoint']}.", f"{groups}.", *headline(result)])


def _counts(group: dict[str, Any]) -> str:
    return f"n {group['n']}, events {group['events']}, competing {group['competing']}"


def _panel(result: dict[str, Any], axis: TimeAxis, curve: str, title: str, height: int) -> Spec:
    top = max([0.05, *(value for group in result["groups"] for value in _known(group[curve], "high", "cif"))])
    y = _Share(title, min(1.0, top * 1.05))
    channels = _series(result, has_legend=curve == "curve")
    return {
        "name": curve,
        "width": WIDTH,
        "height": height,
        "layer": [_bands(result, axis, y, curve, channels), _lines(result, axis, y, curve, channels)],
    }


def _known(curve: dict[str, Any], *names: str) -> list[float]:
    return [value for name in names for value in curve[name] if value is not None]


class _Share:
    def __init__(self, title: str, top: float) -> None:
        self.title, self.top = title, top

    def encoding(self, field: str) -> Spec:
        return {
            "field": field,
            "type": "quantitative",
            "scale": {"domain": [0, self.top], "nice": True},
            "axis": {"format": ".0%" if self.top > 0.1 else ".1%", "title": self.title, "tickCount": 5},
        }


def _series(result: dict[str, Any], *, has_legend: bool) -> Spec:
    texts = {group["name"]: [f"{group['name']}: {_counts(group)}"] for group in result["groups"]}
    channels = series("group", texts)
    # Drawn once, over the first view: the second has the same colours and dashes.
    return channels if has_legend else {name: channel | {"legend": None} for name, channel in channels.items()}


def _steps(group: dict[str, Any], curve: str) -> list[Row]:
    found = group[curve]
    rows = [
        {"group": group["name"], "time": time, "incidence": cif, "low": low, "high": high}
        for time, cif, low, high in zip(found["time"], found["cif"], found["low"], found["high"], strict=True)
    ]
    return [{"group": group["name"], "time": 0, "incidence": 0, "low": None, "high": None}, *rows]


def _lines(result: dict[str, Any], axis: TimeAxis, y: _Share, curve: str, channels: Spec) -> Spec:
    tooltip = [
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "time", "type": "quantitative", "title": axis.unit.capitalize(), "format": ".1f"},
        {"field": "incidence", "type": "quantitative", "title": "Incidence", "format": ".1%"},
    ]
    return {
        "name": f"{curve}-lines",
        "data": {"values": [row for group in result["groups"] for row in _steps(group, curve)]},
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": y.encoding("incidence"),
            **channels,
            "tooltip": tooltip,
        },
    }


def _bands(result: dict[str, Any], axis: TimeAxis, y: _Share, curve: str, channels: Spec) -> Spec:
    rows = [row for group in result["groups"] for row in _steps(group, curve) if None not in (row["low"], row["high"])]
    return {
        "name": f"{curve}-bands",
        "data": {"values": rows},
        "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.15, "line": False},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": y.encoding("low"),
            "y2": {"field": "high"},
            "color": channels["color"],
        },
    }
