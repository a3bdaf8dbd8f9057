"""What one rater said against what another said, for every pair of raters: how often each pair of levels was read."""

from typing import Any

from analysis.charts import words

CELL = 34
COLUMNS = 3
# Dark text stays readable on the deepest shade.
DEEPEST = 0.6
MOST_PAIRS = 6

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of the first pairs of an agreement on categories; it holds no colours."""
    drawn = result["pairs"][:MOST_PAIRS]
    used = _used(drawn)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "columns": COLUMNS,
        "spacing": 24,
        "concat": [_matrix(pair, result["levels"], used) for pair in drawn],
        "resolve": {"scale": {"opacity": "independent"}},
    }


def description(result: dict[str, Any]) -> str:
    more = len(result["pairs"]) - MOST_PAIRS
    parts = [f"{pair['a']} and {pair['b']}: {_kappa(pair)}, n {pair['n']}" for pair in result["pairs"]]
    drawn = f" {more} more pairs are not drawn." if more > 0 else ""
    return f"Reads of one rater against another. {'; '.join(parts)}.{drawn}"


def _kappa(pair: dict[str, Any]) -> str:
    kappa = pair["kappa"]
    if kappa is None:
        return "no kappa"
    weights = "" if kappa["weights"] == "none" else f"{kappa['weights']} "
    return f"{weights}kappa {words.signed_interval(kappa['value'], kappa['low'], kappa['high'])}"


def _matrix(pair: dict[str, Any], levels: list[str], used: list[int]) -> Spec:
    counts = pair["matrix"]
    names = [levels[place] for place in used]
    cells = [{"a": levels[i], "b": levels[j], "n": counts[i][j], "same": i == j} for i in used for j in used]
    most = max((cell["n"] for cell in cells), default=0)
    axes = {
        # Low levels at the bottom left, as of numbers.
        "x": _axis("b", pair["b"], names),
        "y": _axis("a", pair["a"], names[::-1]),
    }
    shade = {
        "field": "n",
        "type": "quantitative",
        "scale": {"domain": [0, max(most, 1)], "range": [0, DEEPEST]},
        "legend": None,
    }
    tooltip = [
        {"field": "a", "type": "nominal", "title": pair["a"]},
        {"field": "b", "type": "nominal", "title": pair["b"]},
        {"field": "n", "type": "quantitative", "title": "Subjects"},
    ]
    return {
        "title": {"text": [f"{pair['a']} and {pair['b']}, n {pair['n']}", *_lines(pair)]},
        "data": {"values": cells},
        "width": {"step": CELL},
        "height": {"step": CELL},
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    **axes,
                    "fillOpacity": shade,
                    "color": {"datum": "reads", "type": "nominal", "legend": None},
                    "tooltip": tooltip,
                },
            },
            {
                "transform": [{"filter": "datum.same"}],
                "mark": {"type": "rect", "filled": False, "style": "reference"},
                "encoding": axes,
            },
            {
                "transform": [{"filter": "datum.n > 0"}],
                "mark": {"type": "text", "style": "label"},
                "encoding": {**axes, "text": {"field": "n", "type": "quantitative"}},
            },
        ],
    }


def _used(pairs: list[dict[str, Any]]) -> list[int]:
    """Places of the levels that somebody chose, so that every matrix has the same axes."""
    chosen = {
        place
        for pair in pairs
        for i, row in enumerate(pair["matrix"])
        for j, n in enumerate(row)
        if n
        for place in (i, j)
    }
    return sorted(chosen)


def _lines(pair: dict[str, Any]) -> list[str]:
    said = _kappa(pair)
    return [said[0].upper() + said[1:]]


def _axis(field: str, title: str, names: list[str]) -> Spec:
    axis = {"title": title, "grid": False, "labelAngle": 0, "labelLimit": 120, "ticks": False}
    return {"field": field, "type": "nominal", "sort": names, "scale": {"domain": names}, "axis": axis}
