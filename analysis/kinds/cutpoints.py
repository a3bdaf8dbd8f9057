"""Where high begins: one rule everywhere, high means x > cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import Any

from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish
from analysis.kinds.base import ParameterError
from analysis.stats.maxstat import maximally_selected

DECLARED = ("registered", "published")
METHODS = (*DECLARED, "median", "optimal")


@dataclass(frozen=True)
class UsedCutoff:
    value: float
    method: str
    # Where the cutoff was chosen for its p: the p that allows for having looked at all of them.
    p_corrected: float | None = None

    @property
    def status(self) -> str:
        return self.method if self.method in DECLARED else "exploratory"

    def as_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "operator": ">",
            "method": self.method,
            "status": self.status,
            "p_corrected": self.p_corrected,
        }


def check_cutoff(parameters: Mapping[str, Any]) -> None:
    wish = parameters.get("cutoff", "median")
    # JSON as browsers and people write it knows 1e999, which is no place where anything could begin.
    is_number = isinstance(wish, int | float) and not isinstance(wish, bool) and isfinite(wish)
    if not is_number and wish not in METHODS:
        raise ParameterError("cutoff", f"{wish!r} is neither a number nor one of {', '.join(METHODS)}.")


def wishes(variable: str, parameters: Mapping[str, Any]) -> tuple[CutoffWish, ...]:
    wish = parameters.get("cutoff", "median")
    return (CutoffWish(variable, wish),) if wish in DECLARED else ()


def choose(frame: Frame, values: list[float], variable: str, parameters: Mapping[str, Any]) -> UsedCutoff | None:
    """The cutoff asked for; None when it is to be a declared one and none is declared.

    StatsInputError when the best one is asked for and no value leaves enough patients on both sides.
    """
    wish = parameters.get("cutoff", "median")
    if wish in DECLARED:
        declared = frame.constants.get("cutoffs", {}).get(f"{variable}/{wish}")
        return UsedCutoff(declared["value"], wish) if declared else None
    if wish == "median":
        return UsedCutoff(float(median(values)), "median")
    if wish == "optimal":
        best = maximally_selected(frame.times(), frame.column("event"), values)
        return UsedCutoff(best.cutoff, "optimal", best.p_lausen94)
    return UsedCutoff(float(wish), "value")
