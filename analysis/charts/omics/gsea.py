"""Gene set enrichment: the running score over the ranked list, where the genes of the set are, and the list itself."""

from typing import Any

from analysis.charts import words
from analysis.charts.omics.frames import figure, genes, heading, lines_of

WIDTH, HEIGHT, HITS, RANKED = 480, 220, 26, 90
MOST_POINTS = 400  # of the ranked list

Spec = dict[str, Any]


def chart(result: dict[str, Any]) -> Spec:
    """Vega-Lite specification of a running score; it holds no colours.

    Parameters
    ----------
    result
        ``term``; ``statistics`` of all genes, descending, and ``statistic``, what they are; ``hits``, places of the
        set's genes in the list from 0; ``running``, the running sum after each gene of the list; ``score``,
        ``normalised``, ``p`` and ``p_adjusted`` (None where there is none); ``ends``, what the list has most of at its
        top and its bottom.
    """
    n = len(result["statistics"])
    return figure(
        description(result),
        title=heading(*lines_of(result["term"], 48), f"{genes(len(result['hits']))} of {n:,}. {_numbers(result)}"),
        spacing=4,
        vconcat=[_running(result, n), _hits(result, n), _ranked(result, n)],
    )


def description(result: dict[str, Any]) -> str:
    n = len(result["statistics"])
    peak = _peak(result) + 1
    return (
        f"Gene set enrichment of {result['term']}: {genes(len(result['hits']))} of the set in a list of {genes(n)} "
        f"ranked by {result['statistic']}. {_numbers(result)}. The running score is farthest from 0 at rank {peak:,}."
    )


def _numbers(result: dict[str, Any]) -> str:
    parts = [f"ES {words.signed(result['score'])}"]
    if result["normalised"] is not None:
        parts.append(f"NES {words.signed(result['normalised'])}")
    if result["p"] is not None:
        parts.append(words.p_value(result["p"]))
    if result["p_adjusted"] is not None:
        parts.append(f"adjusted {words.p_value(result['p_adjusted'])}")
    return ", ".join(parts)


def _peak(result: dict[str, Any]) -> int:
    """Place in the list: after a gene of the set, or before one where the sum is lowest."""
    running = result["running"]
    return max(range(len(running)), key=lambda place: abs(running[place]))


def _corners(result: dict[str, Any]) -> list[Spec]:
    """The sum is straight between the genes of the set: its corners are all of it."""
    running = result["running"]
    places = {0, len(running) - 1} | set(result["hits"]) | {hit - 1 for hit in result["hits"] if hit}
    return [{"rank": 0, "score": 0.0}] + [
        {"rank": place + 1, "score": round(running[place], 5)} for place in sorted(places)
    ]


def _x(n: int, title: str | None = None) -> Spec:
    axis = {"title": title, "tickCount": 5, "format": ",d", "grid": False} if title else None
    return {"field": "rank", "type": "quantitative", "scale": {"domain": [0, n], "nice": False}, "axis": axis}


def _running(result: dict[str, Any], n: int) -> Spec:
    peak = _peak(result)
    score = result["running"][peak]
    low, high = min(0.0, *result["running"]), max(0.0, *result["running"])
    room = 0.12 * (high - low)
    y = {
        "field": "score",
        "type": "quantitative",
        "scale": {"domain": [low - room, high + room], "nice": False},
        "axis": {"title": "Running score", "tickCount": 5},
    }
    on_left = peak > n / 2
    # Beyond the peak, and away from the edge of the drawing.
    beside = {"align": "right" if on_left else "left"} | (
        {"baseline": "bottom", "dy": -5} if score > 0 else {"baseline": "top", "dy": 5}
    )
    return {
        "name": "running",
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "name": "zero",
                "data": {"values": [{"score": 0}]},
                "mark": {"type": "rule", "style": "reference", "strokeDash": [1, 0]},
                "encoding": {"y": y},
            },
            {
                "name": "running-score",
                "data": {"values": _corners(result)},
                "mark": {"type": "line", "interpolate": "linear"},
                "encoding": {"x": _x(n), "y": y, "color": {"datum": "score", "type": "nominal", "legend": None}},
            },
            {
                "name": "peak",
                "data": {"values": [{"rank": peak + 1, "score": score, "text": f"ES {words.signed(result['score'])}"}]},
                "layer": [
                    {
                        "mark": {"type": "rule", "style": "cutoff", "strokeWidth": 1},
                        "encoding": {"x": _x(n), "y": y, "y2": {"datum": 0}},
                    },
                    {
                        "mark": {"type": "text", "style": "strong-label", **beside},
                        "encoding": {"x": _x(n), "y": y, "text": {"field": "text", "type": "nominal"}},
                    },
                ],
            },
        ],
    }


def _hits(result: dict[str, Any], n: int) -> Spec:
    return {
        "name": "hits",
        "width": WIDTH,
        "height": HITS,
        "data": {"values": [{"rank": hit + 1} for hit in sorted(result["hits"])]},
        "mark": {"type": "rule", "style": "emphasis", "strokeWidth": 0.8, "opacity": 0.7},
        "encoding": {"x": _x(n)},
    }


def _ranked(result: dict[str, Any], n: int) -> Spec:
    statistics = result["statistics"]
    step = max(1, -(-n // MOST_POINTS))
    places = sorted({*range(0, n, step), n - 1})
    rows = [{"rank": place + 1, "statistic": round(statistics[place], 5)} for place in places]
    y = {
        "field": "statistic",
        "type": "quantitative",
        "axis": {"title": lines_of(result["statistic"], 16, 2), "tickCount": 3, "grid": False},
    }
    top, bottom = result["ends"]
    ends = [
        {"rank": 0, "text": top, "align": "left"},
        {"rank": n, "text": bottom, "align": "right"},
    ]
    return {
        "name": "ranked",
        "width": WIDTH,
        "height": RANKED,
        "layer": [
            {
                "name": "ranked-list",
                "data": {"values": rows},
                "mark": {"type": "area", "style": "bars", "strokeWidth": 0, "opacity": 0.8},
                "encoding": {"x": _x(n, f"Rank in the list of {genes(n)}"), "y": y},
            },
            *(
                {
                    "name": f"end-{end['align']}",
                    "data": {"values": [{"rank": end["rank"], "text": end["text"]}]},
                    "mark": {
                        "type": "text",
                        "style": "label",
                        "align": end["align"],
                        "dx": 4 if not end["rank"] else -4,
                    }
                    | {"baseline": "bottom" if not end["rank"] else "top"},
                    "encoding": {
                        "x": _x(n, f"Rank in the list of {genes(n)}"),
                        "y": {"value": RANKED - 4 if not end["rank"] else 4},
                        "text": {"field": "text", "type": "nominal"},
                    },
                }
                for end in ends
            ),
        ],
    }
