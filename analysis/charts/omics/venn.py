"""Two or three sets as circles, with the count of each region. The areas are equal and say nothing."""

from math import cos, pi, sin
from typing import Any

from analysis.charts.omics.frames import figure, genes, heading, lines_of
from analysis.charts.omics.set_regions import checked, region_name, set_sizes, total

SIDE = 320
RADIUS = 0.56
_NAME_CHARACTERS = 18
_SEGMENTS = 90

Spec = dict[str, Any]
Point = tuple[float, float]


def _around(distance: float, degrees: float) -> Point:
    return distance * cos(degrees * pi / 180), distance * sin(degrees * pi / 180)


_CENTRES: dict[int, list[Point]] = {
    2: [(-0.34, 0.0), (0.34, 0.0)],
    3: [_around(0.38, 150), _around(0.38, 30), _around(0.38, 270)],
}
_NAMES: dict[int, list[Point]] = {
    2: [(-0.5, 0.6), (0.5, 0.6)],
    3: [(-0.6, 0.76), (0.6, 0.76), (0.0, -0.99)],
}
_LINE = 0.1  # a line of a name in units of the drawing
# Equally wide and high, or a circle would not be round.
_DOMAINS = {
    2: {"x": [-1.0, 1.0], "y": [-0.7, 1.3]},
    3: {"x": [-1.2, 1.2], "y": [-1.3, 1.1]},
}
# Of each region, where its count stands.
_COUNTS: dict[tuple[bool, ...], Point] = {
    (True, False): (-0.56, 0.0),
    (True, True): (0.0, 0.0),
    (False, True): (0.56, 0.0),
    (True, False, False): _around(0.62, 150),
    (False, True, False): _around(0.62, 30),
    (False, False, True): _around(0.62, 270),
    (True, True, False): _around(0.37, 90),
    (False, True, True): _around(0.37, 330),
    (True, False, True): _around(0.37, 210),
    (True, True, True): (0.0, 0.0),
}


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a Venn diagram; it holds no colours.

    Parameters
    ----------
    result
        ``names`` of two or three sets, and ``regions`` with ``inside`` (a bool for each set) and ``count``; a region
        that is not given is empty.

    Raises
    ------
    ValueError
        Neither two nor three sets, or regions that are not theirs.
    """
    names = result["names"]
    if len(names) not in _CENTRES:
        raise ValueError(f"A Venn diagram shows two or three sets, not {len(names)}.")
    given = {tuple(region["inside"]): region["count"] for region in checked(names, result["regions"])}
    places = [inside for inside in _COUNTS if len(inside) == len(names)]
    regions = [{"inside": list(inside), "count": given.get(inside, 0)} for inside in places]
    counts = [
        {"region": region_name(names, region), "count": region["count"], "x": x, "y": y, "text": f"{region['count']:,}"}
        for region, inside in zip(regions, places, strict=True)
        for x, y in [_COUNTS[inside]]
    ]
    return figure(
        description(result),
        width=SIDE,
        height=SIDE,
        title=heading(f"{genes(total(regions))}; areas are not to scale"),
        layer=[
            *(_circle(number, names) for number in range(len(names))),
            {
                "name": "counts",
                "data": {"values": counts},
                "mark": {"type": "text", "style": "strong-label", "fontSize": 13},
                "encoding": {**_axes(len(names)), "text": {"field": "text", "type": "nominal"}},
            },
            _names(names, set_sizes(names, regions)),
        ],
    )


def description(result: dict[str, Any]) -> str:
    names, regions = result["names"], result["regions"]
    sizes = ", ".join(f"{name} {size:,}" for name, size in zip(names, set_sizes(names, regions), strict=True))
    said = "; ".join(f"{region_name(names, region)}: {region['count']:,}" for region in regions)
    return f"Venn diagram of {genes(total(regions))} in {len(names)} sets ({sizes}). {said}."


def _circle(number: int, names: list[str]) -> Spec:
    """A polygon, which keeps its place in the drawing whatever its size on the page."""
    name, centre = names[number], _CENTRES[len(names)][number]
    turn = f"2 * PI * datum.step / {_SEGMENTS}"
    return {
        "name": f"circle-{number}",
        "data": {"sequence": {"start": 0, "stop": _SEGMENTS, "as": "step"}},
        "transform": [
            {"calculate": f"{centre[0]} + {RADIUS} * cos({turn})", "as": "x"},
            {"calculate": f"{centre[1]} + {RADIUS} * sin({turn})", "as": "y"},
        ],
        "mark": {"type": "line", "interpolate": "linear-closed", "strokeWidth": 1.5},
        "encoding": {
            **_axes(len(names)),
            "order": {"field": "step", "type": "quantitative"},
            "color": {"datum": name, "type": "nominal", "scale": {"domain": names}, "legend": None},
            "fill": {"datum": name, "type": "nominal", "scale": {"domain": names}, "legend": None},
            "fillOpacity": {"value": 0.2},
        },
    }


def _names(names: list[str], sizes: list[int]) -> Spec:
    rows = []
    for name, size, (x, y) in zip(names, sizes, _NAMES[len(names)], strict=True):
        lines = [*lines_of(name, _NAME_CHARACTERS), f"n {size:,}"]
        # The lines hang from the first; above a circle the last one ends over it.
        top = y + _LINE * len(lines) if y > 0 else y
        rows.append({"name": name, "size": size, "x": x, "y": top, "text": "\n".join(lines)})
    return {
        "name": "names",
        "data": {"values": rows},
        "mark": {"type": "text", "style": "label", "lineBreak": "\n", "baseline": "top"},
        "encoding": {**_axes(len(names)), "text": {"field": "text", "type": "nominal"}},
    }


def _axes(n: int) -> Spec:
    scales = {axis: {"domain": domain, "nice": False} for axis, domain in _DOMAINS[n].items()}
    return {
        axis: {"field": axis, "type": "quantitative", "scale": scale, "axis": None} for axis, scale in scales.items()
    }
