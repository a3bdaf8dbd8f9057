"""A record's specimens, stains, reads and blood results into the registry."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import BloodResult
from labs.blood.reading import Entered, read_result
from labs.blood.services import blood_result_correct, blood_result_record, blood_results_record
from labs.cohort_import.records import BloodValue, IhcRead, Tissue
from labs.cohort_import.rowwriter import Item, RowWriter
from labs.ihc.models import Read
from labs.ihc.services import read_correct, read_record, reads_record
from labs.markers.models import Stain
from labs.markers.services import stain_create, stains_create
from labs.specimens.models import Specimen, SpecimenKind, Timing
from labs.specimens.services import specimen_correct, specimen_create
from registry.patients.models import Patient


def write_measurements(writer: RowWriter, patient: Patient) -> None:
    found = {kind: _specimen(writer, patient, tissue) for kind, tissue in writer.record.specimens.items()}
    specimens = {kind: specimen for kind, specimen in found.items() if specimen}
    reads = [read for read in writer.record.reads if read.section.specimen in specimens]
    _write_reads(writer, reads, _stains(writer, specimens, reads))
    if draw := specimens.get(SpecimenKind.BLOOD):
        _write_blood(writer, draw)


def _specimen(writer: RowWriter, patient: Patient, tissue: Tissue) -> Specimen | None:
    world, section = writer.world, writer.world.mapping.specimens.get(tissue.kind)
    known = world.known.specimens.get(tissue.code)
    columns = {"collected": section.collected, "code": section.code} if section else {}
    if known and known.patient_id != patient.pk:
        writer.refuse(columns.get("code", ""), [_("Another patient has the specimen %s.") % tissue.code])
        return None
    timing = Timing.DATED if tissue.collected else Timing.BASELINE_DECLARED
    wanted: dict[str, Any] = {"kind": tissue.kind, "timing": timing, "collected": tissue.collected}

    def write() -> Specimen:
        if known is None:
            return specimen_create(patient=patient, code=tissue.code, **wanted, **world.signed)
        return specimen_correct(specimen=known, changes=wanted, expected_version=known.version, **world.signed)

    if known:
        known.patient = patient
    return writer.settle("specimens", columns, known, wanted, write)


def _stains(
    writer: RowWriter, specimens: dict[str, Specimen], reads: Iterable[IhcRead]
) -> dict[tuple[str, str], Stain | None]:
    """By specimen and marker; two readers of one stain read the same one."""
    columns = {(read.section.specimen, read.section.marker): read.section.key_column for read in reads}
    items = [_stain(writer, specimens[kind], marker, column) for (kind, marker), column in columns.items()]
    stains = writer.settle_all("stains", items, lambda new: stains_create(pairs=new, **writer.world.signed))
    return dict(zip(columns, stains, strict=True))


def _stain(writer: RowWriter, specimen: Specimen, code: str, column: str) -> Item[Stain]:
    world, marker = writer.world, writer.world.definitions.markers[code]
    known = world.known.stains.get((specimen.pk, marker.pk))
    if known:
        known.specimen, known.marker = specimen, marker
    return Item(
        {"marker": column},
        known,
        {},
        lambda: stain_create(specimen=specimen, marker=marker, **world.signed),
        (specimen, marker),
    )


def _write_reads(writer: RowWriter, reads: Iterable[IhcRead], stains: dict[tuple[str, str], Stain | None]) -> None:
    found = ((read, stains[read.section.specimen, read.section.marker]) for read in reads)
    items = [_read(writer, stain, read) for read, stain in found if stain]
    writer.settle_all("reads", items, lambda new: reads_record(reads=new, **writer.world.signed))


def _read(writer: RowWriter, stain: Stain, read: IhcRead) -> Item[Read]:
    world, section = writer.world, read.section
    columns = {name: getattr(section, name) for name in ("density", "intensity", "percent", "extent")}
    known = world.known.reads.get((stain.pk, section.reader))

    def write() -> Read:
        if known is None:
            return read_record(stain=stain, reader=section.reader, **read.judged, **world.signed)
        known.stain = stain
        return read_correct(read=known, **read.judged, **world.signed)

    return Item(
        {"": section.key_column, **columns, "field_counts": section.key_column},
        known,
        read.judged,
        write,
        (stain, section.reader, read.judged),
    )


def _write_blood(writer: RowWriter, draw: Specimen) -> None:
    items = [item for value in writer.record.blood if (item := _blood(writer, draw, value))]
    writer.settle_all(
        "blood_results",
        items,
        lambda new: blood_results_record(specimen=draw, entered=dict(new), **writer.world.signed),
    )


def _blood(writer: RowWriter, draw: Specimen, value: BloodValue) -> Item[BloodResult] | None:
    world, section = writer.world, value.section
    analyte, columns = world.definitions.analytes[section.analyte], {"value": section.column}
    known = world.known.blood.get((draw.pk, analyte.pk))
    entered: dict[str, Any] = {
        "value": value.text,
        "unit": section.unit,
        "accept_unusual": section.accept_unusual,
        "decimal_comma": value.decimal_comma,
    }

    def write() -> BloodResult:
        if known is None:
            return blood_result_record(specimen=draw, analyte=analyte, **entered, **world.signed)
        known.specimen, known.analyte = draw, analyte
        return blood_result_correct(result=known, **entered, **world.signed)

    try:
        # Compared as results: 3.80 g/dL in the file is no change of 38 g/L.
        result = read_result(draw, analyte, Entered(**entered)) if known else None
    except ValidationError as error:
        writer.explain(error, columns)
        return None
    wanted = {name: getattr(result, name) for name in ("comparator", "value", "coded")} if result else {}
    return Item(columns, known, wanted, write, (analyte, Entered(**entered)))
