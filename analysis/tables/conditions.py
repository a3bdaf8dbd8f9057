"""`--where "COL=V"`: which rows of a table are meant."""

import operator
import re
from collections.abc import Callable
from typing import Any

from analysis.tables.table import Table, TableError

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONDITION = re.compile(r"\s*(?P<column>.+?)\s*(?P<sign><=|>=|!=|==|=|<|>)\s*(?P<value>.*?)\s*")


def kept(table: Table, conditions: list[str]) -> Table:
    """The rows for which every condition holds; a missing value meets none."""
    for condition in conditions:
        table = _kept(table, condition)
    return table


def _kept(table: Table, condition: str) -> Table:
    match = _CONDITION.fullmatch(condition)
    if match is None:
        raise TableError(f"--where {condition!r}: write COLUMN=VALUE, or another of {', '.join(_COMPARE)}.")
    column, sign, value = match["column"], match["sign"].replace("==", "="), match["value"]
    compare = _COMPARE[sign]
    if table.is_numeric(column) and (number := _number(value)) is not None:
        return table.keep([cell is not None and compare(cell, number) for cell in table.numeric(column)])
    if sign not in ("=", "!="):
        raise TableError(
            f"--where {condition!r}: only numbers are less or more, and column {column} or {value!r} is none."
        )
    return table.keep([cell is not None and compare(cell, value) for cell in table.texts(column)])


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
