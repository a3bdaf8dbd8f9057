"""p against cutoff: every cutoff that was looked at, the chosen one, how far it moves, and the p that knows it all."""

import textwrap
from math import ceil, floor, log10
from typing import Any

from analysis.charts import words

WIDTH, HEIGHT = 560, 300
# A p below the smallest number has no logarithm.
SMALLEST = 1e-300
ALPHA = 0.05
MOST_DECADES = 6
LINE_WIDTH = 48  # characters of a headline that fit a phone
LABEL_HEIGHT = 14  # px
Y_TITLE = "p at this cutoff, uncorrected (log scale)"
POWERS = "datum.value < 0.001 ? format(datum.value, '.0e') : format(datum.value, '~g')"

Spec = dict[str, Any]


def chart(result: dict[str, Any], *, title: str) -> Spec:
    """Vega-Lite specification of a search for a cutoff; it holds no colours.

    Parameters
    ----------
    result
        Candidates with their cutoff and uncorrected p (None where a side is too small), the chosen cutoff with its
        corrected p, and the bootstrap interval of the cutoff; all in ``unit``.
    title
        What was looked for.
    """
    drawn = [candidate for candidate in result["candidates"] if candidate["p"] is not None]
    axes = _Axes(result, drawn)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result, title),
        "title": {"text": headline(result, title), "fontWeight": "normal", "fontSize": 11, "offset": 18},
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [_band(result, axes), *_levels(result, axes), _chosen(result, axes), *_curve(drawn, axes)],
    }


def headline(result: dict[str, Any], title: str) -> list[str]:
    unit, drawn = result["unit"], result["bootstrap"]
    low, high = (words.cutoff(drawn[end], unit) for end in ("low", "high"))
    lines = [
        f"Exploratory. {title}: {words.cutoff(result['cutoff'], unit)}",
        f"Chosen by the {result['method']}; corrected for the choice {words.p_value(result['p_corrected'])}",
        f"Shaded: 95 % bootstrap interval of the chosen cutoff, {low} to {high}",
        f"The same cutoff in {drawn['same']:.0%} of {drawn['resamples']} resamples",
    ]
    if any(candidate["p"] is None for candidate in result["candidates"]):
        lines.append("Cutoffs that leave too few patients or events on a side have no p of their own")
    return [part for line in lines for part in textwrap.wrap(line, LINE_WIDTH)]


def description(result: dict[str, Any], title: str) -> str:
    return f"{'. '.join(headline(result, title))}. {len(result['candidates'])} cutoffs were looked at."


