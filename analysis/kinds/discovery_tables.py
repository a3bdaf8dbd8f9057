"""A result of discovery as tables for reports: the steps, then the first rows of each."""

import re
from typing import Any

from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable

# Characters that stand side by side on a page.
WIDEST = 100
_BREAKS = re.compile(r"[\s-]+")


def tables_of(output: Output) -> list[ResultTable]:
    if not output["steps"]:
        return []
    found = [
        ResultTable(
            "steps",
            "Steps",
            ["Step", "Method", "What it says"],
            [[step["name"], step["title"], _said(step)] for step in output["steps"]],
            is_prose=True,
        )
    ]
    return [*found, *(_first(step) for step in output["steps"] if step["first"]["rows"])]


def _said(step: dict[str, Any]) -> str:
    if step["reason"]:
        return f"{step['state']}: {step['reason']}"
    return " ".join(step["headline"])


def _first(step: dict[str, Any]) -> ResultTable:
    whole, first = step["tables"][0], step["first"]
    notes, fitting = [*step["warnings"]], _fitting(first["columns"], first["rows"])
    if len(first["rows"]) < whole["rows"] or fitting < len(whole["columns"]):
        notes.append(
            f"{len(first['rows'])} of {whole['rows']} rows and {fitting} of {len(whole['columns'])} columns; "
            "the file of the run has all."
        )
    title = f"{step['name']}: {step['title']}"
    rows = [row[:fitting] for row in first["rows"]]
    return ResultTable(f"{step['name']}-first", title, first["columns"][:fitting], rows, notes)


def _fitting(columns: list[str], rows: list[list[str]]) -> int:
    """How many of the columns a page takes beside each other; two at least. Words break at hyphens only."""
    taken = 0
    for number, name in enumerate(columns):
        cells = [name, *(row[number] for row in rows)]
        taken += 2 + max(len(word) for cell in cells for word in _BREAKS.split(cell))
        if taken > WIDEST and number > 1:
            return number
    return len(columns)
