"""A result of discovery as tables for reports: the steps, then the first rows of each."""

from typing import Any

from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable


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
    notes = [*step["warnings"]]
    if len(first["rows"]) < whole["rows"] or len(first["columns"]) < len(whole["columns"]):
        notes.append(
            f"{len(first['rows'])} of {whole['rows']} rows and {len(first['columns'])} of {len(whole['columns'])} "
            "columns; the file of the run has all."
        )
    return ResultTable(
        f"{step['name']}-first", f"{step['name']}: {step['title']}", first["columns"], first["rows"], notes
    )
