"""A reader's save and undo in a round. While the round is open a reader may change an own read; each change is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.ihc.judging import NOTHING_JUDGED, build_read, copy_of
from labs.ihc.models import Read
from labs.revisions import record, supersede
from labs.rounds.models import Assignment, Round, RoundReader, Slide
from labs.rounds.services import draft_clear
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since
from registry.log.recording import recording

WHILE_OPEN = "changed by the reader while the round was open"
UNDONE = "undone by the reader"


@dataclass(frozen=True)
class Judgement:
    """What the reader says of a slide: the values of its scale, or why there are none."""

    values: Mapping[str, Any]
    not_assessable: str = ""
    is_flagged: bool = False
    comment: str = ""


def newest_slide_read(slide: Slide, reader: str) -> Read | None:
    return Read.objects.filter(slide=slide, reader=reader, successor__isnull=True).first()


def slide_read_save(
    *,
    assignment: Assignment,
    judgement: Judgement,
    seen: int,
    seconds: int | None = None,
    previewed: float | None = None,
    by: Actor,
) -> Read:
    """Stores the judgement. `seen` is the version of the revision that the reader was shown, 0 for none.

    `previewed` is the value that the reader saw before saving; another one than ours is refused.
    """
    slide, reader = assignment.slide, assignment.round_reader.reader.username
    with recording(by):
        _refuse_unless_reading(assignment)
        newest = newest_slide_read(slide, reader)
        if newest is not None and newest.version != seen:
            raise StaleWrite(changes_since(newest, seen))
        read = build_read(
            slide.stain,
            reader,
            NOTHING_JUDGED | dict(judgement.values),
            judgement.comment,
            slide=slide,
            not_assessable=judgement.not_assessable,
            is_flagged=judgement.is_flagged,
            seconds=seconds,
        )
        saved = record(read, by=by) if newest is None else supersede(newest, read, by=by, reason=WHILE_OPEN)
        _refuse_other_preview(saved, previewed)
        draft_clear(assignment)
    return saved


def slide_read_undo(*, duty: RoundReader, by: Actor) -> Assignment | None:
    """Takes back the reader's last save in the round, back to what stood before; the typed values become a draft."""
    with recording(by):
        last = last_save(duty)
        if last is None:
            return None
        assignment = duty.assignments.select_related("slide", "round_reader").get(slide=last.slide)
        _refuse_unless_reading(assignment)
        before = Read.objects.filter(successor=last).first()
        if before is None or before.is_retracted:
            supersede(last, copy_of(last), by=by, reason=UNDONE, retract=True)
        else:
            supersede(last, copy_of(before), by=by, reason=UNDONE)
        draft_clear(assignment, draft_of(last))
    return assignment


def last_save(duty: RoundReader) -> Read | None:
    mine = Read.objects.current().filter(slide__round=duty.round_id, reader=duty.reader.username)
    return mine.exclude(correction_reason=UNDONE).order_by("-pk").first()


def draft_of(read: Read) -> dict[str, str]:
    """The read as the form's entries."""
    names = ("intensity", "percent", "not_assessable", "fewer_fields_reason", "comment")
    entries = {name: getattr(read, name) for name in names}
    if read.percent is None:
        entries["extent"] = read.extent
    entries |= {f"field_{place}": found for place, found in enumerate(read.field_counts or [], start=1)}
    if read.is_flagged:
        entries["is_flagged"] = "on"
    return {name: str(value) for name, value in entries.items() if value not in (None, "")}


def _refuse_other_preview(read: Read, previewed: float | None) -> None:
    if previewed is None or (read.value is not None and isclose(previewed, read.value, rel_tol=1e-9)):
        return
    raise ValidationError(
        _("The form showed %(shown)s, the server computes %(computed)s: nothing was saved. Load the page anew.")
        % {"shown": f"{previewed:g}", "computed": read.judged}
    )


def _refuse_unless_reading(assignment: Assignment) -> None:
    # Held until the commit: nobody closes the round between the look and the write.
    round = Round.objects.select_for_update(no_key=True).get(pk=assignment.slide.round_id)
    if round.status != assignment.round_reader.stage:
        raise ValidationError(_("The round is not open for your reads: nothing was saved."))
    if assignment.round_reader.retired_reason:
        raise ValidationError(_("You are no longer a reader of this round: nothing was saved."))
