"""A nomogram as rms draws it: points above, an axis for each covariate, total points and survival below."""

import textwrap
from dataclasses import dataclass
from math import ceil
from typing import Any

WIDTH, STEP = 520, 46
# What a phone leaves beside the names; labels that do not fit there stand in layers that it does not draw.
NARROW_WIDTH = 210
CHARACTER, GAP = 6.2, 5  # px
LABEL_WIDTH, LABEL_CHARACTERS = 150, 24
# In two lines, as a phone has 64 px for a name.
POINTS, TOTAL, LINEAR = "Points", "Total points", "Linear\npredictor"

Spec = dict[str, Any]


@dataclass(frozen=True)
class _Line:
    """An axis: its name, its marks as (text, share of the width), and whether every label has to be there."""

    name: str
    marks: list[tuple[str, float]]
    is_category: bool = False


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a nomogram; it holds no colours.

    Parameters
    ----------
    result
        ``axes`` (per covariate ``label``, ``unit`` and ``marks`` with their ``points``), ``total`` (marks of the total
        points), ``linear``, ``survival`` (per time its marks), and ``time_unit``.
    """
    lines = _lines(result)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": {"left": 8, "right": 18, "top": 8, "bottom": 8},
        "width": WIDTH,
        "height": {"step": STEP},
        "layer": [_rules(lines), _ticks(lines), *_labels(lines)],
    }


def description(result: dict[str, Any]) -> str:
    axes = "; ".join(
        f"{axis['label']} {axis['marks'][0]['label']} to {axis['marks'][-1]['label']}: "
        f"{axis['marks'][0]['points']:.0f} to {axis['marks'][-1]['points']:.0f} points"
        for axis in result["axes"]
    )
    times = ", ".join(f"{axis['time']:g}" for axis in result["survival"])
    counts = f"n {result['n']}, events {result['events']}"
    return f"Nomogram for {result['endpoint']} at {times} {result['time_unit']}, {counts}. {axes}."


def _lines(result: dict[str, Any]) -> list[_Line]:
    highest = max(mark["points"] for axis in result["axes"] for mark in axis["marks"])
    top = ceil(highest / 10 - 1e-9) * 10
    total = result["total"][-1]
    found = [_Line(POINTS, [(f"{points}", points / top) for points in range(0, top + 1, 10)])]
    for axis in result["axes"]:
        name = f"{axis['label']}, {axis['unit']}" if axis["unit"] else axis["label"]
        marks = [(_signed(mark["label"]), mark["points"] / top) for mark in axis["marks"]]
        found.append(_Line(_wrapped(name), marks, axis["is_category"]))
    found.append(_Line(TOTAL, [(f"{points:g}", points / total) for points in result["total"]]))
    linear = [(_signed(f"{mark['value']:g}"), mark["points"] / total) for mark in result["linear"]]
    found.append(_Line(LINEAR, linear))
    for axis in result["survival"]:
        marks = [(f"{mark['survival']:g}", mark["points"] / total) for mark in axis["marks"]]
        found.append(_Line(f"Survival\n{axis['time']:g} {result['time_unit']}".rstrip(), marks))
    return found


def _signed(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, LABEL_CHARACTERS)[:2])


def _y(lines: list[_Line]) -> Spec:
    return {
        "field": "axis",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": [line.name for line in lines]},
        "axis": {
            "title": None,
            "domain": False,
            "ticks": False,
            "grid": False,
            "labelLimit": LABEL_WIDTH,
            "labelPadding": 10,
            "labelExpr": "split(datum.label, '\\n')",
        },
    }


def _x(field: str) -> Spec:
    # An axis of total points may begin a little before 0.
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1], "nice": False}, "axis": None}


def _rules(lines: list[_Line]) -> Spec:
    ends = [
        {"axis": line.name, "from": min(share for _, share in line.marks), "to": max(share for _, share in line.marks)}
        for line in lines
        if line.marks
    ]
    return {
        "name": "axes",
        "data": {"values": ends},
        "mark": {"type": "rule", "style": "emphasis"},
        "encoding": {"x": _x("from"), "x2": {"field": "to"}, "y": _y(lines)},
    }


def _ticks(lines: list[_Line]) -> Spec:
    rows = [{"axis": line.name, "at": share, "label": label} for line in lines for label, share in line.marks]
    return {
        "name": "ticks",
        "data": {"values": rows},
        "mark": {"type": "tick", "orient": "vertical", "size": 9, "thickness": 1.2, "style": "emphasis", "opacity": 1},
        "encoding": {
            "x": _x("at"),
            "y": _y(lines),
            "tooltip": [{"field": "axis", "type": "nominal"}, {"field": "label", "type": "nominal"}],
        },
    }


def _labels(lines: list[_Line]) -> list[Spec]:
    rows: dict[tuple[bool, bool], list[Spec]] = {}
    for line in lines:
        narrow = _placed(line, NARROW_WIDTH, {})
        wide = _placed(line, WIDTH, narrow)
        for place, (label, share) in enumerate(line.marks):
            row = {"axis": line.name, "at": share, "label": label}
            if place in narrow:
                rows.setdefault((True, narrow[place]), []).append(row)
            elif place in wide:
                rows.setdefault((False, wide[place]), []).append(row)
    return [
        {
            "name": f"{'labels' if is_first else 'beside-labels'}{'-above' if is_above else ''}",
            "data": {"values": values},
            "mark": {
                "type": "text",
                "style": "label",
                "baseline": "bottom" if is_above else "top",
                "dy": -6 if is_above else 7,
            },
            "encoding": {"x": _x("at"), "y": _y(lines), "text": {"field": "label", "type": "nominal"}},
        }
        for (is_first, is_above), values in rows.items()
    ]


def _placed(line: _Line, width: float, present: dict[int, bool]) -> dict[int, bool]:
    """Marks whose labels have room, and whether above the axis, where only names of categories go."""
    found = dict(present)
    for place in sorted(range(len(line.marks)), key=lambda place: line.marks[place][1]):
        for is_above in (False, True) if line.is_category else (False,):
            others = [line.marks[other] for other, above in found.items() if above == is_above]
            if place not in found and not any(_overlap(line.marks[place], other, width) for other in others):
                found[place] = is_above
    return found


def _overlap(one: tuple[str, float], other: tuple[str, float], width: float) -> bool:
    room = CHARACTER * (len(one[0]) + len(other[0])) / 2 + GAP
    return abs(one[1] - other[1]) * width < room
