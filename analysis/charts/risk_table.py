"""The risk table under survival curves, and the time axis that both views share."""

from typing import Any

WIDTH = 640

Spec = dict[str, Any]


class TimeAxis:
    def __init__(self, ticks: list[float], *, end: float, unit: str) -> None:
        self.ticks, self.end, self.unit = ticks, end, unit

    def encoding(self, field: str, **axis: Any) -> Spec:
        # One explicit domain for both views; flush labels would shift the first and the last away from their numbers.
        shown = {"values": self.ticks, "grid": False, "labelFlush": False, "labelOverlap": False, **axis}
        return {
            "field": field,
            "type": "quantitative",
            "scale": {"domain": [0, self.end], "nice": False},
            "axis": shown,
        }


def risk_table(result: dict[str, Any], axis: TimeAxis, so_far: tuple[str, ...] = ("events", "censored")) -> Spec:
    """`so_far` are the counts of each row that are written under the number at risk."""
    rows = [
        {
            "group": row["name"],
            "tick": tick,
            "time": time,
            "n_risk": row["n_risk"][tick],
            **{count: row[count][tick] for count in so_far},
            "so_far": " / ".join(str(row[count][tick]) for count in so_far),
        }
        for row in result["risk_table"]["rows"]
        for tick, time in enumerate(axis.ticks)
    ]
    encoding = {
        "x": axis.encoding("time", title=axis.unit.capitalize(), domain=False, ticks=False, labels=False),
        "y": {
            "field": "group",
            "type": "nominal",
            "sort": [group["name"] for group in result["groups"]],
            # Half of the first number hangs over the left edge: the names must stand clear of it.
            "axis": {"title": None, "domain": False, "ticks": False, "labelPadding": 22, "labelLimit": 150},
        },
        "tooltip": [
            {"field": "group", "type": "nominal", "title": "Group"},
            {"field": "time", "type": "quantitative", "title": axis.unit.capitalize()},
            {"field": "n_risk", "type": "quantitative", "title": "At risk"},
            *({"field": count, "type": "quantitative", "title": f"{count.capitalize()} so far"} for count in so_far),
        ],
    }
    return {
        "name": "risk-table",
        "width": WIDTH,
        "height": {"step": 34},
        "title": {"text": f"At risk; {' / '.join(so_far)} so far", "offset": 4, "fontSize": 11},
        "data": {"values": rows},
        "encoding": encoding,
        "layer": [
            {
                "mark": {"type": "text", "style": "strong-label", "dy": -6},
                "encoding": {"text": {"field": "n_risk", "type": "quantitative"}},
            },
            {
                "mark": {"type": "text", "style": "muted-label", "dy": 7},
                "encoding": {"text": {"field": "so_far", "type": "nominal"}},
            },
        ],
    }
