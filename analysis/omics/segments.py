"""Copy-number segments: the table that a segmentation leaves behind, one row a segment of one sample."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.text_files import text_lines

COLUMNS = ("sample", "chromosome", "start", "end", "markers", "log2_ratio")
SEX_CHROMOSOMES = ("X", "Y")
_BY_NUMBER = {"23": "X", "24": "Y"}


def read_segments(path: Path) -> pd.DataFrame:
    """Segments of a tab-separated file with the six columns of a .seg file, in their order.

    Returns
    -------
    DataFrame
        Columns ``COLUMNS``: sample, chromosome (without "chr"; 23 and 24 are X and Y), first and last base (1-based,
        both inside), markers, log2 of the copy ratio.

    Raises
    ------
    OmicsInputError
        A row has fewer cells, a cell is no number, an end lies before its start, or two segments of a sample overlap;
        the header says that numbers of copies follow (ASCAT and ABSOLUTE of the GDC) instead of markers and log2.
    """
    rows: list[Sequence[str]] = []
    numbers: list[int] = []
    for place, (number, line) in enumerate(text_lines(path)):
        cells = [cell.strip().strip('"') for cell in line.split("\t")]
        if len(cells) < len(COLUMNS):
            raise OmicsInputError(f"{path.name} has too few cells in row {number}: six columns are wanted.")
        if place == 0 and "copy_number" in cells[4].lower():
            raise OmicsInputError(f"{path.name} holds numbers of copies: markers and the log2 of the ratio are wanted.")
        if place > 0 or _is_number(cells[2]):
            rows.append(cells[: len(COLUMNS)])
            numbers.append(number)
    return segments(pd.DataFrame(rows, columns=list(COLUMNS), index=numbers), path.name)


def segments(table: pd.DataFrame, source: str = "The table") -> pd.DataFrame:
    """A checked table of segments with the columns ``COLUMNS``; see ``read_segments``."""
    lacking = [name for name in COLUMNS if name not in table]
    if lacking:
        raise OmicsInputError(f"{source} lacks the column {', '.join(lacking)}.")
    if table.empty:
        raise OmicsInputError(f"{source} holds no segment.")
    found = table[list(COLUMNS)].copy()
    found["sample"] = found["sample"].astype(str).str.strip()
    _refuse(found["sample"] == "", f"{source} has a blank sample")
    found["chromosome"] = found["chromosome"].map(chromosome)
    for name in COLUMNS[2:]:
        found[name] = pd.to_numeric(found[name], errors="coerce").astype(float)
        _refuse(~np.isfinite(found[name]), f"{source} has no number as {name}")
    _refuse(found["end"] < found["start"], f"{source} has a segment that ends before its start")
    _refuse(found["markers"] < 0, f"{source} has a negative number of markers")
    found = found.astype({"start": "int64", "end": "int64", "markers": "int64"})
    ordered = found.sort_values(["sample", "chromosome", "start"], kind="stable")
    same = (ordered["sample"] == ordered["sample"].shift()) & (ordered["chromosome"] == ordered["chromosome"].shift())
    # Real tables share a base between neighbours here and there: it is the first one's.
    ordered["start"] += same & (ordered["start"] == ordered["end"].shift()) & (ordered["start"] < ordered["end"])
    _refuse(same & (ordered["start"] <= ordered["end"].shift()), f"{source} has overlapping segments of one sample")
    return ordered.reset_index(drop=True)


def chromosome(name: object) -> str:
    """The name of a chromosome without "chr", X and Y by their letters."""
    text = str(name).strip()
    bare = text[3:] if text.lower().startswith("chr") else text
    bare = bare.removesuffix(".0").upper()
    return _BY_NUMBER.get(bare, bare)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse(wrong: pd.Series, what: str) -> None:
    if wrong.any():
        raise OmicsInputError(f"{what} in row {wrong.idxmax()}.")
