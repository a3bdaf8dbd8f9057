"""Tables of the ICGC Data Portal: expression (one row a gene and specimen), and which specimens are primary tumours."""

import gzip
import hashlib
import zlib
from array import array
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labs.formats.errors import FormatError
from labs.formats.expression import REFUSE, ExpressionTable
from labs.formats.expression_cells import unversioned

DONOR, SPECIMEN, TYPE = "icgc_donor_id", "icgc_specimen_id", "specimen_type"
PRIMARY_TUMOUR = "Primary tumour - solid tissue"
NORMALIZED, RAW = "normalized_read_count", "raw_read_count"
_GENE, _SAMPLE, _ANALYSIS = "gene_id", "icgc_sample_id", "analysis_id"


@dataclass(frozen=True, eq=False)
class LongTable:
    """`donors` is the donor of each specimen; `incomplete` genes lacked a value in a specimen and were left out."""

    table: ExpressionTable
    donors: dict[str, str]
    incomplete: int


def read_exp_seq(
    path: Path, *, measure: str = NORMALIZED, specimens: Set[str] | None = None, duplicates: str = REFUSE
) -> LongTable:
    """Read ``exp_seq`` into genes × specimens.

    Parameters
    ----------
    path : Path
        Separated by tabs, packed with gzip or not. It is read row by row: 24 bytes are held of each.
    measure : {"normalized_read_count", "raw_read_count"}
    specimens : set of str, optional
        Rows of others are passed over.
    duplicates : {"refuse", "largest"}
        What counts of a gene that comes twice in a specimen.

    Raises
    ------
    FormatError
        Names row and column: no such column, no finite number, no gene or specimen, a specimen of two donors or of two
        analyses, a gene that comes twice in a specimen, no gene that all specimens have, none of the wanted specimens.

    Notes
    -----
    Format: the portal's ``exp_seq.PROJECT.tsv.gz``, release 28. Ensembl ids lose their version. Genes and specimens
    stand in the order of their first rows.
    """
    genes: dict[str, int] = {}
    columns: dict[str, int] = {}
    donors: dict[str, str] = {}
    analyses: dict[str, tuple[str, str]] = {}
    places, values, rows = array("q"), array("d"), array("q")
    with _rows(path, (DONOR, SPECIMEN, _GENE, measure), (_SAMPLE, _ANALYSIS)) as found:
        for row, (donor, specimen, gene, value, sample, analysis) in found:
            if specimens is not None and specimen not in specimens:
                continue
            if not gene or not specimen:
                raise FormatError("A gene and its specimen are expected.", row=row)
            if donors.setdefault(specimen, donor) != donor:
                raise FormatError(f"The specimen is of {donors[specimen]} as well.", row, DONOR, donor)
            first = analyses.setdefault(specimen, (sample, analysis))
            if first != (sample, analysis):
                rule = (
                    f"The specimen {specimen} has another analysis, {' '.join(first)}: leave one of them in the file."
                )
                raise FormatError(rule, row, _ANALYSIS, f"{sample} {analysis}")
            gene = unversioned(gene)
            places.append(genes.setdefault(gene, len(genes)) << 32 | columns.setdefault(specimen, len(columns)))
            values.append(_number(value, row, measure))
            rows.append(row)
    if not genes:
        raise FormatError("The file holds no gene of the specimens that are wanted.", file=path.name)
    pairs = np.frombuffer(places, dtype=np.int64)
    if duplicates == REFUSE:
        _refuse_twice(pairs, list(genes), list(columns), rows, path.name)
    flat = np.full(len(genes) * len(columns), -np.inf)
    np.maximum.at(flat, (pairs >> 32) * len(columns) + (pairs & 0xFFFFFFFF), np.frombuffer(values))
    matrix = flat.reshape(len(genes), len(columns))
    whole = np.isfinite(matrix).all(axis=1)
    if not whole.any():
        raise FormatError("There is no gene that every specimen has.", file=path.name)
    names = [gene for gene, is_whole in zip(genes, whole.tolist(), strict=True) if is_whole]
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    table = ExpressionTable(names, list(columns), matrix[whole], sha256)
    return LongTable(table, donors, len(genes) - len(names))


def read_primary_tumours(path: Path) -> set[str]:
    """Specimens of ``specimen`` whose type is "Primary tumour - solid tissue".

    Raises
    ------
    FormatError
        Names row and column: no such column, a specimen with two types, no primary tumour at all.
    """
    types: dict[str, str] = {}
    with _rows(path, (SPECIMEN, TYPE)) as found:
        for row, (specimen, kind) in found:
            if types.setdefault(specimen, kind) != kind:
                raise FormatError(f"The specimen is {types[specimen]} as well.", row, TYPE, kind)
    if tumours := {specimen for specimen, kind in types.items() if kind == PRIMARY_TUMOUR}:
        return tumours
    raise FormatError(f"No specimen is a {PRIMARY_TUMOUR}.", file=path.name)


def one_a_donor(donors: dict[str, str]) -> dict[str, str]:
    """Specimen → donor with one specimen of each donor: the one with the lowest number, SP98 before SP112."""
    first: dict[str, str] = {}
    for specimen in sorted(donors, key=lambda name: (len(name), name)):
        first.setdefault(donors[specimen], specimen)
    return {specimen: donor for donor, specimen in first.items()}


def _refuse_twice(
    pairs: NDArray[np.int64], genes: list[str], specimens: list[str], rows: "array[int]", file: str
) -> None:
    first = np.unique(pairs, return_index=True)[1]
    if first.size == pairs.size:
        return
    again = int(np.setdiff1d(np.arange(pairs.size), first)[0])
    gene, specimen = genes[pairs[again] >> 32], specimens[pairs[again] & 0xFFFFFFFF]
    raise FormatError("The gene comes twice in this specimen.", rows[again], specimen, gene, file)


@contextmanager
def _rows(
    path: Path, wanted: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The cells of the wanted columns, by row; an optional column that is not there is empty."""
    try:
        with path.open("rb") as packed, gzip.open(packed) if packed.peek(2)[:2] == b"\x1f\x8b" else packed as content:
            header = content.readline().decode("utf-8-sig").rstrip("\r\n").split("\t")
            if absent := next((name for name in wanted if name not in header), None):
                raise FormatError("There is no such column.", 1, absent)
            places = [header.index(name) if name in header else -1 for name in (*wanted, *optional)]
            yield _cells(content, places, len(header))
    except FormatError as error:
        error.file = path.name
        raise
    except UnicodeDecodeError as error:
        raise FormatError("The file is no text in UTF-8.", file=path.name) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FormatError("The file is packed, and broken.", file=path.name) from error
    except OSError as error:
        raise FormatError(str(error.strerror), file=path.name) from error


def _cells(lines: Iterator[bytes], places: list[int], width: int) -> Iterator[tuple[int, list[str]]]:
    for row, line in enumerate(lines, start=2):
        cells = line.decode().rstrip("\r\n").split("\t")
        if cells == [""]:
            continue
        if len(cells) != width:
            raise FormatError(f"The row has {len(cells)} cells, the header {width}.", row=row)
        yield row, [cells[place].strip() if place >= 0 else "" for place in places]


def _number(cell: str, row: int, column: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise FormatError("A finite number is expected.", row, column, cell)
    return value
