"""A reader's own queue. Nothing in it depends on what anybody else has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils import timezone

from labs.ihc.models import Read
from labs.rounds.models import Assignment, Duty, RoundReader, RoundStatus


@dataclass(frozen=True)
class Entry:
    assignment: Assignment
    # the reader's own newest read, None while there is none that counts
    read: Read | None
    # a hidden repeat is shown only when the washout since the reader's own first read is over
    available_from: datetime | None

    @property
    def is_done(self) -> bool:
        return self.read is not None

    def is_available(self, now: datetime) -> bool:
        return self.available_from is None or self.available_from <= now


@dataclass(frozen=True)
class Queue:
    """The entries in the reader's order. `total` counts those shown so far: a repeat that waits betrays itself."""

    entries: Sequence[Entry]
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
    reads = _my_reads(duty)
    first_read = _first_reads(duty)
    washout = timedelta(days=duty.round.protocol.washout_days)
    found = [_entry(assignment, reads, first_read, washout) for assignment in assignments]
    shown = [entry for entry in found if entry.is_available(now) or entry.is_done]
    later = [entry.available_from for entry in found if not entry.is_available(now) and not entry.is_done]
    known = [day for day in later if day is not None and day != datetime.max.replace(tzinfo=day.tzinfo)]
    return Queue(shown, len(later), min(known) if known else None)


def is_reading(duty: RoundReader) -> bool:
    """Whether the round is at the stage at which this reader reads."""
    wanted = RoundStatus.ADJUDICATION if duty.duty == Duty.THIRD else RoundStatus.OPEN
    return duty.round.status == wanted


def _entry(assignment: Assignment, reads: dict[int, Read], first: dict[int, datetime], washout: timedelta) -> Entry:
    slide = assignment.slide
    available_from = None
    if slide.repeats_id is not None:
        read_at = first.get(slide.repeats_id)
        available_from = read_at + washout if read_at else datetime.max.replace(tzinfo=timezone.get_current_timezone())
    return Entry(assignment, reads.get(slide.pk), available_from)


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
