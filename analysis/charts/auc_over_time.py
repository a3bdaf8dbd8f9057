"""The area under the time-dependent ROC curve over time, with its pointwise band."""

from math import floor
from typing import Any

from analysis.charts.series import series
from analysis.charts.words import interval

WIDTH, HEIGHT = 560, 300

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of AUC against time; it holds no colours.

    Parameters
    ----------
    result
        A result of time-dependent ROC curves: per marker the areas ``over_time`` with their limits, and the rows of the
        times that were asked for, which are marked.
    """
    markers = [marker for marker in result["markers"] if marker["over_time"]]
    points = [point for marker in markers for point in marker["over_time"]]
    floor_of_axis = min(0.4, floor(10 * min(point["low"] for point in points)) / 10)
    end = max(point["time"] for point in points)
    axes = _axes(result, floor_of_axis, end)
    curves = series("marker", {marker["label"]: [_named(marker)] for marker in markers})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            _no_information(axes, end),
            {
                "name": "band",
                "data": {"values": _rows(markers)},
                "mark": {"type": "area", "opacity": 0.15, "line": False},
                "encoding": {
                    "x": axes["x"],
                    "y": axes["y"] | {"field": "low"},
                    "y2": {"field": "high"},
                    "color": curves["color"],
                },
            },
            {
                "name": "areas",
                "data": {"values": _rows(markers)},
                "mark": {"type": "line"},
                "encoding": {**axes, **curves},
            },
            _asked(result, axes, curves),
        ],
    }


def description(result: dict[str, Any]) -> str:
    unit = result["time_unit"]
    rows = [
        f"{row['label']} at {row['time']:g} {unit}".rstrip() + f": {interval(row['auc'], row['low'], row['high'])}"
        for row in result["times"]
        if not row["refused"]
    ]
    return f"AUC over time for {result['endpoint']}, with pointwise 95 % intervals. {'; '.join(rows)}."


def _named(marker: dict[str, Any]) -> str:
    return marker["label"] if marker["direction"] == "<" else f"{marker['label']} (lower = event)"


def _axes(result: dict[str, Any], low: float, end: float) -> Spec:
    unit = result["time_unit"]
    return {
        "x": {
            "field": "time",
            "type": "quantitative",
            "scale": {"domain": [0, end], "nice": False},
            "axis": {"title": unit.capitalize() or "Time", "grid": False, "labelFlush": False},
        },
        "y": {
            "field": "auc",
            "type": "quantitative",
            "scale": {"domain": [low, 1], "nice": False},
            "axis": {"title": "AUC (pointwise 95 % CI)", "format": ".1f", "tickMinStep": 0.1},
        },
    }


def _rows(markers: list[dict[str, Any]]) -> list[Spec]:
    return [point | {"marker": marker["label"]} for marker in markers for point in marker["over_time"]]


def _no_information(axes: Spec, end: float) -> Spec:
    return {
        "name": "no-information",
        "data": {"values": [{"time": at, "auc": 0.5} for at in (0, end)]},
        "mark": {"type": "line", "style": "reference"},
        "encoding": axes,
    }


def _asked(result: dict[str, Any], axes: Spec, curves: Spec) -> Spec:
    names = ("time", "auc", "low", "high", "n_cases", "n_controls", "n_competing")
    rows = [
        {name: row[name] for name in names} | {"marker": row["label"]} for row in result["times"] if not row["refused"]
    ]
    titles = {"auc": "AUC", "low": "From", "high": "To"}
    counts = {"n_cases": "Cases", "n_controls": "Controls without any event", "n_competing": "Competing events"}
    return {
        "name": "asked",
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {
            **axes,
            "color": curves["color"],
            "tooltip": [
                {"field": "marker", "type": "nominal", "title": "Marker"},
                {"field": "time", "type": "quantitative", "title": "Time"},
                *(
                    {"field": at, "type": "quantitative", "title": title, "format": ".3f"}
                    for at, title in titles.items()
                ),
                *({"field": at, "type": "quantitative", "title": title} for at, title in counts.items()),
            ],
        },
    }
