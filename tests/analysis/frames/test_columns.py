"""The unit that stands beside a number on pages and figures."""

from datetime import date

import pytest

from analysis.frames.columns import load_column
from analysis.frames.variables import parse
from labs.blood.models import Analyte
from labs.blood.services import blood_result_record
from labs.specimens.services import specimen_create
from registry.cohorts.models import Cohort
from registry.patients.services import patient_update
from tests.registry import people
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(people.site("HEB"))


@pytest.mark.parametrize(
    ("variable", "unit"),
    [
        ("ihc:CD206@tumour", "cells per field"),
        ("ihc:FAP@tumour", ""),
        ("blood:CD8", "/µL"),
        ("blood:LYM", "10⁹/L"),
        ("blood:NLR", ""),
        ("blood:IL6", "pg/mL"),
    ],
)
def test_a_unit_is_the_one_that_people_read(cohort: Cohort, variable: str, unit: str) -> None:
    assert load_column(cohort, parse(variable), "default").description["unit"] == unit


def test_albi_comes_from_the_baseline_draw_and_a_bound_gives_none(cohort: Cohort) -> None:
    for number, bilirubin in (("P-1", "10"), ("P-2", "<10")):
        patient = enrol(cohort, number).patient
        draw = specimen_create(patient=patient, code=f"B-{number}", kind="blood", collected=date(2022, 3, 1), by=BY)
        assert (RESECTED - date(2022, 3, 1)).days <= 7
        for code, value, unit in (("TBIL", bilirubin, "umol/L"), ("ALB", "40", "g/L")):
            blood_result_record(specimen=draw, analyte=Analyte.objects.get(code=code), value=value, unit=unit, by=BY)
    exact, bound = load_column(cohort, parse("index:ALBI"), "default").cells
    # 0.66 × log10(10) − 0.085 × 40
    assert exact.value == pytest.approx(-2.74)
    assert len(exact.facts) >= 4
    assert bound.value is None
    assert parse("index:ALBI").domains() >= {"blood/ALB", "blood/TBIL"}


def test_sex_is_a_fact_of_the_patient_in_the_stream_of_the_baseline(cohort: Cohort) -> None:
    known, _unknown = enrol(cohort, "P-1"), enrol(cohort, "P-2")
    patient = known.patient
    patient_update(patient=patient, changes={"sex": "M"}, expected_version=None, by=BY)
    patient.refresh_from_db()
    column = load_column(cohort, parse("baseline:sex"), "default")
    assert [(cell.enrolment_id, cell.value) for cell in column.cells] == [(known.pk, "M")]
    assert column.cells[0].facts == (f"patient {patient.pk} v{patient.version}",)
    assert column.description == {"label": "sex", "unit": "", "levels": {"F": "Female", "M": "Male"}}
    assert {domain for _cohort, domain in patient.streams()} == parse("baseline:sex").domains()
