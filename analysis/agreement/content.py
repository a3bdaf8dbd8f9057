"""How well the readers of a round agree, marker by marker, computed from its reads whenever the page is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.charts import bland_altman as chart
from analysis.stats.agreement import Agreement, PairAgreement, agreement_of
from labs.ihc.scoring import ATTAINABLE
from labs.markers.models import Scale
from labs.rounds.marker_reads import MarkerReads, marker_reads
from labs.rounds.models import Round

# Steps of shade in the table of reads against reads.
SHADES = 4


@dataclass(frozen=True)
class Cell:
    n: int
    # 0 for none, then darker
    shade: int
    is_same: bool


@dataclass(frozen=True)
class Pair:
    """Two readers, or one reader twice."""

    agreement: PairAgreement
    levels: Sequence[float]
    figure: dict[str, Any] | None
    figure_id: str

    @property
    def matrix(self) -> list[tuple[float, list[Cell]]]:
        """Row by row; levels that neither used are left out."""
        counts = self.agreement.matrix or ()
        used = [place for place in range(len(counts)) if any(counts[place]) or any(row[place] for row in counts)]
        most = max((counts[row][column] for row in used for column in used), default=0)
        return [
            (
                self.levels[row],
                [Cell(counts[row][column], _shade(counts[row][column], most), row == column) for column in used],
            )
            for row in used
        ]

    @property
    def used_levels(self) -> list[float]:
        return [level for level, _cells in self.matrix]


@dataclass(frozen=True)
class MarkerAgreement:
    reads: MarkerReads
    # None while nobody has read a slide of the marker
    agreement: Agreement | None
    pairs: Sequence[Pair]
    # each reader against the own hidden repeats, None without a repeat
    intra: Sequence[tuple[str, Pair | None]]


def agreement_in(round: Round, names: dict[str, str]) -> list[MarkerAgreement]:
    """`names` says how each reader is called on the page."""
    return [_of_marker(reads, names) for reads in marker_reads(round)]


def _of_marker(reads: MarkerReads, names: dict[str, str]) -> MarkerAgreement:
    intra = [(names[reader], _intra(reads, reader, names)) for reader in reads.readers]
    if not reads.n_read:
        return MarkerAgreement(reads, None, [], intra)
    found = agreement_of(reads.values, scale_of(reads), readers=[names[reader] for reader in reads.readers])
    pairs = [pair_of(reads, pair, f"pair-{reads.marker.pk}-{place}") for place, pair in enumerate(found.pairs)]
    return MarkerAgreement(reads, found, pairs, intra)


def _intra(reads: MarkerReads, reader: str, names: dict[str, str]) -> Pair | None:
    both = reads.repeats[reader]
    if not both:
        return None
    name = names[reader]
    found = agreement_of([list(pair) for pair in both], scale_of(reads), readers=[name, f"{name} again"])
    return pair_of(reads, found.pairs[0], f"intra-{reads.marker.pk}-{reads.readers.index(reader)}")


def scale_of(reads: MarkerReads) -> Sequence[float] | None:
    return ATTAINABLE if reads.marker.scale == Scale.SCORE else None


def pair_of(reads: MarkerReads, found: PairAgreement, figure_id: str) -> Pair:
    unit = "cells per field" if reads.marker.scale == Scale.FIELDS else reads.marker.unit
    figure = chart.chart(found, reads.marker.code, unit) if found.differences else None
    return Pair(found, scale_of(reads) or (), figure, figure_id)


def _shade(n: int, most: int) -> int:
    return 0 if not n else 1 + (SHADES - 1) * n // most
