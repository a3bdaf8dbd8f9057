"""When reads of one slide disagree, and how badly: the rules of the protocol, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.utils.translation import gettext_lazy as _

from labs.ihc.models import Read
from labs.ihc.scoring import ATTAINABLE
from labs.markers.models import Scale
from labs.rounds.models import MeanRounding, ReadingProtocol


class Severity(IntEnum):
    """The higher, the worse. A flag is a wish to discuss, no disagreement."""

    NONE = 0
    FLAGGED = 1
    UNATTAINABLE_MEAN = 2
    VALUE = 3
    INTENSITY = 4
    ASSESSABILITY = 5
    GROUP = 6

    @property
    def is_discordant(self) -> bool:
        return self > Severity.FLAGGED

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    Severity.NONE: _("concordant"),
    Severity.FLAGGED: _("flagged to discuss"),
    Severity.UNATTAINABLE_MEAN: _("mean is no score"),
    Severity.VALUE: _("values far apart"),
    Severity.INTENSITY: _("intensities far apart"),
    Severity.ASSESSABILITY: _("one could not assess it"),
    Severity.GROUP: _("high against low"),
}


@dataclass(frozen=True)
class Verdict:
    severity: Severity
    # how far apart the reads are: scores, or percent of the mean for counts
    distance: float

    @property
    def rank(self) -> tuple[int, float]:
        return (-self.severity, -self.distance)


def verdict_on(reads: Sequence[Read], protocol: ReadingProtocol, scale: str, cutoff: float | None) -> Verdict:
    """Of the primary reads of one slide; of fewer than two there is nothing to compare."""
    values = [read.value for read in reads if read.value is not None]
    distance = _distance(values, scale)
    flagged = Severity.FLAGGED if any(read.is_flagged for read in reads) else Severity.NONE
    if len(reads) < 2:
        return Verdict(flagged, distance)
    if not values:
        return Verdict(flagged, distance)
    if len(values) < len(reads):
        return Verdict(Severity.ASSESSABILITY, distance)
    if cutoff is not None and len({value > cutoff for value in values}) > 1:
        return Verdict(Severity.GROUP, distance)
    return Verdict(_by_gap(reads, values, distance, protocol, scale) or flagged, distance)


def _by_gap(
    reads: Sequence[Read], values: list[float], distance: float, protocol: ReadingProtocol, scale: str
) -> Severity:
    if scale != Scale.SCORE:
        return Severity.VALUE if distance > protocol.count_gap_percent else Severity.NONE
    intensities = [read.intensity for read in reads if read.intensity is not None]
    if max(intensities) - min(intensities) >= protocol.intensity_gap:
        return Severity.INTENSITY
    if distance >= protocol.score_gap:
        return Severity.VALUE
    mean = sum(values) / len(values)
    if protocol.mean_rounding == MeanRounding.FORBID and mean not in ATTAINABLE:
        return Severity.UNATTAINABLE_MEAN
    return Severity.NONE


def _distance(values: list[float], scale: str) -> float:
    if len(values) < 2:
        return 0.0
    gap = max(values) - min(values)
    if scale == Scale.SCORE or gap == 0:
        return gap
    return 100 * gap / (sum(values) / len(values))
