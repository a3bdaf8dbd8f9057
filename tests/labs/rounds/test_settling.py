"""From the last primary read to the signed close, and what may be done after it."""

import pytest
from django.core.exceptions import ValidationError

from labs.ihc.models import Read
from labs.ihc.selectors import ihc_values
from labs.rounds.adjudicating import (
    adjudication_start,
    missing_reads,
    third_read_ask,
    third_reader_add,
    third_reader_of,
)
from labs.rounds.amending import amendments_of, read_amend, unsettled_since
from labs.rounds.closing import closing_plan, is_as_signed, round_close, round_reopen, valid_signatures
from labs.rounds.models import Consensus, Purpose, Round, RoundStatus, Slide
from labs.rounds.queue import queue_of
from labs.rounds.reading import Judgement, slide_read_undo
from labs.rounds.recomputing import consensus_recompute, recompute_preview
from labs.rounds.selectors import slide_reads
from labs.rounds.settling import Settlement, slide_settle
from registry.cohorts.models import Cohort
from registry.log.facts import StaleWrite
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from registry.signing.models import Signature
from tests.labs.rounds.fixtures import Reading, proof_of, read_everything, reading
from tests.registry.fixtures import BY
from tests.registry.people import person

pytestmark = pytest.mark.django_db


def adjudicated(cohort: Cohort, *, discordant: int = 1, third: bool = False, **rules: object) -> Reading:
    made = reading(cohort, **rules)  # type: ignore[arg-type]
    read_everything(made, discordant=discordant)
    if third:
        third_reader_add(round=made.round, reader=person(Role.PATHOLOGIST, username="cat"), by=BY)
    started = adjudication_start(round=made.round, expected_version=made.round.version, by=BY)
    return Reading(started, made.first, made.second)


def joint(slide: Slide, *, seen: int = 0, **values: object) -> Consensus:
    return slide_settle(slide=slide, settlement=Settlement("joint", values), seen=seen, by=BY, reason="looked together")


def close(round: Round, manager: User) -> Round:
    round.refresh_from_db()
    return round_close(round=round, expected_version=round.version, proof=proof_of(manager))


@pytest.fixture
def manager(db: None) -> User:
    return person(Role.DATA_MANAGER, username="dora")


def domains_since(pk: int) -> set[str]:
    return set(Change.objects.filter(pk__gt=pk).values_list("domain", flat=True))


def last_change() -> int:
    return Change.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_adjudication_waits_for_every_primary_read(a_cohort: Cohort) -> None:
    made = reading(a_cohort, patients=2)
    made.read(made.first, made.slides()[0], intensity=1, percent=10)
    with pytest.raises(ValidationError) as refused:
        adjudication_start(round=made.round, expected_version=made.round.version, by=BY)
    assert refused.value.messages == ["ann has 3 slides to read.", "ben has 4 slides to read."]


def test_hidden_repeats_are_given_up_only_when_it_is_said(a_cohort: Cohort) -> None:
    made = reading(a_cohort, repeat_percent=25)
    read_everything(made)
    assert [(item.slides, item.repeats) for item in missing_reads(made.round)] == [(0, 2), (0, 2)]
    with pytest.raises(ValidationError, match="ann has 2 hidden repeats to read"):
        adjudication_start(round=made.round, expected_version=made.round.version, by=BY)
    started = adjudication_start(round=made.round, expected_version=made.round.version, without_repeats=True, by=BY)
    assert started.status == RoundStatus.ADJUDICATION


