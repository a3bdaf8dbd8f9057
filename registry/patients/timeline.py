"""Where the facts of a patient stand on a line of time: pure arithmetic, so that the drawing is only drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.extensions import Lane, Mark
from registry.outcomes.derive import DAYS_PER_MONTH

_TICKS_AT_MOST = 9
_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)


@dataclass(frozen=True)
class Placed:
    mark: Mark
    x: str
    width: str
    text_x: str


@dataclass(frozen=True)
class PlacedLane:
    """Marks whose words would overlap stand in rows of their own."""

    label: object
    rows: list[list[Placed]]


@dataclass(frozen=True)
class Tick:
    x: str
    months: int


@dataclass(frozen=True)
class Span:
    """From the first fact to the last, with a little air; months are counted from day 0."""

    zero: date
    first: date
    last: date

    @classmethod
    def around(cls, zero: date, marks: Iterable[Mark]) -> "Span":
        days = [zero, *(day for mark in marks for day in (mark.day, mark.end or mark.day))]
        first, last = min(days), max(days)
        air = max(timedelta(days=15), (last - first) / 25)
        return cls(zero, first - air, last + air)

    def percent(self, day: date) -> float:
        return 100 * (day - self.first).days / max((self.last - self.first).days, 1)

    def months(self, day: date) -> float:
        return (day - self.zero).days / DAYS_PER_MONTH

    def ticks(self) -> list[Tick]:
        low, high = self.months(self.first), self.months(self.last)
        step = next((step for step in _STEPS if (high - low) / step <= _TICKS_AT_MOST), _STEPS[-1])
        numbers = range(int(low // step) * step, int(high) + 1, step)
        return [Tick(_percent(self.percent(self._day(number))), number) for number in numbers if low <= number <= high]

    def _day(self, months: int) -> date:
        return self.zero + timedelta(days=round(months * DAYS_PER_MONTH))

    def place(self, lane: Lane) -> PlacedLane:
        return PlacedLane(lane.label, [[self._place(mark) for mark in row] for row in self._rows(lane.marks)])

    def _rows(self, marks: Sequence[Mark]) -> list[list[Mark]]:
        rows: list[list[Mark]] = []
        ends: list[float] = []
        for mark in sorted(marks, key=lambda mark: mark.day):
            start = self.percent(mark.day)
            row = next((number for number, end in enumerate(ends) if end <= start), len(rows))
            if row == len(rows):
                rows.append([])
                ends.append(0.0)
            rows[row].append(mark)
            ends[row] = max(self.percent(mark.end) if mark.end else start, start + _room(mark))
        return rows

    def _place(self, mark: Mark) -> Placed:
        x = self.percent(mark.day)
        width = self.percent(mark.end) - x if mark.end else 0.0
        return Placed(mark, _percent(x), _percent(width), _percent(x + 0.6))


def _room(mark: Mark) -> float:
    """Per cent of the line that a mark and its words take on a narrow screen; points alone may touch."""
    return 3.0 * len(mark.caption) + 5 if mark.caption else 0.0


def placed(span: Span, lanes: Sequence[Lane]) -> list[PlacedLane]:
    return [span.place(lane) for lane in lanes if lane.marks]


def _percent(value: float) -> str:
    # Not the page's number format: a decimal comma would be no SVG.
    return f"{value:.2f}%"
