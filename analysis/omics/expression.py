"""An expression matrix, checked once: every method takes its input through here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.omics.errors import OmicsInputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Units of expression, and whether a value in them may be below zero.
COUNTS, TPM, FPKM, LOG2 = "counts", "TPM", "FPKM", "log2"
SIGNED = {COUNTS: False, TPM: False, FPKM: False, LOG2: True}


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
        if bad.any():
            gene, sample = np.argwhere(bad)[0]
            raise OmicsInputError(f"The value of gene {self.genes[gene]} in sample {self.samples[sample]} is {what}.")

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
