"""One step of a cutoff up or down: the neighbouring values at which somebody changes group."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """`moved` patients change group between the cutoff and this one."""

    cutoff: float
    moved: int


@dataclass(frozen=True)
class Steps:
    low: int
    high: int
    down: Step | None
    up: Step | None

    @property
    def moved(self) -> int:
        """Patients who change group within one step either way."""
        return sum(step.moved for step in (self.down, self.up) if step)


def steps(values: Sequence[float], cutoff: float) -> Steps:
    """High means above the cutoff. A step is the next value that occurs and that leaves somebody on either side.

    Between two neighbouring values every cutoff makes the same groups, so that they are the only ones to look at.
    """
    ordered = sorted(values)
    at_most = [value for value in ordered if value <= cutoff]
    above = [value for value in ordered if value > cutoff]
    return Steps(len(at_most), len(above), _down(at_most), _up(above))


def _down(at_most: list[float]) -> Step | None:
    if not at_most:
        return None
    lowered = [value for value in at_most if value < at_most[-1]]
    return Step(lowered[-1], len(at_most) - len(lowered)) if lowered else None


def _up(above: list[float]) -> Step | None:
    if not above:
        return None
    raised = [value for value in above if value > above[0]]
    return Step(above[0], len(above) - len(raised)) if raised else None
