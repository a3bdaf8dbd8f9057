"""A record's specimens, stains, reads and blood results into the registry."""

from typing import Any

from django.utils.translation import gettext as _

from labs.blood.models import BloodResult
from labs.blood.reading import Entered, read_result
from labs.blood.services import blood_result_correct, blood_result_record
from labs.cohort_import.records import BloodValue, IhcRead, Tissue
from labs.cohort_import.rowwriter import RowWriter
from labs.ihc.models import Read
from labs.ihc.services import read_correct, read_record
from labs.markers.models import Stain
from labs.markers.services import stain_create
from labs.specimens.models import Specimen, SpecimenKind, Timing
from labs.specimens.services import specimen_correct, specimen_create
from registry.patients.models import Patient


def write_measurements(writer: RowWriter, patient: Patient) -> None:
    specimens = {kind: _specimen(writer, patient, tissue) for kind, tissue in writer.record.specimens.items()}
    for read in writer.record.reads:
        if specimen := specimens.get(read.section.specimen):
            _read(writer, specimen, read)
    draw = specimens.get(SpecimenKind.BLOOD)
    if draw:
        for value in writer.record.blood:
            _blood(writer, draw, value)


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


def _read(writer: RowWriter, specimen: Specimen, read: IhcRead) -> None:
    world, section = writer.world, read.section
    columns: dict[str, str] = {"density": section.key_column}
    columns |= {name: getattr(section, name) for name in ("intensity", "percent", "extent")}
    columns["field_counts"] = section.key_column
    stain = _stain(writer, specimen, section.marker, section.key_column)
    if stain is None:
        return
    known = world.known.reads.get((stain.pk, section.reader))

    def write() -> Read:
        if known is None:
            return read_record(stain=stain, reader=section.reader, **read.judged, **world.signed)
        known.stain = stain
        return read_correct(read=known, **read.judged, **world.signed)

    writer.settle("reads", columns, known, read.judged, write)


def _stain(writer: RowWriter, specimen: Specimen, code: str, column: str) -> Stain | None:
    world, marker = writer.world, writer.world.definitions.markers[code]
    known = world.known.stains.get((specimen.pk, marker.pk))
    if known:
        known.specimen, known.marker = specimen, marker
    return writer.settle(
        "stains",
        {"marker": column},
        known,
        {},
        lambda: stain_create(specimen=specimen, marker=marker, **world.signed),
    )


def _blood(writer: RowWriter, draw: Specimen, value: BloodValue) -> None:
    world, section = writer.world, value.section
    analyte = world.definitions.analytes[section.analyte]
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

    with writer.refusals({"value": section.column}):
        wanted: dict[str, Any] = {}
        if known:
            # Compared as results: 3.80 g/dL in the file is no change of 38 g/L.
            result = read_result(draw, analyte, Entered(**entered))
            wanted = {"comparator": result.comparator, "value": result.value, "coded": result.coded}
        writer.settle("blood results", {"value": section.column}, known, wanted, write)
