"""Writes what the laboratory measured of simulated people: stains with their reads, blots, PCR and blood."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analysis.demo.chance import Chance
from analysis.demo.records import Draw, Person, Reading, Tissue
from labs.blood.analytes import load_catalogue as load_analytes
from labs.blood.models import Analyte
from labs.blood.reading import Entered
from labs.blood.selectors import analytes
from labs.blood.services import PanelRow, blood_panel_record
from labs.ihc.services import read_record
from labs.markers.catalogue import load_catalogue as load_markers
from labs.markers.models import Antibody, Marker
from labs.markers.services import stain_create
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_create
from labs.wetlab.services import blot_record, fold_change_record
from registry.log.actors import Actor
from registry.patients.models import Patient

READER = "pathologist"
LOADING_CONTROL = "ACTB"
STAINED_AFTER = timedelta(days=21)


@dataclass(frozen=True)
class Bench:
    """What is looked up once: reference data, and the codes that specimens get."""

    analytes: dict[str, Analyte]
    markers: dict[str, Marker]
    antibodies: dict[tuple[str, str], Antibody]
    codes: list[str]


def bench(people: list[Person], prefix: str, by: Actor) -> Bench:
    load_markers(by=by)
    load_analytes(by=by)
    antibodies = Antibody.objects.filter(retired_reason="").select_related("marker").order_by("-pk")
    return Bench(
        analytes=analytes(),
        markers={marker.code: marker for marker in Marker.objects.all()},
        antibodies={(antibody.marker.code, antibody.method): antibody for antibody in antibodies},
        codes=_codes(people, prefix),
    )


def _codes(people: list[Person], prefix: str) -> list[str]:
    """Readers see these codes: dealt at random, they tell neither the patient nor the kind of tissue."""
    count = sum(len(person.tissues) + len(person.draws) for person in people)
    return [f"{prefix}-{number}" for number in Chance(count).dealt(range(1001, 1001 + count))]


def write_tissues(patient: Patient, tissues: tuple[Tissue, ...], on: Bench, by: Actor) -> None:
    specimens = {tissue.kind: _specimen(patient, tissue, on, by) for tissue in tissues}
    calibrator = specimens.get(SpecimenKind.NORMAL)
    for tissue in tissues:
        specimen = specimens[tissue.kind]
        for code, reading in tissue.readings.items():
            _write_reading(specimen, code, reading, on, by)
        for code, ratio in tissue.blots.items():
            _write_blot(specimen, code, ratio, on, by)
        for code, fold in tissue.folds.items():
            fold_change_record(
                specimen=specimen,
                marker=on.markers[code],
                fold=fold,
                calibrator=None if specimen == calibrator else calibrator,
                by=by,
            )


def _specimen(patient: Patient, tissue: Tissue, on: Bench, by: Actor) -> Specimen:
    return specimen_create(patient=patient, code=on.codes.pop(), kind=tissue.kind, collected=tissue.collected, by=by)


def _write_reading(specimen: Specimen, code: str, reading: Reading, on: Bench, by: Actor) -> None:
    stain = stain_create(
        specimen=specimen,
        marker=on.markers[code],
        antibody=on.antibodies.get((code, Antibody.Method.IHC)),
        stained_on=specimen.collected + STAINED_AFTER if specimen.collected else None,
        by=by,
    )
    judged: dict[str, Any] = {"intensity": reading.intensity, "percent": reading.percent}
    if reading.field_counts is not None:
        judged = {"field_counts": reading.field_counts}
    read_record(stain=stain, reader=READER, by=by, **judged)


def _write_blot(specimen: Specimen, code: str, ratio: float, on: Bench, by: Actor) -> None:
    blot_record(
        specimen=specimen,
        marker=on.markers[code],
        antibody=on.antibodies.get((code, Antibody.Method.WESTERN)),
        gel=f"GEL-{code}",
        loading_control=LOADING_CONTROL,
        ratio=ratio,
        by=by,
    )


def write_draw(patient: Patient, draw: Draw, on: Bench, by: Actor) -> None:
    specimen = specimen_create(patient=patient, code=on.codes.pop(), kind=SpecimenKind.BLOOD, collected=draw.day, by=by)
    rows = [PanelRow(on.analytes[code], Entered(value, on.analytes[code].unit)) for code, value in draw.values.items()]
    blood_panel_record(specimen=specimen, rows=rows, by=by)
