"""The columns of a Cq export by name: programs and versions order, leave out and spell them differently."""

import re

from labs.formats.errors import FormatError
from labs.formats.tables import Row, Sheet

# A header comes after at most this many lines about the run.
HEADER_WITHIN = 40

SPELLINGS = {
    "well": ("well", "well position"),
    "fluor": ("fluor", "fluorophore", "dye"),
    "target": ("target", "target name", "gene"),
    "content": ("content", "type", "sample type"),
    "sample": ("sample", "sample name", "identifier"),
    "biological_set": ("biological set name", "biological group name", "biological group", "biological set"),
    "cq": ("cq", "ct", "c(t)", "cт", "cp", "threshold cycle", "threshold cycle (c(t))", "quantification cycle (cq)"),
    "cq_mean": ("cq mean", "mean cq", "c(t) mean", "ct mean", "threshold cycle (c(t)) mean"),
    "cq_sd": ("cq std. dev", "cq std. dev.", "cq std dev", "cq sd", "c(t) std. dev", "ct sd", "ct std. dev"),
    "note": ("well note", "note"),
}
# Known, and not kept: quantities from a standard curve are no ΔΔCt.
PASSED_OVER = frozenset(
    {
        "",
        "#",
        "well group",
        "set point",
        "starting quantity (sq)",
        "sq",
        "log starting quantity",
        "log sq",
        "sq mean",
        "sq std. dev",
        "sq std. dev.",
    }
)
_NAMES = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}


def plain(header: str) -> str:
    return re.sub(r"\s+", " ", header.replace("_", " ")).strip().casefold()


def find_header(sheet: Sheet) -> int | None:
    """0-based row that names a well and a Cq; None when no row does."""
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        names = {_NAMES.get(plain(cell), "") for cell in row}
        if {"well", "cq"} <= names:
            return number
    return None


def columns_of(header: Row, row: int) -> dict[str, int]:
    """Field → 0-based column. FormatError when a column comes twice: which one would count?"""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = _NAMES.get(plain(cell))
        if name is None:
            continue
        if name in found:
            raise FormatError("The column is there twice.", row=row, column=cell)
        found[name] = place
    return found


def left_out(header: Row) -> list[str]:
    """Headers that this reader does not know, for the person who uploads the file."""
    return [cell for cell in header if plain(cell) not in _NAMES and plain(cell) not in PASSED_OVER]
