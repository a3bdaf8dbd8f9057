from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.blood.selectors import DECLARED_MARK, LIMIT_MARK, analytes, baseline_blood, explain_baseline_blood
from labs.blood.services import blood_result_record, blood_result_retract
from labs.ihc.selectors import ihc_values
from labs.ihc.services import read_correct, read_record, read_retract
from labs.markers.models import Marker, Stain
from labs.markers.services import stain_create
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create, specimen_retire
from labs.wetlab.selectors import blot_values, fold_values
from labs.wetlab.services import blot_record, fold_change_record
from registry.clinical.models import Treatment
from registry.log.actors import Actor
from registry.log.facts import create
from registry.models import Cohort, Enrolment, Patient


def albumin(draw: Specimen, value: str, by: Actor) -> None:
    blood_result_record(specimen=draw, analyte=analytes()["ALB"], value=value, unit="g/L", by=by)


def new_draw(enrolment: Enrolment, code: str, day: date | None, by: Actor) -> Specimen:
    timing = "dated" if day else "baseline_declared"
    return specimen_create(patient=enrolment.patient, code=code, kind="blood", collected=day, timing=timing, by=by)


def test_the_baseline_is_the_draw_in_the_window_with_its_facts(
    draw: Specimen, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    albumin(draw, "41", by)
    albumin(new_draw(enrolment, "B-0000", date(2024, 2, 1), by), "38", by)
    (found,) = baseline_blood(cohort, ["ALB"])["ALB"]
    assert (found.enrolment_id, found.value, found.specimen, found.mark) == (enrolment.pk, 41.0, "B-0001", "")
    assert [ref.model for ref in found.facts] == ["bloodresult", "specimen", "enrolment"]
    assert "B-0000: drawn 38 d before the first ICI dose, more than 7 d." in found.note


def test_the_first_dose_goes_before_the_date_of_the_enrolment(
    draw: Specimen, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    albumin(draw, "41", by)
    create(Treatment(patient=enrolment.patient, kind="ici", start=date(2024, 6, 1)), by=by)
    first = create(Treatment(patient=enrolment.patient, kind="ici", start=date(2024, 5, 1)), by=by)
    assert baseline_blood(cohort, ["ALB"])["ALB"] == []
    (missing,) = explain_baseline_blood(cohort, ["ALB"])["ALB"]
    assert "more than 7 d" in missing.note
    albumin(new_draw(enrolment, "B-0002", date(2024, 4, 30), by), "36", by)
    (found,) = baseline_blood(cohort, ["ALB"])["ALB"]
    assert (found.value, found.facts[-1].model, found.facts[-1].pk) == (36.0, "treatment", first.pk)


def test_a_dose_known_to_the_month_leaves_only_declared_draws(
    draw: Specimen, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    albumin(draw, "41", by)
    month = Treatment(patient=enrolment.patient, kind="ici", start=date(2024, 3, 10), start_precision="month")
    create(month, by=by)
    assert baseline_blood(cohort, ["ALB"])["ALB"] == []
    albumin(new_draw(enrolment, "B-0002", None, by), "36", by)
    (found,) = baseline_blood(cohort, ["ALB"])["ALB"]
    assert (found.value, found.mark) == (36.0, DECLARED_MARK)


def test_a_retracted_result_and_a_retired_draw_are_not_used(
    draw: Specimen, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    result = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    other = new_draw(enrolment, "B-0002", date(2024, 3, 9), by)
    albumin(other, "36", by)
    specimen_retire(specimen=other, expected_version=1, by=by, reason="other patient")
    assert [item.value for item in baseline_blood(cohort, ["ALB"])["ALB"]] == [41.0]
    blood_result_retract(result=result, by=by, reason="haemolysed")
    assert baseline_blood(cohort, ["ALB"])["ALB"] == []


def test_a_value_beyond_a_limit_is_marked(draw: Specimen, cohort: Cohort, by: Actor) -> None:
    blood_result_record(specimen=draw, analyte=analytes()["IL6"], value="<1.5", unit="pg/mL", by=by)
    (found,) = baseline_blood(cohort, ["IL6"])["IL6"]
    assert (found.value, found.comparator, found.mark) == (1.5, "<", LIMIT_MARK)


def test_a_result_in_words_is_no_number(draw: Specimen, cohort: Cohort, by: Actor) -> None:
    blood_result_record(specimen=draw, analyte=analytes()["HBSAG"], value="negative", by=by)
    assert baseline_blood(cohort, ["HBSAG"])["HBSAG"] == []
    assert "negative" in explain_baseline_blood(cohort, ["HBSAG"])["HBSAG"][0].note


@pytest.mark.parametrize("patients", [1, 12])
def test_a_cohort_of_any_size_costs_the_same_queries(cohort: Cohort, by: Actor, patients: int) -> None:
    for number in range(patients):
        patient = create(Patient(study_number=f"P-{number}", site=cohort.site), by=by)
        enrolment = create(Enrolment(patient=patient, cohort=cohort, index_date=date(2024, 3, 10)), by=by)
        albumin(new_draw(enrolment, f"B-P{number}", date(2024, 3, 9), by), "40", by)
    with CaptureQueriesContext(connection) as queries:
        assert len(baseline_blood(cohort, ["ALB", "LYM"])["ALB"]) == patients
        ihc_values(cohort, "FAP", "tumour")
        blot_values(cohort, "FAP", "tumour")
        fold_values(cohort, "FAP", "tumour")
    assert len(queries) == 8


def test_two_readers_are_averaged_and_it_is_said(stain: Stain, cohort: Cohort, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    second = read_record(stain=stain, reader="B", intensity=3, percent=80, by=by)
    (found,) = ihc_values(cohort, "S100A11", "tumour")
    assert (found.value, found.note) == (8.0, "Mean of 2 readers: A, B.")
    assert [ref.pk for ref in found.facts] == [first.pk, second.pk]


def test_only_the_newest_revision_of_a_read_counts(stain: Stain, cohort: Cohort, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    second = read_correct(read=first, intensity=3, percent=80, by=by, reason="darker")
    (found,) = ihc_values(cohort, "S100A11", "tumour")
    assert (found.value, found.facts[0].pk, found.facts[0].version) == (12.0, second.pk, 2)
    read_retract(read=second, by=by, reason="folded")
    assert ihc_values(cohort, "S100A11", "tumour") == []


def test_the_specimen_collected_last_is_taken_and_the_other_is_named(
    stain: Stain, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    for code in ("T-0003", "T-0002"):
        later = specimen_create(patient=enrolment.patient, code=code, kind="tumour", collected=date(2024, 2, 1), by=by)
        other = stain_create(specimen=later, marker=stain.marker, by=by)
        read_record(stain=other, reader="A", intensity=3, percent=80, by=by)
    (found,) = ihc_values(cohort, "S100A11", "tumour")
    assert (found.value, found.specimen) == (12.0, "T-0002")
    assert "not used: T-0001, T-0003" in found.note


def test_gels_are_averaged_and_reference_genes_are_not(tumour: Specimen, cohort: Cohort, by: Actor) -> None:
    fap = Marker.objects.get(code="FAP")
    for gel, ratio in (("G1", 1.0), ("G2", 2.0)):
        blot_record(specimen=tumour, marker=fap, gel=gel, loading_control="ACTB", ratio=ratio, by=by)
    for gene, fold in (("GAPDH", 9.0), ("ACTB", 3.0)):
        fold_change_record(specimen=tumour, marker=fap, fold=fold, reference_gene=gene, by=by)
    (blot,), (fold_found,) = blot_values(cohort, "FAP", "tumour"), fold_values(cohort, "FAP", "tumour")
    assert (blot.value, blot.note) == (1.5, "Mean of 2 gels: G1, G2.")
    assert (fold_found.value, fold_found.note) == (3.0, "reference gene ACTB; not used: GAPDH.")
