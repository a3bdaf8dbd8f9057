"""The conditions of a sub-cohort: which values of a variable belong to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from analysis.frames.variables import Variable, parse
from analysis.stats.printing import exact


class Operator(StrEnum):
    ABOVE = "above"
    AT_MOST = "at_most"
    BETWEEN = "between"
    ONE_OF = "one_of"


class ConditionError(ValueError):
    """A condition that makes no sense; says which and why."""


@dataclass(frozen=True)
class Condition:
    variable: Variable
    operator: Operator
    # above, at most: one number; between: two; one of: the values as they are written
    bounds: tuple[Any, ...]

    def holds(self, value: object) -> bool:
        """High means x > cut here as everywhere; between has both ends; a value of another type is outside."""
        if self.operator == Operator.ONE_OF:
            return written(value) in self.bounds
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.operator == Operator.ABOVE:
            return bool(value > self.bounds[0])
        if self.operator == Operator.AT_MOST:
            return bool(value <= self.bounds[0])
        return bool(self.bounds[0] <= value <= self.bounds[1])

    @property
    def sentence(self) -> str:
        name = self.variable.name
        if self.operator == Operator.ONE_OF:
            return f"{name} is {' or '.join(self.bounds)}"
        numbers = [exact(bound) for bound in self.bounds]
        if self.operator == Operator.BETWEEN:
            return f"{name} from {numbers[0]} to {numbers[1]}"
        return f"{name} {'>' if self.operator == Operator.ABOVE else '≤'} {numbers[0]}"

    def as_json(self) -> dict[str, Any]:
        return {"variable": self.variable.name, "operator": self.operator.value, "bounds": list(self.bounds)}


def written(value: object) -> str:
    """How a value is written in a list of values: whole numbers without a point, yes and no as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return exact(value) if isinstance(value, int | float) else str(value)


def condition(item: Mapping[str, Any]) -> Condition:
    """Raises ConditionError, or VariableNameError for a name that is none."""
    variable = parse(str(item.get("variable", "")))
    try:
        operator = Operator(item.get("operator", ""))
    except ValueError:
        raise ConditionError(f"{variable.name}: the comparison is one of {', '.join(Operator)}.") from None
    return Condition(variable, operator, _bounds(variable, operator, item.get("bounds")))


def conditions(items: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    found = tuple(condition(item) for item in items)
    if not found:
        raise ConditionError("Give at least one condition: without one it would be the whole cohort.")
    return found


def _bounds(variable: Variable, operator: Operator, given: object) -> tuple[Any, ...]:
    bounds = tuple(given) if isinstance(given, list | tuple) else ()
    if operator == Operator.ONE_OF:
        values = tuple(dict.fromkeys(str(bound).strip() for bound in bounds))
        if not values or not all(values):
            raise ConditionError(f"{variable.name}: give at least one value.")
        return values
    wanted = 2 if operator == Operator.BETWEEN else 1
    if len(bounds) != wanted or not all(_is_number(bound) for bound in bounds):
        raise ConditionError(f"{variable.name}: give {'two numbers' if wanted == 2 else 'one number'}.")
    if wanted == 2 and bounds[0] > bounds[1]:
        raise ConditionError(f"{variable.name}: the first number is above the second.")
    return tuple(float(bound) for bound in bounds)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
