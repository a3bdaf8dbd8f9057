import pytest
from django.core.exceptions import ValidationError

from labs.blots.models import Band, Gel, Lane
from labs.blots.pictures import as_png
from labs.blots.results import gel_results
from labs.blots.services import (
    band_correct,
    gel_accept,
    gel_exclude_lane,
    gel_image_set,
    gel_import,
    gel_include_lane,
    gel_retire,
    gel_settle,
    lane_assign,
    lanes_assign_by_code,
    probe_set,
)
from labs.markers.models import Marker
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio
from labs.wetlab.services import blot_record, blot_retract
from registry.log.actors import Actor
from registry.log.models import Change, Stream
from registry.models import Enrolment
from tests.labs.blots.gels import FILE, lane, picture, probe
from tests.shared_folders import folder


def current() -> dict[str, float]:
    return {row.specimen.code: row.ratio for row in BlotRatio.objects.current()}


def test_an_import_stores_lanes_probes_and_bands(gel: Gel) -> None:
    assert gel.background == "local"
    assert list(gel.lanes.values_list("number", "name")) == [(1, "1"), (2, "2"), (3, "3"), (4, "4")]
    assert set(gel.probes.values_list("name", flat=True)) == {"FAP", "ACTB"}
    assert Band.objects.get(lane__number=2, probe__name="FAP").volume == 1400


def test_a_second_import_changes_nothing(gel: Gel, by: Actor) -> None:
    changes = Change.objects.count()
    again = gel_import(name="copy.csv", content=FILE.encode(), code="other", by=by)
    assert (again.is_new, again.gels) == (False, [gel])
    assert Change.objects.count() == changes


@pytest.mark.parametrize(
    "content", [b"Experiment:,Cells:,Date(s):,Comments:\n", b"Lane,Band No,Volume\n1,1,x\n", b"\0"]
)
def test_what_holds_no_band_is_refused_and_nothing_stored(db: None, by: Actor, content: bytes) -> None:
    with pytest.raises(ValidationError, match=r"blot\.csv"):
        gel_import(name="blot.csv", content=content, code="G1", by=by)
    assert not Gel.objects.exists()


def test_a_second_file_brings_its_probe_to_the_same_lanes(db: None, by: Actor) -> None:
    target, control = (f"Lane,Band No,Volume\n1,1,{n}\n2,1,{n + 1}\n".encode() for n in (10, 20))
    first = gel_import(name="smad.csv", content=target, code="G2", by=by).gels[0]
    second = gel_import(name="actb.csv", content=control, code="G2", by=by).gels[0]
    assert first == second
    assert (first.lanes.count(), first.probes.count()) == (2, 2)


def test_ratios_are_normalised_averaged_and_paired(ready_gel: Gel) -> None:
    found = gel_results(ready_gel)
    assert found.missing == ()
    assert {(lane.lane.number, lane.value) for lane in found.lanes} == {(1, 2.0), (2, 3.0), (3, 0.25)}
    tumour = next(result for result in found.results if result.specimen.code == "T-0001")
    assert (tumour.value, tumour.found.n if tumour.found else 0) == (2.5, 2)
    (pair,) = found.pairs
    assert pair.relative == 10.0
    assert pair.log2 == pytest.approx(3.321928)


