"""Tables of regions on slides with counted and positive cells, as written by people and scripts after QuPath."""

from math import fsum
from typing import Any

from labs.formats.errors import FormatError
from labs.formats.numbers import is_number, number_or_none
from labs.formats.reading import Reading
from labs.formats.source import Source
from labs.formats.tables import Row, Sheet

HEADER_WITHIN = 10
SPELLINGS = {
    "slide": ("slide", "slide id", "slide name", "slide no", "image", "image name", "section", "case", "sample"),
    "region": ("region", "region id", "region name", "roi", "roi name", "annotation", "area name", "compartment"),
    "count": ("count", "counts", "total", "total count", "cells", "total cells", "num detections", "n", "cell count",
              "detections", "nuclei", "total nuclei"),
    "positive": ("positive", "positives", "num positive", "positive count", "positive cells", "pos", "n positive",
                 "positive nuclei"),
    "ratio": ("ratio", "positive ratio", "fraction", "positive fraction", "pos ratio", "percentage", "positive %"),
}  # fmt: skip
_NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}
NEEDED = {"region", "count", "positive"}


def _plain(cell: str) -> str:
    return " ".join(cell.replace("_", " ").replace(".", " ").split()).casefold()


def _columns(row: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        name = _NAMES.get(_plain(cell))
        if name and name not in found:
            found[name] = place
    return found


def _header(sheet: Sheet) -> int | None:
    return next((n for n, row in enumerate(sheet.rows[:HEADER_WITHIN]) if _columns(row).keys() >= NEEDED), None)


def is_region_table(source: Source) -> bool:
    return any(_header(sheet) is not None for sheet in source.sheets)


def read_region_table(source: Source) -> Reading:
    """A ratio is positive / count, undefined (not 0) where nothing was counted; it is never averaged here."""
    sheet = next(sheet for sheet in source.sheets if _header(sheet) is not None)
    header = _header(sheet) or 0
    columns = _columns(sheet.rows[header])
    rows = [
        _region(row, number, sheet.rows[header], columns)
        for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2)
        if any(row)
    ]
    if not rows:
        raise FormatError("There is no row below the header.", row=header + 1)
    summary = _summary(rows)
    warnings = [
        f"Row {row['row']}: nothing was counted, so that there is no ratio." for row in rows if not row["count"]
    ]
    return Reading(summary, tuple(rows), None, ("Regions are shown and compared; a stain has no place for them.",),
                   tuple(warnings))  # fmt: skip


def _region(row: Row, number: int, header: Row, columns: dict[str, int]) -> dict[str, Any]:
    def text(name: str) -> str:
        place = columns.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    found: dict[str, Any] = {"row": number, "slide": text("slide"), "region": text("region")}
    for name in ("count", "positive"):
        value = number_or_none(text(name), number, header[columns[name]])
        if value is not None and value < 0:
            raise FormatError("A count is not negative.", row=number, column=header[columns[name]], value=text(name))
        found[name] = value
    if None not in (found["count"], found["positive"]) and found["positive"] > found["count"]:
        raise FormatError(
            "More cells are positive than were counted.",
            row=number,
            column=header[columns["positive"]],
            value=text("positive"),
        )
    found["exported"] = number_or_none(text("ratio")) if is_number(text("ratio")) else None
    found["ratio"] = found["positive"] / found["count"] if found["count"] and found["positive"] is not None else None
    return found


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
    differences = [_apart(row) for row in rows if row["ratio"] is not None and row["exported"] is not None]
    return {
        "rows": len(rows),
        "slides": len({row["slide"] for row in rows if row["slide"]}),
        "regions": len({row["region"] for row in rows if row["region"]}),
        "rows_with_count_0": sum(row["count"] == 0 for row in rows),
        "sum_count": fsum(row["count"] or 0 for row in rows),
        "sum_positive": fsum(row["positive"] or 0 for row in rows),
        "ratios_defined": len(ratios),
        "sum_ratio": fsum(ratios),
        "exported_ratio_max_abs_diff": max(differences, default=None),
        "values": rows,
    }


def _apart(row: dict[str, Any]) -> float:
    """Exported as a share or as a percentage: whichever is nearer."""
    return float(min(abs(row["exported"] - row["ratio"]), abs(row["exported"] / 100 - row["ratio"])))
