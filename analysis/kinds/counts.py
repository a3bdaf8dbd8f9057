"""A printed table of counts, `a,b;c,d`, as a frame with a row per group."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.kinds.table1_rows import category_rows, size_refusal
from analysis.tables.table import TableError

WRITE = 'write "a,b;c,d", the counts of each group between semicolons'
ROWS, COLUMNS = "rows", "columns"


def counts_frame(text: str, groups_in: str) -> Frame:
    """TableError names the row of the printed table."""
    rows = [_counts(place, part) for place, part in enumerate(text.split(";"), start=1)]
    if len({len(row) for row in rows}) > 1 or len(rows) < 2 or len(rows[0]) < 2:
        raise TableError(f"--from-counts {text!r} is no table of at least two rows and two columns: {WRITE}.")
    table = rows if groups_in == ROWS else [list(column) for column in zip(*rows, strict=True)]
    return Frame(
        [
            {"patient": f"group {place}"} | {f"level {level}": count for level, count in enumerate(row, start=1)}
            for place, row in enumerate(table, start=1)
        ]
    )


def _counts(place: int, text: str) -> list[int]:
    cells = [cell.strip() for cell in text.split(",")]
    for cell in cells:
        if not (cell.isascii() and cell.isdigit()):
            raise TableError(f"--from-counts, row {place}: {cell!r} is not a count; {WRITE}.")
    return [int(cell) for cell in cells]


def rows_of_counts(frame: Frame, label: str) -> list[dict[str, Any]]:
    """Chi-square, with Yates' correction on 2 x 2, whatever the counts expected; the other tests stand beside it."""
    levels = [name for name in frame.rows[0] if name != "patient"]
    counts = {row["patient"]: [row[level] for level in levels] for row in frame.rows}
    by_level = {level: [row[level] for row in frame.rows] for level in levels}
    # Print does not say which way the groups run: too few is what is too few either way.
    refused = size_refusal(counts) if size_refusal(by_level) else None
    base = {"variable": label, "label": label, "unit": "", "dropped": {}}
    return category_rows(base, levels, counts, dict.fromkeys(counts, 0), refused=refused, exact_where_few=False)
