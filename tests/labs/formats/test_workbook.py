"""An .xls whose sectors follow each other in a circle would fill the memory of whoever reads it."""

import struct

import pytest
from python_calamine import CalamineError

from labs.formats.errors import FormatError
from labs.formats.workbook import OLE, open_workbook

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(*table: int, small_start: int = END, small: tuple[int, ...] = (), listed: int = END) -> bytes:
    """A header, the table of sectors as sector 0, the table of small sectors as sector 1, an empty sector."""
    header = bytearray(512)
    header[:8] = OLE
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 2, 0, 4096, small_start, 1, listed, int(listed != END), 0)
    struct.pack_into("<108I", header, 80, *[FREE] * 108)
    rows = [(*table, *[FREE] * (128 - len(table))), (*small, *[FREE] * (128 - len(small))), [FREE] * 127 + [listed]]
    return bytes(header) + b"".join(struct.pack("<128I", *row) for row in rows)


@pytest.mark.parametrize(
    "data",
    [
        compound(TABLE, END, 2),
        compound(TABLE, END, 3, 4, 2),
        compound(TABLE, END, END, small_start=1, small=(1, 2, 0)),
        compound(TABLE, END, END, listed=2),
    ],
    ids=["itself", "three sectors", "small sectors", "list of tables"],
)
def test_a_circle_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="circle"):
        open_workbook(data)


def test_without_one_it_is_for_the_reader_to_say() -> None:
    with pytest.raises(CalamineError):
        open_workbook(compound(TABLE, END, END, 1, small_start=1, small=(1, END)))


@pytest.mark.parametrize("size", [0, 8, 100, 511])
def test_what_is_too_short_is_refused(size: int) -> None:
    with pytest.raises((FormatError, CalamineError)):
        open_workbook(compound(TABLE)[:size])
