"""A weekly or monthly hour: the slot before and after a moment, on the clock of the server's time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class Rhythm:
    """A weekday of every week, or a day of every month."""

    hour: int
    weekday: int | None = None
    day: int | None = None

    def is_on(self, moment: datetime) -> bool:
        return moment.day == self.day if self.weekday is None else moment.weekday() == self.weekday


def last_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """The latest slot that is not after `now`."""
    return _slot(rhythm, now, -1)


def next_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """The first slot after `now`."""
    return _slot(rhythm, now, 1)


def _slot(rhythm: Rhythm, now: datetime, step: int) -> datetime:
    # By wall clock: six o'clock stays six o'clock when summer time begins.
    clock = timezone.localtime(now).replace(tzinfo=None)
    at = clock.replace(hour=rhythm.hour, minute=0, second=0, microsecond=0)
    while not rhythm.is_on(at) or (at > clock if step < 0 else at <= clock):
        at += timedelta(days=step)
    return timezone.make_aware(at)
