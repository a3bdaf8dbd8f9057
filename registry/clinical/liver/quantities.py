"""A measured quantity as it was reported, and the points it can stand for. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass


class StagingRefused(ValueError):
    """The input `name` is missing, in another unit than the rule is defined for, or too vague to be placed."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(message)


@dataclass(frozen=True)
class Quantity:
    """A value in `unit`; with a comparator the true value lies beyond it."""

    value: float
    unit: str
    comparator: str = ""

    def __str__(self) -> str:
        return f"{self.comparator}{self.value:.6g} {self.unit}"


def placed(name: str, quantity: Quantity, points: Callable[[float], int]) -> int:
    """The points of a quantity; `points` must not fall and rise again along the scale.

    Raises
    ------
    StagingRefused
        When the value is not finite or negative, or when a bound leaves more than one answer: `<50` may be anything.
    """
    value = quantity.value
    if not math.isfinite(value) or value < 0:
        raise StagingRefused(name, f"{value} is no possible value of {name}.")
    low, high = _span(quantity)
    if points(low) != points(high):
        raise StagingRefused(name, f"{name} is reported as {quantity}, which leaves its points open.")
    return points(low)


def _span(quantity: Quantity) -> tuple[float, float]:
    sign, value = quantity.comparator, quantity.value
    if not sign:
        return value, value
    if sign.startswith("<"):
        return 0.0, value if sign == "<=" else math.nextafter(value, -math.inf)
    return value if sign == ">=" else math.nextafter(value, math.inf), math.inf
