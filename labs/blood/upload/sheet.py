"""The bytes of an uploaded table to rows of cells; what cannot be read without guessing is refused in a sentence."""

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from python_calamine import CalamineError

from labs.cohort_import.errors import ImportRefused, RowError
from labs.cohort_import.mapping import ENCODINGS, ISO, FileSection
from labs.cohort_import.reader import Table, parse_table
from labs.formats.errors import FormatError
from labs.formats.workbook import open_workbook

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 200

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Options:
    """How the person said that the file is to be read."""

    encoding: str = "utf-8"
    decimal: str = "."
    day_format: str = ISO
    registers_draws: bool = False


def read_sheet(content: bytes, options: Options, name: str = "") -> Table:
    """The first sheet or the text as a table with unique headers.

    Raises
    ------
    ImportRefused
        Too large, another encoding, no table, merged cells, two columns of one name. With `name` it names the file.
    """
    try:
        return _read(content, options)
    except ImportRefused as error:
        if not name:
            raise
        raise ImportRefused(f"{name}: {sentence}" for sentence in error.sentences) from error


def _read(content: bytes, options: Options) -> Table:
    if len(content) > MAX_BYTES:
        raise ImportRefused(_("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024})
    if not content.strip():
        raise ImportRefused(_("The file is empty."))
    errors: list[RowError] = []
    if content.startswith((_ZIP, _OLD_EXCEL)):
        _check_workbook(content)
        errors = _formulas(content) if content.startswith(_ZIP) else []
    else:
        _check_text(content, options.encoding)
    # 12,5 splits no cell of a file that writes decimal commas: such files are delimited by something else.
    table = parse_table(content, FileSection(encoding=options.encoding, decimal=options.decimal))
    _check_header(table)
    return Table(table.header, table.rows, [*table.errors, *errors])


def _check_text(content: bytes, encoding: str) -> None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(_("The file is UTF-16: save it as “CSV UTF-8” and upload it again."))
    try:
        content.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefused(
            _("Line %(line)s is not %(encoding)s text: choose the encoding of the file, or save it as “CSV UTF-8”.")
            % {"line": line, "encoding": encoding.upper()}
        ) from error


def _check_workbook(content: bytes) -> None:
    try:
        if content.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED:
                    raise ImportRefused(_("The workbook unpacks to more than can be read: save only its table."))
        book = open_workbook(content)
        sheet = book.get_sheet_by_index(0)
        merged = sheet.merged_cell_ranges or []
    except (zipfile.BadZipFile, CalamineError, FormatError, IndexError) as error:
        raise ImportRefused(_("The workbook cannot be read: %(why)s.") % {"why": str(error).rstrip(".")}) from error
    if merged:
        from openpyxl.utils import get_column_letter

        (row, column), (last_row, last_column) = merged[0]
        place = f"{get_column_letter(column + 1)}{row + 1}:{get_column_letter(last_column + 1)}{last_row + 1}"
        raise ImportRefused(
            _("The cells %(place)s are merged: unmerge them, each row needs its own.") % {"place": place}
        )


def _formulas(content: bytes) -> list[RowError]:
    """Formulas that were never calculated: the cell looks empty although somebody meant a value."""
    from openpyxl import load_workbook  # a fifth of a second that only workbooks are worth
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        values = open_workbook(content).get_sheet_by_index(0)
        calculated = values.to_python(skip_empty_area=False)
        lines = list(book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS))
    except (InvalidFileException, ParseError, zipfile.BadZipFile, KeyError, ValueError, IndexError):
        return []  # what calamine read is all there is to know
    header = [str(cell) for cell in calculated[0]] if calculated else []
    rule = _("A formula without a calculated value: save the workbook in Excel, or paste the values.")
    found = []
    for number, cells in enumerate(lines):
        for place, cell in enumerate(cells):
            if cell.data_type == "f" and _at(calculated, number, place) == "":
                found.append(RowError(number + 1, header[place] if place < len(header) else "", str(cell.value), rule))
    return found


def _at(rows: Sequence[Sequence[object]], number: int, place: int) -> object:
    return rows[number][place] if number < len(rows) and place < len(rows[number]) else ""


def _check_header(table: Table) -> None:
    if len(table.rows) > MAX_ROWS or len(table.header) > MAX_COLUMNS:
        raise ImportRefused(
            _("The table is larger than %(rows)s rows and %(columns)s columns: upload it in parts.")
            % {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        )
    twice = [name for name, count in Counter(table.header).items() if count > 1 and name]
    if twice:
        raise ImportRefused(_("Two columns are called “%(name)s” in row 1.") % {"name": twice[0]})
    if table.header.count("") > 1:
        raise ImportRefused(_("More than one column has no name in row 1: give each its header."))
