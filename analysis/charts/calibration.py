"""Observed against predicted survival in groups of patients, with the line corrected for optimism."""

from typing import Any

from analysis.charts import words
from analysis.charts.series import series

SIDE = 400
OBSERVED, CORRECTED = "Observed", "Corrected"

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a calibration; it holds no colours.

    Parameters
    ----------
    result
        ``groups`` with ``n``, ``predicted``, ``observed`` with its limits, and ``corrected``; ``horizon``,
        ``time_unit`` and the mean errors.
    """
    groups = [
        {
            **{name: group[name] for name in ("n", "predicted", "observed", "corrected")},
            "low": _within(group["low"], 0.0),
            "high": _within(group["high"], 1.0),
        }
        for group in result["groups"]
    ]
    rows = [
        {"curve": curve, "predicted": group["predicted"], "share": min(max(group[field], 0.0), 1.0), "n": group["n"]}
        for curve, field in ((OBSERVED, "observed"), (CORRECTED, "corrected"))
        for group in groups
        if group[field] is not None
    ]
    x = _axis("predicted", f"Predicted {_what(result)}")
    y = _axis("share", f"Observed {_what(result)}")
    errors = {OBSERVED: result["error"], CORRECTED: result["error_corrected"]}
    names = series("curve", {curve: [f"{curve}: mean error {error:.1%}"] for curve, error in errors.items()})
    tooltip = [
        {"field": "curve", "type": "nominal", "title": "Line"},
        {"field": "predicted", "type": "quantitative", "title": "Predicted", "format": ".1%"},
        {"field": "share", "type": "quantitative", "title": "Survival", "format": ".1%"},
        {"field": "n", "type": "quantitative", "title": "Patients"},
    ]
    point = {"type": "point", "filled": True, "size": 50, "opacity": 1}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": SIDE,
        "height": SIDE,
        "layer": [
            {
                "name": "ideal",
                "data": {"values": [{"predicted": share, "share": share} for share in (0, 1)]},
                "mark": {"type": "line", "style": "reference"},
                "encoding": {"x": x, "y": y},
            },
            {
                "name": "intervals",
                "data": {"values": groups},
                "mark": {"type": "rule", "style": "emphasis", "strokeWidth": 1.2},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "name": "lines",
                "data": {"values": rows},
                "mark": {"type": "line", "interpolate": "linear"},
                "encoding": {"x": x, "y": y, **names},
            },
            {
                "name": "points",
                "data": {"values": rows},
                "mark": point,
                "encoding": {"x": x, "y": y, "color": names["color"], "tooltip": tooltip},
            },
        ],
    }


def description(result: dict[str, Any]) -> str:
    said = "; ".join(
        f"predicted {group['predicted']:.0%}, observed {words.number(group['observed'], digits=2)}, "
        f"corrected {words.number(group['corrected'], digits=2)} (n {group['n']})"
        for group in result["groups"]
    )
    counts = f"n {result['n']}, events {result['events']}"
    return f"Calibration of {result['endpoint']} at {result['horizon']:g} {result['time_unit']}, {counts}. {said}."


def _what(result: dict[str, Any]) -> str:
    return f"survival at {result['horizon']:g} {result['time_unit']}".rstrip()


def _within(value: float | str | None, otherwise: float) -> float:
    return value if isinstance(value, int | float) else otherwise


def _axis(field: str, title: str) -> Spec:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": title, "values": ticks, "labelFlush": False},
    }
