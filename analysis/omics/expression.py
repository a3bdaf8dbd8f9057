"""An expression matrix, checked once: every method takes its input through here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import BoolArray, FloatArray

# Units of expression, and whether a value in them may be below zero.
COUNTS, TPM, FPKM, LOG2 = "counts", "TPM", "FPKM", "log2"
SIGNED = {COUNTS: False, TPM: False, FPKM: False, LOG2: True}
# What a sentence calls the table of a method that is no reference.
EXPRESSION = "The expression"


@dataclass(frozen=True)
class ExpressionMatrix:
    """Genes in rows, samples in columns.

    Parameters
    ----------
    genes, samples : sequence of str
        Names, each once.
    values : array_like, shape (genes, samples)
        Expression in ``unit``; NaN where a value is missing, which only log2 values may be.
    unit : {"counts", "TPM", "FPKM", "log2"}

    Raises
    ------
    OmicsInputError
        A name twice or blank, a shape that does not fit, an infinite value, a negative TPM, FPKM or count, a count that
        is not whole, nothing at all.
    """

    genes: tuple[str, ...]
    samples: tuple[str, ...]
    values: FloatArray
    unit: str

    def __init__(self, genes: Sequence[str], samples: Sequence[str], values: ArrayLike, unit: str = LOG2) -> None:
        object.__setattr__(self, "genes", distinct(genes, "gene"))
        object.__setattr__(self, "samples", distinct(samples, "sample"))
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "values", np.asarray(values, dtype=np.float64))
        if unit not in SIGNED:
            raise OmicsInputError(f"The unit of expression is one of {', '.join(SIGNED)}, not {unit!r}.")
        if self.values.shape != (len(self.genes), len(self.samples)):
            raise OmicsInputError(
                f"{len(self.genes)} genes and {len(self.samples)} samples are named, but the matrix has the shape "
                f"{' x '.join(map(str, self.values.shape))}."
            )
        self._check_values()

    def _check_values(self) -> None:
        self._refuse(np.isinf(self.values), "infinite")
        if SIGNED[self.unit]:
            return
        self._refuse(np.isnan(self.values), "missing")
        self._refuse(self.values < 0, f"below zero, which {self.unit} cannot be")
        if self.unit == COUNTS:
            self._refuse(self.values != np.round(self.values), "not a whole number, which a count must be")

    def _refuse(self, bad: BoolArray, what: str) -> None:
        refuse_values(bad, self.genes, self.samples, what)

    @property
    def table(self) -> pd.DataFrame:
        """Genes x samples, for the methods that go by names."""
        return pd.DataFrame(self.values, index=list(self.genes), columns=list(self.samples))

    def require(self, *units: str) -> None:
        """Refuse a matrix in another unit than these."""
        if self.unit not in units:
            raise OmicsInputError(f"This method takes {' or '.join(units)}, and the matrix holds {self.unit}.")

    def require_complete(self) -> None:
        """Refuse a matrix with a missing value."""
        self._refuse(np.isnan(self.values), "missing")

    def keep_genes(self, kept: BoolArray) -> "ExpressionMatrix":
        """The same with these genes only, in their order."""
        genes = [gene for gene, keep in zip(self.genes, kept.tolist(), strict=True) if keep]
        return ExpressionMatrix(genes, self.samples, self.values[kept], self.unit)


def refuse_values(
    bad: BoolArray, genes: Sequence[str], columns: Sequence[str], what: str, source: str = EXPRESSION
) -> None:
    """OmicsInputError that names the first bad value; ``source`` is a reference whose columns are no samples."""
    if not bad.any():
        return
    row, column = np.argwhere(bad)[0]
    gene, name = f"value of gene {genes[row]}", columns[column]
    if source == EXPRESSION:
        raise OmicsInputError(f"The {gene} in sample {name} is {what}.")
    raise OmicsInputError(f"{source}: the {gene} in {name} is {what}.")


def distinct(names: Sequence[str], what: str) -> tuple[str, ...]:
    """Names as they are, refused where one is blank or comes twice, or where there is none."""
    if not names:
        raise OmicsInputError(f"There is no {what}.")
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        if not name.strip():
            raise OmicsInputError(f"The {what} in place {place} has no name.")
        if name in seen:
            raise OmicsInputError(f"The {what} {name} comes twice.")
        seen.add(name)
    return tuple(names)
