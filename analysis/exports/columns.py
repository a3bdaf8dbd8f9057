"""A column as it leaves the house: its type, what it means, where it is from and what the profile did to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TEXT, INTEGER, NUMBER, BOOLEAN, DATE, MOMENT = "text", "integer", "number", "boolean", "date", "moment"


class Subject(NamedTuple):
    """Whose row it is."""

    patient: int | None
    enrolment: int | None


Change = Callable[[Any, Subject], Any]


@dataclass(frozen=True)
class OutColumn:
    name: str
    type: str
    label: str
    source: str
    unit: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    # in words; empty where the values are as they are stored
    transformation: str = ""
    # provenance of a derived column: its run, its freshness, its marks
    provenance: str = ""
    change: Change | None = None


@dataclass(frozen=True)
class Vanished:
    """A column that the profile does not let out, and why."""

    name: str
    label: str
    why: str