def test_an_accepted_ratio_cites_its_bands_with_their_versions(ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    assert current() == {"T-0001": 2.5, "N-0001": 0.25}
    row = BlotRatio.objects.current().get(specimen__code="N-0001")
    assert (row.from_gel, row.loading_control, row.antibody) == (
        ready_gel,
        "ACTB",
        probe(ready_gel, "FAP").antibody,
    )
    assert row.computation is not None
    assert [(cite["band"], cite["version"]) for cite in row.computation["bands"]] == [
        (band.pk, 1) for band in Band.objects.filter(lane__number=3).order_by("probe")
    ]
    changes = Change.objects.count()
    gel_accept(gel=Gel.objects.get(), by=by)
    assert Change.objects.count() == changes


def test_a_corrected_band_moves_its_ratio_and_the_stream_of_its_patient_only(
    ready_gel: Gel, enrolment: Enrolment, by: Actor
) -> None:
    gel_accept(gel=ready_gel, by=by)
    before = dict(Stream.objects.values_list("domain", "version"))
    band_correct(
        band=Band.objects.get(lane__number=3, probe__name="FAP"), changes={"volume": 1000.0}, by=by, reason="redrawn"
    )
    assert current() == {"T-0001": 2.5, "N-0001": 1.0}
    after = dict(Stream.objects.values_list("domain", "version"))
    assert {domain for domain in after if after[domain] != before.get(domain)} == {"blot/FAP"}
    history = BlotRatio.objects.filter(specimen__code="N-0001").order_by("version")
    assert [(row.ratio, row.correction_reason) for row in history] == [(0.25, ""), (1.0, "redrawn")]


def test_a_lane_left_out_counts_no_more_and_comes_back(ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    gel_exclude_lane(lane=lane(ready_gel, 2), exclusion="smear", by=by)
    assert current()["T-0001"] == 2.0
    gel_exclude_lane(lane=lane(ready_gel, 1), exclusion="bubble", by=by)
    assert "T-0001" not in current()
    with pytest.raises(ValidationError, match="counts again"):
        gel_include_lane(lane=lane(ready_gel, 1), by=by, reason=" ")
    gel_include_lane(lane=lane(ready_gel, 1), by=by, reason="looked again")
    gel_accept(gel=Gel.objects.get(), by=by)
    assert current()["T-0001"] == 2.0


def test_another_reason_needs_a_note(ready_gel: Gel, by: Actor) -> None:
    with pytest.raises(ValidationError):
        gel_exclude_lane(lane=lane(ready_gel, 2), exclusion="other", by=by)
    with pytest.raises(ValidationError):
        gel_exclude_lane(lane=lane(ready_gel, 2), exclusion="because", by=by)


def test_a_saturated_band_gives_no_ratio_by_the_rule_of_the_gel(ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    row = gel_settle(gel=Gel.objects.get(), changes={"saturated_at": 250.0}, expected_version=2, by=by, reason="8 bits")
    assert current() == {"T-0001": 2.5}
    gel_settle(gel=row, changes={"when_saturated": "flag"}, expected_version=row.version, by=by, reason="flag only")
    result = next(result for result in gel_results(Gel.objects.get()).results if result.specimen.code == "N-0001")
    assert (result.value, result.is_saturated) == (0.25, True)


def test_the_background_rule_reaches_every_ratio(ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    gel_settle(gel=Gel.objects.get(), changes={"background": "blank_lane"}, expected_version=2, by=by, reason="rule")
    assert current() == {"T-0001": pytest.approx((900 + 1300) / 450 / 2), "N-0001": pytest.approx(300 / 850)}


def test_a_ratio_entered_by_hand_stays_unless_it_is_to_be_replaced(ready_gel: Gel, tumour: Specimen, by: Actor) -> None:
    fap = Marker.objects.get(code="FAP")
    by_hand = blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=9.0, by=by)
    accepted = gel_accept(gel=ready_gel, by=by)
    assert [sentence for _result, sentence in accepted.left] == [
        "T-0001 has a value that was entered by hand: 9 (ACTB)."
    ]
    gel_accept(gel=Gel.objects.get(), replace=True, by=by)
    assert current()["T-0001"] == 2.5
    by_hand.refresh_from_db()
    assert by_hand.ratio == 9.0


def test_a_computed_ratio_can_be_retracted_and_a_retired_gel_takes_its_ratios_along(ready_gel: Gel, by: Actor) -> None:
    gel_accept(gel=ready_gel, by=by)
    row = BlotRatio.objects.current().get(specimen__code="N-0001")
    assert blot_retract(blot=row, by=by, reason="wrong membrane").from_gel == ready_gel
    gel = Gel.objects.get()
    gel_retire(gel=gel, expected_version=gel.version, by=by, reason="another patient's gel")
    assert current() == {}


def test_lanes_find_their_specimens_by_code_only(gel: Gel, tumour: Specimen, by: Actor) -> None:
    Lane.objects.filter(number=2).update(sample=" t-0001")
    assert lanes_assign_by_code(gel=gel, among=[tumour], by=by) == {2: tumour}
    assert not Lane.objects.exclude(number=2).filter(specimen__isnull=False).exists()


def test_nothing_is_accepted_before_it_is_said_what_is_what(gel: Gel, draw: Specimen, by: Actor) -> None:
    with pytest.raises(ValidationError, match="No probe is the target"):
        gel_accept(gel=gel, by=by)
    with pytest.raises(ValidationError, match="not in blood"):
        lane_assign(lane=lane(gel, 1), specimen=draw, by=by)
    with pytest.raises(ValidationError, match="Name the loading control"):
        probe_set(probe=probe(gel, "ACTB"), changes={"role": "control"}, by=by)


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [("PNG", "L", "image/png"), ("JPEG", "RGB", "image/jpeg"), ("TIFF", "I;16", "image/tiff")],
)
def test_a_picture_is_kept_with_its_hash(gel: Gel, by: Actor, kind: str, mode: str, media_type: str) -> None:
    content = picture(kind, mode)
    row = gel_image_set(gel=gel, name="blot", content=content, by=by)
    assert row.image is not None
    assert (bytes(row.image.content), row.image.media_type) == (content, media_type)
    assert as_png(content).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF", "L"), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused(gel: Gel, by: Actor, content: bytes) -> None:
    with pytest.raises(ValidationError, match=r"blot\.png"):
        gel_image_set(gel=gel, name="blot.png", content=content, by=by)


def test_a_bomb_of_a_picture_is_refused(gel: Gel, by: Actor) -> None:
    with pytest.raises(ValidationError, match="100 million pixels"):
        gel_image_set(gel=gel, name="bomb.png", content=picture("PNG", "1", (20000, 6000)), by=by)


def test_every_blot_of_the_published_yeast_table_is_a_gel(db: None, by: Actor) -> None:
    content = (folder("DATA") / "western_blot" / "quantification.tsv").read_bytes()
    imported = gel_import(name="quantification.tsv", content=content, code="yeast", by=by)
    assert [gel.code for gel in imported.gels] == [f"yeast-{n}" for n in range(1, 9)]
    assert {gel.lanes.count() for gel in imported.gels} == {7}
