"""Tables of the ICGC Data Portal: expression (one row a gene and sample) and donors with their survival."""

import gzip
import hashlib
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable

DONOR, SPECIMEN, SAMPLE = "icgc_donor_id", "icgc_specimen_id", "analyzed_sample_id"
COLUMNS_OF_SAMPLES = (DONOR, SPECIMEN, SAMPLE)
NORMALIZED, RAW = "normalized_read_count", "raw_read_count"
_GENE, _STATUS, _TIME, _LAST = "gene_id", "donor_vital_status", "donor_survival_time", "donor_interval_of_last_followup"
_DEAD = {"deceased": 1, "alive": 0}


@dataclass(frozen=True, eq=False)
class LongTable:
    """`donors` is the donor of each sample."""

    table: ExpressionTable
    donors: dict[str, str]


@dataclass(frozen=True)
class Donor:
    """`days` to death or last contact, `status` 1 dead and 0 alive; None where the table has none."""

    donor: str
    days: float | None
    status: int | None


def read_exp_seq(path: Path, *, measure: str = NORMALIZED, samples: str = SPECIMEN) -> LongTable:
    """Read ``exp_seq`` into genes × samples.

    Parameters
    ----------
    path : Path
        Separated by tabs, packed with gzip or not. It is read row by row: 24 bytes are held of each.
    measure : {"normalized_read_count", "raw_read_count"}
    samples : {"icgc_specimen_id", "analyzed_sample_id", "icgc_donor_id"}
        What a column of the result is.

    Raises
    ------
    FormatError
        Names row and column: no such column, no finite number, no gene or sample, a sample of two donors, a gene that
        comes twice in a sample. A gene that a sample lacks is named, with the number of such pairs.

    Notes
    -----
    Format: https://docs.icgc.org/submission/guide/. Genes and samples stand in the order of their first rows.
    """
    if samples not in COLUMNS_OF_SAMPLES:
        raise FormatError(f"Samples are {', '.join(COLUMNS_OF_SAMPLES)}.", value=samples)
    genes: dict[str, int] = {}
    columns: dict[str, int] = {}
    donors: dict[str, str] = {}
    places, values, rows = array("q"), array("d"), array("q")
    with _rows(path, (DONOR, samples, _GENE, measure)) as found:
        for row, (donor, sample, gene, value) in found:
            if not gene or not sample:
                raise FormatError("A gene and its sample are expected.", row=row)
            if donors.setdefault(sample, donor) != donor:
                raise FormatError(f"The sample is of {donors[sample]} as well.", row, DONOR, donor)
            places.append(genes.setdefault(gene, len(genes)) << 32 | columns.setdefault(sample, len(columns)))
            values.append(_number(value, row, measure))
            rows.append(row)
    if not genes:
        raise FormatError("The file holds no gene.", file=path.name)
    pairs = np.frombuffer(places, dtype=np.int64)
    at_gene, at_sample = pairs >> 32, pairs & 0xFFFFFFFF
    matrix = np.full((len(genes), len(columns)), np.nan)
    matrix[at_gene, at_sample] = np.frombuffer(values)
    names, of = list(genes), list(columns)
    if pairs.size > np.isfinite(matrix).sum():
        first = np.unique(pairs, return_index=True)[1]
        again = int(np.setdiff1d(np.arange(pairs.size), first)[0])
        gene, sample = names[at_gene[again]], of[at_sample[again]]
        raise FormatError("The gene comes twice in this sample.", rows[again], sample, gene, path.name)
    if lacking := np.argwhere(np.isnan(matrix)).tolist():
        gene, sample = names[lacking[0][0]], of[lacking[0][1]]
        more = f"; {len(lacking)} pairs of gene and sample are missing" if len(lacking) > 1 else ""
        raise FormatError(f"The sample has no value of this gene{more}.", 0, sample, gene, path.name)
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return LongTable(ExpressionTable(names, of, matrix, sha256), donors)


def read_donors(path: Path) -> list[Donor]:
    """Read survival out of a donor table.

    ``donor_vital_status`` is alive, deceased or empty; ``donor_survival_time`` is in days, and where a donor that is
    alive has none, ``donor_interval_of_last_followup`` counts, if the table has it.

    Raises
    ------
    FormatError
        Names row and column: another status, a time that is no number of 0 or more, a donor that comes twice.
    """
    found: dict[str, Donor] = {}
    with _rows(path, (DONOR, _STATUS, _TIME), (_LAST,)) as rows:
        for row, (donor, status, survival, last) in rows:
            if not donor:
                raise FormatError("A donor is expected.", row, DONOR)
            if donor in found:
                raise FormatError("The donor comes twice.", row, DONOR, donor)
            if status and status not in _DEAD:
                raise FormatError("A vital status is alive or deceased.", row, _STATUS, status)
            column, time = (_LAST, last) if status == "alive" and not survival else (_TIME, survival)
            days = _number(time, row, column) if time else None
            if days is not None and days < 0:
                raise FormatError("A time is 0 or more.", row, column, time)
            found[donor] = Donor(donor, days, _DEAD.get(status))
    return list(found.values())


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
