"""Every measurement, or rater, against every other: the coefficients as numbers on a shade."""

from typing import Any

from analysis.charts import words

CELL, SMALL_CELL = 44, 20
# Of more than so many names the cells have no room for numbers: a dot marks what is found.
MOST_NUMBERS = 12
# More pairs than those of so many names nobody listens to: the strongest are said.
MOST_SAID, STRONGEST = 66, 20
# Dark text stays readable on the deepest shade.
DEEPEST = 0.6
SIGNS = ("positive", "negative")

Spec = dict[str, Any]


def chart(result: dict[str, Any], alpha: float) -> Spec:
    """Vega-Lite specification of a correlation of three columns or more; it holds no colours.

    Bold, or of many columns dotted: below alpha.
    """
    names = [column["label"] for column in result["columns"]]
    is_large = len(names) > MOST_NUMBERS
    step, mark, deepest = (SMALL_CELL, "dot", 1.0) if is_large else (CELL, "bold", DEEPEST)
    angle = -90 if is_large else -40
    limit = 0 if is_large else 160
    axes: Spec = {"x": _axis("a", names, angle, limit), "y": _axis("b", names, 0, limit)}
    marks = [_numbers("strong-label", "datum.found", axes), _numbers("label", "!datum.found", axes)]
    if is_large:
        marks = [_dots(axes)]
    values: Spec = {"data": {"values": [cell for pair in result["pairs"] for cell in _cells(pair, alpha)]}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": {"step": step},
        "height": {"step": step},
        "title": {"text": [result["pairs"][0]["test"], f"{mark}: {_word(result)} < {alpha}"], "fontWeight": "normal"},
        **values,
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    **axes,
                    "color": {
                        "field": "sign",
                        "type": "nominal",
                        "scale": {"domain": list(SIGNS)},
                        "legend": {"title": None, "orient": "bottom", "columns": 2, "symbolType": "square"},
                    },
                    "fillOpacity": {
                        "field": "size",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1], "range": [0, deepest]},
                        "legend": None,
                    },
                    "tooltip": _tooltip(),
                },
            },
            *marks,
        ],
    }


def _word(result: dict[str, Any]) -> str:
    return "p" if result["adjust"] == "none" else "q"


def description(result: dict[str, Any]) -> str:
    pairs, test = result["pairs"], result["pairs"][0]["test"]
    if len(pairs) > MOST_SAID:
        pairs = sorted(pairs, key=lambda pair: -abs(pair["r"] or 0.0))[:STRONGEST]
        test = f"{test} of {len(result['columns'])} columns, the {STRONGEST} strongest"
    parts = [f"{pair['a_label']} and {pair['b_label']} {_number(pair['r'])} (n {pair['n']})" for pair in pairs]
    return f"{test}: {'; '.join(parts)}."


def _number(r: float | None) -> str:
    return "–" if r is None else words.signed(r)


def _cells(pair: dict[str, Any], alpha: float) -> list[Spec]:
    """Both halves of the table, so that a row can be read from end to end."""
    r, judged = pair["r"], pair["p"] if pair["q"] is None else pair["q"]
    cell = {
        "text": _number(r),
        "size": abs(r or 0.0),
        "sign": SIGNS[(r or 0.0) < 0],
        "found": judged is not None and judged < alpha,
        "n": pair["n"],
        "p": pair["p"],
        "q": pair["q"],
    }
    a, b = pair["a_label"], pair["b_label"]
    return [cell | {"a": a, "b": b}, cell | {"a": b, "b": a}]


def _numbers(style: str, which: str, axes: Spec) -> Spec:
    return {
        "transform": [{"filter": which}],
        "mark": {"type": "text", "style": style},
        "encoding": {**axes, "text": {"field": "text", "type": "nominal"}},
    }


def _dots(axes: Spec) -> Spec:
    mark = {"type": "point", "filled": True, "style": "emphasis", "size": 12, "opacity": 1}
    return {"transform": [{"filter": "datum.found"}], "mark": mark, "encoding": axes}


def _axis(field: str, names: list[str], angle: int, limit: int) -> Spec:
    axis = {"title": None, "grid": False, "labelAngle": angle, "labelLimit": limit, "ticks": False}
    return {"field": field, "type": "nominal", "sort": names, "scale": {"domain": names}, "axis": axis}


def _tooltip() -> list[Spec]:
    return [
        {"field": "b", "type": "nominal", "title": "One"},
        {"field": "a", "type": "nominal", "title": "Other"},
        {"field": "text", "type": "nominal", "title": "Coefficient"},
        {"field": "n", "type": "quantitative", "title": "n"},
        {"field": "p", "type": "quantitative", "title": "p", "format": ".2~g"},
        {"field": "q", "type": "quantitative", "title": "q", "format": ".2~g"},
    ]
