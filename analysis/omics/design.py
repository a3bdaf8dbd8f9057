"""The design of a linear model: which sample has which value of which coefficient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import distinct
from analysis.stats.arrays import FloatArray

# R's lm: a column is aliased when what the columns before it leave of it is this small a share.
RANK_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Design:
    """Samples in rows, coefficients in columns, each independent of the others.

    Raises
    ------
    OmicsInputError
        A missing value, a coefficient named twice, or one that is a combination of those before it.
    """

    columns: tuple[str, ...]
    matrix: FloatArray

    def __init__(self, columns: Sequence[str], matrix: ArrayLike) -> None:
        object.__setattr__(self, "columns", distinct(columns, "coefficient"))
        object.__setattr__(self, "matrix", np.asarray(matrix, dtype=np.float64))
        if self.matrix.ndim != 2 or self.matrix.shape[1] != len(self.columns):
            raise OmicsInputError(f"The design has {len(self.columns)} coefficients, but not as many columns.")
        bad = np.argwhere(~np.isfinite(self.matrix))
        if bad.size:
            raise OmicsInputError(f"{self.columns[bad[0][1]]} is missing or infinite in sample {bad[0][0] + 1}.")
        aliased = sorted(set(range(len(self.columns))) - set(estimable(self.matrix)))
        if aliased:
            raise OmicsInputError(
                f"{self.columns[aliased[0]]} is constant or a combination of the coefficients before it."
            )

    def coefficient(self, name: str) -> int:
        """The column of a coefficient."""
        if name not in self.columns:
            raise OmicsInputError(f"The design has no coefficient {name}; it has {', '.join(self.columns)}.")
        return self.columns.index(name)


def estimable(matrix: FloatArray) -> list[int]:
    """Columns that are no combination of those before them, as R's ``lm`` decides."""
    kept: list[int] = []
    basis = np.zeros((matrix.shape[0], 0))
    for j in range(matrix.shape[1]):
        column = matrix[:, j]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > RANK_TOLERANCE * float(np.linalg.norm(column)) and len(kept) < matrix.shape[0]:
            kept.append(j)
            basis = np.column_stack([basis, rest / size])
    return kept


def factorial(factors: Mapping[str, Sequence[str]], levels: Mapping[str, Sequence[str]]) -> Design:
    """An intercept, and for each factor one indicator of every level but the first.

    Parameters
    ----------
    factors : mapping
        Name of the factor to the level of each sample.
    levels : mapping
        Name of the factor to its levels in order; the first is the reference.

    Returns
    -------
    Design
        A coefficient is named by its factor followed by the level, as in R.

    Raises
    ------
    OmicsInputError
        A sample whose level is not listed, a level without samples, factors of different length, confounded factors.
    """
    lengths = {len(values) for values in factors.values()}
    if len(lengths) != 1:
        raise OmicsInputError("The factors of a design must name one level for each sample.")
    names, columns = ["(Intercept)"], [np.ones(lengths.pop())]
    for factor, values in factors.items():
        known = distinct(levels[factor], f"level of {factor}")
        for place, value in enumerate(values, start=1):
            if value not in known:
                raise OmicsInputError(f"Sample {place} has the level {value!r} of {factor}, which is not listed.")
        for level in known:
            if level not in values:
                raise OmicsInputError(f"No sample has the level {level} of {factor}.")
        for level in known[1:]:
            names.append(f"{factor}{level}")
            columns.append(np.array([float(value == level) for value in values]))
    return Design(names, np.column_stack(columns))
