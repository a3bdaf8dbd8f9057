"""Survival by group: step curves, confidence bands, censor ticks, medians, and a risk table under every tick.

The risk table lines up because both views take the axis of risk_table.py, and because there is room on the right.
"""

import textwrap
from typing import Any

from analysis.charts import words
from analysis.charts.risk_table import WIDTH, TimeAxis, risk_table
from analysis.charts.series import series

HEIGHT = 300
LINE_WIDTH = 48  # characters of a headline that fit a phone
SHORT_NAME = 18

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a survival result.

    Parameters
    ----------
    result
        A survival result: groups with their curves (time in ``time_unit``, survival as a share of 1), the risk
        table (n at risk just before each time, events and censored up to and including it), log-rank test and
        hazard ratio.

    Returns
    -------
    dict
        A specification without colours: the theme gives them.
    """
    ticks = list(result["risk_table"]["times"])
    axis = TimeAxis(ticks, end=max([*ticks, *_last_times(result), 1.0]), unit=result["time_unit"])
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "title": {"text": headline(result), "fontWeight": "normal", "fontSize": 11, "offset": 8},
        "padding": {"left": 8, "right": 18, "top": 8, "bottom": 8},  # room for the last number at risk
        "vconcat": [_curves(result, axis), risk_table(result, axis)],
        "spacing": 6,
        # Both channels, or the legend of the shared one would stand beside that of the other.
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }


def headline(result: dict[str, Any]) -> list[str]:
    """What splits the groups; then hazard ratio and log-rank test, or the sentence that says why there is none."""
    lines = [*_split(result), *([result["refused"]] if result.get("refused") else _tests(result))]
    return [part for line in lines for part in textwrap.wrap(line, LINE_WIDTH)]


def _split(result: dict[str, Any]) -> list[str]:
    cutoff = result.get("cutoff")
    if not cutoff:
        return []
    # The status travels with the figure: an exploratory cutoff must not look like a registered one in a slide.
    method, status = words.cutoff_method(cutoff["method"]), cutoff["status"]
    status = status if status == method else f"{method}, {status}"
    value = words.cutoff(cutoff["value"], result.get("unit", ""))
    return [f"High: {result.get('label', 'marker')} {cutoff['operator']} {value}", f"Cutoff: {status}"]


def _tests(result: dict[str, Any]) -> list[str]:
    lines = []
    if hr := result.get("hr"):
        lines.append(
            f"{hr['compared']} against {hr['reference']}: HR {words.interval(hr['hr'], hr['low'], hr['high'])}"
        )
    if test := result.get("logrank"):
        # A cutoff that was searched for has no p of its own: the one that travels knows of the search.
        corrected = (result.get("cutoff") or {}).get("p_corrected")
        p = words.p_value(test["p"]) if corrected is None else f"corrected {words.p_value(corrected)}"
        lines.append(f"Log-rank χ² {test['chi2']:.2f}, {test['df']} df, {p}")
    return lines


def description(result: dict[str, Any]) -> str:
    unit = result["time_unit"]
    groups = "; ".join(
        f"{group['name']}: {group['n']} patients, {group['events']} events, median {words.time(group['median'], unit)}"
        for group in result["groups"]
    )
    return " ".join([f"Kaplan–Meier curves of {result['endpoint']}.", f"{groups}.", *headline(result)])


def _last_times(result: dict[str, Any]) -> list[float]:
    return [group["curve"]["time"][-1] for group in result["groups"] if group["curve"]["time"]]


# The curves ---------------------------------------------------------------------------------------------------------


def _curves(result: dict[str, Any], axis: TimeAxis) -> Spec:
    layers = [
        _bands(result, axis),
        *_medians(result),
        _lines(result, axis),
        _censor_ticks(result, axis),
        _event_points(result, axis),
        _direct_labels(result, axis),
    ]
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _survival_axis(field: str, title: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": title, "values": [0, 0.25, 0.5, 0.75, 1]},
    }


def _series(result: dict[str, Any]) -> Spec:
    return series("group", _legend_texts(result))


def _legend_texts(result: dict[str, Any]) -> dict[str, list[str]]:
    return {
        group["name"]: [
            *_name_and_counts(group["name"], f"n {group['n']}, events {group['events']}"),
            f"median {_median(group, result)}",
        ]
        for group in result["groups"]
    }


def _name_and_counts(name: str, counts: str) -> list[str]:
    # A long name is cut off where room is short; the counts must not go with it.
    return [f"{name}: {counts}"] if len(name) <= SHORT_NAME else [name, counts]


def _median(group: dict[str, Any], result: dict[str, Any]) -> str:
    if group["median"] is None:
        return words.NOT_REACHED
    low = words.time(group.get("median_low"))
    high = words.time(group.get("median_high"))
    return f"{group['median']:.1f} ({low}–{high}) {result['time_unit']}"


def _steps(group: dict[str, Any]) -> list[Row]:
    curve = group["curve"]
    start = {"group": group["name"], "time": 0, "survival": 1, "low": 1, "high": 1}
    rows = [
        {"group": group["name"], "time": time, "survival": survival, "low": low, "high": high}
        for time, survival, low, high in zip(curve["time"], curve["survival"], curve["low"], curve["high"], strict=True)
    ]
    return rows if rows and rows[0]["time"] == 0 else [start, *rows]


def _lines(result: dict[str, Any], axis: TimeAxis) -> Spec:
    return {
        "name": "curves",
        "data": {"values": [row for group in result["groups"] for row in _steps(group)]},
        "mark": {"type": "line", "interpolate": "step-after", "clip": False},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": _survival_axis("survival", result["endpoint"]),
            **_series(result),
        },
    }


def _bands(result: dict[str, Any], axis: TimeAxis) -> Spec:
    rows = [row for group in result["groups"] for row in _steps(group) if None not in (row["low"], row["high"])]
    return {
        "name": "bands",
        "data": {"values": rows},
        "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.15, "line": False},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": _survival_axis("low", result["endpoint"]),
            "y2": {"field": "high"},
            "color": _series(result)["color"],
        },
    }


def _medians(result: dict[str, Any]) -> list[Spec]:
    """A line across at one half as far as the last median, and one down from each curve that reaches it."""
    reached = [group for group in result["groups"] if group["median"] is not None]
    if not reached:
        return []
    across = [{"time": 0, "time2": max(group["median"] for group in reached), "survival": 0.5}]
    down = [{"time": group["median"], "low": 0, "high": 0.5} for group in reached]
    mark = {"type": "rule", "style": "reference"}
    x, y = {"field": "time", "type": "quantitative"}, {"type": "quantitative"}
    return [
        {
            "name": "median-across",
            "data": {"values": across},
            "mark": mark,
            "encoding": {"x": x, "x2": {"field": "time2"}, "y": {**y, "field": "survival"}},
        },
        {
            "name": "median-down",
            "data": {"values": down},
            "mark": mark,
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
    ]


def _observations(result: dict[str, Any], count: str) -> list[Row]:
    return [
        {"group": group["name"], "time": time, "survival": survival, "count": n, "at_risk": at_risk}
        for group in result["groups"]
        for time, survival, n, at_risk in zip(
            group["curve"]["time"],
            group["curve"]["survival"],
            group["curve"][count],
            group["curve"]["n_risk"],
            strict=True,
        )
        if n > 0
    ]


def _tooltip(result: dict[str, Any], count: str) -> list[Spec]:
    return [
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "time", "type": "quantitative", "title": result["time_unit"].capitalize(), "format": ".1f"},
        {"field": "survival", "type": "quantitative", "title": result["endpoint"], "format": ".1%"},
        {"field": "count", "type": "quantitative", "title": count},
        {"field": "at_risk", "type": "quantitative", "title": "At risk"},
    ]


def _censor_ticks(result: dict[str, Any], axis: TimeAxis) -> Spec:
    return {
        "name": "censored",
        "data": {"values": _observations(result, "n_censor")},
        "mark": {"type": "tick", "orient": "vertical", "size": 9, "thickness": 1.3},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": _survival_axis("survival", result["endpoint"]),
            "color": _series(result)["color"],
            "tooltip": _tooltip(result, "Censored"),
        },
    }


def _event_points(result: dict[str, Any], axis: TimeAxis) -> Spec:
    """Nothing to see: they give the curve something to point at."""
    return {
        "name": "events",
        "data": {"values": _observations(result, "n_event")},
        "mark": {"type": "point", "filled": True, "size": 80, "opacity": 0},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": _survival_axis("survival", result["endpoint"]),
            "color": _series(result)["color"],
            "tooltip": _tooltip(result, "Events"),
        },
    }


def _direct_labels(result: dict[str, Any], axis: TimeAxis) -> Spec:
    groups = result["groups"]
    ends = [_steps(group)[-1]["survival"] for group in groups]
    # Curves that end together, as at zero, are labelled in the order in which they ran before.
    order = sorted(range(len(groups)), key=lambda index: (ends[index], sum(groups[index]["curve"]["survival"])))
    heights = dict(zip(order, _spread([ends[index] for index in order]), strict=True))
    rows = [
        {"group": group["name"], "time": axis.end, "survival": heights[index]} for index, group in enumerate(groups)
    ]
    return {
        "name": "direct-labels",
        "data": {"values": rows},
        "mark": {"type": "text", "style": "strong-label", "align": "left", "dx": 8, "limit": 110, "clip": False},
        "encoding": {
            "x": axis.encoding("time", title=None),
            "y": _survival_axis("survival", result["endpoint"]),
            "text": {"field": "group", "type": "nominal"},
        },
    }


def _spread(rising: list[float], *, gap: float = 0.05) -> list[float]:
    """Heights in rising order moved apart until labels at them do not overlap, kept inside the plot."""
    placed: list[float] = []
    for height in rising:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    ceiling = 1.0
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
