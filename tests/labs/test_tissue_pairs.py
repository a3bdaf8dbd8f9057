"""Tumour and adjacent normal tissue as pairs: which specimens, which gel, against what."""

import math
from datetime import date

import pytest

from labs.ihc.selectors import ihc_pairs
from labs.ihc.services import read_record
from labs.markers.models import Marker
from labs.markers.services import marker_set, stain_create
from labs.specimens.models import Specimen
from labs.specimens.pairing import TissuePair, last_collected
from labs.specimens.services import specimen_correct, specimen_create, specimen_retire
from labs.wetlab.pairs import blot_pairs, fold_pairs
from labs.wetlab.services import blot_record, blot_retract, fold_change_record
from registry.cohorts.models import Cohort
from registry.log.models import Stream
from registry.patients.models import Patient
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY, enrol

pytestmark = pytest.mark.django_db

EARLY, LATE = date(2022, 3, 5), date(2022, 6, 7)


@pytest.fixture
def fap(db: None) -> Marker:
    return marker_set(code="FAP", name="FAP", scale="score", by=BY)


@pytest.fixture
def patient(a_cohort: Cohort) -> Patient:
    return enrol(a_cohort, "R-001").patient


def tissue(patient: Patient, code: str, kind: str, day: date = EARLY) -> Specimen:
    return specimen_create(patient=patient, code=code, kind=kind, collected=day, by=BY)


def read(specimen: Specimen, marker: Marker, intensity: int, percent: int) -> None:
    read_record(
        stain=stain_create(specimen=specimen, marker=marker, by=BY),
        reader="bob",
        intensity=intensity,
        percent=percent,
        by=BY,
    )


def blot(specimen: Specimen, marker: Marker, ratio: float, gel: str = "G1", control: str = "ACTB") -> None:
    blot_record(specimen=specimen, marker=marker, gel=gel, loading_control=control, ratio=ratio, by=BY)


def sides(pair: TissuePair) -> list[tuple[str, float] | None]:
    return [(side.specimen, side.value) if side else None for side in (pair.tumour, pair.normal)]


