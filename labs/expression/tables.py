"""One table of expression out of any file that an import takes, and whose its columns are."""

from dataclasses import dataclass
from pathlib import Path

from labs.expression.models import ExpressionUnit, Identifiers
from labs.expression.samples import of_barcodes
from labs.formats import expression_layouts as layouts
from labs.formats.errors import FormatError
from labs.formats.expression import REFUSE, ExpressionTable
from labs.formats.expression_layouts import GDC, GEO, ICGC, TABLE, XENA, Read, read_layout, sniffed
from labs.formats.icgc import one_a_donor


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
    read = read_layout(
        layouts.Asked(
            asked.path,
            asked.unit,
            by_symbol=asked.identifiers == Identifiers.SYMBOL,
            gene_column=asked.gene_column,
            ignored=asked.ignored,
            sheet=asked.sheet,
            from_log2=asked.from_log2,
            specimens=asked.specimens,
            duplicates=asked.duplicates,
            from_fpkm=asked.from_fpkm,
        ),
        chosen,
    )
    return Found(read.table, _patients(asked, chosen, read), read.incomplete)


def _patients(asked: Asked, chosen: str, read: Read) -> dict[str, str]:
    if chosen == XENA:
        return of_barcodes(read.table.samples)
    if chosen == ICGC:
        return dict(read.donors) if asked.specimens is None else one_a_donor(dict(read.donors))
    return _of_characteristic(asked, read) if asked.patient_from else {name: name for name in read.table.samples}


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


def _of_characteristic(asked: Asked, read: Read) -> dict[str, str]:
    patients = {
        sample: told[asked.patient_from] for sample, told in read.characteristics.items() if asked.patient_from in told
    }
    if not patients:
        known = sorted({name for told in read.characteristics.values() for name in told})
        rule = f"No sample has this characteristic; there are {', '.join(known) or 'none'}."
        raise FormatError(rule, value=asked.patient_from, file=asked.path.name)
    return patients
