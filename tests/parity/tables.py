"""Tables of the reference folder: columns of numbers or of text, with missing cells."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A column of numbers (missing: NaN) or of text (missing: None).
Column = NDArray[Any]


def is_text(column: Column) -> bool:
    return column.dtype == object


def missing(column: Column) -> NDArray[np.bool_]:
    if is_text(column):
        return np.array([cell is None for cell in column], dtype=bool)
    result: NDArray[np.bool_] = np.isnan(column)
    return result


def label(value: float) -> str:
    """A number as the name of a level: without a trailing .0."""
    return str(int(value)) if value == int(value) else repr(float(value))


def as_labels(column: Column) -> Column:
    """The column as text."""
    if is_text(column):
        return column
    return np.array([None if np.isnan(value) else label(value) for value in column], dtype=object)


def sorted_levels(column: Column) -> list[str]:
    """Distinct values as text: numbers by size, text by alphabet."""
    known = column[~missing(column)]
    if is_text(column):
        return sorted(set(known))
    return [label(value) for value in np.unique(known)]


@dataclass(frozen=True)
class Table:
    """Columns of one length; ``numbers`` are the 1-based rows of the file that are left."""

    columns: dict[str, Column]
    numbers: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.numbers)

    def keep(self, rows: NDArray[np.bool_]) -> "Table":
        return Table({name: column[rows] for name, column in self.columns.items()}, self.numbers[rows])

    def with_column(self, name: str, column: Column) -> "Table":
        return Table({**self.columns, name: column}, self.numbers)


def read_table(path: Path) -> Table:
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    cells = list(zip(*rows, strict=True))
    columns = {name: as_column([cell.strip() for cell in column]) for name, column in zip(header, cells, strict=True)}
    return Table(columns, np.arange(1.0, len(rows) + 1))


def as_column(cells: Sequence[Any]) -> Column:
    """Numbers if every cell that is not blank reads as one, else text."""
    try:
        return np.array([np.nan if cell in ("", None) else float(cell) for cell in cells])
    except ValueError:
        return np.array([cell or None for cell in cells], dtype=object)
