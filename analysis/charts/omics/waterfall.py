"""The waterfall of mutations: genes by samples, burden above, the share of mutated samples beside each gene."""

from itertools import groupby
from statistics import median
from typing import Any

from analysis.charts.omics.frames import figure, heading, percent, samples
from analysis.charts.omics.variant_classes import class_colour, ordered

WIDTH, ROW, BURDEN = 560, 18, 70
MOST_GENES, MOST_SAMPLES = 30, 400
# Of the width: the samples end, the bars of the genes begin. One scale, so that both views stay in line at any width.
_SAMPLES_END, _BARS_BEGIN = 0.84, 0.86
_FEW = 100
_STEEP = 8  # so many times the median, and the burden is drawn on a logarithmic scale

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a waterfall; it holds no colours and names no sample.

    Parameters
    ----------
    result
        ``genes`` and ``hits``, in the order of the drawing: a list for each gene with the class of variant, or "", of
        each drawn sample; ``burden`` (mutations per megabase) of each drawn sample; ``n`` samples in all, of which
        those without a hit need not be drawn. Of more than 30 genes and 400 samples the first are drawn.
    """
    drawn = result["genes"][:MOST_GENES]
    n = min(len(result["burden"]), MOST_SAMPLES)
    return figure(
        description(result),
        title=heading(_altered(result), "Beside each gene: the share of all samples", _more(result)),
        spacing=6,
        vconcat=[_burden(result["burden"][:n]), _matrix(result, drawn, n)],
    )


def description(result: dict[str, Any]) -> str:
    shares = ", ".join(f"{gene} {percent(share)}" for gene, share in _shares(result).items())
    classes = ", ".join(ordered(name for row in result["hits"] for name in row if name))
    more = f" {_more(result)}." if _more(result) else ""
    return (
        f"Waterfall of mutations. {_altered(result)}: {shares}. Classes: {classes or 'none'}. "
        f"Median burden {_median(result['burden']):.2g} mutations per megabase.{more}"
    )


def _altered(result: dict[str, Any]) -> str:
    altered = sum(any(column) for column in zip(*result["hits"], strict=True))
    share = f" ({percent(altered / result['n'])})" if result["n"] else ""
    return f"Altered in {altered:,} of {samples(result['n'])}{share}"


def _more(result: dict[str, Any]) -> str:
    more_genes, more_samples = len(result["genes"]) - MOST_GENES, len(result["burden"]) - MOST_SAMPLES
    left = [f"{more} more {name}" for more, name in ((more_genes, "genes"), (more_samples, "samples")) if more > 0]
    return f"Not drawn: {' and '.join(left)}" if left else ""


def _shares(result: dict[str, Any]) -> dict[str, float]:
    """Of all samples, those with a hit in the gene."""
    rows = zip(result["genes"][:MOST_GENES], result["hits"], strict=False)
    return {gene: sum(bool(hit) for hit in row) / max(result["n"], 1) for gene, row in rows}


def _median(burden: list[float]) -> float:
    return median(burden) if burden else 0.0


def _x(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1], "nice": False}, "axis": None}


def _place(sample: int, n: int) -> float:
    return round(_SAMPLES_END * sample / n, 6)


def _cells(gene: str, hits: list[str], n: int) -> list[Spec]:
    """Of few samples each has its cell; of many, equal ones side by side are one, or there would be seams in it."""
    runs, first = [], 0
    for hit, same in groupby(hits[:n]):
        last = first + len(list(same))
        if hit:
            runs += [(hit, first, last)] if n > _FEW else [(hit, place, place + 1) for place in range(first, last)]
        first = last
    gap = 0.0 if n > _FEW else 0.1 * _SAMPLES_END / n
    return [
        {"gene": gene, "class": hit, "first": start + 1, "last": end}
        | {"left": _place(start, n), "right": round(_place(end, n) - gap, 6)}
        for hit, start, end in runs
    ]


def _burden(burden: list[float]) -> Spec:
    n = len(burden)
    # The last once more: a step ends where the next begins.
    rows = [
        {"sample": min(place + 1, n), "left": _place(place, n), "burden": value}
        for place, value in enumerate([*burden, *burden[-1:]])
    ]
    middle, most = _median(burden), max(burden, default=0.0)
    is_steep = middle > 0 and most > _STEEP * middle
    scale: Spec = {"domainMin": 0, "nice": not is_steep}
    ticks = [0, *(power for power in (1, 10, 100, 1000) if power <= most)]
    y = {
        "field": "burden",
        "type": "quantitative",
        "scale": scale | ({"type": "symlog", "constant": 1} if is_steep else {}),
        "axis": {"title": ["Mutations", "per Mb"], "tickCount": 3, "grid": False, "titleFontSize": 10}
        | ({"values": ticks} if is_steep and len(ticks) > 2 else {}),
    }
    line = [{"left": 0, "right": _SAMPLES_END, "burden": middle, "text": f"median {middle:.2g}"}]
    return {
        "name": "burden",
        "width": WIDTH,
        "height": BURDEN,
        "layer": [
            {
                "name": "burdens",
                "data": {"values": rows},
                "mark": {
                    "type": "area",
                    "interpolate": "step-after",
                    "style": "bars",
                    "strokeWidth": 0,
                    "opacity": 0.9,
                },
                "encoding": {"x": _x("left"), "y": y | {"stack": None}},
            },
            {
                "name": "median",
                "data": {"values": line},
                "layer": [
                    {
                        "mark": {"type": "rule", "style": "cutoff", "strokeWidth": 1},
                        "encoding": {"x": _x("left"), "x2": {"field": "right"}, "y": y},
                    },
                    {
                        "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                        "encoding": {"x": _x("right"), "y": y, "text": {"field": "text", "type": "nominal"}},
                    },
                ],
            },
        ],
    }


def _matrix(result: dict[str, Any], drawn: list[str], n: int) -> Spec:
    rows = zip(drawn, result["hits"], strict=False)
    cells = [cell for gene, hits in rows for cell in _cells(gene, hits, n)]
    shares = _shares(result)
    most = max(shares.values(), default=0.0) or 1.0
    bars = [
        {"gene": gene, "begin": _BARS_BEGIN, "end": _BARS_BEGIN + (1 - _BARS_BEGIN) * share / most}
        | {"share": round(share, 6), "text": percent(share)}
        for gene, share in shares.items()
    ]
    grounds = [{"gene": gene, "left": 0, "right": _SAMPLES_END} for gene in drawn]
    axis = {
        "title": None,
        "grid": False,
        "ticks": False,
        "domain": False,
        "labelFontStyle": "italic",
        "labelLimit": 120,
    }
    y = {"field": "gene", "type": "nominal", "scale": {"domain": drawn, "padding": 0.12}, "axis": axis}
    tooltip = [
        {"field": "gene", "type": "nominal", "title": "Gene"},
        {"field": "class", "type": "nominal", "title": "Variant"},
    ]
    return {
        "name": "genes",
        "width": WIDTH,
        "height": ROW * len(drawn),
        "layer": [
            {
                "name": "grounds",
                "data": {"values": grounds},
                "mark": {"type": "rect", "style": "ground", "opacity": 0.6},
                "encoding": {"x": _x("left"), "x2": {"field": "right"}, "y": y},
            },
            {
                "name": "hits",
                "data": {"values": cells},
                "mark": {"type": "rect"},
                "encoding": {
                    "x": _x("left"),
                    "x2": {"field": "right"},
                    "y": y,
                    "color": class_colour(cell["class"] for cell in cells),
                    "tooltip": tooltip,
                },
            },
            {
                "name": "shares",
                "data": {"values": bars},
                "layer": [
                    {
                        "mark": {"type": "rect", "style": "bars", "strokeWidth": 0, "opacity": 0.9},
                        "encoding": {"x": _x("begin"), "x2": {"field": "end"}, "y": y},
                    },
                    {
                        "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                        "encoding": {"x": _x("end"), "y": y, "text": {"field": "text", "type": "nominal"}},
                    },
                ],
            },
        ],
    }
