"""A reader's own queue. Nothing in it depends on what anybody else has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils import timezone

from labs.ihc.models import Read
from labs.rounds.models import Assignment, RoundReader


@dataclass(frozen=True)
class Entry:
    assignment: Assignment
    # the reader's own newest read, None while there is none that counts
    read: Read | None

    @property
    def is_done(self) -> bool:
        return self.read is not None


@dataclass(frozen=True)
class Queue:
    """The entries in the reader's order. `total` counts those shown so far: a repeat that waits betrays itself."""

    entries: Sequence[Entry]
    # hidden repeats that are not shown yet, and when the first of them will be, where that is known
    waiting: int
    next_from: datetime | None

    @property
    def total(self) -> int:
        return len(self.entries)

    @property
    def done(self) -> int:
        return sum(entry.is_done for entry in self.entries)

    @property
    def next_to_do(self) -> Entry | None:
        return next((entry for entry in self.entries if not entry.is_done), None)

    def of_marker(self, code: str) -> "Queue":
        mine = [entry for entry in self.entries if entry.assignment.slide.stain.marker.code == code]
        return Queue(mine, self.waiting, self.next_from)

    def around(self, assignment: Assignment) -> tuple[Assignment | None, Assignment | None, Assignment | None]:
        """The previous slide, the next one, and the next to do: after this one, then from the start again."""
        queue = [entry.assignment for entry in self.entries]
        place = next((place for place, found in enumerate(queue) if found.pk == assignment.pk), None)
        if place is None:
            return None, None, None
        rest = [*self.entries[place + 1 :], *self.entries[:place]]
        to_do = next((entry.assignment for entry in rest if not entry.is_done), None)
        return (
            queue[place - 1] if place else None,
            queue[place + 1] if place + 1 < len(queue) else None,
            to_do,
        )


def queue_of(duty: RoundReader, now: datetime | None = None) -> Queue:
    now = now or timezone.now()
    assignments = duty.assignments.select_related("slide__stain__marker").order_by("position")
    reads, first_read = _my_reads(duty), _first_reads(duty)
    washout = timedelta(days=duty.round.protocol.washout_days)
    shown: list[Entry] = []
    later: list[datetime | None] = []
    for assignment in assignments:
        entry = Entry(assignment, reads.get(assignment.slide_id))
        original = assignment.slide.repeats_id
        read_at = first_read.get(original) if original else None
        # A repeat is shown when the washout since the reader's own first read of the original is over.
        if original is None or entry.is_done or (read_at is not None and read_at + washout <= now):
            shown.append(entry)
        else:
            later.append(read_at + washout if read_at else None)
    return Queue(shown, len(later), min((day for day in later if day is not None), default=None))


def is_reading(duty: RoundReader) -> bool:
    """Whether the round is at the stage at which this reader reads."""
    return duty.round.status == duty.stage


def _my_reads(duty: RoundReader) -> dict[int, Read]:
    mine = Read.objects.current().filter(slide__round=duty.round_id, reader=duty.reader.username)
    return {read.slide_id or 0: read for read in mine}


def _first_reads(duty: RoundReader) -> dict[int, datetime]:
    rows: Any = (
        Read.objects.filter(slide__round=duty.round_id, reader=duty.reader.username)
        .order_by()
        .values_list("slide_id")
        .annotate(first=Min("recorded_at"))
    )
    return dict(rows)
