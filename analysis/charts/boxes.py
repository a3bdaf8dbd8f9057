"""Measurements by group: a box of quartiles behind every value, or means with their SD where only these are printed.

One panel per measurement, each on its own axis; above it the test and its p, or why there is none.
"""

import json
import textwrap
from typing import Any

from analysis.charts import words

HEIGHT, STEP = 260, 92
COLUMNS = 3
MOST_PANELS = 24
TITLE_CHARACTER = 6.2  # px: mean width of a character of the panel's title
NAME_WIDTH = 13  # characters of a group's name that fit below its box
WHISKER = 1.5

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a comparison of groups; it holds no colours and names no patient.

    Parameters
    ----------
    result
        A result of ``compare``: names of the groups and, per value, label, unit, test, p, q and the groups with their
        values and quartiles, or with mean and SD only. Of more than 24 values the first 24 are drawn.
    """
    drawn = [row for row in _panels(result) if any(group["n"] for group in row["groups"])][:MOST_PANELS]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result, drawn),
        "padding": {"left": 8, "right": 18, "top": 8, "bottom": 8},
        "columns": min(COLUMNS, len(drawn)),
        "spacing": {"row": 26, "column": 34},
        "concat": [_named(_panel(row, result), f"panel-{number}") for number, row in enumerate(drawn, start=1)],
    }


def description(result: dict[str, Any], drawn: list[Row]) -> str:
    said = "; ".join(f"{row['label']}: {', '.join(_headline(row, result))}" for row in drawn)
    by = f" by {result['group_label']}" if result["group_label"] else ""
    left = len(result["rows"]) - len(drawn)
    more = f" {left} more are not drawn." if left and not result["from_summary"] else ""
    return f"Measurements{by} ({', '.join(result['names'])}). {said}.{more}"


def _panels(result: dict[str, Any]) -> list[Row]:
    # Two tests of the same printed summaries are one picture.
    return result["rows"][:1] if result["from_summary"] else list(result["rows"])


def _headline(row: Row, result: dict[str, Any]) -> list[str]:
    tests = result["rows"] if result["from_summary"] else [row]
    return [line for test in tests for line in _test(test, result)]


def _test(row: Row, result: dict[str, Any]) -> list[str]:
    if row["p"] is None:
        return [row["refused"] or "No test"]
    several = len(result["rows"]) > 1 and not result["from_summary"]
    adjusted = f" (adjusted {words.p_value(row['q'])})" if several else ""
    return [f"{row['test']}: {words.p_value(row['p'])}{adjusted}"]


def _panel(row: Row, result: dict[str, Any]) -> Spec:
    names = [group["name"] for group in row["groups"]]
    width = max(STEP * len(names), 150)
    fitting = int((width + 40) / TITLE_CHARACTER)
    lines = [part for line in [row["label"], *_headline(row, result)] for part in textwrap.wrap(line, fitting)]
    return {
        "width": width,
        "height": HEIGHT,
        "title": {"text": lines, "fontWeight": "normal", "fontSize": 11, "offset": 8},
        "layer": _means(row) if result["from_summary"] else _boxes(row, is_paired=bool(result["paired"])),
    }


def _named(panel: Spec, name: str) -> Spec:
    # Layers of one name in two panels would share one set of data, and every panel would show the last one's values.
    return panel | {"name": name, "layer": [layer | {"name": f"{name}-{layer['name']}"} for layer in panel["layer"]]}


def _x(row: Row) -> Spec:
    below = {g["name"]: [*textwrap.wrap(g["name"], NAME_WIDTH), f"n {g['n']}"] for g in row["groups"]}
    return {
        "field": "group",
        "type": "nominal",
        "sort": None,
        "title": None,
        "scale": {"domain": list(below)},
        "axis": {"labelAngle": 0, "labelExpr": f"{json.dumps(below)}[datum.value]", "labelLimit": STEP + 40},
    }


def _y(row: Row, field: str) -> Spec:
    title = f"{row['label']}, {row['unit']}" if row["unit"] else row["label"]
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False, "padding": 8}}


def _colour(row: Row) -> Spec:
    names = [group["name"] for group in row["groups"]]
    return {"field": "group", "type": "nominal", "scale": {"domain": names}, "legend": None}


def _boxes(row: Row, *, is_paired: bool) -> list[Spec]:
    boxes = [box_of(group) for group in row["groups"] if group["n"]]
    data = {"values": boxes}
    x, colour = _x(row), _colour(row)
    box = {
        "name": "boxes",
        "data": data,
        "mark": {"type": "bar", "size": 46, "fillOpacity": 0.18, "strokeWidth": 1.2},
        "encoding": {"x": x, "y": _y(row, "q1"), "y2": {"field": "q3"}, "color": colour}
        | {"stroke": colour, "tooltip": _tooltip(row)},
    }
    median = {
        "name": "medians",
        "data": data,
        "mark": {"type": "tick", "size": 46, "thickness": 2.5, "orient": "horizontal"},
        "encoding": {"x": x, "y": _y(row, "median"), "color": colour},
    }
    whiskers = [_whisker(row, data, *ends) for ends in (("low", "q1"), ("q3", "high"))]
    return [*whiskers, box, median, *([_lines(row, x)] if is_paired else []), _points(row, is_paired=is_paired)]


def _whisker(row: Row, data: Spec, low: str, high: str) -> Spec:
    return {
        "name": f"whisker-{low}",
        "data": data,
        "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
        "encoding": {"x": _x(row), "y": _y(row, low), "y2": {"field": high}},
    }


def box_of(group: Row) -> Row:
    """A group's numbers without its values; the whiskers end at the last values within 1.5 box lengths of the box."""
    reach = WHISKER * (group["q3"] - group["q1"])
    inside = [value for value in group["values"] if group["q1"] - reach <= value <= group["q3"] + reach]
    names = ("n", "median", "q1", "q3", "min", "max")
    return {"group": group["name"], "low": min(inside), "high": max(inside)} | {name: group[name] for name in names}


