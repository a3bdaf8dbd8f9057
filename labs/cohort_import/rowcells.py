"""The cells of one row: a blank one is None, a broken rule goes to the list of errors and the reading goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from labs.cohort_import import cells
from labs.cohort_import.cells import Cell
from labs.cohort_import.errors import CellError, RowError
from labs.cohort_import.mapping import Mapping
from labs.cohort_import.reader import Row

T = TypeVar("T")


@dataclass(frozen=True)
class RowCells:
    row: Row
    mapping: Mapping
    errors: list[RowError]

    @property
    def decimal(self) -> str:
        return self.mapping.file.decimal

    def cell(self, column: str) -> Cell | None:
        if not column:
            return None
        cell = self.row.cells[column]
        return None if cell == "" or cells.text_of(cell) in self.mapping.file.blank else cell

    def text(self, column: str) -> str | None:
        return self._read(column, cells.text_of)

    def number(self, column: str) -> float | None:
        return self._read(column, lambda cell: cells.number(cell, self.decimal))

    def whole(self, column: str) -> int | None:
        return self._read(column, lambda cell: cells.whole_number(cell, self.decimal))

    def day(self, column: str, pattern: str) -> date | None:
        return self._read(column, lambda cell: cells.day(cell, pattern))

    def coded(self, column: str, codes: dict[str, Any]) -> Any:
        """What the code in the cell means. A code is a value even where its text is also a mark for blank cells."""
        if not column:
            return None
        cell = self.row.cells[column]
        if cells.text_of(cell) not in codes and self.cell(column) is None:
            return None
        known = self._parsed(column, cell, lambda found: cells.code(found, list(codes)))
        return None if known is None else codes[known]

    def error(self, column: str, rule: str) -> None:
        value = shown(self.mapping, column, cells.text_of(self.row.cells[column]))
        self.errors.append(RowError(self.row.line, column, value, rule))

    def _read(self, column: str, parse: Callable[[Cell], T]) -> T | None:
        cell = self.cell(column)
        return None if cell is None else self._parsed(column, cell, parse)

    def _parsed(self, column: str, cell: Cell, parse: Callable[[Cell], T]) -> T | None:
        try:
            return parse(cell)
        except CellError as error:
            self.error(column, str(error))
            return None


def shown(mapping: Mapping, column: str, value: str) -> str:
    """The value as it may be printed: columns that identify people show nothing, not even what is wrong in them."""
    identifying = vars(mapping.identity).values() if mapping.identity else ()
    return str(_("(withheld)")) if value and column in identifying else value
