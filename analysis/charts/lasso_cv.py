"""Cross-validated deviance by the size of the penalty, with the number of covariates above."""

from typing import Any

from analysis.charts.penalties import MIN, ONE_SE, chosen_penalties, penalty_axis

WIDTH, HEIGHT = 480, 300
_COUNTS = 8

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a cross-validation; it holds no colours.

    Parameters
    ----------
    result
        ``lambda`` with ``cvm``, ``cvsd`` and ``nonzero``, and the two penalties that were chosen.
    """
    curves = zip(*(result[name] for name in ("lambda", "cvm", "cvsd", "nonzero")), strict=True)
    rows = [
        {"lambda": penalty, "deviance": mean, "low": mean - error, "high": mean + error, "covariates": count}
        for penalty, mean, error, count in curves
    ]
    step = max(1, round(len(rows) / _COUNTS))
    x, y = penalty_axis(result), _y("deviance")
    tooltip = [
        {"field": "lambda", "type": "quantitative", "title": "Penalty", "format": ".4~g"},
        {"field": "deviance", "type": "quantitative", "title": "Deviance", "format": ".4f"},
        {"field": "covariates", "type": "quantitative", "title": "Covariates"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "title": {
            "text": "Above the plot: covariates in the model",
            "fontWeight": "normal",
            "fontSize": 11,
            "offset": 8,
        },
        "padding": {"left": 8, "right": 8, "top": 12, "bottom": 8},
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "name": "errors",
                "data": {"values": rows},
                "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
                "encoding": {"x": x, "y": _y("low"), "y2": {"field": "high"}},
            },
            {
                "name": "deviance",
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 26, "opacity": 1, "style": "emphasis"},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
            {
                "name": "beside-counts",
                "data": {"values": rows[::step]},
                "mark": {"type": "text", "style": "muted-label", "baseline": "bottom", "align": "center"},
                "encoding": {"x": x, "y": {"value": -20}, "text": {"field": "covariates", "type": "quantitative"}},
            },
            chosen_penalties(result),
        ],
    }


def description(result: dict[str, Any]) -> str:
    best, within = (list(result["lambda"]).index(result[name]) for name in (MIN, ONE_SE))
    return (
        f"Cross-validated deviance by penalty for {result['endpoint']}, n {result['n']}, events {result['events']}. "
        f"Best at {result[MIN]:.4g} ({result['nonzero'][best]} covariates, deviance {result['cvm'][best]:.4g}); within "
        f"one standard error up to {result[ONE_SE]:.4g} ({result['nonzero'][within]} covariates)."
    )


def _y(field: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": "Deviance per event",
        "scale": {"zero": False},
        "axis": {"grid": False},
    }
