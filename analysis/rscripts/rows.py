"""The rows of a frame as the CSV that an R script reads: complete, numbers in full, yes and no as 1 and 0."""

import csv
import io
from typing import Any

from analysis.frames.frame import Frame


def rows_csv(frame: Frame, **same_in_all: str) -> str:
    # Without rows the header alone: R refuses to read a file that holds nothing.
    names = list(dict.fromkeys(name for row in frame.rows for name in row)) or ["patient", *frame.columns]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*names, *same_in_all])
    for row in frame.rows:
        writer.writerow([*(cell(row.get(name)) for name in names), *same_in_all.values()])
    return buffer.getvalue()


def cell(value: Any) -> str:
    """As the file writes it; NA is what is not there."""
    if value is None:
        return "NA"
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(float(value)) if isinstance(value, float) else str(value)
