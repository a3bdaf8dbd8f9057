"""Counts what was compared and collects what differs, so that one run says everything about a file."""

from dataclasses import dataclass, field
from math import isclose
from typing import Any

CQ = 1e-6
MEAN_AND_SD = 1e-5
PATHOLOGY = 1e-3
RELATIVE = 1e-6


@dataclass
class Comparison:
    compared: int = 0
    differences: list[str] = field(default_factory=list)

    def equal(self, place: str, found: Any, expected: Any) -> None:
        """Counts, codes, texts: exact. An object or a list counts its leaves."""
        self.compared += leaves(expected)
        if found != expected:
            self.differences.append(f"{place}: {expected!r} is expected, {found!r} was found")

    def close(self, place: str, found: Any, expected: Any, *, absolute: float = 0.0, relative: float = 0.0) -> None:
        """Numbers within a tolerance; None only for None."""
        self.compared += 1
        both = isinstance(found, int | float) and isinstance(expected, int | float)
        if both:
            if isclose(found, expected, abs_tol=absolute, rel_tol=relative):
                return
        elif found is None and expected is None:
            return
        self.differences.append(f"{place}: {expected!r} is expected, {found!r} was found")

    def below(self, place: str, found: Any, limit: float) -> None:
        self.compared += 1
        if not isinstance(found, int | float) or not found < limit:
            self.differences.append(f"{place}: less than {limit!r} is expected, {found!r} was found")

    def unknown(self, place: str) -> None:
        self.differences.append(f"{place}: nothing here knows how to compare this")


def leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(leaves, value.values())) or 1
    if isinstance(value, list):
        return sum(map(leaves, value)) or 1
    return 1
