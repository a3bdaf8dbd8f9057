"""Bytes of a table (CSV, TSV or a workbook) to rows of cells with their line numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError

from labs.cohort_import.cells import Cell
from labs.cohort_import.errors import ImportRefused, RowError
from labs.cohort_import.mapping import ENCODINGS, FileSection
from labs.formats.errors import FormatError
from labs.formats.workbook import open_workbook

_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 20


@dataclass(frozen=True)
class Row:
    line: int  # 1 is the header's
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Table:
    header: list[str]
    rows: list[Row]
    errors: list[RowError]


def read_table(path: Path, section: FileSection) -> Table:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefused(_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}) from error
    try:
        return parse_table(content, section)
    except ImportRefused as error:
        raise ImportRefused(f"{path.name}: {sentence}" for sentence in error.sentences) from error


def parse_table(content: bytes, section: FileSection) -> Table:
    lines = (
        _workbook_lines(content, section.sheet)
        if content.startswith(_WORKBOOK_STARTS)
        else _text_lines(content, section)
    )
    numbered = [(line, cells) for line, cells in lines if any(cell != "" for cell in cells)]
    if not numbered or numbered[0][0] != 1:
        raise ImportRefused(_("The first line must hold the names of the columns."))
    header = [str(cell) for cell in _without_blank_end(numbered[0][1])]
    rows, errors = [], []
    for line, cells in numbered[1:]:
        trimmed = cells if len(cells) <= len(header) else _without_blank_end(cells)
        if len(trimmed) > len(header):
            rule = _("The row has %(cells)s cells, the header %(columns)s.")
            errors.append(RowError(line, "", "", rule % {"cells": len(trimmed), "columns": len(header)}))
            continue
        rows.append(Row(line, dict(zip(header, [*trimmed, *[""] * (len(header) - len(trimmed))], strict=True))))
    return Table(header, rows, errors)


def _without_blank_end(cells: list[Any]) -> list[Any]:
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return cells[:end]


def _text_lines(content: bytes, section: FileSection) -> Iterator[tuple[int, list[Cell]]]:
    text = _decoded(content, section.encoding)
    delimiter = section.delimiter or _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in lines:
            # A quoted cell may hold line breaks: the row is known by the line that it begins on.
            yield before + 1, [cell.strip() for cell in cells]
            before = lines.line_num
    except csv.Error as error:
        raise ImportRefused(
            _("Line %(line)s is not a line of a table: %(why)s.") % {"line": before + 1, "why": error}
        ) from error


def _decoded(content: bytes, encoding: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(_("The file is UTF-16: save it as CSV UTF-8."))
    try:
        text = content.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefused(
            _("Line %(line)s is not %(encoding)s text: declare [file] encoding as one of %(known)s.")
            % {"line": line, "encoding": encoding, "known": ", ".join(ENCODINGS)}
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ImportRefused(_("Line %(line)s holds a NUL byte: this is not a text table.") % {"line": line})
    return text


def _delimiter(text: str) -> str:
    """The delimiter that splits the first rows into the most columns, preferring one that splits all of them alike."""
    best, merit = ",", (False, 0)
    for candidate in _DELIMITERS:
        widths = _widths(text, candidate)
        found = (len(set(widths)) == 1, widths[0] if widths else 0)
        if found[1] > 1 and found > merit:
            best, merit = candidate, found
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if cells:
                widths.append(len(cells))
            if len(widths) == _SNIFFED_ROWS:
                break
    except csv.Error:
        return widths
    return widths


def _workbook_lines(content: bytes, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
    try:
        book = open_workbook(content)
        if sheet and sheet not in book.sheet_names:
            raise ImportRefused(
                _("There is no sheet '%(sheet)s'; there are %(known)s.")
                % {"sheet": sheet, "known": ", ".join(book.sheet_names)}
            )
        if not book.sheet_names:
            raise ImportRefused(_("The workbook has no sheet."))
        lines = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    except (CalamineError, FormatError) as error:
        raise ImportRefused(_("The workbook cannot be read: %(why)s.") % {"why": str(error).rstrip(".")}) from error
    for line, cells in enumerate(lines, start=1):
        yield line, [_workbook_cell(cell) for cell in cells]


def _workbook_cell(cell: object) -> Cell:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell).replace("\0", "").strip()
