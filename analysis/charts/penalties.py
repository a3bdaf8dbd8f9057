"""The axis of penalties that the figures of a penalised model share, with the two penalties that matter."""

from math import exp, log
from typing import Any

MIN, ONE_SE = "lambda_min", "lambda_1se"
NAMES = {MIN: "best", ONE_SE: "within 1 SE"}
_TICKS = 6

Spec = dict[str, Any]


def penalty_axis(result: dict[str, Any], field: str = "lambda") -> Spec:
    """From the largest penalty on the left to the smallest, which lets everything in."""
    first, last = result["lambda"][0], result["lambda"][-1]
    step = (log(last) - log(first)) / (_TICKS - 1) if last < first else 0.0
    ticks = [exp(log(first) + place * step) for place in range(_TICKS)]
    domain = [last, first] if last < first else [first / 2, first * 2]
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"type": "log", "domain": domain, "nice": False, "reverse": True},
        "axis": {"values": ticks, "format": ".2~g", "title": "Penalty λ (log scale)", "grid": False},
    }


def chosen_penalties(result: dict[str, Any]) -> Spec:
    """Lines across the figure, named above it; one line where both are the same."""
    same = result[MIN] == result[ONE_SE]
    rows = [{"lambda": result[name], "text": words, "place": name} for name, words in NAMES.items()]
    if same:
        rows = [{"lambda": result[MIN], "text": "best", "place": MIN}]
    text: Spec = {"type": "text", "style": "strong-label", "baseline": "bottom"}
    x = penalty_axis(result)
    return {
        "name": "chosen",
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "rule", "style": "cutoff"}, "encoding": {"x": x}},
            *(
                {
                    "transform": [{"filter": f"datum.place === '{place}'"}],
                    "mark": text | {"align": align},
                    "encoding": {"x": x, "y": {"value": -4}, "text": {"field": "text", "type": "nominal"}},
                }
                for place, align in ((MIN, "left"), (ONE_SE, "right"))
            ),
        ],
    }
