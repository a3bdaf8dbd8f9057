"""Opens a workbook for reading its cells. What would make the reader run for ever is refused before."""

import io
import struct
from array import array
from collections.abc import Iterator, Sequence

from python_calamine import CalamineWorkbook

from labs.formats.errors import FormatError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
# Larger numbers of sectors are marks: free, end of a chain, a part of the table itself.
_LAST_SECTOR = 0xFFFFFFFA
_NUMBER = 4


def open_workbook(data: bytes) -> CalamineWorkbook:
    """FormatError for an .xls whose chains of sectors go in a circle; CalamineError as the reader raises it."""
    if data[:8] == OLE:
        _refuse_circles(data)
    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _refuse_circles(data: bytes) -> None:
    """The tables of [MS-CFB] 2.3 to 2.5: each sector names the next one of its chain."""
    if len(data) < _HEADER:
        raise FormatError("The workbook is not complete.")
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise FormatError("The workbook is damaged.")
    size = 1 << shift
    small_start, listed_start = (struct.unpack_from("<I", data, place)[0] for place in (60, 68))
    places = list(struct.unpack_from("<109I", data, 76))
    seen: set[int] = set()
    while listed_start <= _LAST_SECTOR and len(sector := _sector(data, listed_start, size)) == size // _NUMBER:
        if listed_start in seen:
            raise _circle()
        seen.add(listed_start)
        places += sector[:-1]
        listed_start = sector[-1]
    table = array(
        "I", (next_one for place in places if place <= _LAST_SECTOR for next_one in _sector(data, place, size))
    )
    _refuse_circle(table)
    small = (following for place in _chain(table, small_start) for following in _sector(data, place, size))
    _refuse_circle(array("I", small))


def _sector(data: bytes, number: int, size: int) -> Sequence[int]:
    start = (number + 1) * size
    held = data[start : start + size]
    return struct.unpack(f"<{len(held) // _NUMBER}I", held[: len(held) // _NUMBER * _NUMBER])


def _chain(table: Sequence[int], start: int) -> Iterator[int]:
    """Of a table without circles."""
    while start < len(table):
        yield start
        start = table[start]


def _refuse_circle(table: Sequence[int]) -> None:
    walk_of = array("I", bytes(_NUMBER * len(table)))
    for walk, start in enumerate(range(len(table)), start=1):
        sector = start
        while sector < len(table) and not walk_of[sector]:
            walk_of[sector] = walk
            sector = table[sector]
        if sector < len(table) and walk_of[sector] == walk:
            raise _circle()


def _circle() -> FormatError:
    return FormatError("The workbook is damaged: its parts follow each other in a circle.")
