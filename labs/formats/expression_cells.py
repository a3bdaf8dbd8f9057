"""Bytes, names and numbers of every file of expression."""

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labs.formats.errors import FormatError

# How a value that is not there is written.
MISSING = frozenset({"", "null", "NA", "N/A", "NaN", "nan"})
_GZIP = b"\x1f\x8b"
# ENSGR0000182378 was the copy on Y of ENSG00000182378 in GENCODE before it was ENSG00000182378_PAR_Y.
_VERSION = re.compile(r"(?<=^ENSG[\dR]\d{10})\.\d+")
# Rows that count reads of no gene: N_unmapped of STAR, __no_feature of HTSeq.
NO_GENE = ("N_", "__")


@contextmanager
def of_file(path: Path) -> Iterator[bytes]:
    """The bytes of a file; a FormatError that is raised while they are read says its name."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise FormatError(str(error.strerror), file=path.name) from error
    try:
        yield packed
    except FormatError as error:
        error.file = error.file or path.name
        raise


def text(packed: bytes, *, otherwise: str = "") -> str:
    """UTF-8, or in the encoding `otherwise` what is not."""
    try:
        content = gzip.decompress(packed) if packed.startswith(_GZIP) else packed
        return content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError("The file is packed, and broken.") from error
    except UnicodeDecodeError as error:
        if otherwise:
            return content.decode(otherwise)
        raise FormatError("The file is no text in UTF-8.") from error


def unquoted(cell: str) -> str:
    return cell.strip().strip('"')


def check_samples(samples: list[str], row: int) -> None:
    if not samples:
        raise FormatError("There is no sample beside the names of the genes.", row=row)
    seen: set[str] = set()
    for sample in samples:
        if not sample:
            raise FormatError("A sample has no name.", row=row)
        if sample in seen:
            raise FormatError("The sample comes twice.", row=row, column=sample)
        seen.add(sample)


def numbers(cells: list[str], samples: list[str], row: int, *, missing: bool = False) -> NDArray[np.float64]:
    """Finite numbers; with `missing` a cell that says that its value is not there is NaN."""
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError:
        values = np.array([np.nan])
    joined = "".join(cells)
    if np.isfinite(values).all() and "_" not in joined and joined.isascii():
        return values
    known = [None if missing and cell.strip() in MISSING else cell for cell in cells]
    bad = next((place for place, cell in enumerate(known) if cell is not None and not _is_finite(cell)), None)
    if bad is None:
        return np.array([np.nan if cell is None else float(cell) for cell in known])
    raise FormatError("A finite number is expected.", row=row, column=samples[bad], value=cells[bad])


def _is_finite(cell: str) -> bool:
    """What no program writes and float() takes, 1_0 and digits of other scripts, is no number."""
    try:
        return isfinite(float(cell)) and "_" not in cell and cell.isascii()
    except ValueError:
        return False


def unversioned(gene: str) -> str:
    """``ENSG00000182378.15_PAR_Y`` → ``ENSG00000182378_PAR_Y``: the same gene in every release. Others stay as is."""
    return _VERSION.sub("", gene)
