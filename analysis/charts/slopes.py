"""Pairs of tumour and adjacent normal tissue, a line for each: does it rise or fall?"""

import math
from typing import Any

WIDTH, HEIGHT = 300, 260
NORMAL, TUMOUR = "Adjacent normal", "Tumour"
SHADES = ("higher in tumour", "lower in tumour", "equal")

Spec = dict[str, Any]


def chart(method: dict[str, Any], marker: str) -> Spec:
    """Vega-Lite specification of the pairs of one method; it holds no colours and no patient.

    Parameters
    ----------
    method
        Label, unit, scale ("difference" or "log2") and the pairs: values of tumour and normal, direction. Pairs with a
        value of 0 are left out where the axis is logarithmic.
    """
    is_log = method["scale"] == "log2"
    drawn = [pair for pair in method["pairs"] if not is_log or (pair["tumour"] > 0 and pair["normal"] > 0)]
    rows = [
        {"pair": number, "tissue": tissue, "value": pair[side], "way": _way(pair)}
        for number, pair in enumerate(drawn)
        for tissue, side in ((NORMAL, "normal"), (TUMOUR, "tumour"))
    ]
    encoding = {"x": _x(), "y": _y(method, rows, is_log), "color": _colour(rows), "detail": {"field": "pair"}}
    line = {"mark": {"type": "line", "opacity": 0.75}, "encoding": encoding | {"strokeDash": _dash(rows)}}
    point = {
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.9},
        "encoding": encoding | {"tooltip": _tooltip(method)},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(method, marker),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": rows},
        "layer": [line, point],
    }


def description(method: dict[str, Any], marker: str) -> str:
    pairs = f"{marker} by {method['label']} in {method['n']} pairs of tumour and adjacent normal tissue"
    ways = f"in {method['n_higher']}, lower in {method['n_lower']}, equal in {method['n_equal']}"
    return f"{pairs}: higher in the tumour {ways}."


def _way(pair: dict[str, Any]) -> str:
    return "equal" if pair["direction"] == "equal" else f"{pair['direction']} in tumour"


def _x() -> Spec:
    return {
        "field": "tissue",
        "type": "nominal",
        "sort": [NORMAL, TUMOUR],
        "title": None,
        "axis": {"labelAngle": 0},
        "scale": {"type": "point", "padding": 0.35},
    }


def _y(method: dict[str, Any], rows: list[dict[str, Any]], is_log: bool) -> Spec:
    title = f"{method['label']}, {method['unit']}" if method["unit"] else method["label"]
    if not is_log:
        return {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": True, "nice": True}}
    values = [row["value"] for row in rows] or [1.0]
    low, high = math.floor(math.log2(min(values))), math.ceil(math.log2(max(values)))
    steps = range(low, max(high, low + 1) + 1)
    scale = {"type": "log", "base": 2, "domain": [2.0 ** steps[0], 2.0 ** steps[-1]], "nice": False}
    axis = {"values": [2.0**step for step in steps], "format": "~g"}
    return {"field": "value", "type": "quantitative", "title": f"{title}, log scale", "scale": scale, "axis": axis}


def _present(rows: list[dict[str, Any]]) -> list[str]:
    return [shade for shade in SHADES if any(row["way"] == shade for row in rows)]


def _colour(rows: list[dict[str, Any]]) -> Spec:
    return {
        "field": "way",
        "type": "nominal",
        "title": None,
        "scale": {"domain": _present(rows)},
        "legend": {"symbolType": "stroke"},
    }


def _dash(rows: list[dict[str, Any]]) -> Spec:
    dashes = {"higher in tumour": [1, 0], "lower in tumour": [6, 3], "equal": [2, 2]}
    present = _present(rows)
    return {
        "field": "way",
        "type": "nominal",
        "title": None,
        "scale": {"domain": present, "range": [dashes[shade] for shade in present]},
        "legend": {"symbolType": "stroke"},
    }


def _tooltip(method: dict[str, Any]) -> list[Spec]:
    return [
        {"field": "tissue", "type": "nominal", "title": "Tissue"},
        {"field": "value", "type": "quantitative", "title": method["label"], "format": ".4~g"},
        {"field": "way", "type": "nominal", "title": "Pair"},
    ]
