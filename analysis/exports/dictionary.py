"""dictionary.csv: one line for each column of each file."""

from collections.abc import Iterator
from typing import Any

from analysis.exports.datasets import Dataset

COLUMNS = ["table", "column", "type", "unit", "meaning", "levels", "source", "transformation", "provenance"]


def dictionary_rows(datasets: list[Dataset]) -> Iterator[tuple[Any, ...]]:
    for dataset in datasets:
        for column in dataset.columns:
            yield (
                dataset.name,
                column.name,
                column.type,
                column.unit,
                column.label,
                "; ".join(f"{value} = {label}" for value, label in column.levels.items()),
                column.source,
                column.transformation,
                column.provenance,
            )
