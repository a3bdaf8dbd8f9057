"""The classes of variants in the colours that every figure of mutations gives them."""

from collections.abc import Iterable
from typing import Any

from analysis.charts.themes import VARIANTS

MULTI_HIT = "Multi_Hit"
# The commonest in the strong colours; those behind them are the same hues, fainter. Multi_Hit is the colour of text.
CLASSES = (
    "Missense_Mutation",
    "Nonsense_Mutation",
    "Frame_Shift_Del",
    "Splice_Site",
    "Frame_Shift_Ins",
    "In_Frame_Del",
    "Translation_Start_Site",
    "Nonstop_Mutation",
    "In_Frame_Ins",
    MULTI_HIT,
)


def ordered(found: Iterable[str]) -> list[str]:
    """Known classes in their order, others after them by name."""
    present = set(found)
    return [name for name in CLASSES if name in present] + sorted(present - set(CLASSES))


def class_colour(found: Iterable[str], *, has_legend: bool = True) -> dict[str, Any]:
    present = ordered(found)
    others = [name for name in present if name not in CLASSES]
    legend = {"values": present, "columns": 2, "symbolType": "square", "orient": "top"} if has_legend else None
    scale = {"domain": [*CLASSES, *others], "range": VARIANTS}
    return {"field": "class", "type": "nominal", "title": None, "scale": scale, "legend": legend}
