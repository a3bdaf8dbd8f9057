"""The PDF of a report: content and drawn figures in, bytes out; the same content gives the same bytes."""

import json
import re
import tempfile
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from analysis import VERSION
from analysis.reports.blocks import Block
from analysis.reports.drawing import figure_svg

TEMPLATE = Path(__file__).with_name("report.typ")
# Points: the text is 17 cm wide; a figure higher than this would leave half a page empty before it.
TEXT_WIDTH, MOST_HEIGHT = 482.0, 350.0
# A figure drawn for a screen has letters of 11 px; at this scale they are as large as those of a caption.
SCALE = 0.62
# Letters: a column of prose asks for no more, so that the others keep theirs.
WIDEST, NUMBER, NARROWEST = 34, 28, 6
# A word of more letters is broken: it would run over the margin, and leave its neighbours no room.
LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"[^\s\u200b-]{{{LONGEST_WORD + 1},}}")
_HASH = re.compile(r"[0-9a-f]{40,64}")
# What is said in sentences is a column of text beside names, not one of two halves.
SENTENCES, PROSE = 160, 84


def typeset(content: dict[str, Any], drawn: dict[str, str]) -> bytes:
    """`drawn`: fingerprint → SVG of every figure of the content."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "report.typ").write_bytes(TEMPLATE.read_bytes())
        (root / "report.json").write_text(json.dumps(_laid_out(content, drawn, root), ensure_ascii=False))
        return bytes(typst.compile(str(root / "report.typ"), root=str(root)))


def _laid_out(content: dict[str, Any], drawn: dict[str, str], root: Path) -> dict[str, Any]:
    """What the template reads: the content, with the files of the figures and the widths of the columns."""
    document = dict(content["document"])
    made = datetime.fromisoformat(document["made_at"])
    simulated = ["simulated data"] if content["cohort"]["simulated"] else []
    document |= {
        "author": f"Hepatica {VERSION}",
        "keywords": [
            content["cohort"]["code"],
            *simulated,
            *[f"run {run}" for run in document["runs"]],
            f"content {document['content_sha256']}",
        ],
        "date": {name: getattr(made, name) for name in ("year", "month", "day", "hour", "minute")},
    }
    sections = deepcopy(content["sections"])
    for block in (block for section in sections for block in section["blocks"]):
        if block["kind"] == "table":
            block["widths"] = widths(block)
        if block["kind"] == "figures":
            for figure in block["figures"]:
                figure["file"] = f"{figure['number']}.svg"
                svg = figure_svg(figure, drawn[figure["drawn"]], captioned=False)
                (root / figure["file"]).write_bytes(svg)
                figure["width_pt"] = _width(figure)
    return {
        "document": document,
        "cohort": content["cohort"] | {"name": breakable(content["cohort"]["name"])},
        "verdict": content["verdict"],
        "sections": _breakable(sections),
    }


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, list):
        return [_breakable(item) for item in value]
    return {name: _breakable(item) for name, item in value.items()} if isinstance(value, dict) else value


def breakable(text: str) -> str:
    """With a place to break in every word that is too long for a line. A hash fits, and is copied as it is."""
    return _LONG_WORD.sub(lambda found: found[0] if _HASH.fullmatch(found[0].strip(".,;")) else _broken(found[0]), text)


def _broken(word: str) -> str:
    return "\u200b".join(word[at : at + LONGEST_WORD] for at in range(0, len(word), LONGEST_WORD))


def _width(figure: Block) -> float:
    width, height = figure["width"] * SCALE, figure["height"] * SCALE
    return float(width * min(1.0, TEXT_WIDTH / width, MOST_HEIGHT / height))


def widths(table: Block) -> list[float]:
    """Shares of the line: as many letters as the longest cell, never fewer than the longest word has."""
    columns = list(zip(*[row["cells"] for row in table["rows"] if "cells" in row], strict=True))
    found = []
    for place, column in enumerate(table["columns"]):
        texts = [column["text"], *(columns[place] if columns else [])]
        if column["number"]:
            # A number with its interval stays on one line where it can.
            longest = max(map(len, texts[1:]), default=0) + 2
            found.append(float(max(NARROWEST, min(NUMBER, longest), _word(texts[0]) + 3)))
            continue
        longest = max(len(line) for text in texts for line in text.split("\n"))
        most = PROSE if longest > SENTENCES else WIDEST
        found.append(float(max(NARROWEST, max(map(_word, texts)) + 1, min(most, longest))))
    return found


def _word(text: str) -> int:
    return min(LONGEST_WORD, max(map(len, text.split()), default=0))
