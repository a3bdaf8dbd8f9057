"""Rows to Parquet, typed, a group of rows at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.exports import columns as types
from analysis.exports.columns import OutColumn
from registry.export.writing import plain_text

_ARROW = {
    types.TEXT: pa.string(),
    types.INTEGER: pa.int64(),
    types.NUMBER: pa.float64(),
    types.BOOLEAN: pa.bool_(),
    types.DATE: pa.date32(),
    types.MOMENT: pa.timestamp("us", tz="UTC"),
}


class ParquetWriter:
    """Label, unit and source stand in the metadata of each column."""

    def __init__(self, path: Path, columns: list[OutColumn]) -> None:
        self.path = path
        self._columns = columns
        self._schema = pa.schema([_field(column) for column in columns])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: list[Sequence[Any]]) -> None:
        arrays = [
            pa.array([_typed(row[place], column.type) for row in rows], _ARROW[column.type])
            for place, column in enumerate(self._columns)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def _field(column: OutColumn) -> pa.Field:
    told = {"label": column.label, "unit": column.unit, "source": column.source}
    return pa.field(column.name, _ARROW[column.type], metadata={name: value for name, value in told.items() if value})


def _typed(value: Any, kind: str) -> Any:
    if kind != types.TEXT or value is None:
        return value
    return plain_text(value)
