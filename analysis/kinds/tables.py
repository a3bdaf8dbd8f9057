"""Results as tables with a title: what pages, reports and files show of a kind that has no page of its own."""

from dataclasses import dataclass, field
from typing import Any

from analysis.stats.printing import significant


@dataclass(frozen=True)
class ResultTable:
    """`rows` hold text, ready to be read; the first cell names the row."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    # Cells are sentences, which wrap; else they are numbers, which stand under one another.
    is_prose: bool = False


def shown(value: Any, digits: int = 4) -> str:
    """A number at so many significant digits; what is not there is a dash."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("Inf", "∞")
    return str(value) if isinstance(value, int) else significant(value, digits)
