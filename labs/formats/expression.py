"""A table of gene expression: genes in rows, samples in columns, as TSV, CSV or GCT, packed with gzip or not."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labs.formats.errors import FormatError
from labs.formats.expression_cells import check_samples, numbers, of_file, text, unquoted

REFUSE, LARGEST = "refuse", "largest"
DUPLICATES = (REFUSE, LARGEST)
_GCT = "#1."


@dataclass(frozen=True, eq=False)
class ExpressionTable:
    """`values` has the shape (genes, samples); `sha256` is that of the file as it is; `unnamed` rows had no gene.

    A value that is missing, where that was allowed, is NaN.
    """

    genes: list[str]
    samples: list[str]
    values: NDArray[np.float64]
    sha256: str
    unnamed: int = 0


def read_expression(
    path: Path,
    *,
    gene_column: str = "",
    ignored: Sequence[str] = (),
    missing: bool = False,
    row_names: bool = False,
) -> ExpressionTable:
    """Read a whole table.

    Parameters
    ----------
    path : Path
        Separated by tabs, or by commas where the header has no tab. A GCT file (``#1.2``, ``#1.3``) has its sizes in
        its second line; columns and rows of it that describe genes and samples are left out.
    gene_column : str, optional
        The column that names the genes; the first one if not given.
    ignored : sequence of str
        Further columns that are no samples.
    missing : bool
        A cell may be empty, ``NA``, ``N/A``, ``NaN`` or ``null``.
    row_names : bool
        The header may be one cell short, as R writes it: the column of the genes then has no name.

    Raises
    ------
    FormatError
        Names row and column: a cell that is no finite number, a row of another length, a sample that comes twice or has
        no name, a column that is not there, nothing at all.

    Notes
    -----
    Rows without a name are left out and counted: not every Ensembl id has a symbol.
    """
    with of_file(path) as packed:
        return _table(packed, gene_column, list(ignored), missing, row_names)


def _table(packed: bytes, gene_column: str, ignored: list[str], missing: bool, row_names: bool) -> ExpressionTable:
    lines = io.StringIO(text(packed), newline=None)
    first, start = lines.readline().rstrip("\n"), 1
    said, annotations = list[str](), 0
    if first.startswith(_GCT):
        said = lines.readline().split()
        first, start = lines.readline().rstrip("\n"), 3
        beside, annotations = _beside(said, first)
        ignored = [*ignored, *(name for name in beside if name != gene_column)]
    delimiter = "\t" if "\t" in first else ","
    header = [unquoted(cell) for cell in _cells(first, delimiter)]
    numbered = islice(enumerate(lines, start=start + 1), annotations, None)
    second = next(numbered, (0, ""))
    if row_names and len(_cells(second[1], delimiter)) == len(header) + 1:
        header.insert(0, "")
    named = gene_column or header[0]
    if absent := next((name for name in (named, *ignored) if name not in header), None):
        raise FormatError("There is no such column.", row=start, column=absent)
    of_genes = header.index(named)
    places = [place for place, name in enumerate(header) if place != of_genes and name not in ignored]
    samples = [header[place] for place in places]
    check_samples(samples, start)
    genes, rows, unnamed = [], [], 0
    for number, line in chain([second], numbered):
        cells = _cells(line.rstrip("\n"), delimiter)
        if cells == [""]:
            continue
        if len(cells) != len(header):
            raise FormatError(f"The row has {len(cells)} cells, the header {len(header)}.", row=number)
        gene = unquoted(cells[of_genes])
        if not gene:
            unnamed += 1
            continue
        genes.append(gene)
        rows.append(numbers([cells[place] for place in places], samples, number, missing=missing))
    if not rows:
        raise FormatError("The file holds no gene.")
    if said and said[:2] != (held := [str(len(rows) + unnamed), str(len(samples))]):
        raise FormatError(f"{' and '.join(said[:2])} rows and columns are said, {' and '.join(held)} are there.", row=2)
    return ExpressionTable(genes, samples, np.array(rows), hashlib.sha256(packed).hexdigest(), unnamed)


def _beside(said: list[str], header: str) -> tuple[list[str], int]:
    """Of a GCT: columns that are no samples, and rows below the header that are no genes. Version 1.3 counts both."""
    if not all(size.isdigit() for size in said) or len(said) not in (2, 4):
        raise FormatError("The second line of a GCT has two sizes, or four (1.3).", row=2, value=" ".join(said))
    if len(said) == 2:
        return ["Description"], 0
    return header.split("\t")[1 : 1 + int(said[2])], int(said[3])


def _cells(line: str, delimiter: str) -> list[str]:
    """A cell in quotes may hold the delimiter."""
    return next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)


def one_row_a_gene(table: ExpressionTable, rule: str) -> ExpressionTable:
    """`refuse` a gene that comes twice, or keep the row with the `largest` mean, of equal ones the first."""
    rows: dict[str, int] = {}
    means = table.values.mean(axis=1)
    for place, gene in enumerate(table.genes):
        known = rows.get(gene)
        if known is not None and rule == REFUSE:
            raise FormatError("The gene comes twice: say which of its rows counts.", value=gene)
        if known is None or means[place] > means[known]:
            rows[gene] = place
    # A gene stands where its first row stood.
    return ExpressionTable(list(rows), table.samples, table.values[list(rows.values())], table.sha256, table.unnamed)
