from typing import Any

import pytest
from django.core.exceptions import ValidationError

from labs.ihc.models import Read
from labs.ihc.scoring import ATTAINABLE, EXTENT_BINS
from labs.ihc.services import read_correct, read_record, read_retract
from labs.markers.models import Marker, Stain
from labs.markers.services import marker_set, stain_create, stain_retire
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Stream
from registry.models import Enrolment

COUNTS = [12, 8, 15, 9, 11]


@pytest.mark.parametrize(
    ("percent", "extent"),
    [(0, 0), (1, 1), (25, 1), (26, 2), (50, 2), (51, 3), (75, 3), (76, 4), (100, 4)],
)
def test_the_extent_follows_from_the_percentage(stain: Stain, by: Actor, percent: int, extent: int) -> None:
    read = read_record(stain=stain, reader="A", intensity=2 if percent else 0, percent=percent, by=by)
    assert (read.extent, read.value) == (extent, (2 if percent else 0) * extent)


@pytest.mark.parametrize("intensity", range(4))
@pytest.mark.parametrize("extent", EXTENT_BINS)
def test_all_twenty_combinations_are_scored_or_refused(stain: Stain, by: Actor, intensity: int, extent: int) -> None:
    if (intensity == 0) != (extent == 0):
        with pytest.raises(ValidationError, match="contradiction"):
            read_record(stain=stain, reader="A", intensity=intensity, extent=extent, by=by)
    else:
        read = read_record(stain=stain, reader="A", intensity=intensity, extent=extent, by=by)
        assert read.value == intensity * extent
        assert read.value in ATTAINABLE


@pytest.mark.parametrize(
    ("judged", "field"),
    [
        ({"intensity": 2}, "percent"),
        ({"percent": 30}, "intensity"),
        ({"intensity": 4, "percent": 30}, "intensity"),
        ({"intensity": 2, "percent": 101}, "percent"),
        ({"intensity": 2, "percent": -1}, "percent"),
        ({"intensity": 2, "percent": 12.7}, "percent"),
        ({"intensity": True, "percent": 30}, "intensity"),
        ({"intensity": 2, "percent": 30, "extent": 3}, "extent"),
        ({"intensity": 2, "percent": 30, "density": 4.0}, "density"),
        ({"intensity": 2, "percent": 30, "field_counts": COUNTS}, "field_counts"),
    ],
)
def test_what_is_no_score_is_refused_at_its_field(stain: Stain, by: Actor, judged: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_record(stain=stain, reader="A", by=by, **judged)
    assert field in refused.value.message_dict
    assert not Read.objects.exists()


def test_five_fields_are_averaged(fields_stain: Stain, by: Actor) -> None:
    assert read_record(stain=fields_stain, reader="A", field_counts=COUNTS, by=by).value == 11.0


@pytest.mark.parametrize("counts", [[], None, [1] * 6, [1, 2, 3, 4, -5], [1, 2, 3, 4, 5.5], [1, 2, 3, 4, True], [1, 2]])
def test_other_counts_are_refused(fields_stain: Stain, by: Actor, counts: Any) -> None:
    with pytest.raises(ValidationError):
        read_record(stain=fields_stain, reader="A", field_counts=counts, by=by)


def test_fewer_fields_are_taken_with_a_reason(fields_stain: Stain, by: Actor) -> None:
    read = read_record(stain=fields_stain, reader="A", field_counts=[4, 6], fewer_fields_reason="small biopsy", by=by)
    assert (read.value, read.fewer_fields_reason) == (5.0, "small biopsy")


@pytest.mark.parametrize("density", [float("nan"), float("inf"), -1.0, None])
def test_a_density_is_a_number_from_zero(tumour: Specimen, by: Actor, density: float | None) -> None:
    marker = marker_set(code="CXCL17", name="CXCL17", scale="density", unit="cells/mm²", by=by)
    stain = stain_create(specimen=tumour, marker=marker, by=by)
    with pytest.raises(ValidationError):
        read_record(stain=stain, reader="scanner", density=density, by=by)
    assert read_record(stain=stain, reader="scanner", density=113.9, by=by).value == 113.9


def test_a_reader_reads_a_stain_once(stain: Stain, by: Actor) -> None:
    read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    with pytest.raises(ValidationError, match="correct that read"):
        read_record(stain=stain, reader="A", intensity=3, percent=30, by=by)
    read_record(stain=stain, reader="B", intensity=3, percent=30, by=by)
    assert Read.objects.current().count() == 2


def test_a_corrected_read_is_judged_anew_and_moves_the_stream(stain: Stain, enrolment: Enrolment, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    before = Stream.objects.get(cohort=enrolment.cohort_id, domain="ihc/S100A11").version
    second = read_correct(read=first, intensity=3, percent=80, by=by, reason="wrong slide")
    assert (second.value, second.extent, second.version) == (12, 4, 2)
    assert list(Read.objects.current()) == [second]
    assert Stream.objects.get(cohort=enrolment.cohort_id, domain="ihc/S100A11").version == before + 1
    change = Change.objects.order_by("-id")[0]
    assert (change.old_values["value"], change.new_values["value"], change.reason) == (4, 12, "wrong slide")


def test_the_same_judgement_again_is_no_revision(stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    changes = Change.objects.count()
    assert read_correct(read=first, intensity=2, percent=30, by=by, reason="sure") == first
    assert (Read.objects.count(), Change.objects.count()) == (1, changes)


def test_a_retracted_read_is_read_anew_with_the_same_judgement(stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    gone = read_retract(read=first, by=by, reason="folded section")
    again = read_correct(read=gone, intensity=2, percent=30, by=by, reason="flat on a second look")
    assert list(Read.objects.current()) == [again]
    assert Change.objects.order_by("-id")[0].old_values == {"is_retracted": True}


def test_a_stale_correction_of_a_read_saves_nothing(stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    read_correct(read=first, intensity=3, percent=30, by=by, reason="darker")
    with pytest.raises(StaleWrite, match="intensity: 2 → 3"):
        read_correct(read=first, intensity=1, percent=30, by=by, reason="paler")
    assert Read.objects.count() == 2


def test_a_retracted_read_stays_and_counts_no_more(stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    read_retract(read=first, by=by, reason="folded section")
    assert Read.objects.count() == 2
    assert not Read.objects.current().exists()


def test_a_correction_without_a_reason_is_refused(stain: Stain, by: Actor) -> None:
    first = read_record(stain=stain, reader="A", intensity=2, percent=30, by=by)
    with pytest.raises(ValidationError, match="Say why"):
        read_correct(read=first, intensity=3, percent=30, by=by, reason="")


def test_a_stain_entered_in_error_is_not_read(stain: Stain, by: Actor) -> None:
    retired = stain_retire(stain=stain, expected_version=1, by=by, reason="other block")
    with pytest.raises(ValidationError, match="entered in error"):
        read_record(stain=retired, reader="A", intensity=2, percent=30, by=by)


def test_blood_is_not_stained(draw: Specimen, by: Actor) -> None:
    with pytest.raises(ValidationError, match="Blood is not stained"):
        stain_create(specimen=draw, marker=Marker.objects.get(code="FAP"), by=by)
