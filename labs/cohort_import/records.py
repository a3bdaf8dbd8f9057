"""What one row of the file says about one patient, once its cells are understood."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from labs.cohort_import.mapping import (
    BloodSection,
    ContactSection,
    EventSection,
    IhcSection,
    TimesSection,
    TreatmentSection,
)


@dataclass(frozen=True)
class Time:
    section: TimesSection
    # of the two that may hold the time
    column: str
    months: float
    is_event: bool


@dataclass(frozen=True)
class Event:
    section: EventSection
    day: date
    method: str


@dataclass(frozen=True)
class Course:
    section: TreatmentSection
    start: date
    end: date | None
    agent: str


@dataclass(frozen=True)
class Contact:
    section: ContactSection
    day: date


@dataclass(frozen=True)
class Tissue:
    """A specimen of one kind: dated when the mapping names a column for its date, else declared as baseline."""

    kind: str
    code: str
    collected: date | None


@dataclass(frozen=True)
class IhcRead:
    section: IhcSection
    judged: dict[str, Any]


@dataclass(frozen=True)
class BloodValue:
    section: BloodSection
    text: str
    decimal_comma: bool


@dataclass
class Record:
    line: int
    study_number: str
    sex: str | None = None
    index_date: date | None = None
    identity: dict[str, Any] = field(default_factory=dict)
    baseline: dict[str, Any] = field(default_factory=dict)
    times: list[Time] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    treatments: list[Course] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    is_responder: bool | None = None
    extras: dict[str, float | str] = field(default_factory=dict)
    specimens: dict[str, Tissue] = field(default_factory=dict)
    reads: list[IhcRead] = field(default_factory=list)
    blood: list[BloodValue] = field(default_factory=list)