def test_scores_are_paired_by_patient_on_the_specimens_collected_last(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    read(tissue(patient, "T-1", "tumour"), fap, 1, 10)
    read(tissue(patient, "T-2", "tumour", LATE), fap, 3, 90)
    read(tissue(patient, "N-1", "normal"), fap, 1, 30)
    (pair,) = ihc_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-2", 12), ("N-1", 2)]
    assert (pair.change, pair.unmatched) == (10, "")


def test_a_tissue_alone_says_what_it_lacks(a_cohort: Cohort, patient: Patient, fap: Marker) -> None:
    read(tissue(patient, "T-1", "tumour"), fap, 1, 10)
    other = enrol(a_cohort, "R-002").patient
    read(tissue(other, "N-2", "normal"), fap, 1, 10)
    found = {pair.enrolment_id: pair.unmatched for pair in ihc_pairs(a_cohort, "FAP")}
    assert sorted(found.values()) == ["no adjacent normal tissue with a read", "no tumour tissue with a read"]


def test_a_tissue_that_is_being_read_says_for_which_round_it_waits(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    made.read(made.first, made.slides()[0], intensity=2, percent=60)
    found = ihc_pairs(a_cohort, "FAP")
    assert {(pair.tumour, pair.unmatched) for pair in found} == {(None, "tumour waiting for round R2")}


def test_ratios_are_compared_within_a_gel_and_averaged_over_shared_gels(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    tumour, normal = tissue(patient, "T-1", "tumour"), tissue(patient, "N-1", "normal")
    for gel, ratios in {"G1": (2.0, 1.0), "G2": (8.0, 1.0)}.items():
        blot(tumour, fap, ratios[0], gel)
        blot(normal, fap, ratios[1], gel)
    blot(tumour, fap, 100.0, "G3")
    (pair,) = blot_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", pytest.approx(4)), ("N-1", 1)]
    assert pair.change == pytest.approx(2)
    assert pair.source == "G1 (ACTB), G2 (ACTB)"
    assert pair.tumour is not None
    assert len(pair.tumour.facts) == 2


@pytest.mark.parametrize(("gel", "control"), [("G2", "ACTB"), ("G1", "GAPDH")])
def test_another_gel_or_loading_control_makes_no_pair(
    a_cohort: Cohort, patient: Patient, fap: Marker, gel: str, control: str
) -> None:
    blot(tissue(patient, "T-1", "tumour"), fap, 2.0)
    blot(tissue(patient, "N-1", "normal"), fap, 1.0, gel, control)
    (pair,) = blot_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", 2), ("N-1", 1)]
    assert (pair.change, pair.unmatched) == (None, "never on one gel with one loading control")


def test_the_specimen_with_a_partner_on_its_gel_goes_before_a_later_one_without(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    blot(tissue(patient, "T-1", "tumour"), fap, 2.0)
    blot(tissue(patient, "T-2", "tumour", LATE), fap, 7.0, "G9")
    blot(tissue(patient, "N-1", "normal"), fap, 1.0)
    (pair,) = blot_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", 2), ("N-1", 1)]


def test_a_band_that_was_not_seen_has_a_direction_but_no_logarithm(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    blot(tissue(patient, "T-1", "tumour"), fap, 2.0)
    blot(tissue(patient, "N-1", "normal"), fap, 0.0)
    (pair,) = blot_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", 2), ("N-1", 0)]
    assert (pair.change, pair.unmatched) == (None, "")


def test_a_retracted_ratio_and_a_retired_specimen_are_not_there(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    tumour, normal = tissue(patient, "T-1", "tumour"), tissue(patient, "N-1", "normal")
    blot(normal, fap, 1.0)
    ratio = blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=2.0, by=BY)
    blot_retract(blot=ratio, by=BY, reason="saturated")
    (pair,) = blot_pairs(a_cohort, "FAP")
    assert (pair.tumour, pair.unmatched) == (None, "no tumour tissue with a ratio")
    specimen_retire(specimen=normal, expected_version=normal.version, by=BY, reason="swapped")
    assert blot_pairs(a_cohort, "FAP") == []


def test_a_fold_change_against_the_own_normal_tissue_is_a_pair_by_itself(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    tumour, normal = tissue(patient, "T-1", "tumour"), tissue(patient, "N-1", "normal")
    fold_change_record(specimen=tumour, marker=fap, fold=0.25, calibrator=normal, by=BY)
    # The normal tissue's own fold is against something else and does not matter.
    fold_change_record(specimen=normal, marker=fap, fold=1.3, by=BY)
    (pair,) = fold_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", 0.25), ("N-1", 1)]
    assert (pair.change, pair.source) == (-2, "ACTB")


def test_actb_goes_before_other_reference_genes(a_cohort: Cohort, patient: Patient, fap: Marker) -> None:
    tumour, normal = tissue(patient, "T-1", "tumour"), tissue(patient, "N-1", "normal")
    for gene, fold in (("18S", 9.0), ("ACTB", 4.0)):
        fold_change_record(specimen=tumour, marker=fap, fold=fold, calibrator=normal, reference_gene=gene, by=BY)
    (pair,) = fold_pairs(a_cohort, "FAP")
    assert (pair.change, pair.source) == (2, "ACTB")


def test_fold_changes_against_a_common_calibrator_are_compared_with_each_other(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    fold_change_record(specimen=tissue(patient, "T-1", "tumour"), marker=fap, fold=6.0, by=BY)
    normal = tissue(patient, "N-1", "normal")
    fold_change_record(specimen=normal, marker=fap, fold=50.0, reference_gene="GAPDH", by=BY)
    (pair,) = fold_pairs(a_cohort, "FAP")
    assert pair.unmatched == "fold changes against different calibrators or reference genes"
    fold_change_record(specimen=normal, marker=fap, fold=1.5, by=BY)
    (pair,) = fold_pairs(a_cohort, "FAP")
    assert sides(pair) == [("T-1", 6), ("N-1", 1.5)]
    assert pair.change == pytest.approx(math.log2(4))
    assert pair.source == "ACTB, common calibrator"


def test_correcting_the_kind_of_a_calibrator_concerns_the_fold_changes_against_it(
    a_cohort: Cohort, patient: Patient, fap: Marker
) -> None:
    tumour, normal = tissue(patient, "T-1", "tumour"), tissue(patient, "N-1", "normal")
    fold_change_record(specimen=tumour, marker=fap, fold=2.0, calibrator=normal, by=BY)
    before = Stream.objects.get(cohort=a_cohort, domain="qpcr/FAP").version
    specimen_correct(
        specimen=normal,
        changes={"kind": "peritumour"},
        expected_version=normal.version,
        by=BY,
        reason="label read anew",
    )
    assert Stream.objects.get(cohort=a_cohort, domain="qpcr/FAP").version == before + 1
    (pair,) = fold_pairs(a_cohort, "FAP")
    assert (pair.normal, pair.unmatched) == (None, "no adjacent normal tissue with a fold change")


def test_of_specimens_the_last_is_taken_and_an_undated_one_is_the_earliest() -> None:
    assert last_collected([("B", None), ("A", EARLY)]) == "A"
    assert last_collected([("B", LATE), ("A", EARLY)]) == "B"
    assert last_collected([("B", LATE), ("A", LATE)]) == "A"
