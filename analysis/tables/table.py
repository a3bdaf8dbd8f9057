"""A file with a header as columns of text and numbers. No database: `manage.py analyse` works on any table."""

import hashlib
import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labs.formats.errors import FormatError
from labs.formats.tables import read_sheets

MISSING = frozenset({"", "NA", "NaN", "nan"})


class TableError(ValueError):
    """The table or a wish about it makes no sense; one sentence that names column and row."""


@dataclass(frozen=True)
class Table:
    """Rows that are left, with their numbers in the file; the header is row 1."""

    name: str
    sha256: str
    header: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    # Some rows of the file were not asked for: a value that no row has may stand in those.
    is_part: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self, column: str) -> list[str | None]:
        place = self._place(column)
        return [None if row[place] in MISSING else row[place] for row in self.rows]

    def is_numeric(self, column: str) -> bool:
        """Every cell that holds something is a number; a column that holds nothing is not."""
        known = [cell for cell in self.texts(column) if cell is not None]
        return bool(known) and all(_as_number(cell) is not None for cell in known)

    def numeric(self, column: str) -> list[float | None]:
        """The column as numbers; TableError names the first cell that is none."""
        found: list[float | None] = []
        for number, cell in zip(self.numbers, self.texts(column), strict=True):
            value = None if cell is None else _as_number(cell)
            if cell is not None and value is None:
                raise TableError(f"Column {column}, row {number}: {cell!r} is not a number.")
            if value is not None and math.isinf(value):
                raise TableError(f"Column {column}, row {number}: {cell!r} is infinite.")
            found.append(value)
        return found

    def keep(self, wanted: list[bool]) -> "Table":
        kept = [i for i, is_wanted in enumerate(wanted) if is_wanted]
        numbers = tuple(self.numbers[i] for i in kept)
        return Table(self.name, self.sha256, self.header, numbers, tuple(self.rows[i] for i in kept), is_part=True)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.header)}

    def _place(self, column: str) -> int:
        try:
            return self._places[column]
        except KeyError:
            raise TableError(f"There is no column {column!r}; the columns are {', '.join(self.header)}.") from None


def read_table(path: Path) -> Table:
    """CSV, TSV or the first sheet of a workbook. TableError for what is none, or has no header."""
    try:
        content = path.read_bytes()
        sheets = read_sheets(content)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    except FormatError as error:
        raise TableError(f"{path.name}: {error}") from error
    rows = sheets[0].rows if sheets else ()
    if not rows:
        raise TableError(f"{path.name} has no header.")
    header = _header(rows[0])
    numbered = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    filled = tuple(_filled(number, row, len(header)) for number, row in numbered)
    digest = hashlib.sha256(content).hexdigest()
    return Table(path.name, digest, header, tuple(number for number, _row in numbered), filled)


def _header(cells: tuple[str, ...]) -> tuple[str, ...]:
    # A heading that is wrapped in its cell cannot be named on a command line, in R or in a figure.
    names = [" ".join(cell.splitlines()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    # R writes the row names as a first column without a name.
    if names and not names[0]:
        names[0] = "row"
    counts = Counter(names)
    for place, name in enumerate(names, start=1):
        if not name:
            raise TableError(f"Column {place} has no name in row 1.")
        if counts[name] > 1:
            raise TableError(f"Column {name!r} stands twice in row 1.")
    return tuple(names)


def _filled(number: int, row: tuple[str, ...], width: int) -> tuple[str, ...]:
    if any(row[width:]):
        raise TableError(f"Row {number} has {len(row)} cells, the header has {width}.")
    return (*row[:width], *[""] * (width - len(row)))


def _as_number(cell: str) -> float | None:
    # What Python's float() takes beyond a number in a table: 1_000 and digits of other scripts.
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell)
    except ValueError:
        return None
