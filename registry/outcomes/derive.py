"""Times to event from dated facts: pure, so that every rule can be tested by itself.

1. The first event of the endpoint's kinds, from the start to the data cut, ends the time.
2. Without one the time is censored on the last day, not after the cut, on which the patient is known to be in
   follow-up; a death that is no event of this endpoint censors as well, and nothing after it counts.
3. No start, nothing known after it, or an event before it: no time at all, and the reason why. Never a negative time.
4. On one day the event counts, not the censoring.
5. A date of which only the month or the year is known counts as it is stored, but not before the start, and is marked.
6. Months that were imported without dates are used only where there are no dates, as they are, and are marked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DAYS_PER_MONTH = 30.4375  # 365.25 / 12
_UNKNOWN_PART = {"month": "day not known", "year": "month not known"}


@dataclass(frozen=True)
class Event:
    kind: str
    day: date
    precision: str = "day"
    method: str = ""


@dataclass(frozen=True)
class Contact:
    """A day on which somebody saw, heard or read of the patient."""

    day: date
    kind: str = "contact"


@dataclass(frozen=True)
class Imported:
    months: float
    is_event: bool


@dataclass(frozen=True)
class History:
    """What is known of one patient of one cohort."""

    start: date | None
    start_name: str = "start"
    events: tuple[Event, ...] = ()
    contacts: tuple[Contact, ...] = ()
    cut: date | None = None
    imported: Imported | None = None
    # Before a later line of treatment a recurrence is history; before a resection it is a wrong date.
    is_later_line: bool = False


@dataclass(frozen=True)
class Derived:
    months: float | None
    event: bool | None
    sentence: str
    # the reason with its dates, and without them so that patients can be counted by it
    undefined_reason: str = ""
    undefined_kind: str = ""
    is_imported: bool = False
    is_uncertain: bool = False
    used: tuple[date, ...] = ()


@dataclass(frozen=True)
class _End:
    """What a time runs to."""

    day: date
    words: str
    is_certain: bool


def derive(endpoint: str, kinds: Iterable[str], history: History) -> Derived:
    """The time to the first event of `kinds`, or to its censoring, or the reason why there is none."""
    wanted = frozenset(kinds)
    start, has_dates = history.start, bool(history.events or history.contacts)
    if history.imported is not None and (start is None or not has_dates):
        return _imported(endpoint, history.imported)
    if start is None:
        return _undefined(endpoint, "start not known", f"the date of the {history.start_name} is not known")
    if history.cut is not None and start > history.cut:
        reason = f"the data cut {history.cut} lies before the {_start(history, start)}"
        return _undefined(endpoint, "start after the data cut", reason)
    if misplaced := _misplaced(wanted, history, start):
        reason = f"{_named(misplaced)} lies before the {_start(history, start)}"
        return _undefined(endpoint, "event before the start", reason)
    if event := _first_event(wanted, history, start):
        end = _End(event.day, _named(event), event.precision == "day")
        return _timed(endpoint, end, history, start, is_event=True)
    if last := _last_known(history, start):
        return _timed(endpoint, last, history, start, is_event=False)
    reason = f"nothing is known after the {_start(history, start)}" + (f" up to {history.cut}" if history.cut else "")
    return _undefined(endpoint, "nothing known after the start", reason)


def _misplaced(wanted: frozenset[str], history: History, start: date) -> Event | None:
    kinds = {"death"} if history.is_later_line else wanted | {"death"}
    return _first(event for event in history.events if event.kind in kinds and _is_before(event, start))


def _is_before(event: Event, start: date) -> bool:
    """An event of the start's own month is not before it when no more than its month is known."""
    if event.precision == "year":
        return event.day.year < start.year
    if event.precision == "month":
        return (event.day.year, event.day.month) < (start.year, start.month)
    return event.day < start


def _first_event(wanted: frozenset[str], history: History, start: date) -> Event | None:
    return _first(event for event in _until_cut(history) if event.kind in wanted and not _is_before(event, start))


def _until_cut(history: History) -> Iterable[Event]:
    return (event for event in history.events if history.cut is None or event.day <= history.cut)


def _first(events: Iterable[Event]) -> Event | None:
    # On one day the recurrence is named, not the death: the order of the input must not decide.
    return min(events, key=lambda event: (event.day, event.kind == "death", *_as_text(event)), default=None)


def _as_text(event: Event) -> tuple[str, str, str]:
    return (event.kind, event.precision, event.method)


def _last_known(history: History, start: date) -> _End | None:
    events = [event for event in _until_cut(history) if not _is_before(event, start)]
    if death := _first(event for event in events if event.kind == "death"):
        return _End(death.day, _named(death), death.precision == "day")
    seen = [_End(event.day, _named(event), event.precision == "day") for event in events]
    seen += [
        _End(contact.day, f"{contact.kind} {contact.day}", is_certain=True)
        for contact in history.contacts
        if history.cut is None or contact.day <= history.cut
    ]
    after = [end for end in seen if end.day > start]
    return max(after, key=lambda end: (end.day, end.is_certain, end.words), default=None)


def _timed(endpoint: str, end: _End, history: History, start: date, *, is_event: bool) -> Derived:
    months = max(0, (end.day - start).days) / DAYS_PER_MONTH
    what = f": {end.words}" if is_event else f", censored: last known at {end.words}"
    clamped = ", counted as on the day of the start" if end.day < start else ""
    cut = f"data cut {history.cut}" if history.cut else "no data cut"
    return Derived(
        months,
        is_event,
        f"{endpoint} {months:.1f} months{what}{clamped}, start {_start(history, start)}; {cut}",
        is_uncertain=not end.is_certain,
        used=(end.day, start, *([history.cut] if history.cut else [])),
    )


def _imported(endpoint: str, imported: Imported) -> Derived:
    what = "event" if imported.is_event else "censored"
    sentence = f"{endpoint} {imported.months:.1f} months: {what}, imported as months, no dates"
    return Derived(imported.months, imported.is_event, sentence, is_imported=True)


def _undefined(endpoint: str, kind: str, reason: str) -> Derived:
    sentence = f"{endpoint} not defined: {reason}"
    return Derived(None, None, sentence, undefined_reason=reason, undefined_kind=kind)


def _start(history: History, start: date) -> str:
    return f"{history.start_name} {start}"


def _named(event: Event) -> str:
    notes = ", ".join(note for note in (event.method, _UNKNOWN_PART.get(event.precision, "")) if note)
    return f"{event.kind} {event.day}" + (f" ({notes})" if notes else "")


@dataclass(frozen=True)
class Timing:
    """Early or late recurrence; None for patients who belong to neither."""

    group: str | None
    sentence: str


def recurrence_timing(recurrence: Derived, limit_months: float) -> Timing:
    """Early below the limit, late from the limit on. Without a recurrence a patient is neither, however long followed.

    `recurrence` is the time to recurrence alone: with death among the events an early death would pass for one.
    """
    limit = f"{limit_months:g} months"
    if recurrence.months is None:
        return Timing(None, f"Neither early nor late recurrence: {recurrence.undefined_reason}")
    if not recurrence.event:
        return Timing(None, f"Neither early nor late recurrence: none is known. {recurrence.sentence}")
    if recurrence.months < limit_months:
        return Timing("early", f"Early recurrence (before {limit}): {recurrence.sentence}")
    return Timing("late", f"Late recurrence (at {limit} or later): {recurrence.sentence}")
