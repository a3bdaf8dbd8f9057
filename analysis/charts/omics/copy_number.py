"""How often each gene is gained or lost: gains to the right, losses to the left, the deep ones next to the middle."""

from typing import Any

from analysis.charts.omics.frames import PERCENT, figure, heading, percent, samples
from analysis.charts.themes import COPY_CALLS

WIDTH, ROW = 460, 20
MOST_GENES = 40
LOSS, GAIN = "loss", "gain"
# Name in a row of calls, side and words; from the middle outwards.
_CALLS = (
    ("deep_deletion", LOSS, "deep deletion"),
    ("loss", LOSS, "shallow loss"),
    ("amplification", GAIN, "amplification"),
    ("gain", GAIN, "low-level gain"),
)

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of copy-number frequencies; it holds no colours.

    Parameters
    ----------
    result
        ``n`` samples; ``rows`` in the order of the drawing: ``gene`` and the shares (0 to 1) ``deep_deletion``,
        ``loss``, ``gain``, ``amplification`` of samples with that call. Of more than 40 genes the first are drawn.
    """
    drawn = result["rows"][:MOST_GENES]
    sides = _sides(drawn)
    widest = max((side["end"] for side in sides), default=0.0)
    # Room for the numbers beyond the longest bars.
    domain = 1.22 * max(widest, 0.05)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [-domain, domain], "nice": False},
        "axis": {
            "title": "Share of the samples with a loss (left) or gain (right)",
            "labelExpr": PERCENT,
            "tickCount": 6,
            "labelOverlap": True,
            "labelSeparation": 8,
        },
    }
    names = [row["gene"] for row in drawn]
    axis = {
        "title": None,
        "grid": False,
        "ticks": False,
        "domain": False,
        "labelLimit": 120,
        "labelFontStyle": "italic",
    }
    y = {"field": "gene", "type": "nominal", "scale": {"domain": names, "padding": 0.18}, "axis": axis}
    return figure(
        description(result),
        width=WIDTH,
        height=ROW * max(len(drawn), 1),
        title=heading(f"{samples(result['n'])}", _more(result)),
        layer=[_bars(drawn, x, y), *_numbers(sides, x, y), _middle(x)],
    )


def description(result: dict[str, Any]) -> str:
    said = "; ".join(
        f"{row['gene']} gain {percent(row['gain'] + row['amplification'])} ({percent(row['amplification'])} "
        f"amplification), loss {percent(row['loss'] + row['deep_deletion'])} ({percent(row['deep_deletion'])} deep)"
        for row in result["rows"][:MOST_GENES]
    )
    more = f" {_more(result)}." if _more(result) else ""
    return f"Copy number of genes in {samples(result['n'])}. {said}.{more}"


def _more(result: dict[str, Any]) -> str:
    more = len(result["rows"]) - MOST_GENES
    return f"{more} more genes are not drawn" if more > 0 else ""


def _sides(rows: list[dict[str, Any]]) -> list[Spec]:
    return [
        {"gene": row["gene"], "side": side, "end": sum(row[name] for name, own, _ in _CALLS if own == side)}
        for row in rows
        for side in (LOSS, GAIN)
    ]


def _bars(rows: list[dict[str, Any]], x: Spec, y: Spec) -> Spec:
    bars = []
    for row in rows:
        reached = {LOSS: 0.0, GAIN: 0.0}
        for name, side, words in _CALLS:
            sign = -1 if side == LOSS else 1
            start, reached[side] = reached[side], reached[side] + row[name]
            if row[name]:
                bars.append({"gene": row["gene"], "call": words, "side": side, "share": row[name]}
                            | {"start": sign * start, "end": sign * reached[side]})  # fmt: skip
    names = [words for *_, words in _CALLS]
    hues = {"domain": names, "range": COPY_CALLS}
    return {
        "name": "calls",
        "data": {"values": bars},
        "mark": {"type": "bar"},
        "encoding": {
            "x": x | {"field": "start"},
            "x2": {"field": "end"},
            "y": y,
            "color": {
                "field": "call",
                "type": "nominal",
                "scale": hues,
                "legend": {"columns": 2, "symbolType": "square"},
            },
            "tooltip": [
                {"field": "gene", "type": "nominal", "title": "Gene"},
                {"field": "call", "type": "nominal", "title": "Call"},
                {"field": "share", "type": "quantitative", "title": "Share", "format": ".1%"},
            ],
        },
    }


def _numbers(sides: list[Spec], x: Spec, y: Spec) -> list[Spec]:
    return [
        {
            "name": f"all-{side}",
            "data": {
                "values": [
                    {"gene": row["gene"], "end": sign * row["end"], "text": percent(row["end"])}
                    for row in sides
                    if row["side"] == side
                ]
            },
            "mark": {"type": "text", "style": "label", "align": align, "dx": 4 * sign},
            "encoding": {"x": x | {"field": "end"}, "y": y, "text": {"field": "text", "type": "nominal"}},
        }
        for side, sign, align in ((LOSS, -1, "right"), (GAIN, 1, "left"))
    ]


def _middle(x: Spec) -> Spec:
    return {
        "name": "middle",
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
        "encoding": {"x": x | {"field": "zero"}},
    }
