"""Tables with a column of the target, a column of the loading control, and a row for each lane."""

import re
from itertools import zip_longest

from labs.formats.densitometry.bands import RatioRow, RatioTable
from labs.formats.errors import FormatError
from labs.formats.numbers import is_number, number_or_none
from labs.formats.tables import Row, Sheet

HEADER_WITHIN = 20
_RATIO = re.compile(
    r"ratio|target\s*/\s*(loading )?control|normali[sz]ed( ratio| density)?|relative (density|intensity)"
)
_TARGET = frozenset({"target", "target volume", "target intensity", "target signal"})
_CONTROL = frozenset(
    {"control", "loading control", "control volume", "control intensity", "control signal", "reference"}
)
_SAMPLE = frozenset({"sample", "sample name", "condition", "group", "treatment", "lane", "specimen"})
_DEPLETION = re.compile("depletion")


def find_ratio_header(sheet: Sheet) -> tuple[int, int, int, int | None] | None:
    """0-based row, and the columns of target, control and ratio (None where there is none)."""
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        names = [cell.strip().casefold() for cell in row]
        columns = _named(names) or _before_the_ratio(names)
        if columns and _are_numbers(sheet.rows[number + 1 :], columns[:2]):
            return number, *columns
    return None


def _named(names: list[str]) -> tuple[int, int, int | None] | None:
    targets = [place for place, name in enumerate(names) if name in _TARGET]
    controls = [place for place, name in enumerate(names) if name in _CONTROL]
    if len(targets) != 1 or len(controls) != 1:
        return None
    return targets[0], controls[0], _ratio_column(names)


def _before_the_ratio(names: list[str]) -> tuple[int, int, int | None] | None:
    """ "HA, TBP, ratio": the two columns in front of the ratio are what it was made of."""
    place = _ratio_column(names)
    return None if place is None or place < 2 or not all(names[place - 2 : place]) else (place - 2, place - 1, place)


def _ratio_column(names: list[str]) -> int | None:
    return next((place for place, name in enumerate(names) if _RATIO.fullmatch(name)), None)


def _are_numbers(rows: tuple[Row, ...], columns: tuple[int, ...]) -> bool:
    cells = [row[place] for row in rows[:40] for place in columns if place < len(row) and row[place]]
    return len(cells) > 1 and sum(map(is_number, cells)) > len(cells) / 2


def has_ratios(sheets: tuple[Sheet, ...]) -> bool:
    return any(find_ratio_header(sheet) is not None for sheet in sheets)


def read_ratios(sheets: tuple[Sheet, ...]) -> RatioTable:
    """FormatError for no such table, for two, and for the first cell that is no number."""
    found = [(sheet, place) for sheet in sheets if (place := find_ratio_header(sheet)) is not None]
    if len(found) != 1:
        raise FormatError("One sheet names a target and a loading control: here none does, or several do.")
    sheet, (number, target, control, ratio) = found[0]
    header = sheet.rows[number]
    if len({header[target], header[control]}) < 2:
        raise FormatError("Target and loading control have the same name.", row=number + 1, column=header[target])
    texts = [place for place in range(len(header)) if place not in {target, control, ratio} and place < target]
    sample = next((place for place in texts if header[place].strip().casefold() in _SAMPLE), None)
    replicate = next((place for place in texts if place != sample), None)
    rows = tuple(
        _row(row, row_number, header, (replicate, sample, target, control, ratio))
        for row_number, row in enumerate(sheet.rows[number + 1 :], start=number + 2)
        if any(_at(row, place) for place in (target, control))
    )
    if not rows:
        raise FormatError("There is no row below the header.", row=number + 1)
    return RatioTable(header[target].strip(), header[control].strip(), rows, _depletion(sheet.rows, number))


def _row(row: Row, number: int, header: Row, columns: tuple[int | None, ...]) -> RatioRow:
    replicate, sample, target, control, ratio = columns
    values = {}
    for name, place in (("target", target), ("control", control), ("exported", ratio)):
        column = header[place] if place is not None else ""
        values[name] = number_or_none(_at(row, place), number, column)
        if values[name] is None and name != "exported":
            raise FormatError("Target and loading control both need a number.", row=number, column=column)
    return RatioRow(
        row=number,
        replicate=_at(row, replicate),
        sample=_at(row, sample),
        target=values["target"] or 0.0,
        control=values["control"] or 0.0,
        exported=values["exported"],
    )


def _at(row: Row, place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _depletion(rows: tuple[Row, ...], header: int) -> float | None:
    """The number under a cell that speaks of depletion."""
    for above, below in zip(rows[header:], rows[header + 1 :], strict=False):
        for cell, under in zip_longest(above, below, fillvalue=""):
            if _DEPLETION.search(cell.casefold()) and is_number(under):
                return number_or_none(under)
    return None
