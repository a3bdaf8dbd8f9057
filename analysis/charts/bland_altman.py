"""Differences of two readers against their mean, with the bias and the limits of agreement."""

from typing import Any

from analysis.stats.agreement import PairAgreement
from analysis.stats.bland_altman import BlandAltman, Limit

WIDTH, HEIGHT = 480, 260

Spec = dict[str, Any]


def chart(pair: PairAgreement, marker: str, unit: str) -> Spec:
    """Vega-Lite specification of a pair that has differences; it names readers, no slides, and holds no colours."""
    if pair.differences is None:
        raise ValueError("This pair has no differences to draw.")
    return _chart(pair.differences, (pair.a, pair.b), marker, unit, "slides")


def chart_of(pair: dict[str, Any], marker: str, unit: str) -> Spec:
    """The same of a pair in a stored result of the agreement of raters."""
    stored = {key: value for key, value in pair["differences"].items() if key != "checks"}
    limits = {end: Limit(**stored[end]) for end in ("bias", "lower", "upper")}
    return _chart(BlandAltman(**stored | limits), (pair["a"], pair["b"]), marker, unit, "subjects")


def _chart(found: BlandAltman, raters: tuple[str, str], marker: str, unit: str, subjects: str) -> Spec:
    a, b = raters
    rows = [{"mean": mean, "difference": difference} for mean, difference in found.points]
    lines = [
        {"at": limit.value, "line": f"{word} {limit.value:.3g}"}
        for word, limit in (("upper limit", found.upper), ("bias", found.bias), ("lower limit", found.lower))
    ]
    y = {
        "field": "difference",
        "type": "quantitative",
        "title": f"{a} less {b}" + (f", {unit}" if unit else ""),
        "scale": {"nice": True, "zero": True},
    }
    x = {
        "field": "mean",
        "type": "quantitative",
        "title": "Mean of both" + (f", {unit}" if unit else ""),
        "scale": {"nice": True, "zero": False},
    }
    at = {**y, "field": "at"}
    tooltip = [
        {"field": "mean", "type": "quantitative", "title": "Mean", "format": ".4~g"},
        {"field": "difference", "type": "quantitative", "title": "Difference", "format": ".4~g"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": _description(found, raters, marker, subjects),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {"data": {"values": lines}, "mark": {"type": "rule", "style": "reference"}, "encoding": {"y": at}},
            {
                "name": "points",
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 0.8},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
            _text(lines, at, "halo"),
            _text(lines, at, "label"),
        ],
    }


def _description(found: BlandAltman, raters: tuple[str, str], marker: str, subjects: str) -> str:
    return (
        f"{marker}, {raters[0]} less {raters[1]} in {found.n} {subjects}: bias {_limit(found.bias)}, "
        f"limits of agreement {_limit(found.lower)} and {_limit(found.upper)}; {found.outside} outside."
    )


def _limit(limit: Limit) -> str:
    return f"{limit.value:.3g} (95 % CI {limit.low:.3g} to {limit.high:.3g})"


def _text(lines: list[Spec], at: Spec, style: str) -> Spec:
    return {
        "data": {"values": lines},
        "mark": {"type": "text", "style": style, "align": "right", "baseline": "bottom", "dy": -3},
        "encoding": {"x": {"value": "width"}, "y": at, "text": {"field": "line", "type": "nominal"}},
    }
