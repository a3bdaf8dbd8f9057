"""What a Table 1 takes from a file: its columns as numbers or categories."""

from argparse import Namespace
from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.survival import cutoff_wish
from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError

# A column of text with more levels is a name or a number of something, unless it was asked for.
MOST_LEVELS = 20


def frame_of_columns(table: Table, options: Namespace) -> tuple[Frame, dict[str, Any]]:
    """The frame and the parameters; TableError."""
    if not options.group:
        raise TableError("Name the column that tells the groups: --group COLUMN.")
    wished = listed(options.columns) if options.columns else []
    warnings: list[str] = []
    if not wished:
        wished, warnings = _all(table, options.group)
    framing = Framing(table)
    parameters: dict[str, Any] = {"group": options.group, "warnings": warnings}
    if options.cutoff:
        if options.cutoff == "optimal":
            raise TableError("--cutoff optimal needs survival: a group is split here at the median or at a number.")
        framing.numbers(options.group)
        parameters["cutoff"] = cutoff_wish(options.cutoff)
    else:
        framing.texts(options.group)
    columns, categorical = [], []
    for wish in wished:
        is_factor = wish.startswith("factor(") and wish.endswith(")")
        name = wish.removeprefix("factor(").removesuffix(")").strip() if is_factor else wish
        if name == options.group or name in columns:
            raise TableError(f"--columns: {name!r} {'tells the groups' if name == options.group else 'stands twice'}.")
        columns.append(name)
        if is_factor or _is_category(table, name):
            categorical.append(name)
            framing.texts(name)
        else:
            framing.numbers(name)
    return framing.frame().complete(options.group), parameters | {"columns": columns, "categorical": categorical}


def _is_category(table: Table, name: str) -> bool:
    """Text, or whole numbers of which there are two: codes such as 0 and 1."""
    if not table.is_numeric(name):
        return True
    values = {value for value in table.numeric(name) if value is not None}
    return len(values) <= 2 and all(value == round(value) for value in values)


def _all(table: Table, group: str) -> tuple[list[str], list[str]]:
    columns, warnings = [], []
    for name in table.header:
        if name == group:
            continue
        levels = {cell for cell in table.texts(name) if cell is not None}
        if not levels:
            warnings.append(f"{name} holds nothing and is left out.")
        elif len(levels) > MOST_LEVELS and not table.is_numeric(name):
            warnings.append(f"{name} has {len(levels)} levels and is left out; name it among --columns to have it.")
        else:
            columns.append(name)
    if not columns:
        raise TableError(f"{table.name} has no column to describe beside {group}.")
    return columns, warnings
