"""Net benefit by threshold: models, treating all, treating none."""

from typing import Any

from analysis.charts.series import series

WIDTH, HEIGHT = 480, 320
ALL, NONE = "Treat all", "Treat none"
# How far below nothing the plot goes, as a share of what is above.
BELOW = 0.15

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of decision curves; it holds no colours."""
    curves = {model["name"]: model["net_benefit"] for model in result["models"] if model["net_benefit"]}
    curves |= {ALL: result["treat_all"], NONE: result["treat_none"]}
    top = max(value for values in curves.values() for value in values)
    rows = [
        {"curve": name, "threshold": threshold, "benefit": benefit}
        for name, values in curves.items()
        for threshold, benefit in zip(result["thresholds"], values, strict=True)
    ]
    ends = [result["thresholds"][0], result["thresholds"][-1]]
    title = f"Threshold: {_risk(result)}"
    x = {"scale": {"domain": ends, "nice": False}, "axis": {"format": ".0%", "title": title, "tickCount": 10}}
    y = {"scale": {"domain": [-BELOW * top, top], "nice": True}, "title": "Net benefit per patient"}
    tooltip = [
        {"field": "curve", "type": "nominal", "title": "Curve"},
        {"field": "threshold", "type": "quantitative", "title": "Threshold", "format": ".1%"},
        {"field": "benefit", "type": "quantitative", "title": "Net benefit", "format": ".4f"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": rows},
        # Treating all falls without end towards a threshold of 1: the plot is cut where nothing is gained any more.
        "mark": {"type": "line", "clip": True, "interpolate": "linear"},
        "encoding": {
            "x": {"field": "threshold", "type": "quantitative", **x},
            "y": {"field": "benefit", "type": "quantitative", **y},
            **series("curve", {name: [name] for name in curves}),
            "tooltip": tooltip,
        },
    }


def _risk(result: dict[str, Any]) -> str:
    if result["horizon"] is None:
        return f"risk of {result['outcome']} {result['positive']}"
    return f"risk of the event ({result['outcome']}) by {result['horizon']:g} {result['time_unit']}".rstrip()


def description(result: dict[str, Any]) -> str:
    parts = []
    for model in result["models"]:
        ranges = " and ".join(f"{low:.2g} to {high:.2g}" for low, high in model["useful"])
        said = f"better than treating all or none at thresholds {ranges}" if ranges else "better at no threshold"
        parts.append(f"{model['name']}: {said}")
    return f"Decision curves, n {result['n']}, events {result['events']}. {'; '.join(parts)}."
