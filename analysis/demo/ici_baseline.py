"""Baseline of the ICI cohort: every printed count by response is exact; ages are as printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.demo.chance import Chance, ladder, on_grid
from analysis.demo.ici_blood import NON_RESPONDERS, RESPONDERS
from analysis.demo.resection_baseline import INCLUDED

ICI_AGENTS = ("camrelizumab", "sintilimab", "tislelizumab")
TARGETED_AGENTS = ("apatinib", "lenvatinib", "bevacizumab biosimilar")


@dataclass(frozen=True)
class Printed:
    """Numbers of patients of one response; the limits of the AFP and PIVKA-II splits stand in ici_blood.py."""

    n: int
    sex: Mapping[str, int]
    hepatitis: Mapping[str, int]
    child_pugh_score: Mapping[int, int]  # 5 and 6 are class A, 7 to 9 class B
    bclc: Mapping[str, int]
    local: Mapping[str, int]  # the therapy beside ICI and targeted; "" is none
    ages: tuple[int, ...]


PRINTED = (
    Printed(
        n=RESPONDERS,
        sex={"M": 31, "F": 6},
        hepatitis={"HBV": 31, "HCV": 5, "none": 1},
        child_pugh_score={5: 17, 6: 10, 7: 7, 8: 3},
        bclc={"B": 16, "C": 21},
        local={"": 11, "haic": 15, "tace": 11},
        ages=(37, 48, 54, 60, 65, 69, 77),
    ),
    Printed(
        n=NON_RESPONDERS,
        sex={"M": 20, "F": 7},
        hepatitis={"HBV": 24, "HCV": 3},
        child_pugh_score={5: 7, 6: 6, 7: 9, 8: 4, 9: 1},
        bclc={"B": 7, "C": 20},
        local={"": 10, "haic": 10, "tace": 7},
        ages=(45, 56, 59, 63, 64, 68, 78),
    ),
)


@dataclass(frozen=True)
class Described:
    sex: str
    local: str
    baseline: dict[str, Any]


def described(chance: Chance) -> list[Described]:
    """Responders first."""
    return [row for printed in PRINTED for row in _of_response(chance, printed)]


def _of_response(chance: Chance, printed: Printed) -> list[Described]:
    n = printed.n
    sex, local = chance.counted(printed.sex), chance.counted(printed.local)
    columns: dict[str, list[Any]] = {
        "age": chance.dealt(on_grid(ladder(printed.ages, n), 1.0, 0)),
        "hepatitis": chance.counted(printed.hepatitis),
        "child_pugh_score": chance.counted(printed.child_pugh_score),
        "bclc": chance.counted(printed.bclc),
        "ecog": chance.counted({0: n - n // 3, 1: n // 3}),
        "cirrhosis": chance.counted({True: n - n // 4, False: n // 4}),
        "tumour_size_cm": chance.dealt(on_grid(ladder((2.1, 5.4, 8.2, 16.3), n), 0.1, 1)),
    }
    rows = [{name: column[i] for name, column in columns.items()} for i in range(n)]
    return [Described(sex[i], local[i], row | _consequences(row) | INCLUDED) for i, row in enumerate(rows)]


def _consequences(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "child_pugh": "A" if row["child_pugh_score"] <= 6 else "B",
        "stage": "III" if row["bclc"] == "B" else "IV",
        "multiple_tumours": True,
    }
