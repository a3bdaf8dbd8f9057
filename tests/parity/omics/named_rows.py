"""Tables of the original programs: named rows, columns of numbers, by tab or comma, packed or not."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")


def records(path: Path) -> list[list[str]]:
    """Cells of every line."""
    mark = "," if ".csv" in path.name else "\t"
    return list(csv.reader(text_of(path).splitlines(), delimiter=mark))


@dataclass(frozen=True)
class NamedRows:
    """Numbers with the names of their rows and columns."""

    rows: list[str]
    columns: list[str]
    values: NDArray[np.float64]

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.values[:, self.columns.index(column)]
        return found


def read_named_rows(path: Path) -> NamedRows:
    """A header and one name a row; NA is NaN. The header may lack the cell above the names."""
    header, *rows = records(path)
    columns = header[-(len(rows[0]) - 1) :]
    values = np.array([[np.nan if cell in ("NA", "") else float(cell) for cell in row[1:]] for row in rows])
    return NamedRows([row[0] for row in rows], columns, values)
