from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from labs.apps import _is_up_to_date
from labs.ihc.services import read_record
from labs.markers.models import Stain
from labs.markers.services import stain_correct, stain_retire
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_correct, specimen_create, specimen_retire
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Stream
from registry.models import Enrolment, Patient


def version(enrolment: Enrolment, domain: str) -> int:
    found = Stream.objects.filter(cohort=enrolment.cohort_id, domain=domain).first()
    return found.version if found else 0


def test_a_specimen_is_dated_or_declared_never_neither_nor_both(patient: Patient, by: Actor) -> None:
    for timing, collected in (("dated", None), ("baseline_declared", date(2024, 1, 1))):
        with pytest.raises(ValidationError, match="Give the date, or declare"):
            specimen_create(patient=patient, code="T-1", kind="tumour", timing=timing, collected=collected, by=by)
    assert not Specimen.objects.exists()


def test_a_code_is_used_once(tumour: Specimen, by: Actor) -> None:
    with pytest.raises(ValidationError, match="already exists"):
        specimen_create(patient=tumour.patient, code=tumour.code, kind="normal", timing="baseline_declared", by=by)


def test_a_new_specimen_and_a_new_stain_make_no_analysis_stale(stain: Stain, enrolment: Enrolment) -> None:
    assert version(enrolment, "specimens") == 2
    assert version(enrolment, "ihc/S100A11") == 0


def test_a_retired_or_corrected_stain_moves_the_stream_of_its_marker(
    stain: Stain, enrolment: Enrolment, by: Actor
) -> None:
    read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    before = version(enrolment, "ihc/S100A11")
    corrected = stain_correct(
        stain=stain, changes={"stained_on": date(2024, 2, 1)}, expected_version=1, by=by, reason="date read off"
    )
    stain_retire(stain=corrected, expected_version=2, by=by, reason="other block")
    assert version(enrolment, "ihc/S100A11") == before + 2


def test_a_retired_specimen_moves_the_streams_of_its_measurements(
    stain: Stain, enrolment: Enrolment, by: Actor
) -> None:
    read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    before = version(enrolment, "ihc/S100A11")
    specimen_retire(specimen=stain.specimen, expected_version=1, by=by, reason="other patient")
    assert version(enrolment, "ihc/S100A11") == before + 1


def test_a_specimen_keeps_its_patient(tumour: Specimen, by: Actor) -> None:
    other = Patient.objects.create(study_number="ICI-0002", site=tumour.patient.site)
    with pytest.raises(ValidationError, match="keeps its patient"):
        specimen_correct(specimen=tumour, changes={"patient": other}, expected_version=1, by=by, reason="mixed up")


def test_a_stale_correction_of_a_specimen_is_refused(tumour: Specimen, by: Actor) -> None:
    specimen_correct(specimen=tumour, changes={"kind": "normal"}, expected_version=1, by=by, reason="mixed up")
    with pytest.raises(StaleWrite, match="kind: tumour → normal"):
        specimen_correct(specimen=tumour, changes={"kind": "peritumour"}, expected_version=1, by=by, reason="mine")


def test_the_catalogue_is_loaded_only_when_the_tables_are_those_of_the_models(db: None) -> None:
    loader = MigrationLoader(connection)
    assert _is_up_to_date(apps)
    assert _is_up_to_date(loader.project_state(nodes=loader.graph.leaf_nodes()).apps)
    assert not _is_up_to_date(loader.project_state(nodes=[("registry", "0001_initial")]).apps)
