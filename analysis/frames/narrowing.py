"""A frame of a part of the cohort: who does not meet its conditions is left out before anything else is read."""

from collections.abc import Iterator
from typing import Any, Protocol

from analysis.frames.columns import load_column
from analysis.frames.variables import Variable
from registry.cohorts.models import Cohort


class Criterion(Protocol):
    @property
    def variable(self) -> Variable: ...

    def holds(self, value: object) -> bool: ...


class Part(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def parsed(self) -> tuple[Criterion, ...]: ...

    def as_constant(self) -> dict[str, Any]: ...


def outside(name: str) -> str:
    return f"not in {name}"


def unknown(name: str) -> str:
    return f"not known whether in {name}"


def left_outside(cohort: Cohort, part: Part, members: list[int], using: str) -> Iterator[tuple[int, str]]:
    """enrolment, reason; one condition that is not met decides, whatever else is unknown."""
    known: list[tuple[Criterion, str, dict[int, Any]]] = []
    for criterion in part.parsed:
        column = load_column(cohort, criterion.variable, using)
        values = {cell.enrolment_id: cell.value for cell in column.cells if cell.value is not None}
        known.append((criterion, str(column.description["label"]), values))
    for enrolment_id in members:
        found = _values(known, enrolment_id)
        if any(value is not None and not criterion.holds(value) for criterion, value in found):
            yield enrolment_id, outside(part.name)
        elif missing := [label for _criterion, label, values in known if enrolment_id not in values]:
            yield enrolment_id, f"{unknown(part.name)}: no {', '.join(missing)}"


def _values(
    known: list[tuple[Criterion, str, dict[int, Any]]], enrolment_id: int
) -> Iterator[tuple[Criterion, object | None]]:
    return ((criterion, values.get(enrolment_id)) for criterion, _label, values in known)
