"""What a simulation hands to the loader: facts with dates, as a hospital would have written them down."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Therapy:
    kind: str
    start: date
    agent: str = ""


@dataclass(frozen=True)
class Happening:
    """A recurrence, a progression or a death."""

    kind: str
    day: date
    method: str


@dataclass(frozen=True)
class Imaging:
    day: date
    mrecist: str
    method: str = "MRI"


@dataclass(frozen=True)
class Reading:
    """What a pathologist wrote down of one stain: intensity and percent, or the counts of five fields."""

    intensity: int | None = None
    percent: int | None = None
    field_counts: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Tissue:
    kind: str
    collected: date
    readings: dict[str, Reading] = field(default_factory=dict)
    blots: dict[str, float] = field(default_factory=dict)
    folds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Draw:
    day: date
    values: dict[str, float]


@dataclass(frozen=True)
class Person:
    sex: str
    index: date
    baseline: dict[str, Any]
    therapies: tuple[Therapy, ...] = ()
    happenings: tuple[Happening, ...] = ()
    contacts: tuple[date, ...] = ()
    imaging: tuple[Imaging, ...] = ()
    tissues: tuple[Tissue, ...] = ()
    draws: tuple[Draw, ...] = ()
    expression: dict[str, float] = field(default_factory=dict)
    withdrawn: date | None = None
