"""How an estimate moved from Result to Result, beside the value that its verdict is judged by."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

WIDTH, HEIGHT = 560, 200

Spec = dict[str, Any]
Row = dict[str, Any]

_NUMBERS: tuple[Literal["estimate", "low", "high"], ...] = ("estimate", "low", "high")


class Point(TypedDict):
    run_id: str
    as_of: str  # as readers shall see it, for example 2026-11-25 09:14
    estimate: float
    low: float | None
    high: float | None


def chart(points: Sequence[Point], *, label: str, threshold: float | None = None, log: bool = False) -> Spec:
    """Vega-Lite specification of the history: one estimate with its interval per Result, oldest first.

    The Results stand at equal distances: corrections come minutes apart, then nothing comes for weeks.

    Parameters
    ----------
    threshold
        The value of no effect (1 for a hazard ratio, 0.5 for an AUC), drawn across.
    log
        Ratios belong on a logarithmic axis.
    """
    rows: list[Row] = [{**point, "look": look} for look, point in enumerate(points, start=1)]
    x, y = _x(points), _y(label, _domain(points, threshold, log=log), log=log)
    layers = [_intervals(rows, x, y), _estimates(rows, x, y)]
    if threshold is not None:
        layers.insert(0, _threshold(threshold))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": _description(points, label),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": layers,
    }


def _description(points: Sequence[Point], label: str) -> str:
    if not points:
        return f"{label}: no result yet."
    first, last = points[0], points[-1]
    return (
        f"{label} over {len(points)} results: {first['estimate']:.3g} at {first['as_of']}, "
        f"{last['estimate']:.3g} at {last['as_of']}."
    )


def _x(points: Sequence[Point]) -> Spec:
    looks = list(range(1, len(points) + 1))
    return {
        "field": "look",
        "type": "quantitative",
        "scale": {"domain": [0.5, len(points) + 0.5], "nice": False},
        "axis": {"values": looks, "title": "Result", "format": "d", "grid": False},
    }


def _domain(points: Sequence[Point], threshold: float | None, *, log: bool) -> list[float]:
    """The range of all that is drawn, with a little air; a "nice" logarithmic range would be a whole decade."""
    drawn = [point[name] for point in points for name in _NUMBERS]
    known = [value for value in [*drawn, threshold] if value is not None]
    if not known:
        return [0.5, 2.0] if log else [0.0, 1.0]
    low, high = min(known), max(known)
    if log:
        return [low / 1.1, high * 1.1]
    air = 0.06 * (high - low) or 0.1
    return [low - air, high + air]


def _y(label: str, domain: list[float], *, log: bool) -> Spec:
    scale: Spec = {"domain": domain, "nice": False, **({"type": "log"} if log else {"zero": False})}
    return {"type": "quantitative", "title": label, "scale": scale, "axis": {"format": ".3~g", "tickCount": 5}}


def _tooltip() -> list[Spec]:
    numbers = {"estimate": "Estimate", "low": "95 % CI from", "high": "to"}
    return [
        {"field": "run_id", "type": "nominal", "title": "Run"},
        {"field": "as_of", "type": "nominal", "title": "As of"},
        *(
            {"field": field, "type": "quantitative", "title": title, "format": ".3~g"}
            for field, title in numbers.items()
        ),
    ]


def _intervals(rows: list[Row], x: Spec, y: Spec) -> Spec:
    return {
        "name": "intervals",
        "data": {"values": [row for row in rows if row["low"] is not None and row["high"] is not None]},
        "mark": {"type": "rule", "style": "emphasis", "strokeWidth": 1.5},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }


def _estimates(rows: list[Row], x: Spec, y: Spec) -> Spec:
    return {
        "name": "estimates",
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "style": "emphasis"},
        "encoding": {"x": x, "y": {**y, "field": "estimate"}, "tooltip": _tooltip()},
    }


def _threshold(threshold: float) -> Spec:
    return {
        "name": "threshold",
        "data": {"values": [{"threshold": threshold}]},
        "mark": {"type": "rule", "style": "reference"},
        "encoding": {"y": {"field": "threshold", "type": "quantitative"}},
    }
