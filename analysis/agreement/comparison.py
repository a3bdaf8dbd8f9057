"""After the close: a reader's own reads against the consensus, and against the own hidden repeats."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.agreement.content import Pair, pair_of, scale_of
from analysis.stats.agreement import agreement_of
from labs.ihc.models import Read
from labs.rounds.marker_reads import MarkerReads, marker_reads, own_repeats
from labs.rounds.models import Consensus, RoundReader


@dataclass(frozen=True)
class Compared:
    """One slide: what the reader said and what it counts as."""

    slide: str
    read: Read
    consensus: Consensus | None

    @property
    def is_same(self) -> bool:
        return self.consensus is not None and (self.read.value, bool(self.read.not_assessable)) == (
            self.consensus.value,
            bool(self.consensus.not_assessable),
        )

    @property
    def distance(self) -> float:
        if self.consensus is None or self.read.value is None or self.consensus.value is None:
            return 0.0 if self.is_same else float("inf")
        return abs(self.read.value - self.consensus.value)


@dataclass(frozen=True)
class OwnMarker:
    marker: str
    # the farthest from the consensus first
    rows: Sequence[Compared]
    against_consensus: Pair | None
    repeats: Pair | None

    @property
    def n_same(self) -> int:
        return sum(row.is_same for row in self.rows)


def comparison_of(duty: RoundReader) -> list[OwnMarker]:
    mine = {
        read.slide_id: read
        for read in Read.objects.current().filter(slide__round=duty.round, reader=duty.reader.username)
    }
    return [_own(reads, mine, duty) for reads in marker_reads(duty.round)]


def _own(reads: MarkerReads, mine: dict[int | None, Read], duty: RoundReader) -> OwnMarker:
    rows = [
        Compared(item.slide.code, mine[item.slide.pk], item.consensus) for item in reads.found if item.slide.pk in mine
    ]
    rows.sort(key=lambda row: (-row.distance, row.slide))
    both = [[row.read.value, row.consensus.value] for row in rows if row.consensus is not None]
    again = own_repeats(duty.round, reads.marker, duty.reader.username)
    return OwnMarker(
        reads.marker.code,
        rows,
        _pair(reads, both, ("you", "consensus"), f"own-{reads.marker.pk}"),
        _pair(reads, [list(pair) for pair in again], ("first read", "hidden repeat"), f"again-{reads.marker.pk}"),
    )


def _pair(
    reads: MarkerReads, both: Sequence[Sequence[float | None]], names: tuple[str, str], figure_id: str
) -> Pair | None:
    # A consensus may be a mean that is no score: such a slide has no place in the table of scores.
    scale = scale_of(reads)
    if scale is not None:
        both = [pair for pair in both if all(value is None or value in scale for value in pair)]
    complete = [pair for pair in both if None not in pair]
    if not complete:
        return None
    return pair_of(reads, agreement_of(complete, scale, readers=names).pairs[0], figure_id)
