"""What a row says about tissues and blood."""

from typing import Any

from django.utils.translation import gettext as _

from labs.cohort_import import cells
from labs.cohort_import.mapping import IhcSection
from labs.cohort_import.records import BloodValue, IhcRead, Record, Tissue
from labs.cohort_import.rowcells import RowCells
from labs.specimens.models import SpecimenKind

_LETTERS = {
    SpecimenKind.TUMOUR: "T",
    SpecimenKind.PERITUMOUR: "P",
    SpecimenKind.NORMAL: "N",
    SpecimenKind.BLOOD: "B",
}


def read_measurements(row: RowCells, record: Record) -> None:
    for section in row.mapping.ihc:
        judged = _judged(row, section)
        if judged and _specimen(row, record, section.specimen, section.key_column):
            record.reads.append(IhcRead(section, judged))
    for each in row.mapping.blood:
        cell = row.cell(each.column)
        if cell is not None and _specimen(row, record, SpecimenKind.BLOOD, each.column):
            decimal_comma = row.decimal == "," and isinstance(cell, str)
            record.blood.append(BloodValue(each, cells.text_of(cell), decimal_comma))


def _judged(row: RowCells, section: IhcSection) -> dict[str, Any]:
    judged: dict[str, Any] = {"density": row.number(section.density)}
    judged |= {name: row.whole(getattr(section, name)) for name in ("intensity", "percent", "extent")}
    counts = [count for column in section.fields if (count := row.whole(column)) is not None]
    if counts:
        judged["field_counts"] = counts
        if len(counts) < len(section.fields):
            judged["fewer_fields_reason"] = str(_("blank in the imported file"))
    return {name: value for name, value in judged.items() if value is not None}


def _specimen(row: RowCells, record: Record, kind: str, column: str) -> bool:
    """Whether the row has a specimen that the measurement in `column` can belong to."""
    if kind in record.specimens:
        return True
    section = row.mapping.specimens.get(kind)
    code = row.text(section.code) if section else None
    collected = None
    if section and section.collected:
        before = len(row.errors)
        collected = row.day(section.collected, section.format)
        if collected is None:
            if len(row.errors) == before:
                row.error(section.collected, _("Blank, although '%(column)s' was measured.") % {"column": column})
            return False
    own = f"{record.study_number}-{_LETTERS[SpecimenKind(kind)]}"
    record.specimens[kind] = Tissue(kind, code or own, collected)
    return True
