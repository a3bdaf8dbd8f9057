"""Corrections after the close. They void nothing, but they are listed, and the signature says that it came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from labs.ihc.judging import NOTHING_JUDGED, build_read
from labs.ihc.models import Read
from labs.revisions import supersede
from labs.rounds.closing import SUBJECT, Obstacle, due_of, is_as_signed
from labs.rounds.consensus import CannotSettle
from labs.rounds.models import Consensus, Round, RoundStatus, Slide
from labs.rounds.reading import Judgement
from labs.rounds.selectors import reads_of_slide, slide_reads
from labs.rounds.settling import consensus_write, locked
from registry.log.actors import Actor
from registry.log.facts import changes_since
from registry.log.recording import recording
from registry.signing.models import Signature
from registry.signing.services import signatures_of


def read_amend(*, read: Read, judgement: Judgement, by: Actor, reason: str) -> Read:
    """A whole new judgement in place of a read of a closed round; the consensus of its slide follows where a rule can.

    StaleWrite when `read` is not the newest revision.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the read is amended.")})
    if read.slide is None:
        raise ValidationError(_("Only a read of a round is amended."))
    with recording(by, reason.strip()):
        round = locked(read.slide.round)
        if round.status != RoundStatus.CLOSED:
            raise ValidationError(_("A read is amended once its round is closed."))
        read.slide.round = round
        new = build_read(
            read.stain,
            read.reader,
            NOTHING_JUDGED | dict(judgement.values),
            judgement.comment,
            slide=read.slide,
            not_assessable=judgement.not_assessable,
            is_flagged=read.is_flagged,
            seconds=read.seconds,
        )
        amended = supersede(read, new, by=by, reason=reason.strip())
        if read.slide.repeats_id is None:
            _follow(round, read.slide, by, reason.strip())
    return amended


def _follow(round: Round, slide: Slide, by: Actor, reason: str) -> None:
    found = reads_of_slide(round, slide)
    try:
        due = due_of(found)
    except CannotSettle:
        return  # listed by unsettled_since
    if due is not None:
        consensus_write(due.found, due.rule, due.said, by=by, reason=f"read amended: {reason[:250]}")


def unsettled_since(round: Round) -> list[Obstacle]:
    """Slides of a closed round whose consensus rests on a read that was amended since, and no rule can follow."""
    found = []
    for item in slide_reads(round):
        try:
            due_of(item)
        except CannotSettle as error:
            found.append(Obstacle(item.slide, str(error)))
    return found


@dataclass(frozen=True)
class Ending:
    """What the page of a round says about its close."""

    signatures: Sequence[Signature]
    is_as_signed: bool
    amendments: "Sequence[Amendment]"
    unsettled: Sequence[Obstacle]


def ending_of(round: Round) -> Ending:
    signatures = list(signatures_of(SUBJECT, round.code))
    valid = next((row for row in signatures if not row.retired_reason), None)
    return Ending(
        signatures,
        valid is not None and is_as_signed(round, valid),
        amendments_of(round),
        unsettled_since(round) if round.is_closed else [],
    )


@dataclass(frozen=True)
class Amendment:
    """A revision made after the close: of a read, or of a consensus."""

    row: Any
    before: Any

    @property
    def is_read(self) -> bool:
        return isinstance(self.row, Read)


def amendments_of(round: Round) -> Sequence[Amendment]:
    """What was revised while the round was closed, newest first; opening it again and closing it anew hides nothing."""
    spans = _closed_spans(round)
    if not spans:
        return []
    while_closed = Q()
    for begin, end in spans:
        span = Q(recorded_at__gt=begin)
        while_closed |= span if end is None else span & Q(recorded_at__lt=end)
    rows: list[Any] = []
    for model in (Read, Consensus):
        found = model._default_manager.filter(while_closed, slide__round=round, supersedes__isnull=False)
        rows += found.select_related("slide", "supersedes")
    rows.sort(key=lambda row: (row.recorded_at, row.pk), reverse=True)
    return [Amendment(row, row.supersedes) for row in rows]


def _closed_spans(round: Round) -> list[tuple[datetime, datetime | None]]:
    """From each close to the opening after it, None for one that lasts. The row knows the newest close, the log all."""
    spans: list[tuple[datetime, datetime | None]] = []
    for change in changes_since(round, 0):
        new = change.new_values
        if new.get("closed_at"):
            spans.append((datetime.fromisoformat(new["closed_at"]), None))
        elif "closed_at" in new and spans:
            spans[-1] = (spans[-1][0], change.at)
    return spans
