"""Gene sets that a list of genes is enriched in: as bars of the adjusted p, or as dots of the gene ratio."""

from math import ceil, log10
from typing import Any

from analysis.charts import words
from analysis.charts.omics.frames import figure, genes, heading, names_axis, row_height
from analysis.charts.volcano_plane import SMALLEST

WIDTH = 360
MOST_TERMS = 20
_STEP = 24
_PLAIN_DECADES = 3
ALPHA = 0.05

Spec = dict[str, Any]


def bars(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification: bars as long as -log10 of the adjusted p; it holds no colours.

    Parameters
    ----------
    result
        ``collection``; ``listed`` genes; ``rows`` in the order of the drawing with ``term``, ``count`` (genes of the
        list in the set), ``size`` of the set and ``p_adjusted``. Of more than 20 rows the first are drawn.
    """
    rows, terms = _rows(result)
    most = max([row["height"] for row in rows] + [-log10(ALPHA)])
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, 1.3 * most], "nice": False},
        "axis": {"title": "−log10 adjusted p", "tickCount": 5, "grid": False},
    }
    y = _terms(terms)
    line = {
        "name": "alpha",
        "data": {"values": [{"alpha": -log10(ALPHA)}]},
        "mark": {"type": "rule", "style": "cutoff"},
        "encoding": {"x": x | {"field": "alpha"}},
    }
    return figure(
        description(result),
        title=heading(*_head(result), f"Dashed: adjusted p = {ALPHA:g}"),
        width=WIDTH,
        height=row_height(terms, _STEP) * max(len(terms), 1),
        layer=[
            {
                "name": "terms",
                "data": {"values": rows},
                "mark": {"type": "bar", "fillOpacity": 0.85, "height": 16},
                "encoding": {"x": x | {"field": "height"}, "y": y, "color": _colour(), "tooltip": _tooltip()},
            },
            line,
            {
                "name": "counts",
                # Beyond the line too, which would cross out the text.
                "data": {"values": [row | {"beyond": max(row["height"], -log10(ALPHA))} for row in rows]},
                "mark": {"type": "text", "style": "label", "align": "left", "dx": 4},
                "encoding": {"x": x | {"field": "beyond"}, "y": y, "text": {"field": "of_set", "type": "nominal"}},
            },
        ],
    )


def dots(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification: dots at the gene ratio, sized by count, shaded by adjusted p; input as of ``bars``."""
    rows, terms = _rows(result)
    most = max((row["ratio"] for row in rows), default=0.0)
    largest = max((row["count"] for row in rows), default=1)
    deepest = max(ceil(max((row["height"] for row in rows), default=1.0)), 2)
    x = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"domain": [0, 1.1 * max(most, 0.01)], "nice": False},
        "axis": {"title": f"Gene ratio (of {genes(result['listed'])})", "format": "~g", "tickCount": 4},
    }
    shade = {
        "field": "height",
        "type": "quantitative",
        "scale": {"domain": [0, deepest], "range": [0.12, 1]},
        "legend": {
            "title": "Adjusted p",
            "orient": "top",
            "symbolType": "circle",
            "columns": 3,
            "values": _marks(deepest),
            "labelExpr": f"format(pow(10, -datum.value), datum.value < {_PLAIN_DECADES} ? '.1g' : '.0e')",
        },
    }
    size = {
        "field": "count",
        "type": "quantitative",
        "scale": {"domain": [0, largest], "range": [0, 320]},
        "legend": {"title": "Genes", "orient": "bottom", "columns": 3, "format": "d", "values": _sizes(largest)},
    }
    return figure(
        description(result),
        title=heading(*_head(result)),
        width=WIDTH,
        height=row_height(terms, _STEP) * max(len(terms), 1),
        layer=[
            {
                "name": "terms",
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "strokeWidth": 0},
                "encoding": {
                    "x": x,
                    "y": _terms(terms, has_grid=True),
                    "size": size,
                    "opacity": shade,
                    "color": _colour(),
                    "tooltip": _tooltip(),
                },
            },
            {
                "name": "outlines",
                "data": {"values": rows},
                "mark": {"type": "point", "opacity": 1, "strokeWidth": 1.2},
                "encoding": {"x": x, "y": _terms(terms, has_grid=True), "size": size, "color": _colour()},
            },
        ],
    )


def description(result: dict[str, Any]) -> str:
    rows, _ = _rows(result)
    said = "; ".join(f"{row['term']}: {row['of_set']} genes, adjusted {row['shown']}" for row in rows)
    return f"Enrichment. {'. '.join(_head(result))}. {said}."


def _head(result: dict[str, Any]) -> list[str]:
    found = sum(row["p_adjusted"] < ALPHA for row in result["rows"])
    sets = f"{found:,} of {len(result['rows']):,} sets have adjusted p < {ALPHA:g}"
    more = len(result["rows"]) - MOST_TERMS
    drawn = f"; the first {MOST_TERMS} are drawn" if more > 0 else ""
    return [f"{result['collection']}, {genes(result['listed'])} in the list", f"{sets}{drawn}"]


def _rows(result: dict[str, Any]) -> tuple[list[Spec], list[str]]:
    """A p of 0 is as long as one power of ten beyond the smallest that is not."""
    drawn = result["rows"][:MOST_TERMS]
    lowest = min((row["p_adjusted"] for row in drawn if row["p_adjusted"] > 0), default=0.01)
    rows = [
        {
            "term": row["term"],
            "count": row["count"],
            "size": row["size"],
            "ratio": round(row["count"] / result["listed"], 6),
            "p_adjusted": row["p_adjusted"],
            "height": round(-log10(max(row["p_adjusted"] or lowest / 10, SMALLEST)), 4) + 0.0,
            "of_set": f"{row['count']} of {row['size']}",
            "shown": words.p_value(row["p_adjusted"]),
        }
        for row in drawn
    ]
    return rows, [str(row["term"]) for row in rows]


def _terms(terms: list[str], *, has_grid: bool = False) -> Spec:
    axis = names_axis(terms) | {"grid": has_grid}
    padding = 0.6 if has_grid else 0.22
    return {"field": "term", "type": "nominal", "scale": {"domain": terms, "padding": padding}, "axis": axis}


def _colour() -> Spec:
    return {"datum": "genes", "type": "nominal", "legend": None}


def _marks(deepest: int) -> list[float]:
    """Shades of the legend: 0.05, and whole powers of ten to the deepest."""
    return [-log10(ALPHA), *(float(ceil(deepest * share)) for share in (0.5, 1.0) if ceil(deepest * share) > 1)]


def _sizes(largest: int) -> list[int]:
    return sorted({max(1, round(largest * share)) for share in (0.25, 0.5, 1.0)})


def _tooltip() -> list[Spec]:
    return [
        {"field": "term", "type": "nominal", "title": "Set"},
        {"field": "of_set", "type": "nominal", "title": "Genes"},
        {"field": "ratio", "type": "quantitative", "title": "Gene ratio", "format": ".3f"},
        {"field": "shown", "type": "nominal", "title": "Adjusted p"},
    ]
