"""The course after resection: Kaplan–Meier medians of both markers' groups as printed, made of dated facts."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analysis.demo.chance import Chance, Floats, by_rank
from analysis.demo.resection_markers import Markers, N
from analysis.stats.survival import kaplan_meier
from registry.outcomes.derive import DAYS_PER_MONTH

FIRST_DAY, LAST_DAY, DATA_CUT = date(2020, 1, 6), date(2022, 12, 23), date(2025, 6, 30)
# Printed medians of progression-free survival, months.
S100A11_HIGH, S100A11_LOW, FAP_HIGH, FAP_LOW = 19.0, 38.5, 18.0, 36.0
# Medians, in months, from which the times of the four combinations (S100A11 high, FAP high) are drawn. They were
# searched so that the margins' Kaplan–Meier medians come out close to the printed ones; `_pinned` does the rest.
MEDIANS = {(True, True): 17.0, (True, False): 26.0, (False, True): 24.0, (False, False): 44.0}
SHAPE = 1.35  # of the Weibull distribution: the hazard rises a little
AFTER_RECURRENCE = 22.0  # median months from recurrence to death
LOST = 8
DEATHS_FIRST = 4


@dataclass(frozen=True)
class Course:
    index: date
    recurrence: int | None  # days after the index date, as the others
    death: int | None
    last_contact: int


def courses(chance: Chance, markers: Markers) -> list[Course]:
    index = _index_dates(chance)
    until = _last_contacts(chance, index)
    first = _first_events(chance, markers, until)
    died_first = set(chance.dealt([i for i in range(N) if first[i] <= until[i]])[:DEATHS_FIRST])
    survival = _weibull(chance.evenly(N), np.full(N, AFTER_RECURRENCE))
    found = []
    for i in range(N):
        recurrence = None if i in died_first or first[i] > until[i] else first[i]
        death = first[i] if i in died_first else None
        if recurrence is not None and recurrence + survival[i] <= until[i]:
            death = recurrence + int(survival[i])
        found.append(Course(index[i], recurrence, death, until[i]))
    return found


def _index_dates(chance: Chance) -> list[date]:
    span = (LAST_DAY - FIRST_DAY).days
    days = sorted(FIRST_DAY + timedelta(days=round(share * span)) for share in chance.evenly(N))
    return [_working_day(day) for day in days]


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _last_contacts(chance: Chance, index: list[date]) -> list[int]:
    """The last contact lies up to three months before the data cut; a few are lost to follow-up earlier."""
    days = [(DATA_CUT - day).days - chance.whole(0, 90) for day in index]
    for i in chance.dealt(range(N))[:LOST]:
        days[i] = chance.whole(300, 800)
    return days


def _first_events(chance: Chance, markers: Markers, until: list[int]) -> list[int]:
    groups = list(zip(markers.high_s100a11, markers.high_fap, strict=True))
    # Inside a combination, too, more FAP tends to an earlier recurrence.
    order = 3.0 * chance.noise(N) - np.array(markers.fap)
    share = np.empty(N)
    for combination in MEDIANS:
        places = [i for i in range(N) if groups[i] == combination]
        share[places] = by_rank([(rank + 0.5) / len(places) for rank in range(len(places))], order[places])
    days = [int(day) for day in _weibull(share, np.array([MEDIANS[group] for group in groups]))]
    for high, above, below in (
        (markers.high_s100a11, S100A11_HIGH, S100A11_LOW),
        (markers.high_fap, FAP_HIGH, FAP_LOW),
    ):
        _pinned(days, until, high, above)
        _pinned(days, until, [not value for value in high], below)
    return days


def _weibull(share: Floats, medians: Floats) -> Floats:
    scale = medians * DAYS_PER_MONTH / np.log(2.0) ** (1 / SHAPE)
    drawn = scale * (-np.log(1.0 - share)) ** (1 / SHAPE)
    days: Floats = np.maximum(1.0, np.round(drawn))
    return days


def _pinned(days: list[int], until: list[int], member: list[bool], median: float) -> None:
    """Moves the event at which the group's curve passes one half to the printed median."""
    chosen = [i for i in range(N) if member[i]]
    time = [min(days[i], until[i]) for i in chosen]
    event = [days[i] <= until[i] for i in chosen]
    reached = kaplan_meier(time, event).median().value
    for i in chosen:
        if days[i] == reached and days[i] <= until[i]:
            days[i] = round(median * DAYS_PER_MONTH)
