"""Estimated cell types of every sample stacked, sorted by the commonest."""

from typing import Any

from analysis.charts.omics.frames import PERCENT, figure, heading, percent, samples
from analysis.charts.themes import AREAS

WIDTH, HEIGHT = 560, 260
MOST_TYPES = 12
MOST_SAMPLES = 500

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of stacked shares; it holds no colours and names no sample.

    Parameters
    ----------
    result
        ``types``, the names of the cell types; ``shares``, a list for each sample with the share (0 to 1) of each
        type; ``groups``, of each sample, or None; ``method`` that estimated them. Of more than 13 types the
        12 with the largest mean are drawn, and the others as one.

    Raises
    ------
    ValueError
        More than 500 samples: a bar would be thinner than a pixel.
    """
    if len(result["shares"]) > MOST_SAMPLES:
        raise ValueError(f"Stacked bars show {MOST_SAMPLES} samples at most, not {len(result['shares'])}.")
    types, rows = _merged(result)
    order = _order(result, rows)
    steps = []
    # The last once more: a step ends where the next begins.
    for place, sample in enumerate([*order, order[-1]]):
        base = 0.0
        for name, share in zip(types, rows[sample], strict=True):
            ends = {"from": round(base, 5), "to": round(base + share, 5)}
            steps.append({"type": name, "rank": place, "share": round(share, 5), **ends})
            base += share
    n = len(order)
    top = max((sum(row) for row in rows), default=1.0)
    runs = _runs(result, order)
    return figure(
        description(result),
        title=heading(f"{result['method']}, {samples(n)}", f"sorted by {types[0]}"),
        spacing=4,
        vconcat=[*([_bar(runs, n)] if len(runs) > 1 else []), _stacks(steps, types, n, max(top, 1.0))],
    )


def description(result: dict[str, Any]) -> str:
    types, rows = _merged(result)
    means = ", ".join(f"{name} {percent(mean)}" for name, mean in zip(types, _means(rows), strict=True))
    return f"Cell types estimated by {result['method']} in {samples(len(rows))}. Mean shares: {means}."


def _means(rows: list[list[float]]) -> list[float]:
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _merged(result: dict[str, Any]) -> tuple[list[str], list[list[float]]]:
    """Types by their mean, the largest first; what goes beyond the colours is added up."""
    names, shares = result["types"], result["shares"]
    means = _means(shares)
    ranked = sorted(range(len(names)), key=lambda place: (-means[place], names[place]))
    if len(names) <= MOST_TYPES + 1:
        return [names[place] for place in ranked], [[row[place] for place in ranked] for row in shares]
    kept, others = ranked[:MOST_TYPES], ranked[MOST_TYPES:]
    rows = [[*(row[place] for place in kept), sum(row[place] for place in others)] for row in shares]
    return [*(names[place] for place in kept), f"{len(others)} others"], rows


def _order(result: dict[str, Any], rows: list[list[float]]) -> list[int]:
    groups = result["groups"] or [""] * len(rows)
    places = {name: place for place, name in enumerate(dict.fromkeys(groups))}
    return sorted(range(len(rows)), key=lambda sample: (places[groups[sample]], [-share for share in rows[sample]]))


def _runs(result: dict[str, Any], order: list[int]) -> list[Spec]:
    groups = result["groups"] or [""] * len(order)
    counts = {name: groups.count(name) for name in dict.fromkeys(groups[sample] for sample in order)}
    runs, start = [], 0
    for name, count in counts.items():
        runs.append({"group": name, "left": start, "right": start + count, "text": f"{name}: {count}"})
        start += count
    return runs


def _x(field: str, n: int, axis: Spec | None = None) -> Spec:
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, n], "nice": False}, "axis": axis}


def _bar(runs: list[Spec], n: int) -> Spec:
    """Names over their samples, each above a line from the first to the last; those at the ends stay inside."""
    inset = 0.004 * n
    ends = [
        run | {"left": run["left"] + inset, "right": max(run["right"] - inset, run["left"] + inset)} for run in runs
    ]
    for run in ends:
        run |= {"at": (run["left"] + run["right"]) / 2, "align": "center"}
    ends[0] |= {"at": 0, "align": "left"}
    ends[-1] |= {"at": n, "align": "right"}
    return {
        "name": "groups",
        "width": WIDTH,
        "height": 16,
        "data": {"values": ends},
        "layer": [
            {
                "mark": {"type": "rule", "style": "emphasis", "strokeWidth": 2},
                "encoding": {"x": _x("left", n), "x2": {"field": "right"}, "y": {"value": 14}},
            },
            *(
                {
                    "transform": [{"filter": f"datum.align === '{align}'"}],
                    "mark": {"type": "text", "style": "label", "baseline": "bottom", "align": align},
                    "encoding": {"x": _x("at", n), "y": {"value": 11}, "text": {"field": "text", "type": "nominal"}},
                }
                for align in ("left", "center", "right")
            ),
        ],
    }


def _stacks(steps: list[Spec], types: list[str], n: int, top: float) -> Spec:
    y = {
        "field": "from",
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": False},
        "axis": {"title": "Share of the cells", "labelExpr": PERCENT, "tickCount": 5},
    }
    colour = {
        "field": "type",
        "type": "nominal",
        "scale": {"domain": types, "range": AREAS},
        "legend": {"columns": 2, "symbolType": "square", "orient": "bottom", "title": None},
    }
    return {
        "name": "shares",
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": steps},
        "mark": {"type": "area", "interpolate": "step-after"},
        "encoding": {
            "x": _x("rank", n),
            "y": y | {"stack": None},
            "y2": {"field": "to"},
            "color": colour,
            "tooltip": [{"field": "type", "type": "nominal", "title": "Cell type"}],
        },
    }
