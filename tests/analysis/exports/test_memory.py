"""Eight times the rows take no more memory: groups go to the disk as they come."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.exports.columns import INTEGER, NUMBER, TEXT, OutColumn
from analysis.exports.files import TableFiles

# of a group
_ROWS = 300
COLUMNS = [OutColumn("a", INTEGER, "a", ""), OutColumn("b", TEXT, "b", ""), OutColumn("c", NUMBER, "c", "")]


def rows(number: int) -> Iterator[tuple[Any, ...]]:
    return ((index, f"text {index} " * 5, index / 7) for index in range(number))


def peak(folder: Path, groups: int) -> int:
    files = TableFiles(folder, f"many-{groups}", "many", COLUMNS, ("csv", "parquet", "xlsx"))
    tracemalloc.start()
    for _group in range(groups):
        files.write(rows(_ROWS))
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    files.close()
    assert files.written == groups * _ROWS
    return found


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peak(tmp_path, 1)  # what the libraries load once
    assert peak(tmp_path, 8) < 1.3 * peak(tmp_path, 1) + 50_000
