"""The consensus under another rule: seen before it is made, and made from the reads that are kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.rounds.consensus import CannotSettle, Said
from labs.rounds.models import ConsensusRule, Round, RoundStatus
from labs.rounds.selectors import SlideReads, slide_reads
from labs.rounds.settling import consensus_write, locked, said_by_rule
from registry.log.actors import Actor
from registry.log.recording import recording

# A joint session cannot be computed.
RULES = (ConsensusRule.MEAN, ConsensusRule.THIRD, ConsensusRule.MEDIAN)


@dataclass(frozen=True)
class Recomputed:
    """A discordant slide under the other rule: what it would be, or why it keeps what it has."""

    found: SlideReads
    said: Said | None
    reason: str

    @property
    def is_joint(self) -> bool:
        """Whether people settled it together, which no rule replaces unasked."""
        kept = self.found.consensus
        return kept is not None and kept.rule == ConsensusRule.JOINT

    @property
    def in_words(self) -> str:
        return "" if self.said is None else self.said.in_words

    @property
    def is_moved(self) -> bool:
        kept = self.found.consensus
        return self.said is not None and (
            kept is None or (kept.value, kept.not_assessable) != (self.said.value, self.said.not_assessable)
        )


def recompute_preview(round: Round, rule: str) -> list[Recomputed]:
    """Every discordant slide; concordant ones have the mean of their reads under each rule."""
    return [_recomputed(found, rule) for found in slide_reads(round) if found.is_discordant]


def jointly_settled(found: Iterable[Recomputed]) -> int:
    return sum(item.is_joint for item in found)


def consensus_recompute(
    *, round: Round, rule: str, superseding_joint: int = 0, by: Actor, reason: str
) -> list[Recomputed]:
    """Writes the consensus of every discordant slide that the rule can settle; says which those are.

    What a joint session settled stays, unless `superseding_joint` says how many such slides were shown.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the consensus is computed under another rule.")})
    if rule not in RULES:
        raise ValidationError({"rule": _("This rule cannot be computed.")})
    with recording(by, reason.strip()):
        held = locked(round)
        if held.status not in (RoundStatus.ADJUDICATION, RoundStatus.CLOSED):
            raise ValidationError(_("There is no consensus before the adjudication."))
        found = recompute_preview(held, rule)
        if superseding_joint:
            _refuse_other_count(superseding_joint, jointly_settled(found))
        written = []
        for item in found:
            if item.said is not None and (superseding_joint or not item.is_joint):
                consensus_write(item.found, rule, item.said, by=by, reason=reason.strip())
                written.append(item)
    return written


def _refuse_other_count(shown: int, there: int) -> None:
    if shown != there:
        raise ValidationError(
            {
                "superseding_joint": ngettext(
                    "%(n)s slide is settled in a joint session now, not %(shown)s as was shown.",
                    "%(n)s slides are settled in a joint session now, not %(shown)s as was shown.",
                    there,
                )
                % {"n": there, "shown": shown}
            }
        )


def _recomputed(found: SlideReads, rule: str) -> Recomputed:
    try:
        return Recomputed(found, said_by_rule(found, rule), "")
    except CannotSettle as error:
        return Recomputed(found, None, str(error))
