"""Checked expression: genes in rows, samples in columns, a finite number a cell; what a result says of its input."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError

# Logarithms of expression stay below this; the largest TPM, FPKM or intensity of a sample is far above it.
LARGEST_LOGARITHM = 50.0

Setting = str | float | bool | None


@dataclass(frozen=True)
class Provenance:
    """What a result was made with: the method, the version of it here, settings, and how much of the reference was met.

    ``input_hash`` is the SHA-256 of the expression with its names.
    """

    method: str
    version: str
    genes_found: int
    genes_expected: int
    input_hash: str
    parameters: Mapping[str, Setting] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def expression(table: pd.DataFrame, *, what: str = "The expression") -> pd.DataFrame:
    """A float copy of genes x samples.

    Raises
    ------
    OmicsInputError
        No gene or sample, a sample twice, text in a column, or a value that is missing or infinite.
    """
    if table.empty:
        raise OmicsInputError(f"{what} holds no gene or no sample.")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise OmicsInputError(f"{what} has the column {twice[0]} twice.")
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise OmicsInputError(f"{what} holds something that is not a number in the column {name}.")
    values = table.to_numpy(dtype=np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise OmicsInputError(f"{what} has no finite value of {table.index[row]} in {table.columns[column]}.")
    return pd.DataFrame(values, index=table.index.astype(str), columns=table.columns.astype(str))


def one_row_a_gene(table: pd.DataFrame, *, what: str = "The expression") -> pd.DataFrame:
    """The table; refused if a gene has more than one row."""
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise OmicsInputError(f"{what} has the gene {twice[0]} in more than one row.")
    return table


def merged(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Rows of one gene as one row, by "median", "mean" or "max"; genes in the order of their first row."""
    if not table.index.has_duplicates:
        return table
    return table.groupby(level=0, sort=False).agg(rule)


def not_negative(table: pd.DataFrame, *, what: str = "The expression") -> pd.DataFrame:
    """The table; refused if a value is below 0."""
    values = table.to_numpy()
    if values.min() < 0:
        row, column = np.argwhere(values < 0)[0]
        where = f"of {table.index[row]} in {table.columns[column]}"
        raise OmicsInputError(f"{what} has the negative value {values[row, column]:g} {where}: it has to be linear.")
    return table


def linear(table: pd.DataFrame, *, what: str = "The expression") -> pd.DataFrame:
    """The table; refused if a value is below 0 or none is so large that it can be no logarithm."""
    not_negative(table, what=what)
    largest = float(table.to_numpy().max())
    if largest < LARGEST_LOGARITHM:
        raise OmicsInputError(f"{what} is at most {largest:g}, as logarithms are: the method takes linear values.")
    return table


def input_hash(table: pd.DataFrame) -> str:
    """SHA-256 of the names and values of a table."""
    digest = hashlib.sha256()
    for names in (table.index, table.columns):
        digest.update("\x1f".join(map(str, names)).encode())
        digest.update(b"\x1e")
    digest.update(np.ascontiguousarray(table.to_numpy(dtype="<f8")).tobytes())
    return digest.hexdigest()
