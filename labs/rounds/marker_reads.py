"""The reads of a round as tables of slides by readers, and those of the hidden repeats beside their originals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from labs.ihc.models import Read
from labs.markers.models import Marker
from labs.rounds.discordance import Severity
from labs.rounds.models import Duty, Round
from labs.rounds.selectors import SlideReads, slide_reads, usernames


@dataclass(frozen=True)
class MarkerReads:
    """One row per original slide, one column per primary reader; None where a read is missing or without a value."""

    marker: Marker
    readers: Sequence[str]
    found: Sequence[SlideReads]
    # reader → (first read, hidden repeat), both with a value
    repeats: dict[str, list[tuple[float, float]]]

    @property
    def values(self) -> list[list[float | None]]:
        rows = []
        for item in self.found:
            by_reader = {read.reader: read.value for read in item.primary}
            rows.append([by_reader.get(reader) for reader in self.readers])
        return rows

    @property
    def n_read(self) -> int:
        return sum(any(value is not None for value in row) for row in self.values)

    @property
    def n_not_assessable(self) -> int:
        """Slides that at least one reader could not assess."""
        return sum(any(read.value is None for read in item.primary) for item in self.found)

    @property
    def severities(self) -> list[tuple[Severity, int]]:
        """Worst first, of the slides that everybody has read."""
        counts = Counter(item.verdict.severity for item in self.found if item.is_complete)
        return sorted(counts.items(), reverse=True)


def marker_reads(round: Round) -> list[MarkerReads]:
    readers = usernames(round, Duty.PRIMARY)
    found = slide_reads(round)
    repeats = _repeats(round)
    markers = {item.slide.stain.marker.code: item.slide.stain.marker for item in found}
    return [
        MarkerReads(
            marker,
            readers,
            [item for item in found if item.slide.stain.marker_id == marker.pk],
            {reader: repeats.get((marker.pk, reader), []) for reader in readers},
        )
        for _code, marker in sorted(markers.items())
    ]


def own_repeats(round: Round, marker: Marker, reader: str) -> list[tuple[float, float]]:
    return _repeats(round).get((marker.pk, reader), [])


def _repeats(round: Round) -> dict[tuple[int, str], list[tuple[float, float]]]:
    """(marker, reader) → first read and hidden repeat of each slide that has both."""
    valued = Read.objects.current().filter(slide__round=round, value__isnull=False).select_related("slide", "stain")
    originals = {(read.slide_id, read.reader): read.value for read in valued.filter(slide__repeated_as__isnull=False)}
    found: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for again in valued.filter(slide__repeats__isnull=False).order_by("slide__repeats__code"):
        first = originals.get((again.slide.repeats_id, again.reader)) if again.slide else None
        if first is not None and again.value is not None:
            found.setdefault((again.stain.marker_id, again.reader), []).append((first, again.value))
    return found
