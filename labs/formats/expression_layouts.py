"""One table of gene expression out of any layout: a plain table, or what the GDC, Xena, GEO and the ICGC give out."""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from labs.formats.errors import FormatError
from labs.formats.expression import REFUSE, ExpressionTable, read_expression
from labs.formats.fpkm import tpm_of_fpkm
from labs.formats.gdc import COUNTS, FPKM, GENE_ID, GENE_NAME, read_gdc
from labs.formats.geo_series import read_series
from labs.formats.icgc import NORMALIZED, RAW, read_exp_seq, read_primary_tumours
from labs.formats.xena import read_xena

TABLE, GDC, XENA, GEO, ICGC = LAYOUTS = ("table", "gdc", "xena", "geo", "icgc")
_FIRST_LINE = 100_000


@dataclass(frozen=True)
class Asked:
    """What to read: a file, or for "gdc" the folder of the files that a `sheet` names.

    `unit` decides which of several columns count, `by_symbol` which names of genes. `gene_column`, `ignored`, `missing`
    and `row_names` are of a plain table (see `read_expression`), `from_log2` is of Xena (see `read_xena`), `specimens`
    (the file of their types, of which the primary tumours count) and `duplicates` are of the ICGC (see `read_exp_seq`).
    With `from_fpkm` FPKM are read in any layout and become TPM.
    """

    path: Path
    unit: str
    by_symbol: bool = False
    gene_column: str = ""
    ignored: tuple[str, ...] = ()
    missing: bool = False
    row_names: bool = False
    sheet: Path | None = None
    from_log2: bool = False
    specimens: Path | None = None
    duplicates: str = REFUSE
    from_fpkm: bool = False


@dataclass(frozen=True, eq=False)
class Read:
    """`incomplete` rows lacked a value and were left out.

    What else the file says of its samples: `donors` of the ICGC, `characteristics` of GEO by their names.
    """

    table: ExpressionTable
    incomplete: int = 0
    donors: Mapping[str, str] = field(default_factory=dict)
    characteristics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_layout(asked: Asked, layout: str) -> Read:
    """Read a file of this layout.

    Raises
    ------
    FormatError
        As the reader of the layout; a series matrix without values names the files that have them.
    """
    if asked.from_fpkm:
        read = read_layout(replace(asked, unit=FPKM, from_fpkm=False), layout)
        return replace(read, table=tpm_of_fpkm(read.table))
    whole = asked.unit == COUNTS
    if layout == GDC:
        names = GENE_NAME if asked.by_symbol else GENE_ID
        return Read(read_gdc(asked.path, measure=asked.unit, named_by=names, sheet=asked.sheet))
    if layout == XENA:
        return Read(read_xena(asked.path, from_log2=asked.from_log2, whole=whole))
    if layout == GEO:
        return _of_geo(asked.path)
    if layout == ICGC:
        tumours = read_primary_tumours(asked.specimens) if asked.specimens else None
        measure = RAW if whole else NORMALIZED
        long = read_exp_seq(asked.path, measure=measure, specimens=tumours, duplicates=asked.duplicates)
        return Read(long.table, long.incomplete, donors=long.donors)
    if layout != TABLE:
        raise FormatError(f"A layout is one of {', '.join(LAYOUTS)}.", value=layout)
    return Read(
        read_expression(
            asked.path,
            gene_column=asked.gene_column,
            ignored=asked.ignored,
            missing=asked.missing,
            row_names=asked.row_names,
        )
    )


def _of_geo(path: Path) -> Read:
    found = read_series(path)
    if found.table is None:
        named = [name for name in found.series.get("supplementary_file", []) if name]
        where = f" They are in {', '.join(named)}." if named else ""
        raise FormatError(f"The series matrix has no values.{where}", file=path.name)
    return Read(found.table, found.incomplete, characteristics=found.characteristics)


def sniffed(path: Path) -> str:
    """The layout of a file. A matrix of Xena looks like any table: that it is one is said, not guessed."""
    if path.is_dir():
        return GDC
    first = _first_line(path)
    if first.startswith(("!Series_", "!Sample_")):
        return GEO
    header = first.rstrip("\r\n").split("\t")
    return ICGC if set(header) >= {"icgc_donor_id", "gene_id"} else TABLE


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as packed, gzip.open(packed) if packed.peek(2)[:2] == b"\x1f\x8b" else packed as content:
            return content.readline(_FIRST_LINE).decode("utf-8-sig", "replace")
    except (OSError, EOFError, zlib.error):
        # Whoever reads the whole file says what is wrong with it.
        return ""
