"""Tables out of text files, spreadsheets and .NET data sets: every cell is text, as it stands in the file."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from python_calamine import CalamineError

from labs.formats.archive import is_zip, refuse_bomb
from labs.formats.errors import FormatError
from labs.formats.workbook import OLE, open_workbook
from labs.formats.xml import local, xml_root

Row = tuple[str, ...]
MAX_CELLS = 5_000_000
DELIMITERS = "\t;,"
# Names that XML does not allow are written by .NET with the code of the character: _x0030_ is 0, _x0020_ a space.
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Sheet:
    """`rows` hold the header too, `rows[0]` is row 1 of the file. Rows of a text file may differ in length."""

    name: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> int:
        return max((len(row) for row in self.rows), default=0)


def read_sheets(data: bytes) -> tuple[Sheet, ...]:
    """The sheets of a workbook (.xlsx, .xls), the one table of a text file or of a .NET data set.

    FormatError when the bytes are none of these.
    """
    if is_zip(data) or data[:8] == OLE:
        return _workbook(data)
    text = decoded(data)
    if text.lstrip()[:1] == "<":
        return (_data_set(data),)
    return (Sheet("", _text_rows(text)),)


def is_workbook(data: bytes) -> bool:
    return is_zip(data) or data[:8] == OLE


def decoded(data: bytes) -> str:
    """UTF-8 or UTF-16 with or without a mark, else Windows Latin; FormatError for bytes that are no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decode(data, "utf-16")
    head = data[:400]
    if b"\x00" in head:
        # ASCII in UTF-16: the zero is the second byte of each pair when the low byte comes first.
        low_first = head[1::2].count(0) >= head[::2].count(0)
        return _decode(data, "utf-16-le" if low_first else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode(data, "cp1252")


def _decode(data: bytes, codec: str) -> str:
    try:
        text = data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FormatError("The file is neither text nor a spreadsheet.") from error
    if "\x00" in text:
        raise FormatError("The file is neither text nor a spreadsheet.")
    return text


def _text_rows(text: str) -> tuple[Row, ...]:
    if "\x00" in text:
        raise FormatError("The file is neither text nor a spreadsheet.")
    delimiter = _delimiter(text)
    try:
        rows = [
            tuple(cell.strip() for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise FormatError(f"The rows of the text cannot be told apart: {error}.") from error
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows)


def _delimiter(text: str) -> str:
    """The one of which the typical line has the most; of equals not the comma, which may be a decimal sign."""
    lines = [line for line in text.splitlines()[:60] if line.strip()] or [""]
    return max(DELIMITERS, key=lambda mark: median(line.count(mark) for line in lines))


def _workbook(data: bytes) -> tuple[Sheet, ...]:
    if is_zip(data):
        _refuse_bomb(data)
    try:
        book = open_workbook(data)
        found = [Sheet(name, _cells(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except (CalamineError, ValueError, OverflowError, KeyError, OSError, MemoryError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError("The workbook is damaged, protected or of another program.") from error
    except BaseException as error:
        # A panic of the reader arrives as an exception of its own, below Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise FormatError("The workbook is damaged, protected or of another program.") from error
    return tuple(found)


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_bomb(archive.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError("The zip archive is damaged or encrypted.") from error


def _cells(sheet: Any) -> tuple[Row, ...]:
    height, width = sheet.total_height, sheet.total_width
    if height * width > MAX_CELLS:
        raise FormatError(f"The sheet says it has {height} × {width} cells: it is not opened.")
    rows = [tuple(_as_text(cell) for cell in row) for row in sheet.to_python(skip_empty_area=False)]
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows)


def _as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "True" if cell else "False"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell).strip()


def _data_set(data: bytes) -> Sheet:
    """<NewDataSet><_x0030_><Well>A01</Well>…</_x0030_>…: one child of the root is a row, its children are the cells."""
    records = [
        {_unescaped(local(cell.tag)): (cell.text or "").strip() for cell in row}
        for row in xml_root(data)
        if len(row) and all(len(cell) == 0 for cell in row)
    ]
    if not records:
        raise FormatError("The XML holds no table.")
    header = tuple(dict.fromkeys(name for record in records for name in record))
    return Sheet("", (header, *(tuple(record.get(name, "") for name in header) for record in records)))


def _unescaped(name: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)
