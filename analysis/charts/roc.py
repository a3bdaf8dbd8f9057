"""ROC curves of markers, with the diagonal of no information and the operating points of their cutoffs."""

from typing import Any

from analysis.charts import words
from analysis.charts.series import series

SIDE = 400
# Size of a letter and of a line of text, as shares of a side.
LETTER, LINE = 0.017, 0.04
KINDS = {"youden": "Youden's cutoff", "published": "Published cutoff", "registered": "Registered cutoff"}
KINDS |= {"median": "Median", "optimal": "Best of all cutoffs", "custom": "Cutoff chosen by hand"}
KINDS |= {"exploratory": "Saved exploratory cutoff"}
SHAPES = {"youden": "circle", "published": "diamond", "registered": "square"}

Spec = dict[str, Any]
Row = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a ROC result; it holds no colours.

    Parameters
    ----------
    result
        A ROC result: per marker the curve (sensitivity and specificity as shares of 1), AUC with its 95 % interval,
        direction (``"<"``: controls have the lower values, so higher means the outcome) and operating points.
    """
    layers = [_diagonal(), _curves(result)]
    if any(marker["points"] for marker in result["markers"]):
        layers += _points(result)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description(result),
        "padding": 8,
        "width": SIDE,
        "height": SIDE,
        "layer": layers,
    }


def description(result: dict[str, Any]) -> str:
    parts = [
        f"{marker['label']}: {_area(marker)}, {_direction(marker, result)}, n {marker['n']}"
        for marker in result["markers"]
    ]
    return f"ROC curves for {result['positive']}. {'; '.join(parts)}."


def _area(marker: dict[str, Any]) -> str:
    return f"AUC {words.interval(marker['auc'], marker['low'], marker['high'])}"


def _direction(marker: dict[str, Any], result: dict[str, Any]) -> str:
    return f"{'higher' if marker['direction'] == '<' else 'lower'} = {result['positive']}"


def _series(result: dict[str, Any]) -> Spec:
    texts = {
        marker["label"]: [f"{marker['label']}: {_direction(marker, result)}", _area(marker)]
        for marker in result["markers"]
    }
    return series("marker", texts)


def _axis(field: str, title: str) -> Spec:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": title, "values": ticks, "labelFlush": False},
    }


def _axes() -> Spec:
    return {"x": _axis("false_positive", "1 − specificity"), "y": _axis("sensitivity", "Sensitivity")}


def _diagonal() -> Spec:
    ends = [{"false_positive": share, "sensitivity": share} for share in (0, 1)]
    return {
        "name": "diagonal",
        "data": {"values": ends},
        "mark": {"type": "line", "style": "reference"},
        "encoding": _axes(),
    }


def _curve_rows(marker: dict[str, Any]) -> list[Row]:
    curve = marker["curve"]
    corners = sorted(zip((1 - share for share in curve["specificity"]), curve["sensitivity"], strict=True))
    corners = [(0.0, 0.0), *corners, (1.0, 1.0)]
    return [
        {"marker": marker["label"], "order": order, "false_positive": false_positive, "sensitivity": sensitivity}
        for order, (false_positive, sensitivity) in enumerate(corners)
    ]


def _curves(result: dict[str, Any]) -> Spec:
    return {
        "name": "curves",
        "data": {"values": [row for marker in result["markers"] for row in _curve_rows(marker)]},
        "mark": {"type": "line", "interpolate": "linear"},
        "encoding": {**_axes(), **_series(result), "order": {"field": "order", "type": "quantitative"}},
    }


def _point_row(marker: dict[str, Any], point: dict[str, Any]) -> Row:
    return {
        "marker": marker["label"],
        "kind": KINDS.get(point["kind"], point["kind"]),
        "false_positive": 1 - point["specificity"],
        "sensitivity": point["sensitivity"],
        "specificity": point["specificity"],
        "cutoff": words.cutoff(point["threshold"], marker["unit"]),
        "ppv": point.get("ppv"),
        "npv": point.get("npv"),
        "warning": point.get("warning") or "none",
    }


def _points(result: dict[str, Any]) -> list[Spec]:
    present = list(dict.fromkeys(point["kind"] for marker in result["markers"] for point in marker["points"]))
    shape = {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": [KINDS.get(kind, kind) for kind in present],
            "range": [SHAPES.get(k, "cross") for k in present],
        },
        "legend": {"orient": "bottom", "direction": "vertical", "symbolType": "circle", "symbolSize": 90},
    }
    rows = [_point_row(marker, point) for marker in result["markers"] for point in marker["points"]]
    marks = {
        "name": "operating-points",
        "mark": {"type": "point", "size": 110, "strokeWidth": 2.5, "opacity": 1},
        "encoding": {**_axes(), "color": _series(result)["color"], "shape": shape, "tooltip": _tooltip()},
    }
    labels = {"name": "direct-labels", "layer": [_cutoff_text("halo"), _cutoff_text("label")]}
    # Youden's and the published cutoff are often one: written twice it would look bold.
    named = _apart(list({(row["marker"], row["cutoff"]): row for row in rows}.values()))
    return [{**marks, "data": {"values": rows}}, {**labels, "data": {"values": named}}]


def _apart(rows: list[Row]) -> list[Row]:
    """The rows with the height of their text, moved down where it would lie on another; of several markers, named."""
    is_one = len({row["marker"] for row in rows}) == 1
    placed: list[Row] = []
    for row in sorted(rows, key=lambda row: -row["sensitivity"]):
        text = row["cutoff"] if is_one else f"{row['marker']}: {row['cutoff']}"
        height = row["sensitivity"]
        for other in placed:
            to_the_left = other["text"] if other["false_positive"] <= row["false_positive"] else text
            is_beside = abs(other["false_positive"] - row["false_positive"]) < LETTER * len(to_the_left)
            if is_beside and abs(other["height"] - height) < LINE:
                height = other["height"] - LINE
        placed.append(row | {"text": text, "height": height})
        placed.sort(key=lambda at: -at["height"])
    return placed


def _cutoff_text(style: str) -> Spec:
    # To the lower right of its point, where its own curve does not pass; the halo keeps it clear of other curves.
    return {
        "mark": {"type": "text", "style": style, "align": "left", "baseline": "top", "dx": 8, "dy": 4},
        "encoding": {
            **_axes(),
            "y": _axis("height", "Sensitivity"),
            "text": {"field": "text", "type": "nominal"},
        },
    }


def _tooltip() -> list[Spec]:
    shares = {"sensitivity": "Sensitivity", "specificity": "Specificity", "ppv": "PPV", "npv": "NPV"}
    words_of = {"marker": "Marker", "kind": "Operating point", "cutoff": "Cutoff"}
    return [
        *({"field": field, "type": "nominal", "title": title} for field, title in words_of.items()),
        *({"field": field, "type": "quantitative", "title": title, "format": ".1%"} for field, title in shares.items()),
        {"field": "warning", "type": "nominal", "title": "Warning"},
    ]