def test_the_primary_readers_are_done_once_adjudication_began(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    with pytest.raises(ValidationError, match="not open for your reads"):
        made.read(made.first, made.slides()[0], seen=1, intensity=1, percent=10)


def test_the_third_reader_gets_the_discordant_slides_among_decoys_of_their_marker(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort, discordant=1, third=True)
    third = third_reader_of(made.round)
    assert third is not None
    queue = list(third.assignments.select_related("slide__stain__marker"))
    assert sorted(item.purpose for item in queue) == [Purpose.DECOY, Purpose.THIRD]
    assert {item.slide.stain.marker.code for item in queue} == {"FAP"}
    assert next(item for item in queue if item.purpose == Purpose.THIRD).slide == made.slides()[0]
    assert queue_of(third).total == 2
    assert not Change.objects.exclude(subject_type="readingprotocol").filter(new__contains="decoy").exists()


def test_a_third_reader_named_late_finds_the_queue_at_once_and_nothing_is_sent_twice(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort, discordant=2, decoy_percent=50)
    third = third_reader_add(round=made.round, reader=person(Role.PATHOLOGIST, username="cat"), by=BY)
    assert third.assignments.count() == 3
    assert third_read_ask(round=made.round, slides=made.slides()[:2], by=BY) == 0
    # A flagged slide, say: it comes with a decoy of its own, if one is left.
    calm = [slide for slide in made.slides() if not third.assignments.filter(slide=slide).exists()]
    assert third_read_ask(round=made.round, slides=calm, by=BY) == 1
    assert third.assignments.count() == 4


def test_a_primary_reader_is_no_third_reader(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    with pytest.raises(ValidationError, match="reads this round already"):
        third_reader_add(round=made.round, reader=made.first, by=BY)
    third_reader_add(round=made.round, reader=person(Role.PATHOLOGIST, username="cat"), by=BY)
    with pytest.raises(ValidationError, match="has a third reader already"):
        third_reader_add(round=made.round, reader=person(Role.PATHOLOGIST, username="dan"), by=BY)


def test_a_joint_session_is_scored_by_the_server_and_touches_no_read(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    before = list(Read.objects.order_by("pk").values())
    settled = joint(made.slides()[0], intensity=2, percent=60)
    assert (settled.value, settled.intensity, settled.percent, settled.extent) == (6, 2, 60, 3)
    reads = Read.objects.current().filter(slide=made.slides()[0]).order_by("pk")
    assert settled.cites == [[read.pk, read.version] for read in reads]
    assert list(Read.objects.order_by("pk").values()) == before


def test_a_joint_session_may_find_the_slide_not_assessable_or_count_fields(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    settled = slide_settle(
        slide=made.slides()[0], settlement=Settlement("joint", {}, "necrosis"), seen=0, by=BY, reason="necrosis only"
    )
    assert (settled.value, settled.not_assessable) == (None, "necrosis")
    counted = joint(made.slides("CD206")[0], field_counts=[1, 2, 3, 4, 5])
    assert (counted.value, counted.field_counts) == (3, [1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    ("settlement", "field"),
    [
        (Settlement("joint", {"intensity": 0, "percent": 50}), "percent"),
        (Settlement("joint", {"intensity": 4, "percent": 50}), "intensity"),
        (Settlement("joint", {"field_counts": [1, 2, 3, 4, 5]}), "field_counts"),
        (Settlement("joint", {"intensity": 2, "percent": 50}, "necrosis"), "not_assessable"),
        (Settlement("third"), "outcome"),
        (Settlement("median"), "outcome"),
    ],
)
def test_a_settlement_that_does_not_hold_names_its_field(a_cohort: Cohort, settlement: Settlement, field: str) -> None:
    made = adjudicated(a_cohort)
    with pytest.raises(ValidationError) as refused:
        slide_settle(slide=made.slides()[0], settlement=settlement, seen=0, by=BY, reason="why")
    assert field in refused.value.message_dict
    assert not Consensus.objects.exists()


def test_settling_needs_a_reason_and_what_was_shown(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    slide = made.slides()[0]
    with pytest.raises(ValidationError, match="Say why"):
        slide_settle(slide=slide, settlement=Settlement("mean"), seen=0, by=BY, reason=" ")
    assert slide_settle(slide=slide, settlement=Settlement("mean"), seen=0, by=BY, reason="halfway").value == 8
    with pytest.raises(StaleWrite):
        joint(slide, intensity=3, percent=90)
    again = joint(slide, seen=1, intensity=3, percent=90)
    assert (again.version, again.value) == (2, 12)


def test_a_slide_is_not_settled_while_it_is_read(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    with pytest.raises(ValidationError, match="in adjudication"):
        joint(made.slides()[0], intensity=3, percent=90)


def test_a_round_is_not_closed_before_its_discordant_slides_are_settled(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort)
    with pytest.raises(ValidationError) as refused:
        close(made.round, manager)
    assert refused.value.messages == [f"{made.slides()[0].code}: A joint session decides."]
    assert not Signature.objects.exists() and not Consensus.objects.exists()
    made.round.refresh_from_db()
    assert made.round.status == RoundStatus.ADJUDICATION


def test_the_close_writes_every_consensus_signs_and_tells_the_analyses(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort)
    joint(made.slides()[0], intensity=2, percent=60)
    before = last_change()
    closed = close(made.round, manager)
    assert closed.status == RoundStatus.CLOSED and closed.closed_at
    assert domains_since(before) == {"round/R2", "ihc/FAP", "ihc/CD206", "signatures"}
    assert Consensus.objects.current().count() == 8
    signature = valid_signatures(closed).get()
    assert signature.signer == "dora" and is_as_signed(closed, signature)
    values = sorted(item.value or 0 for item in ihc_values(a_cohort, "FAP", "tumour"))
    assert values == [6, 12, 12, 12]


@pytest.mark.parametrize(("rule", "value"), [("mean", 8.0), ("third", 9.0), ("median", 9.0)])
def test_a_rule_settles_what_nobody_settled(a_cohort: Cohort, manager: User, rule: str, value: float) -> None:
    made = adjudicated(a_cohort, third=True, consensus_rule=rule)
    third = User.objects.get(username="cat")
    made.read(third, made.slides()[0], intensity=3, percent=60)
    close(made.round, manager)
    found = Consensus.objects.get(slide=made.slides()[0])
    assert (found.value, found.rule) == (value, rule)
    assert len(found.cites) == (2 if rule == "mean" else 3)
    assert set(Consensus.objects.exclude(pk=found.pk).values_list("rule", flat=True)) == {"concordant"}


def test_a_third_read_that_is_missing_is_named(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort, third=True, consensus_rule="third")
    with pytest.raises(ValidationError, match="The third read is missing"):
        close(made.round, manager)


def test_a_third_read_changed_after_a_joint_session_wants_the_slide_settled_again(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort, third=True)
    third, slide = User.objects.get(username="cat"), made.slides()[0]
    made.read(third, slide, intensity=3, percent=60)
    joint(slide, intensity=2, percent=60)
    assert closing_plan(made.round)[1] == []
    slide_read_undo(duty=made.duty(third), by=BY)
    assert [item.slide for item in closing_plan(made.round)[1]] == [slide]


def test_reopening_voids_the_signature_and_analyses_wait_again(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    closed = close(made.round, manager)
    with pytest.raises(ValidationError, match="Say why"):
        round_reopen(round=closed, expected_version=closed.version, by=BY, reason="")
    before = last_change()
    opened = round_reopen(round=closed, expected_version=closed.version, by=BY, reason="a slide was swapped")
    assert opened.status == RoundStatus.ADJUDICATION
    assert {"ihc/FAP", "ihc/CD206", "round/R2"} <= domains_since(before)
    assert not valid_signatures(opened).exists()
    assert Signature.objects.get().retired_reason == "round opened again: a slide was swapped"
    assert {item.note for item in ihc_values(a_cohort, "FAP", "tumour")} == {"waiting for round R2"}
    again = close(opened, manager)
    assert valid_signatures(again).count() == 1
    assert Consensus.objects.filter(supersedes__isnull=False).count() == 0


def test_an_amendment_moves_the_consensus_and_the_signature_says_it_came_before(
    a_cohort: Cohort, manager: User
) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    closed = close(made.round, manager)
    slide = made.slides()[0]
    read = Read.objects.get(slide=slide, reader="ben")
    before = last_change()
    amended = read_amend(
        read=read, judgement=Judgement({"intensity": 3, "percent": 90}), by=BY, reason="transcribed from the next line"
    )
    assert (amended.version, amended.value) == (2, 12)
    assert domains_since(before) == {"round/R2", "ihc/FAP"}
    found = Consensus.objects.current().get(slide=slide)
    assert (found.version, found.value, found.rule) == (2, 12, "concordant")
    assert found.cites[1] == [amended.pk, 2]
    signature = valid_signatures(closed).get()
    assert not is_as_signed(closed, signature)
    assert [item.is_read for item in amendments_of(closed)] == [True, False] or [
        item.is_read for item in amendments_of(closed)
    ] == [False, True]
    with pytest.raises(StaleWrite):
        read_amend(read=read, judgement=Judgement({"intensity": 2, "percent": 90}), by=BY, reason="again")


def test_an_amendment_that_no_rule_can_follow_is_listed(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort, discordant=0)
    closed = close(made.round, manager)
    slide = made.slides()[0]
    read = Read.objects.get(slide=slide, reader="ben")
    read_amend(read=read, judgement=Judgement({"intensity": 1, "percent": 90}), by=BY, reason="wrong slide")
    assert [item.slide for item in unsettled_since(closed)] == [slide]
    assert Consensus.objects.current().get(slide=slide).value == 12
    joint(slide, seen=1, intensity=2, percent=90)
    assert unsettled_since(closed) == []
    assert {item.value for item in ihc_values(a_cohort, "FAP", "tumour")} == {8, 12}


def test_nothing_is_amended_before_the_close(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    read = Read.objects.filter(slide=made.slides()[0]).first()
    assert read is not None
    with pytest.raises(ValidationError, match="once its round is closed"):
        read_amend(read=read, judgement=Judgement({"intensity": 1, "percent": 90}), by=BY, reason="why")


def test_the_consensus_under_another_rule_is_seen_before_it_is_made(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort, discordant=2, third=True, consensus_rule="mean")
    made.read(User.objects.get(username="cat"), made.slides()[0], intensity=3, percent=60)
    closed = close(made.round, manager)
    seen = recompute_preview(closed, "third")
    assert [(item.said.value if item.said else item.reason, item.is_moved) for item in _by_code(seen, made)] == [
        (9.0, True),
        ("The third read is missing.", False),
    ]
    assert Consensus.objects.filter(supersedes__isnull=False).count() == 0
    consensus_recompute(round=closed, rule="third", by=BY, reason="as the paper did")
    found = [item.consensus for item in slide_reads(closed, "FAP") if item.is_discordant]
    assert sorted((row.rule, row.value) for row in found if row) == [("mean", 8.0), ("third", 9.0)]
    consensus_recompute(round=closed, rule="mean", by=BY, reason="back")
    assert {row.rule for row in Consensus.objects.current().filter(slide__in=made.slides()[:2])} == {"mean"}


def test_what_a_joint_session_settled_stays_unless_it_is_said_how_many(a_cohort: Cohort, manager: User) -> None:
    made = adjudicated(a_cohort, discordant=2, consensus_rule="mean")
    together, by_rule = made.slides()[:2]
    joint(together, intensity=2, percent=60)
    closed = close(made.round, manager)
    assert consensus_recompute(round=closed, rule="mean", by=BY, reason="as published")[0].found.slide == by_rule
    assert (_settled(together).rule, _settled(together).value) == ("joint", 6)
    with pytest.raises(ValidationError, match="1 slide is settled in a joint session now, not 2") as refused:
        consensus_recompute(round=closed, rule="mean", superseding_joint=2, by=BY, reason="all of them")
    assert "superseding_joint" in refused.value.message_dict and _settled(together).rule == "joint"
    consensus_recompute(round=closed, rule="mean", superseding_joint=1, by=BY, reason="all of them")
    assert (_settled(together).rule, _settled(together).value) == ("mean", 8)


def test_a_joint_session_cannot_be_computed(a_cohort: Cohort) -> None:
    made = adjudicated(a_cohort)
    with pytest.raises(ValidationError, match="cannot be computed"):
        consensus_recompute(round=made.round, rule="joint", by=BY, reason="why")


def _settled(slide: Slide) -> Consensus:
    return Consensus.objects.current().get(slide=slide)


def _by_code(found: list, made: Reading) -> list:  # type: ignore[type-arg]
    order = [slide.pk for slide in made.slides()]
    return sorted(found, key=lambda item: order.index(item.found.slide.pk))
