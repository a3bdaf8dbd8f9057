"""Where the numbers of an agreement page come from: no stored run, but the reads of this moment, under their hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from analysis.canonical import canonical_json, sha256
from labs.rounds.marker_reads import MarkerReads


@dataclass(frozen=True)
class Origin:
    at: datetime
    data: str


def origin_of(reads: Sequence[MarkerReads]) -> Origin:
    """The same reads have the same hash, whoever looks: readers stand in the order of their columns, without names."""
    tables = [
        [item.marker.code, item.values, [item.repeats.get(reader, []) for reader in item.readers]] for item in reads
    ]
    return Origin(timezone.now(), sha256(canonical_json(tables).encode()))
