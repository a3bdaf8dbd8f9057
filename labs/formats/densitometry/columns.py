"""The columns of densitometry programs by name, and where the table begins."""

import re
from itertools import pairwise

from labs.formats.errors import FormatError
from labs.formats.tables import Row, Sheet

# Titles and the description of the image come first.
HEADER_WITHIN = 30

SPELLINGS = {
    "lane": ("lane", "lane no", "lane number", "lane name", "lane id"),
    "band": ("band no", "band", "band number", "band id"),
    "volume": ("volume", "volume (int)", "vol", "raw volume", "total volume", "band volume", "intensity", "density"),
    "adjusted": ("adj volume (int)", "adj volume", "adjusted volume", "adjusted volume (int)", "adj vol (int)"),
    "intden": ("intden",),
    "rawintden": ("rawintden",),
    "signal": ("signal",),
    "total": ("total",),
    "background": ("background", "bkgnd", "bkg", "local background", "local bg", "mean background"),
    "area": ("area",),
    "mean": ("mean", "mean gray value", "mean grey value"),
    "greatest": ("max", "maximum"),
    "label": ("band label", "label", "name"),
    "sample": ("sample", "sample name", "sample id", "specimen"),
    "blot": ("blot", "image name", "gel", "membrane"),
    "probe": ("antibody", "target", "protein", "probe", "channel"),
    "calibrated": ("calib vol(ng)", "calib vol (ng)", "calib vol", "abs quant"),
    "saturated": ("saturated", "saturation", "is saturated", "saturated pixels"),
    "percent": ("percent", "%"),
}
PASSED_OVER = frozenset(
    {
        "", "#", "min", "minimum", "median", "x", "y", "height", "width", "mol wt (kda)", "mw (kda)", "relative front",
        "rf", "rel quant", "band %", "lane %", "stddev", "mode", "%area", "trim top", "trim bottom",
    }
)  # fmt: skip
_NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}


def plain(header: str) -> str:
    """Dots after short forms are written or left out: "Band No." is "Band No"."""
    return re.sub(r"\s+", " ", header.replace("_", " ").replace(".", " ")).strip().casefold()


def field_of(header: str) -> str:
    return _NAMES.get(plain(header), "")


def left_out(header: Row) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for cell in header if plain(cell) not in _NAMES and plain(cell) not in PASSED_OVER))


def layout_of(header: Row) -> str:
    """The layout whose columns these are, "" for none."""
    names = [field_of(cell) for cell in header]
    found = set(names) - {""}
    if names.count("lane") > 1 and found & {"volume", "adjusted"}:
        return "image_lab"
    if "signal" in found and found & {"total", "background"}:
        return "licor"
    if "lane" in found and "adjusted" in found and "band" in found:
        return "image_lab"
    if found & {"lane", "band"} and found & {"volume", "adjusted", "signal"}:
        return "lane_band"
    if {"area", "mean"} <= found and found & {"intden", "rawintden", "lane", "greatest"}:
        return "imagej"
    if "area" in found and "intden" in found:
        return "imagej"
    if {plain(cell) for cell in header} == {"", "area", "percent"}:
        return "imagej_gel"
    return ""


def find_header(sheet: Sheet) -> tuple[int, str] | None:
    """0-based row of the header, and the layout."""
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if layout := layout_of(row):
            return number, layout
    return None


def blocks_of(header: Row, row: int) -> list[dict[str, int]]:
    """Field → 0-based column, for each of the blocks that stand side by side; a block begins with its lane.

    FormatError when one block has a column twice: which one would count?
    """
    names = [field_of(cell) for cell in header]
    starts = [place for place, name in enumerate(names) if name == "lane"]
    edges = [0, *starts[1:], len(names)] if len(starts) > 1 else [0, len(names)]
    return [_block(header, names, start, end, row) for start, end in pairwise(edges)]


def _block(header: Row, names: list[str], start: int, end: int, row: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in range(start, end):
        name = names[place]
        if not name:
            continue
        if name in found:
            raise FormatError("The column is there twice.", row=row, column=header[place])
        found[name] = place
    if "lane" not in found and header[start] == "":
        found["lane"] = start  # the lane, or the running number of the measurement, stands under no name
    return found
