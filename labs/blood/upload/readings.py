"""Rows of a table to single readings: which draw, which analyte, what was written. Nothing is looked up yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from labs.blood.reading import Entered
from labs.blood.upload.columns import ANALYTE, DAY, DRAW, KEYS, PATIENT, UNIT, VALUE, AnalyteNames, Column, is_long
from labs.blood.upload.sheet import Options
from labs.cohort_import import cells
from labs.cohort_import.cells import Cell
from labs.cohort_import.errors import CellError, ImportRefused, RowError
from labs.cohort_import.reader import Row, Table

# A sentence has room for the names of as many columns.
NAMED = 8
_BLANK = ("", "NA", "N/A", "-", "—")


@dataclass(frozen=True)
class Place:
    """What a row says about whose blood it is and when it was drawn."""

    draw: str = ""
    patient: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Reading:
    line: int
    column: str
    place: Place
    analyte: str
    text: str
    unit: str
    decimal_comma: bool = False

    def entered(self, *, accept: bool) -> Entered:
        return Entered(self.text, self.unit, accept_unusual=accept, decimal_comma=self.decimal_comma)


@dataclass(frozen=True)
class Read:
    readings: list[Reading]
    errors: list[RowError]


def read_rows(table: Table, columns: Sequence[Column], names: AnalyteNames, options: Options) -> Read:
    """Every reading of the table, and every row that cannot be placed.

    Raises
    ------
    ImportRefused
        When no column says which draw a row belongs to, or none holds values.
    """
    by_role = _by_role(columns)
    rows = list(table.rows)
    units: dict[str, str] = {}
    if not is_long(columns) and rows and _is_unit_row(rows[0], columns, names):
        units = {column.header: _text(rows[0], column.header) for column in columns if column.analyte}
        rows = rows[1:]
    errors, readings = list(table.errors), []
    for row in rows:
        place = _place(row, by_role, options, errors)
        if place is None:
            continue
        found = (
            _long(row, place, by_role, names, options, errors)
            if is_long(columns)
            else _wide(row, place, columns, units, options)
        )
        readings += list(found)
    return Read(readings, errors)


def _by_role(columns: Sequence[Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in columns:
        if column.role in (*KEYS, ANALYTE, VALUE, UNIT):
            if column.role in found:
                raise ImportRefused(
                    _("“%(one)s” and “%(two)s” are said to be the same: leave one of them out.")
                    % {"one": found[column.role], "two": column.header}
                )
            found[column.role] = column.header
    if DRAW not in found and not {PATIENT, DAY} <= found.keys():
        raise ImportRefused(
            _(
                "No column (%(columns)s in row 1) says which draw a row belongs to: the code of the draw, or the study "
                "number and the date."
            )
            % {"columns": _named(columns)}
        )
    if not is_long(columns) and not any(column.analyte for column in columns):
        raise ImportRefused(
            _("No column (%(columns)s in row 1) holds values of an analyte.") % {"columns": _named(columns)}
        )
    return found


def _named(columns: Sequence[Column]) -> str:
    names = [column.header for column in columns if column.header]
    return ", ".join(names[:NAMED] + (["…"] if len(names) > NAMED else []))


def _is_unit_row(row: Row, columns: Sequence[Column], names: AnalyteNames) -> bool:
    """The line under the header when it names no draw and each of its cells is a unit of its column's analyte."""
    keys = [_text(row, column.header) for column in columns if column.role in KEYS]
    if any(key.casefold() not in ("", "unit", "units") for key in keys):
        return False
    found = [(column.analyte, _text(row, column.header)) for column in columns if column.analyte]
    given = [(code, unit) for code, unit in found if unit]
    return bool(given) and all(names.is_unit(code, unit) for code, unit in given)


def _place(row: Row, by_role: dict[str, str], options: Options, errors: list[RowError]) -> Place | None:
    draw, patient = (_text(row, by_role[role]) if role in by_role else "" for role in (DRAW, PATIENT))
    day: date | None = None
    if DAY in by_role and not _is_blank(row.cells[by_role[DAY]]):
        try:
            day = cells.day(row.cells[by_role[DAY]], options.day_format)
        except CellError as error:
            errors.append(RowError(row.line, by_role[DAY], _text(row, by_role[DAY]), str(error)))
            return None
    if not draw and not (patient and day):
        column = by_role.get(DRAW) or by_role[PATIENT]
        errors.append(RowError(row.line, column, "", _("The row does not say which draw it belongs to.")))
        return None
    return Place(draw, patient, day)


def _wide(
    row: Row, place: Place, columns: Sequence[Column], units: dict[str, str], options: Options
) -> Iterator[Reading]:
    for column in columns:
        cell = row.cells[column.header] if column.analyte else ""
        if not _is_blank(cell):
            # What the person chose goes before the line of units.
            unit = column.unit or units.get(column.header, "")
            yield _reading(row, column.header, place, column.analyte, cell, unit, options)


def _long(
    row: Row,
    place: Place,
    by_role: dict[str, str],
    names: AnalyteNames,
    options: Options,
    errors: list[RowError],
) -> Iterator[Reading]:
    cell, called = row.cells[by_role[VALUE]], _text(row, by_role[ANALYTE])
    if _is_blank(cell):
        return
    code = names.code(called)
    if not code:
        errors.append(RowError(row.line, by_role[ANALYTE], called, _("No analyte of the catalogue is called so.")))
        return
    unit = _text(row, by_role[UNIT]) if UNIT in by_role else ""
    yield _reading(row, by_role[VALUE], place, code, cell, unit, options)


def _reading(row: Row, column: str, place: Place, code: str, cell: Cell, unit: str, options: Options) -> Reading:
    # A workbook's number has no decimal sign of its own.
    is_comma = options.decimal == "," and isinstance(cell, str)
    return Reading(row.line, column, place, code, cells.text_of(cell), unit, is_comma)


def _text(row: Row, column: str) -> str:
    return cells.text_of(row.cells[column])


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip() in _BLANK
