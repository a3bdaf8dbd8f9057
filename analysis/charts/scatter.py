"""Two measurements of the same patients against each other."""

from typing import Any

import numpy as np

from analysis.charts import words

WIDTH, HEIGHT = 420, 360

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a correlation of two columns; it holds no colours.

    A straight line is drawn only where the coefficient speaks of one: Pearson's.
    """
    x, y = (_axis(axis, column) for axis, column in zip("xy", result["columns"], strict=True))
    rows = [{"x": a, "y": b} for a, b in result["points"]]
    tooltip = [{**channel, "format": ".4~g"} for channel in ({**x}, {**y})]
    for channel in tooltip:
        channel.pop("scale")
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 36, "opacity": 0.6},
            "encoding": {
                "x": x,
                "y": y,
                "color": {"datum": "values", "type": "nominal", "legend": None},
                "tooltip": tooltip,
            },
        }
    ]
    if result["method"] == "pearson":
        layers.append(
            {"data": {"values": _line(result["points"])}, "mark": {"type": "line", "style": "cutoff"},
             "encoding": {"x": x, "y": y}}
        )  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "title": {"text": said(result["pairs"][0])},
        "layer": layers,
    }


def said(pair: dict[str, Any]) -> str:
    p = "" if pair["p"] is None else f", {words.p_value(pair['p'])}"
    return f"{pair['test']} {words.signed_interval(pair['r'], pair['low'], pair['high'])}{p}, n = {pair['n']}"


def description(result: dict[str, Any]) -> str:
    a, b = (column["label"] for column in result["columns"])
    pair = result["pairs"][0]
    part = f" {len(result['points'])} of them are drawn." if len(result["points"]) < pair["n"] else ""
    return f"{b} against {a}: {said(pair)}.{part}"


def _axis(field: str, column: dict[str, Any]) -> Spec:
    title = column["label"] + (f" ({column['unit']})" if column["unit"] else "")
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False, "nice": True}}


def _line(points: list[list[float]]) -> list[Spec]:
    x, y = np.array(points, dtype=np.float64).T
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return [{"x": float(at), "y": float(y.mean() + slope * (at - x.mean()))} for at in (x.min(), x.max())]
