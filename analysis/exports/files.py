"""The rows of one table to CSV, Excel and Parquet in one pass: nothing but a group of rows is kept in memory."""

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from django.utils.translation import gettext as _

from analysis.exports.columns import OutColumn
from registry.export.writing import BOM, XLSX_ROWS, TooLongForXlsx, safe, sheet_title, xlsx_cell

# Rows of a group of a Parquet file; the most that is in memory at a time.
GROUP = 5000


class Writer(Protocol):
    path: Path

    def write(self, rows: list[Sequence[Any]]) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    def __init__(self, path: Path, columns: list[OutColumn]) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(BOM)
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: list[Sequence[Any]]) -> None:
        self._writer.writerows([safe(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class XlsxWriter:
    """openpyxl's write-only mode keeps the rows on disk."""

    def __init__(self, path: Path, title: str, columns: list[OutColumn]) -> None:
        from openpyxl import Workbook  # loaded by what writes Excel, not by whatever knows of exports

        self.path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(sheet_title(title))
        self._sheet.append([column.name for column in columns])

    def write(self, rows: list[Sequence[Any]]) -> None:
        for row in rows:
            self._sheet.append([xlsx_cell(_finite(value)) for value in row])

    def close(self) -> None:
        self._book.save(self.path)


def _finite(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


class TableFiles:
    """All files of one table."""

    def __init__(self, folder: Path, name: str, title: str, columns: list[OutColumn], formats: Sequence[str]) -> None:
        self.written = 0
        # why a file that was asked for is not there
        self.missing: dict[str, str] = {}
        self._writers: dict[str, Writer] = {"csv": CsvWriter(folder / f"{name}.csv", columns)}
        if "xlsx" in formats:
            self._writers["xlsx"] = XlsxWriter(folder / f"{name}.xlsx", title, columns)
        if "parquet" in formats:
            from analysis.exports.parquet import ParquetWriter  # half a second and 100 MB that only Parquet is worth

            self._writers["parquet"] = ParquetWriter(folder / f"{name}.parquet", columns)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        group = list(rows)
        self.written += len(group)
        if "xlsx" in self._writers and self.written >= XLSX_ROWS:
            self._give_up_on_excel(_("the table has more rows than an Excel file can hold"))
        for writer in list(self._writers.values()):
            try:
                writer.write(group)
            except TooLongForXlsx:
                self._give_up_on_excel(_("a value is longer than a cell of Excel can hold"))

    def close(self) -> list[Path]:
        paths = [writer.path for writer in self._writers.values()]
        while self._writers:
            self._writers.popitem()[1].close()
        return paths

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _give_up_on_excel(self, why: str) -> None:
        writer = self._writers.pop("xlsx")
        writer.close()  # removes openpyxl's own temporary files
        writer.path.unlink()
        self.missing["xlsx"] = why
