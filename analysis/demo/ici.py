"""The simulated ICI cohort: 64 patients to analyse and two who do not meet the criteria."""

from datetime import date, timedelta
from typing import Any

from analysis.demo.chance import Chance
from analysis.demo.contacts import contact_days
from analysis.demo.ici_baseline import ICI_AGENTS, TARGETED_AGENTS, Described, described
from analysis.demo.ici_blood import N, panels
from analysis.demo.ici_course import Course, courses
from analysis.demo.records import Draw, Happening, Person, Therapy
from analysis.demo.resection_baseline import INCLUDED

SEED = 64
# Days from the draw that counts to the first dose; both ends of the window are used.
DAYS_BEFORE = {0: 4, 1: 16, 2: 14, 3: 10, 4: 6, 5: 5, 6: 5, 7: 4}
# Draws that the window rule must leave: in the window but earlier, before it, after the first dose.
EARLIER_IN_WINDOW, BEFORE_WINDOW, AFTER_DOSE = 8, 26, 38
# A draw that does not count measures less; it carries the values of another patient, so that taking it shows.
DECOY_ANALYTES = ("ALB", "LYM", "IL6", "CD8", "AFP")
SCREENED_OUT: tuple[tuple[str, date, dict[str, Any]], ...] = (
    ("M", date(2023, 6, 20), {"age": 82.0}),
    ("F", date(2024, 3, 12), {"age": 57.0, "autoimmune_on_steroids": True}),
)


def ici_cohort() -> list[Person]:
    """Everybody who was screened, by the date of the first dose. The same on every machine."""
    chance = Chance(SEED)
    patient, panel, course = described(chance), panels(chance), courses(chance)
    draws = _draws(chance, panel, course)
    analysed = [_person(chance, patient[i], panel[i], course[i], draws[i]) for i in range(N)]
    screened_out = [Person(sex, day, INCLUDED | answers) for sex, day, answers in SCREENED_OUT]
    return sorted([*analysed, *screened_out], key=lambda person: person.index)


def _person(
    chance: Chance, patient: Described, panel: dict[str, float], course: Course, draws: tuple[Draw, ...]
) -> Person:
    return Person(
        sex=patient.sex,
        index=course.index,
        baseline=patient.baseline | {"afp": panel["AFP"]},
        therapies=_therapies(chance, course.index, patient.local),
        happenings=_happenings(course),
        contacts=contact_days(chance, course.index, course.last_contact, course.death),
        imaging=course.imaging,
        draws=draws,
    )


def _therapies(chance: Chance, index: date, local: str) -> tuple[Therapy, ...]:
    systemic = (
        Therapy("ici", index, ICI_AGENTS[chance.whole(0, 2)]),
        Therapy("targeted", index + timedelta(days=chance.whole(0, 5)), TARGETED_AGENTS[chance.whole(0, 2)]),
    )
    if not local:
        return systemic
    return (*systemic, Therapy(local, index - timedelta(days=chance.whole(1, 9))))


def _happenings(course: Course) -> tuple[Happening, ...]:
    found = []
    if course.progression is not None:
        found.append(Happening("progression", course.progression, "mRECIST PD"))
    if course.death is not None:
        found.append(Happening("death", course.index + timedelta(days=course.death), "HCC"))
    return tuple(found)


def _draws(chance: Chance, panel: list[dict[str, float]], course: list[Course]) -> list[tuple[Draw, ...]]:
    before = chance.counted(DAYS_BEFORE)
    with_room = [i for i in chance.dealt(range(N)) if before[i] <= 4]
    offsets: list[list[int]] = [[] for _ in range(N)]
    for i in with_room[:EARLIER_IN_WINDOW]:
        offsets[i].append(-before[i] - chance.whole(1, 3))
    for i in chance.dealt(range(N))[:BEFORE_WINDOW]:
        offsets[i].append(-chance.whole(8, 30))
    for i in chance.dealt(range(N))[:AFTER_DOSE]:
        offsets[i].append(chance.whole(14, 24))
    others = chance.dealt(panel)
    return [
        _dated(course[i].index, [(day, _decoy(others[i])) for day in offsets[i]] + [(-before[i], panel[i])])
        for i in range(N)
    ]


def _decoy(panel: dict[str, float]) -> dict[str, float]:
    return {analyte: panel[analyte] for analyte in DECOY_ANALYTES}


def _dated(index: date, days: list[tuple[int, dict[str, float]]]) -> tuple[Draw, ...]:
    ordered = sorted(days, key=lambda item: item[0])
    return tuple(Draw(index + timedelta(days=day), values) for day, values in ordered)
