"""Rows to CSV or XLSX, in constant memory, and without a cell that a spreadsheet would run as a formula."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

BOM = "\ufeff"
XLSX_ROWS = 1_048_576
XLSX_TEXT = 32_767
# The last four are what a Chinese keyboard types for the first four; Excel takes them for the same.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What openpyxl refuses in a cell.
_ILLEGAL_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")

Cell = str | int | float | bool | None


class TooLongForXlsx(Exception):
    """A value or a table that an Excel file cannot hold."""


def safe(value: Any) -> Cell:
    """Numbers stay numbers, and a text that a spreadsheet would take for a formula gets an apostrophe."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = plain_text(value)
    if text.startswith(_STARTS_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def plain_text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


class _Echo:
    """What csv writes comes straight back, so that nothing is kept."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: list[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    # csv's writer returns what the file's write returned.
    writer = csv.writer(_Echo())
    yield BOM + str(writer.writerow(columns))
    for row in rows:
        yield str(writer.writerow([safe(value) for value in row]))


def xlsx_file(title: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> IO[bytes]:
    """An open temporary file at its start; openpyxl's write-only mode keeps no row in memory."""
    from openpyxl import Workbook  # a fifth of a second that only this file is worth

    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    sheet.append(columns)
    try:
        for number, row in enumerate(rows, start=2):
            if number > XLSX_ROWS:
                raise TooLongForXlsx
            sheet.append([xlsx_cell(value) for value in row])
    except TooLongForXlsx:
        with file:
            book.save(file)  # removes openpyxl's own temporary files
        raise
    book.save(file)
    file.seek(0)
    return file


def sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]


def xlsx_cell(value: Any) -> Cell:
    cell = safe(value)
    if not isinstance(cell, str):
        return cell
    if len(cell) > XLSX_TEXT:
        raise TooLongForXlsx
    return str(_ILLEGAL_IN_XML.sub("", cell))
