"""What the figures of a discovery study share: the frame of a specification, and names that are wrapped."""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

LINE = 13  # px: height of a line of text
HEADING_CHARACTERS = 56
TERM_CHARACTERS, TERM_LINES = 28, 3

Spec = dict[str, Any]


def figure(description: str, **parts: Any) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "padding": 8,
        **parts,
    }


def heading(*lines: str) -> Spec:
    """Lines above the whole figure, short enough to be read to the end on a phone."""
    text = [part for line in lines for part in textwrap.wrap(line, HEADING_CHARACTERS)]
    return {"text": text, "fontWeight": "normal", "fontSize": 11, "offset": 10, "frame": "bounds", "limit": 0}


def lines_of(name: str, characters: int = TERM_CHARACTERS, most: int = TERM_LINES) -> list[str]:
    """A name in lines; gene sets are named with underscores where others have spaces."""
    spaced = name if " " in name else name.replace("_", " ")
    return textwrap.wrap(spaced, characters, max_lines=most, placeholder=" …") or [name]


def names_axis(names: Sequence[str], characters: int = TERM_CHARACTERS) -> Spec:
    """An axis of names, each wrapped."""
    return lines_axis({name: lines_of(name, characters) for name in names})


def lines_axis(wrapped: dict[str, list[str]]) -> Spec:
    """Of each name its lines, which stand about its tick."""
    most = max((len(lines) for lines in wrapped.values()), default=1)
    counts = json.dumps({name: len(lines) for name, lines in wrapped.items()})
    offsets = [{"test": f"{counts}[datum.value] === {n}", "value": -(n - 1) * LINE / 2} for n in range(2, most + 1)]
    return {
        "title": None,
        "grid": False,
        "ticks": False,
        "domain": False,
        "labelLimit": 0,
        "labelLineHeight": LINE,
        "labelExpr": f"{json.dumps(wrapped)}[datum.value]",
        **({"labelOffset": {"condition": offsets, "value": 0}} if offsets else {}),
    }


def row_height(names: Sequence[str], least: int, characters: int = TERM_CHARACTERS) -> int:
    """Px that a row of the axis needs for the name with the most lines."""
    return max([least, *(LINE * len(lines_of(name, characters)) + 5 for name in names)])


def samples(n: int) -> str:
    return "1 sample" if n == 1 else f"{n:,} samples"


def genes(n: int) -> str:
    return "1 gene" if n == 1 else f"{n:,} genes"


PERCENT = "format(100 * abs(datum.value), '~g') + ' %'"  # of an axis of shares


def percent(share: float) -> str:
    """One decimal below ten of a hundred."""
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.1f} %"
