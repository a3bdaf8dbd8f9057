"""The parts a report is made of: plain data that page, PDF and JSON show alike. Every number is text already here.

A renderer decides how a part looks and nothing else, so that the three cannot say different numbers.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Row = dict[str, Any]
Section = dict[str, Any]

GOOD, WARN, BAD = "good", "warn", "bad"


def section(name: str, title: str, blocks: Iterable[Block]) -> Section:
    return {"name": name, "title": title, "blocks": list(blocks)}


def text(words: str, tone: str = "", *, is_strong: bool = False) -> Block:
    return {"kind": "text", "text": words, "tone": tone, "strong": is_strong}


def head(title: str, *, level: int = 3, analysis: str = "", marks: Sequence[str] = (), origin: str = "") -> Block:
    """A heading inside a section. `origin` says run, data and freshness of the numbers below it."""
    return {
        "kind": "head",
        "title": title,
        "level": level,
        "analysis": analysis,
        "marks": list(marks),
        "origin": origin,
    }


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    return {"kind": "facts", "rows": [[label, value] for label, value in rows]}


def bullets(items: Iterable[str]) -> Block:
    return {"kind": "bullets", "items": list(items)}


def row(*cells: str, is_strong: bool = False) -> Row:
    return {"cells": list(cells), "strong": is_strong}


def group(title: str, *, analysis: str = "", note: str = "") -> Row:
    """A line over the whole width, above the rows that belong to it."""
    return {"group": title, "analysis": analysis, "note": note}


def table(
    title: str, columns: Sequence[str], rows: Iterable[Row], *, numbers: Iterable[int] = (), notes: Sequence[str] = ()
) -> Block:
    """`numbers`: the places of the columns whose cells are numbers."""
    right = set(numbers)
    return {
        "kind": "table",
        "title": title,
        "columns": [{"text": text, "number": place in right} for place, text in enumerate(columns)],
        "rows": list(rows),
        "notes": [note for note in notes if note],
    }


def flow(boxes: Iterable[tuple[str, int, Sequence[tuple[str, int]]]]) -> Block:
    return {
        "kind": "flow",
        "boxes": [
            {"label": label, "n": n, "out": [{"label": why, "n": count} for why, count in out]}
            for label, n, out in boxes
        ],
    }


def figures(*drawn: Block, caption: str = "") -> Block:
    """One figure, or several side by side: before and after, or those of one caption."""
    return {"kind": "figures", "figures": list(drawn), "caption": caption}