class _Axes:
    """Both axes, the same in every layer."""

    def __init__(self, result: dict[str, Any], drawn: list[dict[str, Any]]) -> None:
        limits = [result["bootstrap"]["low"], result["bootstrap"]["high"]]
        places = [*(candidate["cutoff"] for candidate in drawn), result["cutoff"], *limits]
        room = 0.02 * (max(places) - min(places)) or 0.5
        self._across = [min(places) - room, max(places) + room]
        smallest = min(_height(p) for p in [*(candidate["p"] for candidate in drawn), result["p_corrected"], ALPHA])
        self._decades = -floor(log10(smallest) - 0.15)
        step = ceil(self._decades / MOST_DECADES)
        self._ticks = [10.0**-power for power in range(0, self._decades + 1, step)]
        of = f"{result['label']}, {result['unit']}" if result["unit"] else result["label"]
        self._title = f"Cutoff of {of} (high means above it)"

    def x(self, field: str) -> Spec:
        axis = {"grid": False, "labelFlush": False, "title": self._title}
        scale = {"domain": self._across, "nice": False, "zero": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    def y(self, field: str) -> Spec:
        axis = {"values": self._ticks, "labelExpr": POWERS, "title": Y_TITLE}
        scale = {"type": "log", "domain": [10.0**-self._decades, 1.0]}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    def pixel(self, p: float) -> float:
        """From the top of the plot."""
        return HEIGHT * -log10(p) / self._decades


def _height(p: float) -> float:
    return max(p, SMALLEST)


def _band(result: dict[str, Any], axes: _Axes) -> Spec:
    drawn = result["bootstrap"]
    return {
        "name": "bootstrap",
        "data": {"values": [{"low": drawn["low"], "high": drawn["high"]}]},
        "mark": {"type": "rect", "style": "bars", "opacity": 0.18},
        "encoding": {"x": axes.x("low"), "x2": {"field": "high"}},
    }


def _levels(result: dict[str, Any], axes: _Axes) -> list[Spec]:
    """Lines at 0.05 and at the corrected p, named beside the plot; names of near lines are moved apart."""
    corrected = result["p_corrected"]
    levels = [
        ("alpha", ALPHA, "p = 0.05", "reference"),
        ("corrected", _height(corrected), f"corrected {words.p_value(corrected)}", "cutoff"),
    ]
    upper, lower = sorted(levels, key=lambda level: -level[1])
    apart = axes.pixel(lower[1]) - axes.pixel(upper[1])
    shift = max(0.0, LABEL_HEIGHT - apart) / 2
    return [_level(*upper, dy=-shift, axes=axes), _level(*lower, dy=shift, axes=axes)]


def _level(name: str, p: float, text: str, style: str, *, dy: float, axes: _Axes) -> Spec:
    mark = {"type": "text", "style": "label", "align": "left", "baseline": "middle", "dx": 6, "dy": dy}
    written = {"x": {"value": "width"}, "y": axes.y("p"), "text": {"field": "text", "type": "nominal"}}
    return {
        "name": name,
        "data": {"values": [{"p": p, "text": text}]},
        "layer": [
            {"mark": {"type": "rule", "style": style}, "encoding": {"y": axes.y("p")}},
            {"mark": mark, "encoding": written},
        ],
    }


def _chosen(result: dict[str, Any], axes: _Axes) -> Spec:
    text = f"> {words.cutoff(result['cutoff'], result['unit'])}"
    mark = {"type": "text", "style": "strong-label", "align": "center", "baseline": "bottom"}
    written = {"x": axes.x("cutoff"), "y": {"value": -3}, "text": {"field": "text", "type": "nominal"}}
    return {
        "name": "chosen",
        "data": {"values": [{"cutoff": result["cutoff"], "text": text}]},
        "layer": [
            {"mark": {"type": "rule", "style": "cutoff"}, "encoding": {"x": axes.x("cutoff")}},
            {"mark": mark, "encoding": written},
        ],
    }


def _curve(drawn: list[dict[str, Any]], axes: _Axes) -> list[Spec]:
    data = {"values": [candidate | {"p": _height(candidate["p"])} for candidate in drawn]}
    place = {"x": axes.x("cutoff"), "y": axes.y("p")}
    line = {"type": "line", "style": "emphasis", "interpolate": "linear", "strokeWidth": 1, "opacity": 0.6}
    point = {"type": "point", "style": "emphasis", "filled": True, "size": 22, "opacity": 0.9}
    return [
        {"name": "curve", "data": data, "mark": line, "encoding": place},
        {
            "name": "candidates",
            "data": data,
            "mark": point,
            "encoding": {**place, "tooltip": _tooltip("hr" in drawn[0])},
        },
    ]


def _tooltip(has_ratio: bool) -> list[Spec]:
    numbers = {"cutoff": "Cutoff", "p": "p, uncorrected", "statistic": "Statistic"}
    numbers |= {"hr": "Hazard ratio"} if has_ratio else {}
    counts = {"n_low": "Patients low", "n_high": "Patients high"}
    return [
        *({"field": name, "type": "quantitative", "title": title, "format": ".3~g"} for name, title in numbers.items()),
        *({"field": name, "type": "quantitative", "title": title} for name, title in counts.items()),
    ]
