"""Coefficients of a penalised model by the size of the penalty, per standard deviation of their columns."""

from typing import Any

from analysis.charts.penalties import MIN, ONE_SE, chosen_penalties, penalty_axis

WIDTH, HEIGHT = 480, 320
MOST_LABELS = 12
LABEL_HEIGHT = 13  # px

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a path; it holds no colours.

    Parameters
    ----------
    result
        ``lambda``, and ``terms`` with their ``path`` (None where it is not drawn), ``sd``, and their coefficients at
        the two penalties that cross-validation names.
    """
    drawn = [term for term in result["terms"] if term["path"] is not None]
    x, y = penalty_axis(result), _y()
    rows = [
        {
            "term": term["label"],
            "lambda": penalty,
            "coefficient": coef * term["sd"],
            "group": "in the best model" if term[MIN] else "enters later",
        }
        for term in drawn
        for penalty, coef in zip(result["lambda"], term["path"], strict=True)
    ]
    names = ["in the best model", "enters later"]
    legend = {"symbolType": "stroke"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": {"left": 8, "right": 8, "top": 12, "bottom": 8},
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "name": "nothing",
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "style": "reference"},
                "encoding": {"y": _y("zero")},
            },
            chosen_penalties(result),
            {
                "name": "paths",
                "data": {"values": rows},
                "mark": {"type": "line", "strokeWidth": 1.5, "interpolate": "linear"},
                "encoding": {
                    "x": x,
                    "y": y,
                    "detail": {"field": "term", "type": "nominal"},
                    "color": {"field": "group", "type": "nominal", "scale": {"domain": names}, "legend": legend},
                    "strokeDash": {
                        "field": "group",
                        "type": "nominal",
                        "scale": {"domain": names, "range": [[1, 0], [3, 2]]},
                        "legend": legend,
                    },
                    "tooltip": [{"field": "term", "type": "nominal", "title": "Covariate"}],
                },
            },
            {
                "name": "direct-labels",
                "data": {"values": _labels(result, drawn)},
                "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                "encoding": {"x": x, "y": y, "text": {"field": "term", "type": "nominal"}},
            },
        ],
    }


def description(result: dict[str, Any]) -> str:
    counts = [sum(value != 0 for value in result["coef"][name].values()) for name in (MIN, ONE_SE)]
    chosen = ", ".join(term["label"] for term in result["terms"] if term[MIN])
    return (
        f"Coefficients by penalty for {result['endpoint']}, n {result['n']}, events {result['events']}. "
        f"In the model at the best penalty: {counts[0]} of {len(result['terms'])}"
        f"{f' ({chosen})' if chosen and counts[0] <= MOST_LABELS else ''}; within one standard error: {counts[1]}."
    )


def _labels(result: dict[str, Any], drawn: list[Spec]) -> list[Spec]:
    """At the ends of the lines, the strongest first; none lies upon another."""
    ends = [term["path"][-1] * term["sd"] for term in drawn]
    apart = LABEL_HEIGHT / HEIGHT * (max([*ends, 0.0]) - min([*ends, 0.0]))
    labels: list[Spec] = []
    for term in sorted(drawn, key=lambda term: -abs(term[MIN] * term["sd"])):
        end = term["path"][-1] * term["sd"]
        if term[MIN] and all(abs(end - label["coefficient"]) > apart for label in labels):
            labels.append({"lambda": result["lambda"][-1], "coefficient": end, "term": term["label"]})
    return labels[:MOST_LABELS]


def _y(field: str = "coefficient") -> Spec:
    return {"field": field, "type": "quantitative", "title": "Coefficient per SD", "axis": {"grid": False}}
