"""Genes by samples as shades of their row z-scores, under a bar of the samples' groups."""

import json
from itertools import groupby
from typing import Any

from analysis.charts.omics.frames import figure, genes, heading, samples
from analysis.charts.themes import GROUPS

WIDTH, CELL = 560, 13  # px: about, and of a row
MOST_GENES, MOST_SAMPLES = 60, 500
LIMIT = 2.0  # shades end here
BELOW, ABOVE = "below", "above"
_KEY_STEPS = 16

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a heat map; it holds no colours and names no sample.

    Parameters
    ----------
    result
        ``genes``; ``groups``, the group of each sample, equal ones side by side; ``z``, a list for each gene with a
        number for each sample, None where there is none; ``unit`` of what was standardised. The order is the
        caller's. Of more than 60 genes the first 60 are drawn.

    Raises
    ------
    ValueError
        More than 500 samples: a column would be thinner than a pixel.
    """
    n = len(result["groups"])
    if n > MOST_SAMPLES:
        raise ValueError(f"A heat map shows {MOST_SAMPLES} samples at most, not {n}.")
    return figure(
        description(result),
        title=heading(f"{genes(len(result['genes']))}, {samples(n)}"),
        spacing=4,
        resolve={"scale": {"color": "independent", "fillOpacity": "independent"}},
        vconcat=[_bar(result, n), _map(result, n), _key(result, n)],
    )


def description(result: dict[str, Any]) -> str:
    said = ", ".join(f"{run['group']} {run['end'] - run['start']}" for run in _runs(result["groups"]))
    more = len(result["genes"]) - MOST_GENES
    left = f" {more} more genes are not drawn." if more > 0 else ""
    return (
        f"Heat map of {genes(len(result['genes']))} in {samples(len(result['groups']))} ({said}): row z-scores of "
        f"{result['unit']}. Genes from the top: {', '.join(result['genes'][:MOST_GENES])}.{left}"
    )


def _runs(groups: list[str]) -> list[Spec]:
    runs, start = [], 0
    for name, same in groupby(groups):
        end = start + len(list(same))
        runs.append({"group": name, "start": start, "end": end, "text": f"{name}: {end - start}"})
        start = end
    return runs


def _bar(result: dict[str, Any], n: int) -> Spec:
    runs = _runs(result["groups"])
    names = list(dict.fromkeys(result["groups"]))
    counts = {name: result["groups"].count(name) for name in names}
    legend = {"labelExpr": f"datum.label + ': ' + {json.dumps(counts)}[datum.label]"}
    colour = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": names, "range": GROUPS},
        "legend": legend | {"symbolType": "square", "columns": 2},
    }
    return {
        "name": "groups",
        "width": _width(n),
        "height": 12,
        "data": {"values": runs},
        "mark": {"type": "rect"},
        "encoding": {
            "x": _x(n, "start"),
            "x2": {"field": "end"},
            "color": colour,
            "tooltip": [{"field": "text", "type": "nominal", "title": "Group"}],
        },
    }


def _map(result: dict[str, Any], n: int) -> Spec:
    drawn = result["genes"][:MOST_GENES]
    cells = [
        {"gene": gene, "sample": place, "end": place + 1, **shade, "z": round(z, 2)}
        for gene, row in zip(drawn, result["z"], strict=False)
        for place, z in enumerate(row)
        if z is not None
        for shade in [_shade(z)]
    ]
    axis = {"title": None, "grid": False, "ticks": False, "domain": False, "labelLimit": 120, "labelFontSize": 10}
    return {
        "name": "z-scores",
        "width": _width(n),
        "height": CELL * len(drawn),
        "data": {"values": cells},
        "mark": {"type": "rect"},
        "encoding": {
            "x": _x(n, "sample"),
            "x2": {"field": "end"},
            "y": {"field": "gene", "type": "nominal", "scale": {"domain": drawn, "padding": 0}, "axis": axis},
            **_shades(),
            "tooltip": [
                {"field": "gene", "type": "nominal", "title": "Gene"},
                {"field": "z", "type": "quantitative", "title": "z"},
            ],
        },
    }


def _key(result: dict[str, Any], n: int) -> Spec:
    step = 2 * LIMIT / _KEY_STEPS
    steps = [-LIMIT + step * place for place in range(_KEY_STEPS)]
    values = [{"from": low, "to": low + step, **_shade(low + step / 2)} for low in steps]
    axis = {
        "title": f"Row z-score of {result['unit']}",
        "values": [-2, -1, 0, 1, 2],
        "grid": False,
        "domain": False,
        "labelExpr": "abs(datum.value) === 2 ? (datum.value < 0 ? '≤ −2' : '≥ 2') : datum.label",
    }
    scale = {"domain": [-LIMIT, LIMIT], "nice": False}
    return {
        "name": "key",
        "width": _width(n),
        "height": 10,
        "data": {"values": values},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "scale": scale, "axis": axis},
            "x2": {"field": "to"},
            **_shades(),
        },
    }


def _width(n: int) -> int:
    """A whole number of pixels for each sample, or there would be seams between them."""
    return n * max(1, round(WIDTH / n))


def _shade(z: float) -> Spec:
    return {"side": BELOW if z < 0 else ABOVE, "size": round(min(abs(z), LIMIT), 2)}


def _shades() -> Spec:
    return {
        "color": {"field": "side", "type": "nominal", "scale": {"domain": [BELOW, ABOVE]}, "legend": None},
        "fillOpacity": {
            "field": "size",
            "type": "quantitative",
            "scale": {"domain": [0, LIMIT], "range": [0, 1]},
            "legend": None,
        },
    }


def _x(n: int, field: str) -> Spec:
    scale = {"domain": [0, n], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}
