"""The life of a round until it is read: drawn up, opened, its drafts kept. Settling and closing have a module apart."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.markers.models import Stain
from labs.rounds.codes import candidate_codes, keyed, sample_size, shuffled
from labs.rounds.models import (
    BLIND,
    Assignment,
    Duty,
    Order,
    ReadingProtocol,
    Round,
    RoundReader,
    RoundStatus,
    Slide,
    new_seed,
)
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, create, create_many, retire, update
from registry.log.models import Action
from registry.log.recording import Recorder, StreamKey, recording
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import Role

DRAFT_FIELDS = {
    "intensity",
    "percent",
    "extent",
    *(f"field_{number}" for number in range(1, 6)),
    "fewer_fields_reason",
    "not_assessable",
    "is_flagged",
    "comment",
}
_DRAFT_LENGTH = 300


def round_create(
    *,
    code: str,
    cohort: Cohort,
    protocol: ReadingProtocol,
    readers: Sequence[User],
    stains: Iterable[Stain],
    title: str = "",
    seed: str = "",
    by: Actor,
) -> Round:
    """Draws up a round: slides under blind codes, hidden repeats, and each reader's own order."""
    with recording(by):
        made = create(Round(code=code, title=title, cohort=cohort, protocol=protocol, seed=seed or new_seed()), by=by)
        people = [reader_add(made, reader, Duty.PRIMARY, by) for reader in _enough(readers, protocol)]
        slides = _slides(made, _stains_for(protocol, stains), by)
        for person in people:
            queue_up(person, slides)
    return made


def round_discard(*, round: Round, expected_version: int, by: Actor, reason: str) -> Round:
    """A round that was never opened; its code stays taken, its stains are free for another."""
    if round.status != RoundStatus.DRAFT:
        raise ValidationError(_("Only a round in preparation is discarded."))
    return retire(round, expected_version=expected_version, by=by, reason=reason)


def round_open(*, round: Round, expected_version: int, by: Actor) -> Round:
    with recording(by) as log:
        if round.retired_reason:
            raise ValidationError(_("This round was discarded."))
        if round.status != RoundStatus.DRAFT:
            raise ValidationError(_("This round was opened before."))
        _refuse_taken(round)
        changes = {"status": RoundStatus.OPEN, "opened_at": timezone.now()}
        opened = update(round, changes, expected_version=expected_version, by=by)
        tell_analyses(log, opened)
    return opened


def tell_analyses(log: Recorder, round: Round) -> None:
    """What waits for a round, or rests on it, reads the round's state: a change of it is a change of its markers."""
    log.add(marker_streams(round), Action.UPDATE, subject=("round", round.pk, round.code), new={"status": round.status})


def marker_streams(round: Round) -> list[StreamKey]:
    """The streams that analyses of the round's markers listen to, in every cohort that one of its patients is in."""
    pairs = (
        Enrolment.objects.filter(patient__specimens__stains__slides__round=round)
        .order_by()
        .values_list("cohort_id", "patient__specimens__stains__marker__code")
        .distinct()
    )
    read = set(round.slides.order_by().values_list("stain__marker__code", flat=True))
    return sorted({(cohort_id, f"ihc/{marker}") for cohort_id, marker in pairs if marker in read})


def _enough(readers: Sequence[User], protocol: ReadingProtocol) -> Sequence[User]:
    if len({reader.pk for reader in readers}) != len(readers):
        raise ValidationError({"readers": _("A reader was named twice.")})
    if len(readers) != protocol.readers:
        raise ValidationError(
            {
                "readers": _("The protocol wants %(wanted)s readers of each slide; %(given)s were named.")
                % {"wanted": protocol.readers, "given": len(readers)}
            }
        )
    return readers


def reader_add(round: Round, reader: User, duty: Duty, by: Actor) -> RoundReader:
    if not reader.is_active or not reader.has_role(Role.PATHOLOGIST):
        raise ValidationError({"readers": _("%(name)s is no active pathologist.") % {"name": reader.username}})
    return create(RoundReader(round=round, reader=reader, duty=duty), by=by)


