"""Overlaps of three sets and more: a bar for each region, and below it the sets that it is in."""

from typing import Any

from analysis.charts.omics.frames import LINE, figure, genes, heading, lines_axis, lines_of
from analysis.charts.omics.set_regions import Region, checked, region_name, set_sizes, total

WIDTH, BARS = 480, 200
MOST_REGIONS = 25
_LEAST_PLACES = 6  # or one bar would be as wide as the drawing
_UPRIGHT = 10  # up to so many counts have room beside each other
_NAME_CHARACTERS = 16

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of an UpSet plot; it holds no colours.

    Parameters
    ----------
    result
        ``names`` of the sets, and ``regions`` with ``inside`` (a bool for each set) and ``count``: the genes that are
        in exactly these sets. Empty regions are left out, and of more than 25 the smallest.

    Raises
    ------
    ValueError
        Regions that are not those of the sets.
    """
    names = result["names"]
    checked(names, result["regions"])
    ranked = _ranked(result["regions"])
    drawn = ranked[:MOST_REGIONS]
    title = f"{genes(total(ranked))} in {len(names)} sets"
    return figure(
        description(result),
        title=heading(title, _more(ranked)),
        vconcat=[_bars(names, drawn), _matrix(names, set_sizes(names, ranked), drawn)],
    )


def description(result: dict[str, Any]) -> str:
    names, ranked = result["names"], _ranked(result["regions"])
    sizes = ", ".join(f"{name} {size:,}" for name, size in zip(names, set_sizes(names, ranked), strict=True))
    said = "; ".join(f"{region_name(names, region)}: {region['count']:,}" for region in ranked[:MOST_REGIONS])
    more = f" {_more(ranked)}." if _more(ranked) else ""
    return f"Overlaps of {genes(total(ranked))} in {len(names)} sets ({sizes}). {said}.{more}"


def _more(ranked: list[Region]) -> str:
    left = ranked[MOST_REGIONS:]
    return f"{len(left)} smaller overlaps with {genes(total(left))} are not drawn" if left else ""


def _ranked(regions: list[Region]) -> list[Region]:
    """Largest first; of equal ones those in few sets, then in the order of the sets."""
    filled = [region for region in regions if region["count"]]
    return sorted(filled, key=lambda r: (-r["count"], sum(r["inside"]), [not is_in for is_in in r["inside"]]))


def _x(drawn: list[Region]) -> Spec:
    scale = {"domain": list(range(max(len(drawn), _LEAST_PLACES))), "paddingInner": 0.35, "paddingOuter": 0.3}
    return {"field": "place", "type": "ordinal", "scale": scale, "axis": None}


def _bars(names: list[str], drawn: list[Region]) -> Spec:
    rows = [
        {"place": place, "region": region_name(names, region), "count": region["count"], "text": f"{region['count']:,}"}
        for place, region in enumerate(drawn)
    ]
    most = max((row["count"] for row in rows), default=1)
    y = {
        "field": "count",
        "type": "quantitative",
        "scale": {"domain": [0, most * 1.02], "nice": False},
        "axis": {"title": "Genes in exactly these sets", "tickMinStep": 1, "tickCount": 5},
    }
    turned = {"angle": -90, "align": "left", "baseline": "middle", "dx": 4}
    text = turned if len(drawn) > _UPRIGHT else {"baseline": "bottom", "dy": -3}
    tooltip = [
        {"field": "region", "type": "nominal", "title": "In"},
        {"field": "count", "type": "quantitative", "title": "Genes"},
    ]
    return {
        "name": "overlaps",
        "width": WIDTH,
        "height": BARS,
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "fillOpacity": 0.85},
                "encoding": {"x": _x(drawn), "y": y, "color": _colour(), "tooltip": tooltip},
            },
            {
                "mark": {"type": "text", "style": "label", **text},
                "encoding": {"x": _x(drawn), "y": y, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def _colour() -> Spec:
    return {"datum": "genes", "type": "nominal", "legend": None}


def _matrix(names: list[str], sizes: list[int], drawn: list[Region]) -> Spec:
    said = {
        name: [*lines_of(name, _NAME_CHARACTERS, 2), f"n {size:,}"] for name, size in zip(names, sizes, strict=True)
    }
    height = max(LINE * len(lines) + 6 for lines in said.values()) * len(names)
    y = {
        "field": "set",
        "type": "nominal",
        "scale": {"domain": names},
        "axis": lines_axis(said),
    }
    dots = [
        {"place": place, "set": name, "inside": bool(is_in)}
        for place, region in enumerate(drawn)
        for name, is_in in zip(names, region["inside"], strict=True)
    ]
    links = []
    for place, region in enumerate(drawn):
        inside = [name for name, is_in in zip(names, region["inside"], strict=True) if is_in]
        links.append({"place": place, "first": inside[0], "last": inside[-1]})
    dot = {"type": "point", "filled": True, "size": 70, "opacity": 1}
    x = _x(drawn)
    return {
        "name": "matrix",
        "width": WIDTH,
        "height": height,
        "layer": [
            {
                "name": "outside",
                "data": {"values": [row for row in dots if not row["inside"]]},
                "mark": dot | {"style": "ground"},
                "encoding": {"x": x, "y": y},
            },
            {
                "name": "links",
                "data": {"values": links},
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "first"}, "y2": {"field": "last"}, "color": _colour()},
            },
            {
                "name": "inside",
                "data": {"values": [row for row in dots if row["inside"]]},
                "mark": dot,
                "encoding": {"x": x, "y": y, "color": _colour()},
            },
        ],
    }
