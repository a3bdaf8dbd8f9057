"""The consensus of one slide: what a rule makes of its reads, or what a joint session judged. No read is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.ihc.judging import NOTHING_JUDGED, build_read
from labs.ihc.models import Read
from labs.markers.models import Scale
from labs.revisions import record, supersede
from labs.rounds.consensus import CannotSettle, Said, concordant, settled
from labs.rounds.models import CONCORDANT, Consensus, ConsensusRule, Round, RoundStatus, Slide
from labs.rounds.selectors import SlideReads, reads_of_slide
from registry.log.actors import Actor
from registry.log.facts import StaleWrite, changes_since
from registry.log.recording import recording

AGREE = CONCORDANT[0]
# The columns of a consensus that only a joint session fills.
_JUDGED = ("intensity", "percent", "extent", "field_counts")


@dataclass(frozen=True)
class Settlement:
    """How a slide is settled: by a rule over its reads, or by what the joint session judged."""

    outcome: str
    # intensity and percent or extent, or field_counts
    values: Mapping[str, Any] = field(default_factory=dict)
    not_assessable: str = ""


def slide_settle(*, slide: Slide, settlement: Settlement, seen: int, by: Actor, reason: str) -> Consensus:
    """Stores how the slide was settled. `seen` is the version of the consensus that was shown, 0 for none."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the slide is settled so.")})
    with recording(by, reason.strip()):
        round = locked(slide.round)
        if round.status not in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED):
            raise ValidationError(_("Slides are settled once the round is in adjudication."))
        found = reads_of_slide(round, slide)
        newest = found.consensus
        if (newest.version if newest else 0) != seen:
            raise StaleWrite(changes_since(newest, seen) if newest else [])
        if settlement.outcome == ConsensusRule.JOINT:
            return _record_joint(found, settlement, by=by, reason=reason.strip())
        try:
            said = said_by_rule(found, settlement.outcome)
        except CannotSettle as error:
            raise ValidationError({"outcome": str(error)}) from error
        return consensus_write(found, settlement.outcome, said, by=by, reason=reason.strip())


def locked(round: Round) -> Round:
    """The round, held until the commit: nobody opens, closes or settles in between."""
    found = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("protocol", "cohort")
    return found.get(pk=round.pk)


def said_by_rule(found: SlideReads, rule: str) -> Said:
    """Raises CannotSettle."""
    protocol, is_score = found.slide.round.protocol, found.slide.stain.marker.scale == Scale.SCORE
    if not found.is_complete:
        raise CannotSettle(_("A primary read is missing."))
    primary = [_said(read) for read in found.primary]
    if rule == AGREE:
        return concordant(primary, protocol.mean_rounding, is_score=is_score)
    third = _said(found.third) if found.third else None
    return settled(rule, primary, third, protocol.mean_rounding, is_score=is_score)


def cites(found: SlideReads, rule: str) -> list[list[int]]:
    """The reads that a rule rests on, each with its version."""
    reads = list(found.primary)
    if found.third is not None and rule not in (AGREE, ConsensusRule.MEAN):
        reads.append(found.third)
    return [[read.pk, read.version] for read in reads]


def consensus_write(found: SlideReads, rule: str, said: Said, *, by: Actor, reason: str, **judged: Any) -> Consensus:
    new = consensus_row(found, rule, said, reason, **judged)
    if found.consensus is None:
        return record(new, by=by, reason=reason)
    return supersede(found.consensus, new, by=by, reason=reason)


def consensus_row(found: SlideReads, rule: str, said: Said, reason: str, **judged: Any) -> Consensus:
    return Consensus(
        slide=found.slide,
        rule=rule,
        value=said.value,
        not_assessable=said.not_assessable,
        cites=cites(found, rule),
        reason=reason,
        **judged,
    )


def _record_joint(found: SlideReads, settlement: Settlement, *, by: Actor, reason: str) -> Consensus:
    if not found.primary:
        raise ValidationError(_("Nobody has read the slide."))
    judged = build_read(
        found.slide.stain,
        "joint session",
        NOTHING_JUDGED | dict(settlement.values),
        reason,
        slide=found.slide,
        not_assessable=settlement.not_assessable,
    )
    kept = {*_JUDGED, "fewer_fields_reason", "density", "value", "not_assessable"}
    judged.clean_fields(exclude={column.name for column in Read._meta.fields} - kept)
    said = Said(judged.value, judged.not_assessable)
    values = {name: getattr(judged, name) for name in _JUDGED}
    return consensus_write(found, ConsensusRule.JOINT, said, by=by, reason=reason, **values)


def _said(read: Read) -> Said:
    return Said(read.value, read.not_assessable)
