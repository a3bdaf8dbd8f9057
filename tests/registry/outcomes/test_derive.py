"""Hand-worked cases; the properties are in test_derive_properties.py."""

from datetime import date

import pytest

from registry.outcomes.derive import (
    Contact,
    Derived,
    Event,
    History,
    Imported,
    derive,
    recurrence_timing,
)

START = date(2022, 3, 5)
CUT = date(2024, 1, 31)
PFS = ("recurrence", "progression", "death")
OS = ("death",)


def history(*events: Event, contacts: tuple[date, ...] = (), **values: object) -> History:
    known = {"start": START, "start_name": "resection", "cut": CUT} | values
    seen = tuple(Contact(day, "clinic visit") for day in contacts)
    return History(events=events, contacts=seen, **known)  # type: ignore[arg-type]  # a test's shorthand


def test_the_sentence_says_which_facts_the_time_was_computed_from() -> None:
    found = derive("PFS", PFS, history(Event("recurrence", date(2023, 5, 11), method="MRI")))
    assert found.sentence == (
        "PFS 14.2 months: recurrence 2023-05-11 (MRI), start resection 2022-03-05; data cut 2024-01-31"
    )
    assert found.months == 432 / 30.4375
    assert found.event is True


def test_without_an_event_the_time_is_censored_on_the_last_day_known() -> None:
    found = derive("PFS", PFS, history(contacts=(date(2023, 1, 4), date(2023, 12, 20), date(2022, 6, 1))))
    assert found.event is False
    assert found.months == 655 / 30.4375
    assert found.sentence == (
        "PFS 21.5 months, censored: last known at clinic visit 2023-12-20, "
        "start resection 2022-03-05; data cut 2024-01-31"
    )


def test_an_event_after_the_data_cut_is_not_known_yet() -> None:
    found = derive("PFS", PFS, history(Event("recurrence", date(2024, 2, 1)), contacts=(date(2023, 6, 1),)))
    assert (found.event, found.used[0]) == (False, date(2023, 6, 1))


def test_an_event_on_the_day_of_the_data_cut_counts() -> None:
    assert derive("PFS", PFS, history(Event("recurrence", CUT))).event is True


def test_an_event_beats_the_censoring_of_the_same_day() -> None:
    day = date(2023, 5, 11)
    assert derive("PFS", PFS, history(Event("recurrence", day), contacts=(day,))).event is True


def test_the_recurrence_is_named_when_the_patient_died_the_same_day() -> None:
    day = date(2023, 5, 11)
    found = derive("PFS", PFS, history(Event("death", day), Event("recurrence", day)))
    assert ": recurrence 2023-05-11" in found.sentence


def test_a_death_that_is_no_event_of_the_endpoint_censors() -> None:
    dead = Event("death", date(2023, 5, 11))
    found = derive("TTR", ("recurrence",), history(dead, contacts=(date(2023, 9, 1),)))
    assert (found.event, found.used[0]) == (False, dead.day)
    assert "censored: last known at death 2023-05-11" in found.sentence


def test_a_recurrence_shows_that_a_patient_was_alive() -> None:
    found = derive("OS", OS, history(Event("recurrence", date(2023, 5, 11))))
    assert (found.event, found.used[0]) == (False, date(2023, 5, 11))


def test_an_event_on_the_day_of_the_start_is_a_time_of_zero() -> None:
    found = derive("OS", OS, history(Event("death", START)))
    assert (found.months, found.event) == (0.0, True)


@pytest.mark.parametrize(
    ("given", "kind", "reason"),
    [
        (history(start=None), "start not known", "the date of the resection is not known"),
        (
            history(Event("recurrence", date(2021, 5, 11)), contacts=(date(2023, 1, 1),)),
            "event before the start",
            "recurrence 2021-05-11 lies before the resection 2022-03-05",
        ),
        (
            history(contacts=(START, date(2021, 1, 1))),
            "nothing known after the start",
            "nothing is known after the resection 2022-03-05 up to 2024-01-31",
        ),
        (
            history(contacts=(date(2022, 5, 1),), cut=date(2022, 1, 31)),
            "start after the data cut",
            "the data cut 2022-01-31 lies before the resection 2022-03-05",
        ),
    ],
)
def test_what_cannot_be_counted_says_why(given: History, kind: str, reason: str) -> None:
    assert derive("PFS", PFS, given) == Derived(None, None, f"PFS not defined: {reason}", reason, kind)


def test_before_a_later_line_of_treatment_a_recurrence_is_history_but_a_death_is_a_wrong_date() -> None:
    before, contacts = date(2021, 5, 11), (date(2023, 1, 1),)
    later_line = history(Event("recurrence", before), contacts=contacts, is_later_line=True)
    assert derive("PFS", PFS, later_line).event is False
    dead = history(Event("death", before), contacts=contacts, is_later_line=True)
    assert derive("PFS", PFS, dead).undefined_kind == "event before the start"


def test_a_month_counts_as_stored_and_is_marked() -> None:
    found = derive("PFS", PFS, history(Event("recurrence", date(2023, 5, 1), "month", "CT")))
    assert found.is_uncertain
    assert "recurrence 2023-05-01 (CT, day not known)" in found.sentence
    assert found.months == (date(2023, 5, 1) - START).days / 30.4375


@pytest.mark.parametrize(("day", "precision"), [(date(2022, 3, 1), "month"), (date(2022, 1, 1), "year")])
def test_a_month_or_year_that_begins_before_the_start_counts_from_the_start(day: date, precision: str) -> None:
    found = derive("PFS", PFS, history(Event("recurrence", day, precision)))
    assert (found.months, found.event, found.is_uncertain) == (0.0, True, True)
    assert "counted as on the day of the start" in found.sentence


def test_months_without_dates_stay_as_they_were_imported() -> None:
    found = derive("RFS", PFS, history(start=None, imported=Imported(19.0, True)))
    assert (found.months, found.event, found.is_imported) == (19.0, True, True)
    assert found.sentence == "RFS 19.0 months: event, imported as months, no dates"


def test_dates_come_before_imported_months() -> None:
    found = derive("RFS", PFS, history(contacts=(date(2023, 1, 1),), imported=Imported(19.0, True)))
    assert (found.is_imported, found.event) == (False, False)


@pytest.mark.parametrize(("months", "group"), [(23.999, "early"), (24.0, "late"), (40.0, "late"), (0.0, "early")])
def test_a_recurrence_is_early_below_the_limit_and_late_from_it(months: float, group: str) -> None:
    recurrence = derive("Time to recurrence", ("recurrence",), History(None, imported=Imported(months, True)))
    assert recurrence_timing(recurrence, 24.0).group == group


@pytest.mark.parametrize("months", [5.0, 30.0])
def test_without_a_recurrence_a_patient_is_neither_early_nor_late(months: float) -> None:
    recurrence = derive("Time to recurrence", ("recurrence",), History(None, imported=Imported(months, False)))
    timing = recurrence_timing(recurrence, 24.0)
    assert timing.group is None
    assert timing.sentence.startswith("Neither early nor late recurrence: none is known.")
