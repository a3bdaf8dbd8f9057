"""Matrices of UCSC Xena: genes in rows, samples of TCGA in columns, mostly as log2(x + 1)."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable, read_expression
from labs.formats.expression_cells import NO_GENE, unversioned

_SAMPLE = re.compile(r"TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}-\d{2}[A-Z]?")
# Logarithms with fewer digits do not say which whole number they are of.
_OFF = 0.05


def read_xena(path: Path, *, from_log2: bool = False, whole: bool = False) -> ExpressionTable:
    """Read a matrix whose columns are samples such as ``TCGA-2Y-A9GT-01A``.

    Parameters
    ----------
    path : Path
        As for `read_expression`; the first column names the genes, and Ensembl ids lose their version. Rows of reads
        of no gene (``__no_feature`` of HTSeq, ``N_unmapped`` of STAR) are left out.
    from_log2 : bool
        The values are log2(x + 1), and x is wanted. Files do not say so: the page of the data set does.
    whole : bool
        x is a count; with `from_log2` it is rounded to the whole number that it is within 0.05.

    Returns
    -------
    ExpressionTable
        With `from_log2` the hash is that of the file's hash and this fact: the values are not those of the file.

    Raises
    ------
    FormatError
        As `read_expression`, and: a column that is no sample of TCGA; a logarithm below 0 or too large; a count that
        is not whole.
    """
    table = read_expression(path)
    if other := next((name for name in table.samples if not _SAMPLE.fullmatch(name)), None):
        raise FormatError("A sample of TCGA, such as TCGA-2Y-A9GT-01A, is expected.", 1, other, file=path.name)
    rows = [row for row, gene in enumerate(table.genes) if not gene.startswith(NO_GENE)]
    table = replace(table, genes=[unversioned(table.genes[row]) for row in rows], values=table.values[rows])
    if not from_log2:
        return table
    try:
        values = _linear(table, whole)
    except FormatError as error:
        error.file = path.name
        raise
    return replace(table, values=values, sha256=hashlib.sha256(f"{table.sha256} 2^y - 1".encode()).hexdigest())


def _linear(table: ExpressionTable, whole: bool) -> NDArray[np.float64]:
    _refuse(table, (table.values < 0) | (table.values > 60), "log2(x + 1) is expected, from 0 to 60.")
    values = np.exp2(table.values) - 1
    if not whole:
        return values
    rounded = np.round(values)
    _refuse(table, np.abs(values - rounded) > _OFF, "2^y - 1 is no whole number: this is no count.")
    return rounded


def _refuse(table: ExpressionTable, bad: NDArray[np.bool_], rule: str) -> None:
    if bad.any():
        gene, sample = (int(at) for at in np.argwhere(bad)[0])
        value = f"{table.genes[gene]}: {table.values[gene, sample]:g}"
        raise FormatError(rule, column=table.samples[sample], value=value)
