"""Numbers as programs write them into tables: a decimal comma is read, anything that is no number is refused."""

import math

from labs.formats.errors import FormatError

NOTHING = frozenset({"", "nan", "n/a", "na", "-", "--", "null", "none"})


def number_or_none(written: str, row: int = 0, column: str = "", nothing: frozenset[str] = NOTHING) -> float | None:
    """None for a blank cell, NaN or a dash (`nothing`, in small letters).

    FormatError for text, and for what no instrument writes and float() takes: infinity, 1_0, digits of other scripts.
    """
    text = written.strip()
    if text.casefold() in nothing:
        return None
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        raise FormatError("This is no number.", row=row, column=column, value=written) from None
    if not math.isfinite(value) or "_" in text or not text.isascii():
        raise FormatError("This is no number.", row=row, column=column, value=written)
    return value


def is_number(written: str) -> bool:
    try:
        return number_or_none(written) is not None
    except FormatError:
        return False
