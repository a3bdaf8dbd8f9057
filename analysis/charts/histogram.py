"""The distribution of a marker, with its cutoff. The specification holds counts, never the patients' values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.charts import words

WIDTH, HEIGHT = 560, 220
MOST_BARS = 24
SCALE = {"nice": False, "zero": False}

Spec = dict[str, Any]
Bar = tuple[float, float, int]  # from, to, patients


def chart(
    values: ArrayLike,
    *,
    label: str,
    unit: str,
    cutoff: float | None = None,
    cutoff_label: str = "cutoff",
    attainable: Sequence[float] = (),
) -> Spec:
    """Vega-Lite specification of a histogram; patients to the right of the cutoff line are the high group.

    Parameters
    ----------
    values
        The marker's values in ``unit``, one per patient; missing ones are left out.
    cutoff
        High means a value above it.
    cutoff_label
        What stands at the line, for example "registered cutoff".
    attainable
        Of a score, the values that it can take: each has its place, also where nobody has it.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    is_score = bool(attainable) or _is_score(known)
    axis: Spec = {"grid": False, "labelFlush": False, "labelOverlap": True, **({"tickMinStep": 1} if is_score else {})}
    if attainable:
        axis |= {"values": list(attainable), "labelOverlap": False}
    bars = _score_bars(known, attainable) if is_score else _bins(known)
    layers = [_bars(bars, f"{label}, {unit}" if unit else label, axis)]
    if cutoff is not None:
        # Among scores the line stands between the bars: the score at the cutoff itself is low.
        place = np.floor(cutoff) + 0.5 if is_score else cutoff
        layers += _cutoff(float(place), f"{cutoff_label}: high > {words.cutoff(cutoff, unit)}")
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": _description(known, label, unit, cutoff),
        "padding": 8,
        "width": WIDTH,
        "height": HEIGHT,
        "layer": layers,
    }


def _description(known: NDArray[np.float64], label: str, unit: str, cutoff: float | None) -> str:
    text = f"Distribution of {label} in {known.size} patients."
    if cutoff is None:
        return text
    return f"{text} {int((known > cutoff).sum())} lie above the cutoff of {words.cutoff(cutoff, unit)}."


def _is_score(known: NDArray[np.float64]) -> bool:
    attained = np.unique(known)
    return 0 < attained.size <= MOST_BARS and bool(np.all(attained == np.round(attained)))


def _score_bars(known: NDArray[np.float64], attainable: Sequence[float]) -> list[Bar]:
    places = np.union1d(known, np.asarray(attainable, dtype=float))
    return [(float(value) - 0.4, float(value) + 0.4, int((known == value).sum())) for value in places]


def _bins(known: NDArray[np.float64]) -> list[Bar]:
    if known.size == 0:
        return []
    edges = np.histogram_bin_edges(known, bins="fd")
    if edges.size > MOST_BARS + 1:
        edges = np.linspace(known.min(), known.max(), MOST_BARS + 1)
    counts, edges = np.histogram(known, bins=edges)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def _bars(bars: list[Bar], title: str, axis: Spec) -> Spec:
    rows = [{"from": low, "to": high, "patients": count} for low, high, count in bars]
    return {
        "name": "bars",
        "data": {"values": rows},
        "mark": {"type": "bar", "style": "bars"},
        "encoding": {
            "x": {
                "field": "from",
                "bin": "binned",
                "type": "quantitative",
                "title": title,
                "scale": SCALE,
                "axis": axis,
            },
            "x2": {"field": "to"},
            "y": {"field": "patients", "type": "quantitative", "title": "Patients", "axis": {"tickMinStep": 1}},
            "tooltip": [
                {"field": "from", "type": "quantitative", "title": "From", "format": ".4~g"},
                {"field": "to", "type": "quantitative", "title": "To", "format": ".4~g"},
                {"field": "patients", "type": "quantitative", "title": "Patients"},
            ],
        },
    }


def _cutoff(place: float, text: str) -> list[Spec]:
    data = {"values": [{"cutoff": place, "text": text}]}
    x = {"field": "cutoff", "type": "quantitative", "scale": SCALE}
    line = {
        "name": "cutoff",
        "data": data,
        "mark": {"type": "rule", "style": "cutoff"},
        "encoding": {"x": x},
    }
    above = {
        "name": "cutoff-text",
        "data": data,
        "mark": {"type": "text", "style": "strong-label", "align": "left", "baseline": "bottom", "dx": -4},
        "encoding": {"x": x, "y": {"value": -5}, "text": {"field": "text", "type": "nominal"}},
    }
    return [line, above]
