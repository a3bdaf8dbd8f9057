"""From reading to settling: the end of the primary reads, and a third reader who cannot tell which slides disagree."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.ihc.models import Read
from labs.rounds.codes import shuffled
from labs.rounds.models import BLIND, Duty, Purpose, Round, RoundReader, RoundStatus, Slide
from labs.rounds.selectors import SlideReads, slide_reads
from labs.rounds.services import queue_up, reader_add
from labs.rounds.settling import locked
from registry.log.actors import Actor
from registry.log.facts import update
from registry.log.models import Action
from registry.log.recording import recording
from registry.people.models import User


@dataclass(frozen=True)
class Missing:
    """What a reader has not read: slides, and hidden repeats."""

    reader: RoundReader
    slides: int
    repeats: int


def missing_reads(round: Round) -> list[Missing]:
    """Of each primary reader who has not read everything."""
    readers = round.readers.filter(duty=Duty.PRIMARY, retired_reason="").select_related("reader")
    found = [_missing(reader) for reader in readers]
    return [missing for missing in found if missing.slides or missing.repeats]


def _missing(reader: RoundReader) -> Missing:
    mine = Read.objects.current().filter(slide=OuterRef("slide"), reader=reader.reader.username)
    open_ones = reader.assignments.filter(~Exists(mine), slide__retired_reason="")
    repeats = open_ones.filter(slide__repeats__isnull=False).count()
    return Missing(reader, open_ones.count() - repeats, repeats)


def adjudication_start(*, round: Round, expected_version: int, without_repeats: bool = False, by: Actor) -> Round:
    """Ends the primary reads. Hidden repeats that nobody read are given up only when that is said."""
    with recording(by):
        held = locked(round)
        if held.status != RoundStatus.OPEN:
            raise ValidationError(_("Only an open round goes into adjudication."))
        _refuse_missing(missing_reads(held), without_repeats)
        started = update(held, {"status": RoundStatus.ADJUDICATION}, expected_version=expected_version, by=by)
        third = third_reader_of(started)
        if third is not None:
            third_read_ask(round=started, slides=_discordant(slide_reads(started)), by=by)
    return started


def third_reader_add(*, round: Round, reader: User, by: Actor) -> RoundReader:
    """Names the third reader; in adjudication the queue is there at once, before that when adjudication begins."""
    with recording(by):
        held = locked(round)
        if held.status not in (RoundStatus.DRAFT, *BLIND):
            raise ValidationError(_("A closed round takes no third reader."))
        if held.readers.filter(reader=reader, duty=Duty.PRIMARY).exists():
            raise ValidationError(
                {
                    "reader": _("%(name)s reads this round already: name somebody else for the third read.")
                    % {"name": reader.username}
                }
            )
        if third_reader_of(held) is not None:
            raise ValidationError({"reader": _("This round has a third reader already.")})
        added = reader_add(held, reader, Duty.THIRD, by)
        if held.status == RoundStatus.ADJUDICATION:
            third_read_ask(round=held, slides=_discordant(slide_reads(held)), by=by)
    return added


def third_reader_of(round: Round) -> RoundReader | None:
    found = round.readers.filter(duty=Duty.THIRD, retired_reason="").select_related("reader", "round__protocol")
    return found.first()


def third_read_ask(*, round: Round, slides: Iterable[Slide], by: Actor) -> int:
    """Sends the slides to the third reader, among decoys that nobody disagrees about; says how many were new."""
    with recording(by) as log:
        held = locked(round)
        third = third_reader_of(held)
        if held.status != RoundStatus.ADJUDICATION or third is None:
            raise ValidationError(_("There is a third read once the round is in adjudication and has a third reader."))
        taken = set(third.assignments.values_list("slide_id", flat=True))
        wanted = [slide for slide in slides if slide.pk not in taken]
        if not wanted:
            return 0
        busy = taken | {slide.pk for slide in wanted}
        calm = [found.slide for found in slide_reads(held) if _is_calm(found) and found.slide.pk not in busy]
        decoys = _decoys(held, wanted, calm)
        purposes = {slide.pk: Purpose.THIRD.value for slide in wanted} | {slide.pk: Purpose.DECOY for slide in decoys}
        queue_up(third, [*wanted, *decoys], purposes)
        # How many and no more: the log must not say which of them disagree.
        log.add(
            [held.stream],
            Action.UPDATE,
            subject=("round", held.pk, held.code),
            new={"third_reads": len(wanted) + len(decoys)},
        )
    return len(wanted)


def _decoys(round: Round, wanted: Sequence[Slide], calm: Sequence[Slide]) -> list[Slide]:
    """Of each marker as many as the protocol says for the slides of that marker."""
    by_marker: dict[int, list[Slide]] = defaultdict(list)
    for slide in calm:
        by_marker[slide.stain.marker_id].append(slide)
    found = []
    for marker, n in sorted(Counter(slide.stain.marker_id for slide in wanted).items()):
        ordered = shuffled(by_marker[marker], [slide.code for slide in by_marker[marker]], round.seed, "decoy")
        found += ordered[: ceil(n * round.protocol.decoy_percent / 100)]
    return found


def _discordant(found: Iterable[SlideReads]) -> list[Slide]:
    return [item.slide for item in found if item.is_discordant]


def _is_calm(found: SlideReads) -> bool:
    return found.is_complete and not found.is_discordant and found.consensus is None


def _refuse_missing(missing: Sequence[Missing], without_repeats: bool) -> None:
    problems = [
        ngettext("%(reader)s has %(n)s slide to read.", "%(reader)s has %(n)s slides to read.", item.slides)
        % {"reader": item.reader.reader.username, "n": item.slides}
        for item in missing
        if item.slides
    ]
    if not without_repeats:
        problems += [
            ngettext(
                "%(reader)s has %(n)s hidden repeat to read.",
                "%(reader)s has %(n)s hidden repeats to read.",
                item.repeats,
            )
            % {"reader": item.reader.reader.username, "n": item.repeats}
            for item in missing
            if item.repeats
        ]
    if problems:
        raise ValidationError(problems)
