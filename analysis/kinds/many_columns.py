"""Columns of numbers, many at once, with a follow-up: what a screen and a penalised model read."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.kinds.base import ParameterError
from analysis.stats.arrays import FloatArray
from analysis.tables.framing import Framing, follow_up_options, listed
from analysis.tables.table import Table, TableError

# How many rows without a value are named, and how many columns of words.
_ROWS_NAMED, _COLUMNS_NAMED = 5, 8


def check_columns(parameters: Mapping[str, Any], own: frozenset[str], *, what: str, most: int) -> None:
    """ParameterError."""
    unknown = set(parameters) - own - {"endpoint", "covariates"}
    if unknown:
        raise ParameterError(sorted(unknown)[0], f"is no parameter of a {what}.")
    if not isinstance(parameters.get("endpoint"), str):
        raise ParameterError("endpoint", "name the endpoint, such as PFS.")
    names = parameters.get("covariates")
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise ParameterError("covariates", "is a list of one or more variables.")
    if len(set(names)) < len(names):
        raise ParameterError("covariates", "each variable is named once.")
    if len(names) > most:
        raise ParameterError("covariates", f"are {len(names)}, more than the {most} that a {what} takes.")


def column_options(parser: ArgumentParser) -> None:
    follow_up_options(parser)
    parser.add_argument("--covariates", metavar="a,b,c", help="columns of numbers")
    parser.add_argument("--all", action="store_true", help="every column of numbers but those of follow-up")


def columns_of_table(table: Table | None, options: Namespace, *others: str) -> tuple[Framing, list[str]]:
    """The framing with follow-up and the columns asked for; `others` are columns that --all does not mean."""
    if table is None:
        raise TableError("Name the file of the table.")
    if bool(options.covariates) == bool(options.all):
        raise TableError("Name the columns, --covariates a,b,c, or take all columns of numbers, --all.")
    framing = Framing(table)
    framing.follow_up(options)
    if options.covariates:
        names = listed(options.covariates)
    else:
        rest = [name for name in table.header if name not in (options.time, options.event, *others)]
        names = [name for name in rest if table.is_numeric(name)]
        held = set(names)
        if words := [name for name in rest if name not in held]:
            framing.notes.append(f"Left out, as they hold no numbers: {_some(words, _COLUMNS_NAMED)}.")
    if not names:
        raise TableError("--all: no column besides follow-up holds numbers.")
    framing.numbers(*names)
    return framing, names


def name_missing(framing: Framing, names: list[str]) -> None:
    """Which rows a method that needs every value loses, and to which column."""
    table = framing.table
    for name in names:
        absent = [str(row) for row, value in zip(table.numbers, table.texts(name), strict=True) if value is None]
        if absent:
            framing.notes.append(f"{name} has no value in row {_some(absent, _ROWS_NAMED)}.")


def _some(names: list[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def described(frame: Frame, name: str) -> dict[str, Any]:
    column = frame.columns.get(name, {})
    return {"term": name, "label": str(column.get("label", name)), "unit": str(column.get("unit", ""))}


def holds_words(frame: Frame, name: str) -> bool:
    return any(not isinstance(value, int | float) for value in frame.column(name) if value is not None)


def matrix_of(frame: Frame, names: list[str]) -> FloatArray:
    """A column per name, NaN where a value is missing or is no number; shape (n, p)."""
    columns = [_numbers(frame.column(name)) for name in names]
    return np.array(columns, dtype=np.float64).reshape(len(names), len(frame.rows)).T


def _numbers(values: list[Any]) -> list[float]:
    return [float(value) if isinstance(value, int | float) else np.nan for value in values]
