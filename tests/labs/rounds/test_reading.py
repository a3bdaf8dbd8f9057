"""Reading in a round: codes and orders, saving, undo, drafts, and what may not happen."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from labs.ihc.models import Read
from labs.ihc.selectors import ihc_values
from labs.ihc.services import read_record
from labs.rounds.blinding import blinded_markers
from labs.rounds.models import Assignment, Slide
from labs.rounds.queue import queue_of
from labs.rounds.reading import slide_read_undo
from labs.rounds.selectors import progress_of, slide_reads, waiting_rounds
from labs.rounds.services import draft_save, round_create, round_open
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Stream
from tests.labs.rounds.fixtures import SEED, reading
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


def test_codes_say_nothing_and_follow_from_the_seed(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    codes = [slide.code for slide in made.round.slides.order_by("stain__specimen__code", "stain__marker__code")]
    assert len(set(codes)) == 8
    assert codes != sorted(codes)
    assert all(code.startswith("R2-") and len(code) == 7 for code in codes)
    assert not any(SEED in row.new for row in Change.objects.all())


def test_each_reader_has_an_order_of_the_own_one_marker_after_the_other(a_cohort: Cohort) -> None:
    made = reading(a_cohort, patients=6)
    orders = {}
    for user in (made.first, made.second):
        entries = queue_of(made.duty(user)).entries
        orders[user.username] = [entry.assignment.slide.code for entry in entries]
        markers = [entry.assignment.slide.stain.marker.code for entry in entries]
        assert markers in (["FAP"] * 6 + ["CD206"] * 6, ["CD206"] * 6 + ["FAP"] * 6)
    assert orders["ann"] != orders["ben"]
    assert set(orders["ann"]) == set(orders["ben"])


def test_a_read_in_a_round_reaches_no_analysis(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    before = {stream.domain: stream.version for stream in Stream.objects.all()}
    read = made.read(made.first, made.slides()[0], intensity=2, percent=60)
    after = {stream.domain: stream.version for stream in Stream.objects.all()}
    assert read.value == 6
    assert {name for name in after if after[name] != before.get(name)} == {"round/R2"}
    assert [(item.value, item.note) for item in ihc_values(a_cohort, "FAP", "tumour")] == [
        (None, "waiting for round R2")
    ] * 4


def test_what_was_read_outside_the_round_stays_in_use_until_it_is_closed(a_cohort: Cohort) -> None:
    made = reading(a_cohort, is_open=False)
    stain = made.slides()[0].stain
    read_record(stain=stain, reader="old", intensity=1, percent=10, by=BY)
    round_open(round=made.round, expected_version=made.round.version, by=BY)
    made.round.refresh_from_db()
    made.read(made.first, made.slides()[0], intensity=3, percent=90)
    assert [item.value for item in ihc_values(a_cohort, "FAP", "tumour")] == [1.0, None, None, None]


def test_opening_tells_the_analyses_of_its_markers(a_cohort: Cohort) -> None:
    made = reading(a_cohort, is_open=False)
    round_open(round=made.round, expected_version=made.round.version, by=BY)
    domains = set(Change.objects.filter(subject_type="round", action="update").values_list("domain", flat=True))
    assert domains == {"round/R2", "ihc/FAP", "ihc/CD206"}


@pytest.mark.parametrize(
    ("judged", "field"),
    [
        ({"intensity": 0, "percent": 5}, "percent"),
        ({"intensity": 2, "percent": 0}, "percent"),
        ({"percent": 5}, "intensity"),
        ({"intensity": 2}, "percent"),
        ({"intensity": 2, "percent": 101}, "percent"),
        ({"intensity": 2, "percent": 40, "extent": 3}, "extent"),
        ({"intensity": 2.5, "percent": 40}, "intensity"),
        ({"intensity": 2, "percent": 40, "not_assessable": "necrosis"}, "not_assessable"),
        ({"not_assessable": "other"}, "comment"),
        ({"not_assessable": "tired"}, "not_assessable"),
        ({"field_counts": [1, 2, 3, 4, 5]}, "field_counts"),
    ],
)
def test_a_contradiction_names_its_field_and_saves_nothing(a_cohort: Cohort, judged: dict, field: str) -> None:  # type: ignore[type-arg]
    made = reading(a_cohort)
    with pytest.raises(ValidationError) as refused:
        made.read(made.first, made.slides()[0], **judged)
    assert field in refused.value.message_dict
    assert not Read.objects.exists()


def test_the_protocol_decides_the_extents(a_cohort: Cohort) -> None:
    made = reading(a_cohort, extent_1_upper=10, extent_2_upper=50, extent_3_upper=80)
    one, two, *_ = made.slides()
    assert made.read(made.first, one, intensity=2, percent=11).extent == 2
    assert made.read(made.first, two, intensity=2, percent=80).extent == 3


def test_a_stale_save_is_refused_and_says_what_moved(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    slide = made.slides()[0]
    first = made.read(made.first, slide, intensity=1, percent=10)
    made.read(made.first, slide, seen=first.version, intensity=2, percent=10)
    with pytest.raises(StaleWrite, match="intensity: 1 → 2"):
        made.read(made.first, slide, seen=first.version, intensity=3, percent=10)
    with pytest.raises(StaleWrite):
        made.read(made.first, slide, seen=0, intensity=3, percent=10)


def test_undo_takes_back_one_save_after_the_other(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    one, two, *_ = made.slides()
    first = made.read(made.first, one, intensity=1, percent=10)
    made.read(made.first, two, intensity=3, percent=90, is_flagged=True, comment="edge")
    made.read(made.first, one, seen=first.version, intensity=2, percent=30)

    undone = slide_read_undo(duty=made.duty(made.first), by=Actor.of(made.first))
    assert undone is not None and undone.slide == one
    assert Read.objects.current().get(slide=one).value == 1
    assert Assignment.objects.get(pk=undone.pk).draft == {"intensity": "2", "percent": "30"}

    undone = slide_read_undo(duty=made.duty(made.first), by=Actor.of(made.first))
    assert undone is not None and undone.slide == two
    assert not Read.objects.current().filter(slide=two).exists()
    assert Assignment.objects.get(pk=undone.pk).draft == {
        "intensity": "3",
        "percent": "90",
        "is_flagged": "on",
        "comment": "edge",
    }


def test_undo_touches_nobody_elses_read(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    made.read(made.second, made.slides()[0], intensity=1, percent=10)
    assert slide_read_undo(duty=made.duty(made.first), by=Actor.of(made.first)) is None
    assert Read.objects.current().count() == 1


def test_a_draft_of_another_tab_is_not_overwritten(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    assignment = made.assignment(made.first, made.slides()[0])
    assert draft_save(assignment=assignment, entries={"intensity": "2"}, expected=0) == 1
    with pytest.raises(StaleWrite):
        draft_save(assignment=assignment, entries={"intensity": "3"}, expected=0)
    with pytest.raises(ValidationError):
        draft_save(assignment=assignment, entries={"outcome": "death"}, expected=1)
    assert Assignment.objects.get(pk=assignment.pk).draft == {"intensity": "2"}


def test_a_hidden_repeat_waits_for_the_washout_of_the_own_read(a_cohort: Cohort) -> None:
    made = reading(a_cohort, repeat_percent=25, washout_days=14)
    duty = made.duty(made.first)
    repeats = Slide.objects.filter(round=made.round, repeats__isnull=False)
    assert repeats.count() == 2
    assert queue_of(duty).total == 8
    for slide in made.slides("FAP"):
        made.read(made.first, slide, intensity=1, percent=10)
        made.read(made.second, slide, intensity=1, percent=10)
    for slide in made.slides("CD206"):
        made.read(made.first, slide, field_counts=[1, 2, 3, 4, 5])
    now = queue_of(duty)
    assert (now.done, now.total, now.waiting) == (8, 8, 2)
    later = queue_of(duty, timezone.now() + timedelta(days=15))
    assert (later.done, later.total, later.waiting) == (8, 10, 0)
    assert later.next_to_do is not None and later.next_to_do.assignment.slide.repeats_id is not None


def test_a_reader_is_blind_to_the_markers_while_the_round_is_open(a_cohort: Cohort) -> None:
    made = reading(a_cohort, is_open=False)
    assert blinded_markers(made.first) == frozenset()
    round_open(round=made.round, expected_version=made.round.version, by=BY)
    assert blinded_markers(made.first) == {"FAP", "CD206"}


def test_a_stain_is_in_one_open_round_at_a_time(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    again = round_create(
        code="R3",
        cohort=a_cohort,
        protocol=made.round.protocol,
        readers=[made.first, made.second],
        stains=[slide.stain for slide in made.slides()],
        by=BY,
    )
    with pytest.raises(ValidationError, match="is being read in round R2"):
        round_open(round=again, expected_version=again.version, by=BY)


def test_severity_follows_the_protocol(a_cohort: Cohort) -> None:
    made = reading(a_cohort, patients=6, score_gap=3, intensity_gap=2)
    pairs = [
        ((3, 90), (2, 90)),  # 12 and 8, both high: 4 apart
        ((2, 90), (2, 60)),  # 8 and 6: across the cutoff
        ((1, 90), (3, 20)),  # 4 and 3, both low: intensity differs by 2
        ((1, 90), (1, 90)),
        ((1, 60), (1, 30)),  # 3 and 2: concordant
    ]
    for slide, (mine, others) in zip(made.slides(), pairs, strict=False):
        made.read(made.first, slide, intensity=mine[0], percent=mine[1])
        made.read(made.second, slide, intensity=others[0], percent=others[1])
    last = made.slides()[5]
    made.read(made.first, last, not_assessable="necrosis")
    made.read(made.second, last, intensity=1, percent=5)
    found = [item.verdict.severity.name for item in sorted(slide_reads(made.round, "FAP"), key=_by_specimen)]
    assert found == ["VALUE", "GROUP", "INTENSITY", "NONE", "NONE", "ASSESSABILITY"]


def _by_specimen(item: object) -> str:
    return item.slide.stain.specimen.code  # type: ignore[attr-defined,no-any-return]


def test_progress_and_what_an_analysis_waits_for(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    one, two, *_ = made.slides()
    for user in (made.first, made.second):
        made.read(user, one, intensity=1, percent=10)
    made.read(made.first, two, intensity=1, percent=10)
    assert [(row.reader.reader.username, row.done, row.total) for row in progress_of(made.round)] == [
        ("ann", 2, 8),
        ("ben", 1, 8),
    ]
    assert [(item.round, item.marker, item.done, item.total) for item in waiting_rounds(a_cohort, ["FAP"])] == [
        ("R2", "FAP", 1, 4)
    ]
