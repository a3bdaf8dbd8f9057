"""A Table 1 as it is printed: a line for a measurement, one for each level of a category, one for what is missing."""

from typing import Any

from analysis.kinds.tables import ResultTable, shown
from analysis.kinds.wording import p_cell


def variables(output: dict[str, Any]) -> list[dict[str, Any]]:
    """The first row of every variable: what is said of it as a whole stands in each of its rows."""
    first: dict[str, dict[str, Any]] = {}
    for row in output["rows"]:
        first.setdefault(row["variable"], row)
    return list(first.values())


def table1_tables(output: dict[str, Any]) -> list[ResultTable]:
    if not output["rows"]:
        return []
    sizes = [f"{size['name']} (n = {size['n']})" for size in output["sizes"]]
    columns = ["", *sizes, f"All (n = {output['n']})", "p", "Test", "SMD"]
    rows = [line for head in variables(output) for line in _lines(head, output)]
    tests = [f"{row['label']}: {row['refused'] or row['why']}" for row in variables(output)]
    return [ResultTable("table1", "Table 1", columns, rows, [*output["notes"], *tests]), *_checks(output)]


def _lines(head: dict[str, Any], output: dict[str, Any]) -> list[list[str]]:
    label = f"{head['label']}, {head['unit']}" if head["unit"] else head["label"]
    whole = [p_cell(head["p"]), head["test"] or "—", shown(head["smd"], 3)]
    blank = [""] * len(whole)
    if head["level"] is None:
        lines = [[label, *_texts(head), *whole]]
    else:
        levels = [row for row in output["rows"] if row["variable"] == head["variable"]]
        lines = [[f"{label}: {row['level']}", *_texts(row), *(whole if row is head else blank)] for row in levels]
    if head["overall"]["missing"]:
        counted = [str(group["missing"]) for group in (*head["groups"], head["overall"])]
        lines.append([f"{label}: missing", *counted, *blank])
    return lines


def _texts(row: dict[str, Any]) -> list[str]:
    return [group["text"] for group in (*row["groups"], row["overall"])]


def _checks(output: dict[str, Any]) -> list[ResultTable]:
    found = [
        [f"{row['label']}: {check['what']}", check["test"], p_cell(check["p"]), shown(check["holds"])]
        for row in variables(output)
        for check in row["checks"]
    ]
    columns = ["Assumption", "Test", "p", "Holds"]
    return [ResultTable("checks", "What the tests suppose", columns, found)] if found else []
