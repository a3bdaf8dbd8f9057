"""Tables by name that methods take, expression and references, and what a result says of its input."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import EXPRESSION, distinct, refuse_values
from analysis.omics.genes import collapsed, rows_by_gene
from analysis.stats.arrays import BoolArray

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


def expression(table: pd.DataFrame, *, what: str = EXPRESSION) -> pd.DataFrame:
    """A float copy of genes x samples, or of a reference; unlike in an ExpressionMatrix a gene may have several rows.

    Raises
    ------
    OmicsInputError
        No gene or sample, a sample twice or without a name, text in a column, or a value that is missing or infinite.
    """
    if table.empty:
        raise OmicsInputError(f"{what} holds no gene or no sample.")
    columns = distinct([str(name) for name in table.columns], "column")
    for place, name in enumerate(columns):
        if not pd.api.types.is_numeric_dtype(table.iloc[:, place]):
            raise OmicsInputError(f"{what} holds something that is not a number in the column {name}.")
    found = pd.DataFrame(table.to_numpy(dtype=np.float64), index=table.index.astype(str), columns=columns)
    _refuse(np.isnan(found.to_numpy()), found, "missing", what)
    _refuse(np.isinf(found.to_numpy()), found, "infinite", what)
    return found


def _refuse(bad: BoolArray, table: pd.DataFrame, why: str, what: str) -> None:
    refuse_values(bad, list(table.index), list(table.columns), why, what)


def one_row_a_gene(table: pd.DataFrame, *, what: str = EXPRESSION) -> pd.DataFrame:
    """The table; refused if a gene has more than one row."""
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise OmicsInputError(f"{what} has the gene {twice[0]} in more than one row.")
    return table


def merged(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Rows of one gene as one row, by "median", "mean", "max" or "first"; genes in the order of their first row."""
    if not table.index.has_duplicates:
        return table
    rows = rows_by_gene(list(table.index))
    return pd.DataFrame(collapsed(table.to_numpy(), rows, rule), index=list(rows), columns=table.columns)


def not_negative(table: pd.DataFrame, *, what: str = EXPRESSION) -> pd.DataFrame:
    """The table; refused if a value is below 0."""
    _refuse(table.to_numpy() < 0, table, "below zero, and has to be linear", what)
    return table


def linear(table: pd.DataFrame, *, what: str = EXPRESSION) -> pd.DataFrame:
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