def _points(row: Row, *, is_paired: bool) -> Spec:
    points = [
        {"group": group["name"], "value": value, "aside": 0 if is_paired else aside}
        for group in row["groups"]
        for value, aside in zip(group["values"], _asides(group["values"]), strict=True)
    ]
    aside = {"field": "aside", "type": "quantitative", "scale": {"domain": [-1, 1], "range": [16, STEP - 16]}}
    size = 26 if len(points) < 200 else 9
    encoding = {"x": _x(row), "y": _y(row, "value"), "color": _colour(row)}
    return {
        "name": "values",
        "data": {"values": points},
        "mark": {"type": "point", "filled": True, "size": size, "opacity": 0.6},
        "encoding": encoding if is_paired else encoding | {"xOffset": aside},
    }


def _asides(values: list[float]) -> list[float]:
    """Values that lie close together are set apart from each other, alternately right and left of the middle."""
    if not values:
        return []
    low, high = min(values), max(values)
    bin_of = [int(40 * (value - low) / (high - low)) if high > low else 0 for value in values]
    most = max(bin_of.count(place) for place in set(bin_of))
    step = min(0.12, 0.9 / max(most / 2, 1))
    seen: dict[int, int] = {}
    asides = []
    for place in bin_of:
        number = seen[place] = seen.get(place, -1) + 1
        asides.append(round(step * ((number + 1) // 2) * (1 if number % 2 else -1), 4))
    return asides


def _lines(row: Row, x: Spec) -> Spec:
    lines = [
        {"pair": pair, "group": group["name"], "value": value}
        for group in row["groups"]
        for pair, value in enumerate(group["values"])
    ]
    return {
        "name": "pairs",
        "data": {"values": lines},
        "mark": {"type": "line", "style": "reference", "strokeDash": [1, 0], "strokeWidth": 0.8, "opacity": 0.7},
        "encoding": {"x": x, "y": _y(row, "value"), "detail": {"field": "pair", "type": "nominal"}},
    }


def _means(row: Row) -> list[Spec]:
    groups = [
        {"group": group["name"], "mean": group["mean"]}
        | {"low": group["mean"] - group["sd"], "high": group["mean"] + group["sd"]}
        for group in row["groups"]
    ]
    data, x, colour = {"values": groups}, _x(row), _colour(row)
    title = f"{row['label']}, mean ± SD"
    bars = {
        "name": "spread",
        "data": data,
        "mark": {"type": "errorbar", "ticks": {"size": 16}, "thickness": 2},
        "encoding": {"x": x, "y": _y(row, "low") | {"title": title}, "y2": {"field": "high"}, "color": colour},
    }
    means = {
        "name": "means",
        "data": data,
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {"x": x, "y": _y(row, "mean") | {"title": title}, "color": colour},
    }
    return [bars, means]


def _tooltip(row: Row) -> list[Spec]:
    numbers = {"median": "Median", "q1": "Lower quartile", "q3": "Upper quartile", "min": "Least", "max": "Largest"}
    return [
        {"field": "group", "type": "nominal", "title": "Group"},
        {"field": "n", "type": "quantitative", "title": "n"},
        *(
            {"field": field, "type": "quantitative", "title": title, "format": ".4~g"}
            for field, title in numbers.items()
        ),
    ]
