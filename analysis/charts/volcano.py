"""Every covariate of a screen: its hazard ratio across, its p upwards."""

from math import log2, sqrt
from typing import Any

from analysis.charts import words
from analysis.charts.volcano_plane import SMALLEST, counted, decades_to, dots, line, p_axis

WIDTH, HEIGHT = 480, 340
MOST_LABELS = 12
HIGHER, LOWER, OTHER = "higher hazard", "lower hazard", "not chosen"
_RATIOS = (0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 10)

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a screen; it holds no colours.

    Parameters
    ----------
    result
        ``rows`` with ``label``, ``p``, ``q`` and ``hr_sd`` (per standard deviation); the rule ``by`` and ``threshold``
        with the terms that it has ``chosen``.
    """
    chosen = set(result["chosen"])
    rows = [_row(row, chosen) for row in result["rows"] if row["p"] is not None]
    widest = max(max(abs(log2(row["hr"])) for row in rows) * 1.12, 0.35)
    decades = decades_to(min(row["p"] for row in rows))
    labelled = sorted((row for row in rows if row["group"] != OTHER), key=lambda row: row["p"])[:MOST_LABELS]
    place = {"x": _x(widest), "y": p_axis(decades)}
    tooltip = [
        {"field": "label", "type": "nominal", "title": "Covariate"},
        {"field": "hr", "type": "quantitative", "title": "Hazard ratio per SD", "format": ".3f"},
        {"field": "shown", "type": "nominal", "title": "p"},
        {"field": "q_shown", "type": "nominal", "title": "q"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            line("no-effect", {"one": 1.0}, {"x": _x(widest, "one")}, "reference"),
            *_threshold(result, rows, decades),
            {
                "name": "covariates",
                "data": {"values": rows},
                "mark": dots(len(rows)),
                "encoding": {**place, "color": counted(rows, (HIGHER, LOWER, OTHER)), "tooltip": tooltip},
            },
            {
                "name": "direct-labels",
                "data": {"values": labelled},
                "mark": {"type": "text", "style": "label", "align": "left", "dx": 6},
                "encoding": {**place, "text": {"field": "label", "type": "nominal"}},
            },
        ],
    }


def description(result: dict[str, Any]) -> str:
    rule = f"{result['by']} < {result['threshold']:g}"
    first = [row for row in result["rows"] if row["term"] in result["chosen"][:MOST_LABELS]]
    said = "; ".join(f"{row['label']} {words.p_value(row['p'])}" for row in sorted(first, key=lambda row: row["p"]))
    counts = f"{len(result['chosen'])} of {result['tested']} covariates have {rule}"
    head = f"Covariates one by one for {result['endpoint']}, n {result['n']}, events {result['events']}. {counts}"
    return f"{head}: {said}." if said else f"{head}."


def _row(row: dict[str, Any], chosen: set[str]) -> Spec:
    group = OTHER if row["term"] not in chosen else HIGHER if row["coef"] > 0 else LOWER
    return {
        "label": row["label"],
        "hr": min(max(row["hr_sd"], 1e-6), 1e6),
        "p": max(row["p"], SMALLEST),
        "group": group,
        "shown": words.p_value(row["p"]),
        "q_shown": words.p_value(row["q"]).replace("p", "q", 1),
    }


def _threshold(result: dict[str, Any], rows: list[Spec], decades: int) -> list[Spec]:
    """Where the rule lies; of adjusted values, half way from the last p that was chosen to the first that was not."""
    chosen = [row["p"] for row in rows if row["group"] != OTHER]
    others = [row["p"] for row in rows if row["group"] == OTHER]
    if result["by"] == "p":
        at = result["threshold"]
    elif chosen and others:
        at = sqrt(max(chosen)) * sqrt(min(others))
    else:
        return []
    return [line("threshold", {"p": at}, {"y": p_axis(decades)}, "cutoff")]


def _x(widest: float, field: str = "hr") -> Spec:
    low, high = 2**-widest, 2**widest
    ticks = [ratio for ratio in _RATIOS if low <= ratio <= high]
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"values": ticks, "format": "~g", "title": "Hazard ratio per SD (log scale)", "grid": False},
    }
