"""Reading one cell: what the text in it means, or which rule it breaks."""

import math
import re
from datetime import date, datetime

from django.utils.translation import gettext as _

from labs.cohort_import.errors import CellError

# A workbook knows numbers and dates; a text file has only text.
Cell = str | float | date

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")


def text_of(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def number(cell: Cell, decimal: str = ".") -> float:
    if isinstance(cell, float):
        return _finite(cell)
    text = text_of(cell)
    # Under a decimal comma a point could only be a thousands sign: refused rather than guessed.
    plain = text.replace(".", "?").replace(",", ".") if decimal == "," else text
    if not _NUMBER.match(plain):
        raise CellError(_("A number is expected (decimal sign '%(sign)s').") % {"sign": decimal})
    return _finite(float(plain))


def whole_number(cell: Cell, decimal: str = ".") -> int:
    value = number(cell, decimal)
    if not value.is_integer():
        raise CellError(_("A whole number is expected."))
    return int(value)


def day(cell: Cell, pattern: str) -> date:
    if isinstance(cell, date):
        return cell
    try:
        return datetime.strptime(text_of(cell), pattern).date()  # noqa: DTZ007  # a calendar day, no instant
    except ValueError:
        example = date(2024, 1, 31).strftime(pattern)
        raise CellError(_("A date such as %(example)s is expected.") % {"example": example}) from None


def code(cell: Cell, known: list[str] | tuple[str, ...]) -> str:
    """The one of `known` that the cell holds; 1, 1.0 and the workbook's number 1 are the same code."""
    text = text_of(cell)
    if text in known:
        return text
    for candidate in known:
        if _canonical(candidate) == _canonical(text):
            return candidate
    raise CellError(_("None of the known codes %(known)s.") % {"known": ", ".join(known)})


def _canonical(text: str) -> str:
    return text_of(float(text)) if _NUMBER.match(text) and math.isfinite(float(text)) else text


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise CellError(_("The number is too large."))
    return value
