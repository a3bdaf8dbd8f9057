"""One table of expression out of any file that an import takes, and whose its columns are."""

import gzip
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from labs.expression.models import ExpressionUnit, Identifiers
from labs.expression.samples import of_barcodes
from labs.formats.errors import FormatError
from labs.formats.expression import REFUSE, ExpressionTable, read_expression
from labs.formats.fpkm import tpm_of_fpkm
from labs.formats.gdc import GENE_ID, GENE_NAME, read_gdc
from labs.formats.geo_series import read_series
from labs.formats.icgc import NORMALIZED, RAW, one_a_donor, read_exp_seq, read_primary_tumours
from labs.formats.xena import read_xena

TABLE, GDC, XENA, GEO, ICGC = FORMATS = ("table", "gdc", "xena", "geo", "icgc")
_FIRST_LINE = 100_000


@dataclass(frozen=True)
class Asked:
    """`format` is sniffed where it is empty. What a format has no use for is refused."""

    path: Path
    unit: str
    identifiers: str
    format: str = ""
    gene_column: str = ""
    ignored: tuple[str, ...] = ()
    sheet: Path | None = None
    from_log2: bool = False
    patient_from: str = ""
    specimens: Path | None = None
    duplicates: str = REFUSE
    from_fpkm: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """`patients` is what the files themselves say of sample → patient; `incomplete` genes lacked a value."""

    table: ExpressionTable
    patients: dict[str, str]
    incomplete: int = 0


def read_any(asked: Asked) -> Found:
    """FormatError names file, row and column."""
    chosen = asked.format or sniffed(asked.path)
    _check_options(asked, chosen)
    if not asked.from_fpkm:
        return _read(asked, chosen)
    found = _read(replace(asked, unit=ExpressionUnit.FPKM), chosen)
    return replace(found, table=tpm_of_fpkm(found.table))


def _read(asked: Asked, chosen: str) -> Found:
    if chosen == GDC:
        names = GENE_NAME if asked.identifiers == Identifiers.SYMBOL else GENE_ID
        return _of_itself(read_gdc(asked.path, measure=asked.unit, named_by=names, sheet=asked.sheet))
    if chosen == XENA:
        whole = asked.unit == ExpressionUnit.COUNTS
        table = read_xena(asked.path, from_log2=asked.from_log2, whole=whole)
        return Found(table, of_barcodes(table.samples))
    if chosen == GEO:
        return _of_geo(asked)
    if chosen == ICGC:
        return _of_icgc(asked)
    return _of_itself(read_expression(asked.path, gene_column=asked.gene_column, ignored=asked.ignored))


def sniffed(path: Path) -> str:
    """A matrix of Xena looks like any table: that it is one is said, not guessed."""
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


def _check_options(asked: Asked, chosen: str) -> None:
    given = {
        "--gene-column": (asked.gene_column, TABLE),
        "--ignore": (asked.ignored, TABLE),
        "--sheet": (asked.sheet, GDC),
        "--from-log2": (asked.from_log2, XENA),
        "--patient-from": (asked.patient_from, GEO),
        "--specimens": (asked.specimens, ICGC),
    }
    for option, (value, only) in given.items():
        if value and chosen != only:
            raise FormatError(f"{option} is of the format {only}, this is {chosen}.")
    if asked.from_fpkm and asked.unit != ExpressionUnit.TPM:
        raise FormatError(f"--from-fpkm gives TPM, and the unit is {asked.unit}.")


def _of_itself(table: ExpressionTable) -> Found:
    return Found(table, {name: name for name in table.samples})


def _of_icgc(asked: Asked) -> Found:
    tumours = read_primary_tumours(asked.specimens) if asked.specimens else None
    measure = RAW if asked.unit == ExpressionUnit.COUNTS else NORMALIZED
    long = read_exp_seq(asked.path, measure=measure, specimens=tumours, duplicates=asked.duplicates)
    donors = long.donors if tumours is None else one_a_donor(long.donors)
    return Found(long.table, donors, long.incomplete)


def _of_geo(asked: Asked) -> Found:
    found = read_series(asked.path)
    if found.table is None:
        named = [name for name in found.series.get("supplementary_file", []) if name]
        where = f" They are in {', '.join(named)}." if named else ""
        raise FormatError(f"The series matrix has no values.{where}", file=asked.path.name)
    if not asked.patient_from:
        return Found(found.table, _of_itself(found.table).patients, found.incomplete)
    patients = {
        sample: told[asked.patient_from] for sample, told in found.characteristics.items() if asked.patient_from in told
    }
    if not patients:
        known = sorted({name for told in found.characteristics.values() for name in told})
        rule = f"No sample has this characteristic; there are {', '.join(known) or 'none'}."
        raise FormatError(rule, value=asked.patient_from, file=asked.path.name)
    return Found(found.table, patients, found.incomplete)
