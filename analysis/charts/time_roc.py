"""Time-dependent ROC curves: of one marker at its times in one square, of several markers a square for each time."""

from typing import Any

from analysis.charts import words
from analysis.charts.series import series

SIDE, SMALL_SIDE = 400, 300

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of the curves of a time-dependent ROC result; it holds no colours.

    Parameters
    ----------
    result
        Rows of markers and times with the curve (sensitivity, and false positives of all controls, as shares of 1), AUC
        with its 95 % interval and the numbers of cases and controls. Rows that were refused are not drawn.
    """
    rows = [row for row in result["times"] if not row["refused"]]
    frame = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
    }
    if len({row["marker"] for row in rows}) == 1:
        curves = [(_when(row, result), _lines(_when(row, result), row), row) for row in rows]
        title = f"{result['endpoint']}: {_named(rows[0])}"
        return frame | _square(curves, SIDE) | {"title": title}
    times = list(dict.fromkeys(row["time"] for row in rows))
    squares = []
    for at in times:
        there = [row for row in rows if row["time"] == at]
        curves = [(row["label"], _lines(_named(row), row), row) for row in there]
        title = f"{result['endpoint']}: cases by {_when(there[0], result)}"
        # Each square names its layers apart: of two with one name, Vega-Lite draws the data of the last in both.
        squares.append(_square(curves, SMALL_SIDE, f"-{at:g}") | {"title": title})
    return frame | {
        "concat": squares,
        "columns": 2,
        "spacing": 24,
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }


def description(result: dict[str, Any]) -> str:
    parts = [
        ", ".join(_lines(f"{_named(row)} at {_when(row, result)}", row))
        for row in result["times"]
        if not row["refused"]
    ]
    return f"Time-dependent ROC curves for {result['endpoint']}. {'; '.join(parts)}."


def _when(row: dict[str, Any], result: dict[str, Any]) -> str:
    return f"{row['time']:g} {result['time_unit']}".rstrip()


def _lines(name: str, row: dict[str, Any]) -> list[str]:
    controls = row["n_controls"] + row["n_competing"]
    competing = f" ({row['n_competing']} by a competing event)" if row["n_competing"] else ""
    return [
        f"{name}: AUC {words.interval(row['auc'], row['low'], row['high'])}",
        f"{row['n_cases']} cases, {controls} controls{competing}",
    ]


def _named(row: dict[str, Any]) -> str:
    return row["label"] if row["direction"] == "<" else f"{row['label']} (lower = event)"


def _square(curves: list[tuple[str, list[str], dict[str, Any]]], side: int, suffix: str = "") -> Spec:
    names = series("curve", {name: lines for name, lines, _row in curves})
    return {
        "width": side,
        "height": side,
        "layer": [
            {
                "name": f"diagonal{suffix}",
                "data": {"values": [{"false_positive": share, "sensitivity": share} for share in (0, 1)]},
                "mark": {"type": "line", "style": "reference"},
                "encoding": _axes(),
            },
            {
                "name": f"curves{suffix}",
                "data": {"values": [point for name, _lines, row in curves for point in _points(name, row)]},
                "mark": {"type": "line", "interpolate": "linear"},
                "encoding": {**_axes(), **names, "order": {"field": "order", "type": "quantitative"}},
            },
        ],
    }


def _points(name: str, row: dict[str, Any]) -> list[Spec]:
    curve = row["curve"]
    corners = zip(curve["false_positive"], curve["sensitivity"], strict=True)
    return [
        {"curve": name, "order": order, "false_positive": false_positive, "sensitivity": sensitivity}
        for order, (false_positive, sensitivity) in enumerate(corners)
    ]


def _axes() -> Spec:
    return {"x": _axis("false_positive", "1 − specificity"), "y": _axis("sensitivity", "Sensitivity")}


def _axis(field: str, title: str) -> Spec:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": title, "values": ticks, "labelFlush": False},
    }
