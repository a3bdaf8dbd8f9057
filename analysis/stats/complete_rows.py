"""Which subjects were read by everybody, and what the others lack."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.errors import LengthMismatchError, MissingValueError

# Subjects by readers; None or NaN where a reader did not read.
Reads = ArrayLike | Sequence[Sequence[float | None]]


@dataclass(frozen=True)
class IncompleteRow:
    """A subject (position from 0) that was left out, and the readers (positions) whose read it lacks."""

    subject: int
    lacking: tuple[int, ...]


@dataclass(frozen=True)
class CompleteRows:
    """``values`` of shape (m, k) holds the rows ``kept`` of the n that were given; ``dropped`` are the others."""

    values: FloatArray
    kept: IntArray
    dropped: tuple[IncompleteRow, ...]


def read_matrix(reads: Reads) -> FloatArray:
    """Reads as a table of subjects by readers in which NaN (or None) is a read that was not made.

    Raises
    ------
    LengthMismatchError
        Not a table, or rows of unequal length.
    MissingValueError
        Something that is neither a number nor missing, or an infinite read.
    """
    try:
        table = np.array(reads, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MissingValueError("The reads hold something that is not a number, or rows of unequal length.") from error
    if table.ndim != 2:
        raise LengthMismatchError("Reads are a table of subjects by readers.")
    bad = np.argwhere(np.isinf(table))
    if bad.size:
        raise MissingValueError(f"Reader {bad[0, 1]} is infinite for subject {bad[0, 0]}.")
    return table


def complete_rows(reads: Reads) -> CompleteRows:
    """Keep the subjects that every reader read; parameters and errors are those of ``read_matrix``."""
    table = read_matrix(reads)
    absent = np.isnan(table)
    kept = np.flatnonzero(~absent.any(axis=1))
    dropped = tuple(
        IncompleteRow(int(subject), tuple(int(reader) for reader in np.flatnonzero(absent[subject])))
        for subject in np.flatnonzero(absent.any(axis=1))
    )
    return CompleteRows(table[kept], kept.astype(np.int64), dropped)