def _stains_for(protocol: ReadingProtocol, stains: Iterable[Stain]) -> list[Stain]:
    markers = set(protocol.markers.values_list("marker_id", flat=True))
    chosen = sorted(stains, key=lambda stain: stain.pk)
    foreign = next((stain for stain in chosen if stain.marker_id not in markers), None)
    if foreign is not None:
        raise ValidationError(
            {"stains": _("%(marker)s is no marker of this protocol.") % {"marker": foreign.marker.code}}
        )
    if not chosen:
        raise ValidationError({"stains": _("There is no stain to read: choose other markers or tissues.")})
    return chosen


def _refuse_taken(round: Round) -> None:
    taken = (
        Slide.objects.filter(stain__slides__round=round, round__status__in=BLIND, round__retired_reason="")
        .exclude(round=round)
        .select_related("round")
        .first()
    )
    if taken is not None:
        raise ValidationError(
            _("A stain of this round is being read in round %(round)s: close that first.") % {"round": taken.round}
        )
    if round.slides.exclude(stain__retired_reason="", stain__specimen__retired_reason="").exists():
        raise ValidationError(_("A stain of this round was marked as entered in error: draw the round up anew."))


def _slides(round: Round, stains: list[Stain], by: Actor) -> list[Slide]:
    taken = set(Slide.objects.filter(code__startswith=f"{round.code}-").values_list("code", flat=True))

    def code(*subject: object) -> str:
        found = next(code for code in candidate_codes(round.seed, round.code, *subject) if code not in taken)
        taken.add(found)
        return found

    originals = create_many([Slide(round=round, stain=stain, code=code(stain.pk)) for stain in stains], by=by)
    by_marker: dict[int, list[Slide]] = {}
    for slide in originals:
        by_marker.setdefault(slide.stain.marker_id, []).append(slide)
    repeats = [
        Slide(round=round, stain=slide.stain, code=code(slide.stain_id, "again"), repeats=slide)
        for slides in by_marker.values()
        for slide in _sample(round, slides, round.protocol.repeat_percent, "repeat")
    ]
    return originals + create_many(repeats, by=by)


def _sample(round: Round, slides: Sequence[Slide], percent: int, purpose: str) -> list[Slide]:
    ordered = shuffled(slides, [slide.code for slide in slides], round.seed, purpose)
    return ordered[: sample_size(len(slides), percent)]


def queue_up(reader: RoundReader, slides: Sequence[Slide], purposes: Mapping[int, str] | None = None) -> None:
    """The reader's own order of the slides, repeats last, behind what the reader has to do already."""
    round, name = reader.round, reader.reader.username
    in_order = shuffled(slides, [slide.code for slide in slides], round.seed, "order", name)
    if round.protocol.order == Order.BLOCKS:
        in_order.sort(key=lambda slide: keyed(round.seed, "block", name, slide.stain.marker.code))
    in_order.sort(key=lambda slide: slide.repeats_id is not None)
    positions = count(reader.assignments.count() + 1)
    Assignment.objects.bulk_create(
        Assignment(
            slide=slide,
            round_reader=reader,
            position=next(positions),
            **({} if purposes is None else {"purpose": purposes[slide.pk]}),
        )
        for slide in in_order
    )


def draft_save(*, assignment: Assignment, entries: Mapping[str, str], expected: int) -> int:
    """Keeps what is typed and not saved; StaleWrite when another tab kept something in between."""
    unknown = sorted(set(entries) - DRAFT_FIELDS)
    if unknown:
        raise ValidationError({unknown[0]: _("This is no field of a read.")})
    kept = {name: text[:_DRAFT_LENGTH] for name, text in entries.items() if text}
    moved = Assignment.objects.filter(pk=assignment.pk, draft_version=expected).update(
        draft=kept, draft_version=F("draft_version") + 1
    )
    if not moved:
        raise StaleWrite([])
    return expected + 1


def draft_clear(assignment: Assignment, entries: Mapping[str, str] | None = None) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(draft=dict(entries or {}), draft_version=F("draft_version") + 1)
