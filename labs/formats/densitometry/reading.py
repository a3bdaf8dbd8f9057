"""From the rows of a densitometry table to bands."""

import re
from collections import Counter

from labs.formats.densitometry.bands import Band, BandTable
from labs.formats.densitometry.columns import blocks_of, find_header, left_out
from labs.formats.errors import FormatError
from labs.formats.numbers import number_or_none
from labs.formats.tables import Row, Sheet

MAX_BANDS = 5000
INTENSITIES = ("volume", "intden", "rawintden", "total", "signal")
_YES = frozenset({"yes", "true", "y", "1", "saturated"})


def has_bands(sheets: tuple[Sheet, ...]) -> bool:
    return any(find_header(sheet) is not None for sheet in sheets)


def read_bands(sheets: tuple[Sheet, ...]) -> BandTable:
    """The one table of bands. FormatError for none, for two, and the first cell that breaks a rule."""
    found = [(sheet, place) for sheet in sheets if (place := find_header(sheet)) is not None]
    if not found:
        raise FormatError("No row names a lane and a volume: this is no densitometry table.")
    if len(found) > 1:
        raise FormatError("Two sheets hold bands: save one of them in a file of its own.")
    sheet, (number, layout) = found[0]
    header = sheet.rows[number]
    bands: list[Band] = []
    blank = 0
    counts: Counter[tuple[str, str, str]] = Counter()
    blocks = blocks_of(header, number + 1)
    for block in blocks:
        for row_number, row in enumerate(sheet.rows[number + 1 :], start=number + 2):
            cells = _Cells(row, row_number, header, block)
            if not any(row):
                continue
            if len(blocks) == 1:
                _refuse_surplus(row, header, row_number)
            band = _band(cells, layout, counts)
            if band is not None:
                bands.append(band)
            elif any(row[place] for place in block.values() if place < len(row)):
                blank += 1
    if not bands:
        raise FormatError("There is no band below the header.", row=number + 1)
    if len(bands) > MAX_BANDS:
        raise FormatError(f"There are more than {MAX_BANDS} bands: this is no gel.")
    _refuse_doubles(bands)
    return BandTable(layout, tuple(bands), blank, left_out(header))


class _Cells:
    """The cells of one row by the name of their field."""

    def __init__(self, row: Row, number: int, header: Row, block: dict[str, int]) -> None:
        self.row, self.number, self.header, self.block = row, number, header, block

    def text(self, field: str) -> str:
        place = self.block.get(field)
        return self.row[place].strip() if place is not None and place < len(self.row) else ""

    def value(self, field: str) -> float | None:
        return number_or_none(self.text(field), self.number, self.name(field)) if field in self.block else None

    def name(self, field: str) -> str:
        place = self.block.get(field)
        return self.header[place] if place is not None else field

    def first(self, fields: tuple[str, ...]) -> float | None:
        return next((value for field in fields if (value := self.value(field)) is not None), None)


def _band(cells: _Cells, layout: str, counts: Counter[tuple[str, str, str]]) -> Band | None:
    """None for a row that names a lane and no band of it."""
    volume, adjusted = _intensities(cells, layout)
    if volume is None and adjusted is None:
        return None
    lane = cells.text("lane") or (cells.text("label") if layout == "licor" else "") or str(cells.number)
    place = (cells.text("blot"), cells.text("probe"), lane)
    counts[place] += 1
    return Band(
        row=cells.number,
        lane=lane,
        number=_number(cells, counts[place]),
        volume=volume,
        adjusted=adjusted,
        background=cells.value("background"),
        area=None if layout == "imagej_gel" else cells.value("area"),
        mean=cells.value("mean"),
        greatest=cells.value("greatest"),
        label=cells.text("label"),
        sample=cells.text("sample"),
        blot=place[0],
        probe=place[1],
        is_saturated=_is_saturated(cells.text("saturated")),
        is_calibrated=cells.text("calibrated").casefold() not in {"", "-", "n/a", "na", "nan"},
    )


def _intensities(cells: _Cells, layout: str) -> tuple[float | None, float | None]:
    """The volume as measured and the one without background."""
    if layout == "licor":
        return cells.value("total"), cells.value("signal")
    if layout == "imagej_gel":
        return cells.value("area"), None  # the area under the peak of the lane's profile
    volume, adjusted = cells.first(INTENSITIES), cells.value("adjusted")
    area, mean = cells.value("area"), cells.value("mean")
    if volume is None and adjusted is None and layout == "imagej" and area is not None and mean is not None:
        volume = area * mean  # what ImageJ calls the integrated density
    return volume, adjusted


def _number(cells: _Cells, fallback: int) -> int:
    value = cells.value("band")
    if value is None:
        return fallback
    if not value.is_integer() or not 0 < value <= MAX_BANDS:
        raise FormatError(
            "The number of a band is a whole number from 1.",
            row=cells.number,
            column=cells.name("band"),
            value=cells.text("band"),
        )
    return int(value)


def _is_saturated(written: str) -> bool:
    text = written.casefold()
    return text in _YES or bool(re.fullmatch(r"[0-9]+", text) and int(text[:9]) > 0)


def _refuse_surplus(row: Row, header: Row, number: int) -> None:
    if len(row) > len(header) and any(row[len(header) :]):
        raise FormatError("The row has more cells than the header: is a decimal comma a separator?", row=number)


def _refuse_doubles(bands: list[Band]) -> None:
    seen: dict[tuple[str, str, str, int], int] = {}
    for band in bands:
        key = (band.blot, band.probe, band.lane, band.number)
        if key in seen:
            raise FormatError(
                f"This band of the lane is in row {seen[key]} already.", row=band.row, column="Lane", value=band.lane
            )
        seen[key] = band.row
