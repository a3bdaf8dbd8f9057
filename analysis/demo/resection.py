"""The simulated resection cohort: 103 patients to analyse, four who do not meet the criteria and one withdrawn."""

from datetime import date, timedelta
from typing import Any

from analysis.demo.chance import Chance
from analysis.demo.contacts import contact_days
from analysis.demo.records import Happening, Person, Reading, Therapy, Tissue
from analysis.demo.resection_baseline import RESECTED, SEX, baselines
from analysis.demo.resection_course import Course, courses
from analysis.demo.resection_expression import expressions
from analysis.demo.resection_markers import Markers, field_reading, markers, score_reading

SEED = 42
# Adjacent normal tissue: seven patients for qPCR, the first five of them for IHC, the first three for Western blot.
WITH_NORMAL, NORMAL_STAINED, NORMAL_BLOTTED = 7, 5, 3
NORMAL_SCORES = {"S100A11": (2, 1, 3, 1, 2), "FAP": (1, 0, 2, 1, 1)}
NORMAL_CELLS = (31, 22, 40, 27, 35)  # CD206, all five fields together
# Target over loading control, tumour and normal of the three pairs.
BLOTS = {
    "S100A11": ((1.42, 0.51), (1.18, 0.44), (1.63, 0.58)),
    "FAP": ((0.97, 0.33), (1.24, 0.41), (0.88, 0.29)),
    "CD206": ((1.09, 0.47), (0.92, 0.38), (1.31, 0.52)),
}
# 2^-ΔΔCt of the seven tumours against their own normal tissue, and of the normal tissues against their common mean.
FOLDS = {
    "S100A11": ((3.41, 2.28, 4.63, 1.87, 2.95, 5.12, 2.51), (1.08, 0.93, 1.21, 0.85, 0.97, 1.14, 0.88)),
    "FAP": ((2.76, 4.02, 1.95, 3.38, 2.21, 5.47, 1.69), (0.91, 1.12, 0.84, 1.19, 1.03, 0.96, 0.99)),
    "CD206": ((1.92, 2.64, 3.15, 1.58, 2.33, 2.87, 1.74), (1.05, 0.89, 1.17, 0.94, 1.01, 0.82, 1.16)),
}
SECOND_LINE = (("tace", ""), ("ablation", ""), ("targeted", "lenvatinib"))
FOUND_BY = ("MRI", "CT", "contrast-enhanced ultrasound")
SCREENED_OUT: tuple[tuple[str, date, dict[str, Any]], ...] = (
    ("M", date(2020, 5, 14), {"age": 84.0}),
    ("F", date(2020, 11, 3), {"age": 66.0, "other_malignancy": True}),
    ("M", date(2021, 8, 19), {"age": 59.0, "prior_immunosuppression": True}),
    ("M", date(2022, 4, 7), {"age": 52.0, "measurable_lesion": False}),
)


def resection_cohort() -> list[Person]:
    """Everybody who was screened, by the date of resection. The same on every machine."""
    chance = Chance(SEED)
    found = markers(chance)
    course = courses(chance, found)
    analysed = _analysed(chance, found, course)
    return sorted([*analysed, *_screened_out(), _withdrawn()], key=lambda person: person.index)


def _analysed(chance: Chance, found: Markers, course: list[Course]) -> list[Person]:
    n = len(course)
    baseline = baselines(chance, found.aggressiveness)
    expression = expressions(chance, found, course)
    sex = chance.counted(SEX)
    normal = {place: order for order, place in enumerate(sorted(chance.dealt(range(n))[:WITH_NORMAL]))}
    return [
        Person(
            sex=sex[i],
            index=course[i].index,
            baseline=baseline[i],
            therapies=_therapies(chance, course[i]),
            happenings=_happenings(chance, course[i]),
            contacts=contact_days(chance, course[i].index, course[i].last_contact, course[i].death),
            tissues=_tissues(chance, found, course, i, normal.get(i)),
            expression=expression[i],
        )
        for i in range(n)
    ]


def _therapies(chance: Chance, course: Course) -> tuple[Therapy, ...]:
    resection = Therapy("resection", course.index)
    end = course.death or course.last_contact
    if course.recurrence is None or course.recurrence + 60 > end:
        return (resection,)
    kind, agent = SECOND_LINE[chance.whole(0, len(SECOND_LINE) - 1)]
    start = course.index + timedelta(days=course.recurrence + chance.whole(10, 45))
    return (resection, Therapy(kind, start, agent))


def _happenings(chance: Chance, course: Course) -> tuple[Happening, ...]:
    found = []
    if course.recurrence is not None:
        method = FOUND_BY[chance.whole(0, len(FOUND_BY) - 1)]
        found.append(Happening("recurrence", course.index + timedelta(days=course.recurrence), method))
    if course.death is not None:
        cause = "HCC" if course.recurrence is not None else "liver failure"
        found.append(Happening("death", course.index + timedelta(days=course.death), cause))
    return tuple(found)


def _tissues(chance: Chance, found: Markers, course: list[Course], i: int, pair: int | None) -> tuple[Tissue, ...]:
    readings = {
        "S100A11": score_reading(chance, found.s100a11[i]),
        "FAP": score_reading(chance, found.fap[i]),
        "CD206": field_reading(chance, found.cd206[i]),
    }
    day = course[i].index
    if pair is None:
        return (Tissue("tumour", day, readings),)
    return (
        Tissue("tumour", day, readings, _blots(pair, 0), {marker: folds[0][pair] for marker, folds in FOLDS.items()}),
        Tissue(
            "normal",
            day,
            _normal_readings(chance, pair),
            _blots(pair, 1),
            {marker: folds[1][pair] for marker, folds in FOLDS.items()},
        ),
    )


def _blots(pair: int, side: int) -> dict[str, float]:
    return {marker: pairs[pair][side] for marker, pairs in BLOTS.items()} if pair < NORMAL_BLOTTED else {}


def _normal_readings(chance: Chance, pair: int) -> dict[str, Reading]:
    if pair >= NORMAL_STAINED:
        return {}
    scores = {marker: score_reading(chance, values[pair]) for marker, values in NORMAL_SCORES.items()}
    return scores | {"CD206": field_reading(chance, NORMAL_CELLS[pair])}


def _screened_out() -> list[Person]:
    return [
        Person(sex, day, RESECTED | answers, therapies=(Therapy("resection", day),))
        for sex, day, answers in SCREENED_OUT
    ]


def _withdrawn() -> Person:
    """Eligible, measured and followed, then withdrawn: no frame may contain this patient any more."""
    day = date(2021, 3, 16)
    return Person(
        sex="F",
        index=day,
        baseline=RESECTED | {"age": 61.0, "ecog": 0, "child_pugh": "A", "child_pugh_score": 5, "hepatitis": "HBV"},
        therapies=(Therapy("resection", day),),
        contacts=(date(2021, 6, 15), date(2021, 9, 14)),
        tissues=(Tissue("tumour", day, {"S100A11": Reading(3, 90), "FAP": Reading(2, 60)}),),
        expression={"S100A11_TPM": 312.4, "PUSL1_TPM": 8.15},
        withdrawn=date(2021, 10, 4),
    )
