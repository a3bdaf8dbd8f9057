"""Closing a round: a consensus for every slide, signed; and reopening it, which voids the signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.ihc.models import Read
from labs.revisions import record_many, supersede
from labs.rounds.consensus import CannotSettle, Said
from labs.rounds.models import Consensus, ConsensusRule, Round, RoundStatus, Slide
from labs.rounds.selectors import SlideReads, slide_reads
from labs.rounds.services import tell_analyses
from labs.rounds.settling import AGREE, cites, consensus_row, locked, said_by_rule
from registry.log.actors import Actor
from registry.log.facts import update
from registry.log.recording import recording
from registry.signing.models import Signature
from registry.signing.services import Proof, digest_of, sign, signatures_of, void

SUBJECT = "round"
READ_CHANGED = "a read was changed since"
MEANING = "The reads are complete and the consensus is of record"


@dataclass(frozen=True)
class Due:
    """A consensus that the rules make of a slide's reads, and that is not written yet."""

    found: SlideReads
    rule: str
    said: Said


@dataclass(frozen=True)
class Obstacle:
    slide: Slide
    reason: str


def due_of(found: SlideReads) -> Due | None:
    """What is to be written for the slide; None when its consensus stands. Raises CannotSettle."""
    kept = found.consensus
    if kept is None:
        rule = found.slide.round.protocol.consensus_rule if found.is_discordant else AGREE
        return Due(found, rule, said_by_rule(found, rule))
    if kept.rule == ConsensusRule.JOINT:
        if _cites_something_old(kept, found):
            raise CannotSettle(_("A read was changed after the joint session: settle the slide again."))
        return None
    if kept.cites == cites(found, kept.rule):
        return None
    rule = AGREE
    if found.is_discordant:
        rule = found.slide.round.protocol.consensus_rule if kept.rule == AGREE else kept.rule
    return Due(found, rule, said_by_rule(found, rule))


def _cites_something_old(kept: Consensus, found: SlideReads) -> bool:
    current = {(read.pk, read.version) for read in (*found.primary, *([found.third] if found.third else []))}
    return any(tuple(cited) not in current for cited in kept.cites)


def closing_plan(round: Round) -> tuple[list[Due], list[Obstacle]]:
    """What closing would write, and which slides stand in its way."""
    due, obstacles = [], []
    for found in slide_reads(round):
        try:
            made = due_of(found)
        except CannotSettle as error:
            obstacles.append(Obstacle(found.slide, str(error)))
        else:
            due += [made] if made else []
    return due, obstacles


def round_close(*, round: Round, expected_version: int, proof: Proof) -> Round:
    """Signs and closes.

    1. Every slide must be settled, or be settled by its rule.
    2. The missing consensus is written.
    3. The round is closed, and the analyses of its markers are told.
    4. The protocol, every read and every consensus, with versions, are signed.
    """
    by = proof.signer
    with recording(by) as log:
        held = locked(round)
        if held.status != RoundStatus.ADJUDICATION:
            raise ValidationError(_("Only a round in adjudication is closed."))
        due, obstacles = closing_plan(held)
        if obstacles:
            raise ValidationError([f"{item.slide.code}: {item.reason}" for item in obstacles])
        _write(due, by)
        changes = {"status": RoundStatus.CLOSED, "closed_at": timezone.now()}
        closed = update(held, changes, expected_version=expected_version, by=by)
        tell_analyses(log, closed)
        sign(
            proof=proof,
            meaning=MEANING,
            subject_type=SUBJECT,
            subject_code=closed.code,
            content=signed_content(closed),
            cohort=closed.cohort,
        )
    return closed


def _write(due: Sequence[Due], by: Actor) -> None:
    first = [item for item in due if item.found.consensus is None]
    record_many([consensus_row(item.found, item.rule, item.said, "") for item in first], by=by)
    for item in due:
        if item.found.consensus is not None:
            new = consensus_row(item.found, item.rule, item.said, READ_CHANGED)
            supersede(item.found.consensus, new, by=by, reason=READ_CHANGED)


def round_reopen(*, round: Round, expected_version: int, by: Actor, reason: str) -> Round:
    """Back into adjudication: the signature is void, and what rests on the round waits for it again.

    Not open for primary reads: its readers have seen what the others read.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the round is opened again.")})
    with recording(by, reason.strip()) as log:
        held = locked(round)
        if held.status != RoundStatus.CLOSED:
            raise ValidationError(_("Only a closed round is opened again."))
        changes = {"status": RoundStatus.ADJUDICATION, "closed_at": None}
        opened = update(held, changes, expected_version=expected_version, by=by, reason=reason.strip())
        for signature in valid_signatures(opened):
            void(signature=signature, by=by, reason=f"round opened again: {reason.strip()}")
        tell_analyses(log, opened)
    return opened


def valid_signatures(round: Round) -> QuerySet[Signature]:
    return signatures_of(SUBJECT, round.code).filter(retired_reason="")


def signed_content(round: Round) -> dict[str, Any]:
    """Everything that a signature under the round covers, as it is now."""
    reads = Read.objects.current().filter(slide__round=round).order_by("slide__code", "reader")
    settled = Consensus.objects.current().filter(slide__round=round).order_by("slide__code")
    return {
        "round": round.code,
        "protocol": str(round.protocol),
        "reads": [
            list(row) for row in reads.values_list("slide__code", "reader", "pk", "version", "value", "not_assessable")
        ],
        "consensus": [
            list(row) for row in settled.values_list("slide__code", "pk", "version", "rule", "value", "not_assessable")
        ],
    }


def is_as_signed(round: Round, signature: Signature) -> bool:
    return digest_of(signed_content(round)) == signature.digest
