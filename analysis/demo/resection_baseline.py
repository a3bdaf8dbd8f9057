"""Baseline of the resection cohort: plausible, none of it printed, and the worse the more aggressive the tumour."""

from collections.abc import Sequence
from typing import Any, TypeVar

from analysis.demo.chance import Chance, Floats, by_rank, ladder, on_grid
from analysis.demo.resection_markers import N

Level = TypeVar("Level")

SEX = {"M": 84, "F": 19}
# From mild to severe, so that rank decides who gets what.
ECOG = {0: 74, 1: 29}
CHILD_PUGH_SCORE = {5: 78, 6: 17, 7: 8}
BCLC = {"0": 9, "A": 57, "B": 29, "C": 8}
STAGE = {"I": 45, "II": 31, "III": 27}
GRADE = {1: 8, 2: 47, 3: 41, 4: 7}
MVI = {False: 60, True: 43}
MULTIPLE = {False: 80, True: 23}
HEPATITIS = {"HBV": 84, "HCV": 7, "both": 1, "none": 11}
CIRRHOSIS = {True: 71, False: 32}
AGES = (31, 49, 55, 60, 66, 79)
SIZES_CM = (1.4, 2.8, 4.1, 6.2, 14.5)
LOG10_AFP = (0.3, 1.0, 1.9, 2.7, 4.6)

# What the eligibility rules of a hospital cohort ask, answered so that the patient is included.
INCLUDED = {
    "hcc_confirmed": True,
    "prior_immunosuppression": False,
    "other_malignancy": False,
    "autoimmune_on_steroids": False,
}
RESECTED = INCLUDED | {"tumour_tissue": True, "measurable_lesion": True}


def baselines(chance: Chance, aggressiveness: Floats) -> list[dict[str, Any]]:
    def graded(levels: dict[Level, int]) -> list[Level]:
        return by_rank(listed(levels), aggressiveness + 1.2 * chance.noise(N))

    def measured(values: list[float]) -> list[float]:
        return by_rank(values, aggressiveness + 1.2 * chance.noise(N))

    columns: dict[str, Sequence[Any]] = {
        "age": chance.dealt(on_grid(ladder(AGES, N), 1.0, 0)),
        "ecog": graded(ECOG),
        "child_pugh_score": graded(CHILD_PUGH_SCORE),
        "bclc": graded(BCLC),
        "stage": graded(STAGE),
        "grade": graded(GRADE),
        "mvi": graded(MVI),
        "multiple_tumours": graded(MULTIPLE),
        "tumour_size_cm": measured(on_grid(ladder(SIZES_CM, N), 0.1, 1)),
        "afp": measured(on_grid(10 ** ladder(LOG10_AFP, N), 0.1, 1)),
        "hepatitis": chance.counted(HEPATITIS),
        "cirrhosis": chance.counted(CIRRHOSIS),
    }
    rows = [{name: column[i] for name, column in columns.items()} | RESECTED for i in range(N)]
    return [row | {"child_pugh": "A" if row["child_pugh_score"] <= 6 else "B"} for row in rows]


def listed(levels: dict[Level, int]) -> list[Level]:
    return [level for level, count in levels.items() for _ in range(count)]
