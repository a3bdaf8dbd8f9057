import pytest
from django.core.exceptions import ValidationError

from labs.markers.models import Antibody, Marker
from labs.markers.services import antibody_set, stain_create
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_correct, specimen_create
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.services import blot_correct, blot_record, blot_retract, fold_change_correct, fold_change_record
from registry.log.actors import Actor
from registry.log.facts import create
from registry.log.models import Change, Stream
from registry.models import Enrolment, Patient


@pytest.fixture
def fap(db: None) -> Marker:
    return Marker.objects.get(code="FAP")


def test_a_ratio_is_recorded_with_its_gel_and_corrected_as_a_revision(tumour: Specimen, fap: Marker, by: Actor) -> None:
    first = blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=1.8, by=by)
    second = blot_correct(blot=first, ratio=1.6, by=by, reason="saturated band")
    assert (second.gel, second.loading_control, second.version) == ("G1", "ACTB", 2)
    blot_retract(blot=second, by=by, reason="wrong lane")
    assert BlotRatio.objects.count() == 3
    assert not BlotRatio.objects.current().exists()


@pytest.mark.parametrize("ratio", [-0.1, float("nan"), float("inf"), True])
def test_what_is_no_ratio_is_refused(tumour: Specimen, fap: Marker, by: Actor, ratio: float) -> None:
    with pytest.raises(ValidationError):
        blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=ratio, by=by)


@pytest.mark.parametrize("fold", [0.0, -1.0, float("nan")])
def test_what_is_no_fold_change_is_refused(tumour: Specimen, fap: Marker, by: Actor, fold: float) -> None:
    with pytest.raises(ValidationError):
        fold_change_record(specimen=tumour, marker=fap, fold=fold, by=by)


def test_a_fold_change_is_corrected_with_a_reason(tumour: Specimen, fap: Marker, by: Actor) -> None:
    first = fold_change_record(specimen=tumour, marker=fap, fold=2.4, by=by)
    with pytest.raises(ValidationError, match="Say why"):
        fold_change_correct(fold_change=first, fold=2.1, by=by, reason="")
    fold_change_correct(fold_change=first, fold=2.1, by=by, reason="outlier replicate")
    assert [row.fold for row in FoldChange.objects.current()] == [2.1]


def test_the_calibrator_is_of_the_same_patient(tumour: Specimen, fap: Marker, by: Actor) -> None:
    other = create(Patient(study_number="ICI-0002", site=tumour.patient.site), by=by)
    normal = specimen_create(patient=other, code="N-0002", kind="normal", timing="baseline_declared", by=by)
    with pytest.raises(ValidationError, match="same patient"):
        fold_change_record(specimen=tumour, marker=fap, fold=2.0, calibrator=normal, by=by)


def test_an_antibody_of_another_marker_or_method_is_refused(tumour: Specimen, fap: Marker, by: Actor) -> None:
    cd206 = Antibody.objects.get(marker__code="CD206", method="ihc")
    with pytest.raises(ValidationError, match="not an antibody against FAP"):
        stain_create(specimen=tumour, marker=fap, antibody=cd206, by=by)
    for_ihc = Antibody.objects.get(marker=fap, method="ihc")
    with pytest.raises(ValidationError, match="Western"):
        blot_record(specimen=tumour, marker=fap, gel="G", loading_control="ACTB", ratio=1, antibody=for_ihc, by=by)


def test_the_antibodies_of_the_study_ship(db: None) -> None:
    shipped = {(row.marker.code, row.method): (row.vendor, row.dilution) for row in Antibody.objects.all()}
    assert shipped["S100A11", "ihc"] == ("Proteintech", "1:500")
    assert shipped["FAP", "ihc"] == ("Abways", "1:300")
    assert shipped["CD206", "western"] == ("Proteintech", "1:1500")


def test_setting_the_same_antibody_again_writes_nothing(fap: Marker, by: Actor) -> None:
    antibody_set(marker=fap, method="ihc", vendor="Abcam", dilution="1:250", lot="7", by=by)
    changes = Change.objects.count()
    antibody_set(marker=fap, method="ihc", vendor="Abcam", dilution="1:250", lot="7", by=by)
    assert Change.objects.count() == changes


def test_a_corrected_specimen_moves_the_stream_of_what_was_measured_on_it(
    tumour: Specimen, enrolment: Enrolment, fap: Marker, by: Actor
) -> None:
    blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=1.8, by=by)
    before = Stream.objects.get(cohort=enrolment.cohort_id, domain="blot/FAP").version
    specimen_correct(specimen=tumour, changes={"kind": "normal"}, expected_version=1, by=by, reason="mixed up")
    assert Stream.objects.get(cohort=enrolment.cohort_id, domain="blot/FAP").version == before + 1
