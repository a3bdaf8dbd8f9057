"""What the cells of a Cq export mean."""

import re

from labs.formats.errors import FormatError
from labs.formats.numbers import NOTHING, number_or_none
from labs.formats.plate import MAX_CQ, Content, plate_position

NOT_DETECTED = NOTHING | {"undetermined", "no ct", "no cq", "nd"}
_CONTENTS = {
    "unkn": Content.UNKNOWN,
    "unknown": Content.UNKNOWN,
    "": Content.UNKNOWN,
    "ntc": Content.NTC,
    "nrt": Content.NRT,
    "nac": Content.NAC,
    "std": Content.STANDARD,
    "standard": Content.STANDARD,
    "pos ctrl": Content.POSITIVE,
    "pos": Content.POSITIVE,
    "positive control": Content.POSITIVE,
    "neg ctrl": Content.NEGATIVE,
    "neg": Content.NEGATIVE,
    "negative control": Content.NEGATIVE,
    "ipc": Content.CALIBRATOR,
    "cal": Content.CALIBRATOR,
    "calibrator": Content.CALIBRATOR,
    "empty": Content.EMPTY,
}
_NUMBERED = re.compile(r"[-_ ]*[0-9]+\Z")


def content_kind(written: str) -> str:
    """ "Unkn-07" is Unkn: the number says which replicate group, not what it is."""
    return _NUMBERED.sub("", written.strip())


def content_of(written: str) -> Content:
    return _CONTENTS.get(content_kind(written).casefold(), Content.OTHER)


def position_of(written: str, row: int, column: str) -> str:
    """ "A1" and "a01" are A01. FormatError for what is no place on a 96- or 384-well plate."""
    place = plate_position(written.strip())
    if place is None:
        raise FormatError("A well is a letter A–P and a number 1–24.", row=row, column=column, value=written)
    return f"{chr(ord('A') + place[0])}{place[1] + 1:02d}"


def cq_of(written: str, row: int, column: str) -> float | None:
    """None for blank, NaN and 0, which mean that nothing was detected."""
    value = number_of(written, row, column)
    if value is None or value == 0:
        return None
    if not 0 < value <= MAX_CQ:
        raise FormatError(f"A Cq lies between 0 and {MAX_CQ:g}.", row=row, column=column, value=written)
    return value


def number_of(written: str, row: int, column: str) -> float | None:
    return number_or_none(written, row, column, NOT_DETECTED)
