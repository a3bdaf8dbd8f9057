"""Series matrices of GEO: what the series and its samples are, and the table of values."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable
from labs.formats.expression_cells import MISSING, check_samples, numbers, of_file, text, unquoted

SERIES, SAMPLE = "!Series_", "!Sample_"
_BEGIN, _END = "!series_matrix_table_begin", "!series_matrix_table_end"
_ACCESSION, _CHARACTERISTICS = "geo_accession", "characteristics_ch"


@dataclass(frozen=True)
class Series:
    """`series` and `samples` are the `!Series_` and `!Sample_` rows without their prefix.

    A sample's characteristics (``stage: II``) stand under their own names in `characteristics`, by accession. `table`
    is None where the file has no values, as for most RNA-seq: then they are in files that
    ``series["supplementary_file"]`` names. Rows of the table with a missing value are left out: `incomplete` of them.
    """

    series: dict[str, list[str]]
    samples: dict[str, list[str]]
    characteristics: dict[str, dict[str, str]]
    table: ExpressionTable | None
    incomplete: int


@dataclass
class _Read:
    series: dict[str, list[str]] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)
    characteristics: list[list[str]] = field(default_factory=list)


def read_series(path: Path) -> Series:
    """Read a series matrix.

    Parameters
    ----------
    path : Path
        ``GSE…_series_matrix.txt``, packed with gzip or not.

    Raises
    ------
    FormatError
        Names row and column: a value that is neither a finite number nor missing (empty, ``null``, ``NA``), a row of
        another length, samples of the table that are not those of ``!Sample_geo_accession``, a table without an end (a
        file that broke off), only rows with missing values.

    Notes
    -----
    Format: https://www.ncbi.nlm.nih.gov/geo/info/soft.html. Rows are named by probes where the series is of arrays.
    Submitters' words are not always UTF-8: what is not is read as Latin-1, which no name or number of the table needs.
    """
    with of_file(path) as packed:
        return _series(text(packed, otherwise="latin-1"), hashlib.sha256(packed).hexdigest())


def _series(content: str, sha256: str) -> Series:
    lines = enumerate(io.StringIO(content, newline=None), start=1)
    read = _Read()
    for number, line in lines:
        cells = [unquoted(cell) for cell in line.rstrip("\n").split("\t")]
        if cells[0] == _BEGIN:
            break
        _annotation(read, cells, number)
    else:
        raise FormatError(f"The file has no {_BEGIN}: it is no series matrix, or broke off.")
    accessions = read.samples.get(_ACCESSION, [])
    check_samples(accessions, 0)
    table, incomplete = _table(lines, accessions, sha256)
    return Series(read.series, read.samples, _by_sample(accessions, read.characteristics), table, incomplete)


def _annotation(read: _Read, cells: list[str], number: int) -> None:
    name, values = cells[0], cells[1:]
    if name.startswith(SERIES):
        read.series.setdefault(name.removeprefix(SERIES), []).extend(values)
    elif name.startswith(SAMPLE):
        known = read.samples.get(_ACCESSION)
        if known and len(known) != len(values):
            raise FormatError(f"The row has {len(values)} samples, not {len(known)}.", row=number, column=name)
        key = name.removeprefix(SAMPLE)
        if key.startswith(_CHARACTERISTICS):
            read.characteristics.append(values)
        else:
            read.samples.setdefault(key, values)
    elif name:
        raise FormatError("A row of !Series_… or !Sample_… is expected.", row=number, value=name)


def _by_sample(accessions: list[str], rows: list[list[str]]) -> dict[str, dict[str, str]]:
    """One row may hold different characteristics of different samples: the name before the colon counts."""
    found: dict[str, dict[str, str]] = {accession: {} for accession in accessions}
    for row in rows:
        for accession, cell in zip(accessions, row, strict=True):
            name, colon, value = cell.partition(":")
            if not cell:
                continue
            name, value = (name.strip(), value.strip()) if colon else ("", cell)
            known = found[accession].get(name)
            found[accession][name] = value if known is None else f"{known}; {value}"
    return found


def _table(lines: Iterator[tuple[int, str]], accessions: list[str], sha256: str) -> tuple[ExpressionTable | None, int]:
    header: list[str] = []
    genes, rows, unnamed, incomplete = [], [], 0, 0
    for number, line in lines:
        cells = [unquoted(cell) for cell in line.rstrip("\n").split("\t")]
        if cells[0] == _END:
            break
        if not header:
            header = cells
            if header[1:] != accessions:
                raise FormatError("The samples of the table are not those of !Sample_geo_accession.", row=number)
            continue
        if len(cells) != len(header):
            raise FormatError(f"The row has {len(cells)} cells, the header {len(header)}.", row=number)
        if not cells[0]:
            unnamed += 1
        elif not MISSING.isdisjoint(cells[1:]):
            numbers([cell for cell in cells[1:] if cell not in MISSING], _present(header, cells), number)
            incomplete += 1
        else:
            genes.append(cells[0])
            rows.append(numbers(cells[1:], accessions, number))
    else:
        raise FormatError(f"The table has no {_END}: the file broke off.")
    if not rows:
        if incomplete:
            raise FormatError("Every row of the table lacks a value.")
        return None, 0
    return ExpressionTable(genes, accessions, np.array(rows), sha256, unnamed), incomplete


def _present(header: list[str], cells: list[str]) -> list[str]:
    return [name for name, cell in zip(header[1:], cells[1:], strict=True) if cell not in MISSING]
