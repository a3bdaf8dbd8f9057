"""Survival curves as somebody wants to look at them: without bands, with a line at a landmark."""

from copy import deepcopy
from typing import Any

Spec = dict[str, Any]


def dressed(spec: Spec, *, bands: bool = True, landmark: float | None = None) -> Spec:
    """A copy; a landmark beyond the last tick is not drawn, as there is nothing to see there."""
    changed = deepcopy(spec)
    curves = changed["vconcat"][0]
    if not bands:
        curves["layer"] = [layer for layer in curves["layer"] if layer["name"] != "bands"]
    if landmark is not None and 0 < landmark <= _end(curves):
        curves["layer"].append(_landmark(landmark))
    return changed


def _end(curves: Spec) -> float:
    lines = next(layer for layer in curves["layer"] if layer["name"] == "curves")
    return float(lines["encoding"]["x"]["scale"]["domain"][1])


def _landmark(time: float) -> Spec:
    x = {"field": "time", "type": "quantitative"}
    text = {"type": "text", "style": "strong-label", "align": "center", "baseline": "bottom"}
    return {
        "name": "landmark",
        "data": {"values": [{"time": time, "text": f"{time:g}"}]},
        "layer": [
            {"mark": {"type": "rule", "style": "cutoff"}, "encoding": {"x": x}},
            {"mark": text, "encoding": {"x": x, "y": {"value": -2}, "text": {"field": "text", "type": "nominal"}}},
        ],
    }
