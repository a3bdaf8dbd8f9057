"""What the reads of a slide come to, under each rule. Pure: values in, a value out, or the reason why there is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from labs.ihc.scoring import ATTAINABLE, NotAssessable
from labs.rounds.models import ConsensusRule, MeanRounding


@dataclass(frozen=True)
class Said:
    """What one reader, or all together, say of a slide: a value, or why there is none."""

    value: float | None
    not_assessable: str = ""

    @property
    def in_words(self) -> str:
        return str(NotAssessable(self.not_assessable).label) if self.value is None else f"{self.value:.4g}"


class CannotSettle(ValueError):
    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


def concordant(primary: Sequence[Said], rounding: str, *, is_score: bool) -> Said:
    """Of reads that agree: their mean, or that none of them could assess the slide."""
    if not primary:
        raise CannotSettle(_("Nobody has read the slide."))
    if all(said.value is None for said in primary):
        return _not_assessable(primary)
    return _mean(primary, rounding, is_score=is_score)


def settled(rule: str, primary: Sequence[Said], third: Said | None, rounding: str, *, is_score: bool) -> Said:
    """Of reads that do not agree.

    Mean: of the primary reads, all of which must have a value. Third: what the third reader says. Median: of the
    primary reads and the third; not assessable when most say so, else the median of those that have a value.

    Raises CannotSettle: a read is missing, or the rule does not apply to what was read.
    """
    if rule == ConsensusRule.MEAN:
        return _mean(primary, rounding, is_score=is_score)
    if rule == ConsensusRule.JOINT:
        raise CannotSettle(_("A joint session decides."))
    if third is None:
        raise CannotSettle(_("The third read is missing."))
    return third if rule == ConsensusRule.THIRD else _median([*primary, third], rounding, is_score=is_score)


def rounded(value: float, rounding: str) -> float:
    """A mean of scores as the protocol takes it."""
    if value in ATTAINABLE or rounding == MeanRounding.NONE:
        return value
    if rounding == MeanRounding.FORBID:
        raise CannotSettle(
            _("%(value).4g is no attainable score, and the protocol does not take it.") % {"value": value}
        )
    nearest = min(abs(score - value) for score in ATTAINABLE)
    near = [score for score in ATTAINABLE if abs(score - value) == nearest]
    return float(min(near) if rounding == MeanRounding.LOWER else max(near))


def _mean(reads: Sequence[Said], rounding: str, *, is_score: bool) -> Said:
    values = [said.value for said in reads if said.value is not None]
    if not values or len(values) < len(reads):
        raise CannotSettle(_("A reader could not assess the slide: there is no mean."))
    mean = fmean(values)
    return Said(rounded(mean, rounding) if is_score else mean)


def _median(reads: Sequence[Said], rounding: str, *, is_score: bool) -> Said:
    values = [said.value for said in reads if said.value is not None]
    if 2 * len(values) < len(reads) or not values:
        return _not_assessable(reads)
    if 2 * len(values) == len(reads):
        raise CannotSettle(_("As many readers could not assess the slide as could."))
    middle = median(values)
    return Said(rounded(middle, rounding) if is_score else middle)


def _not_assessable(reads: Sequence[Said]) -> Said:
    """The reason given most often; of equally frequent ones that of the earlier reader."""
    reasons = Counter(said.not_assessable for said in reads if said.value is None)
    return Said(None, reasons.most_common(1)[0][0])
