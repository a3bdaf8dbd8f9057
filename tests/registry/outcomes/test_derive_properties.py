from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.outcomes.derive import Contact, Event, History, Imported, derive, recurrence_timing

DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))
KINDS = ("recurrence", "progression", "death")
EVENTS = st.builds(
    Event, st.sampled_from(KINDS), DAYS, st.sampled_from(["day", "month", "year"]), st.sampled_from(["", "MRI", "CT"])
)
CONTACTS = st.builds(Contact, DAYS, st.sampled_from(["clinic visit", "telephone call"]))
WANTED = st.sets(st.sampled_from(KINDS), min_size=1).map(lambda kinds: tuple(sorted(kinds)))
HISTORIES = st.builds(
    History,
    start=st.none() | DAYS,
    start_name=st.just("resection"),
    events=st.lists(EVENTS, max_size=5).map(tuple),
    contacts=st.lists(CONTACTS, max_size=5).map(tuple),
    cut=st.none() | DAYS,
    imported=st.none() | st.builds(Imported, st.floats(0, 200), st.booleans()),
    is_later_line=st.booleans(),
)


@given(HISTORIES, WANTED, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_read_decides_nothing(known: History, wanted: tuple[str, ...], random) -> None:  # type: ignore[no-untyped-def]
    events, contacts = list(known.events), list(known.contacts)
    random.shuffle(events)
    random.shuffle(contacts)
    shuffled = replace(known, events=tuple(events), contacts=tuple(contacts))
    assert derive("X", wanted, shuffled) == derive("X", wanted, known)


@given(HISTORIES, WANTED)
def test_a_time_is_never_negative_and_is_there_exactly_when_no_reason_is(
    known: History, wanted: tuple[str, ...]
) -> None:
    found = derive("X", wanted, known)
    assert (found.months is None) == (found.event is None) == bool(found.undefined_reason) == bool(found.undefined_kind)
    assert found.months is None or found.months >= 0


@given(HISTORIES, WANTED, st.integers(0, 2000))
def test_a_later_data_cut_never_shortens_a_time(known: History, wanted: tuple[str, ...], days: int) -> None:
    before = derive("X", wanted, known)
    if before.months is None or known.cut is None:
        return
    after = derive("X", wanted, replace(known, cut=known.cut + timedelta(days=days)))
    assert after.months is not None
    assert after.months >= before.months
    assert after.event or not before.event


@given(HISTORIES, WANTED, EVENTS)
def test_a_later_event_never_changes_the_time_of_an_earlier_one(
    known: History, wanted: tuple[str, ...], more: Event
) -> None:
    before = derive("X", wanted, known)
    if not before.event or before.is_imported or more.day <= before.used[0] or more.day < before.used[1]:
        return
    after = derive("X", wanted, replace(known, events=(*known.events, more)))
    assert (after.months, after.event, after.sentence) == (before.months, True, before.sentence)


@given(HISTORIES, WANTED, st.lists(CONTACTS, max_size=4))
def test_contacts_never_take_an_event_away(known: History, wanted: tuple[str, ...], more: list[Contact]) -> None:
    before = derive("X", wanted, known)
    if before.event and not before.is_imported:
        assert derive("X", wanted, replace(known, contacts=(*known.contacts, *more))) == before


@given(HISTORIES, WANTED)
def test_the_sentence_names_every_date_that_was_used(known: History, wanted: tuple[str, ...]) -> None:
    found = derive("X", wanted, known)
    assert all(str(day) in found.sentence for day in found.used)
    assert bool(found.used) == (found.months is not None and not found.is_imported)
    if found.used:
        end, start = found.used[:2]
        assert found.months == max(0, (end - start).days) / 30.4375


@given(HISTORIES, st.floats(0.5, 60))
def test_a_patient_is_early_or_late_or_neither(known: History, limit: float) -> None:
    recurrence = derive("Time to recurrence", ("recurrence",), known)
    group = recurrence_timing(recurrence, limit).group
    is_early = bool(recurrence.event) and recurrence.months is not None and recurrence.months < limit
    is_late = bool(recurrence.event) and recurrence.months is not None and recurrence.months >= limit
    assert group == ("early" if is_early else "late" if is_late else None)
