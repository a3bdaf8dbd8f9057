"""Where high begins: one rule everywhere, high means x > cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import Any

from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish
from analysis.kinds.base import ParameterError
from analysis.stats.errors import StatsInputError
from analysis.stats.maxstat import corrected_p, maximally_selected

DECLARED = ("registered", "published")
EXPLORATORY = "exploratory"
# Looked up among the cohort's cutoffs: those declared before, and the newest that was saved after looking.
STORED = (*DECLARED, EXPLORATORY)
METHODS = (*STORED, "median", "optimal")
# How a cutoff was found without regard to the outcomes: its p needs no correction.
BLIND_METHODS = ("median",)
OUTSIDE = "the exploratory cutoff leaves less than 10% of the patients on one side, so that no p allows for its choice."


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
    return (CutoffWish(variable, wish),) if wish in STORED else ()


def choose(frame: Frame, values: list[float], variable: str, parameters: Mapping[str, Any]) -> UsedCutoff | None:
    """The cutoff asked for; None when it is to be a declared one and none is declared.

    StatsInputError when the best one is asked for and no value leaves enough patients on both sides, and where a p for
    a saved exploratory one would not know of the others.
    """
    wish = parameters.get("cutoff", "median")
    if wish in STORED:
        stored = frame.constants.get("cutoffs", {}).get(f"{variable}/{wish}")
        if stored is None:
            return None
        return UsedCutoff(stored["value"], wish, _correction(frame, values, stored) if wish == EXPLORATORY else None)
    if wish == "median":
        return UsedCutoff(float(median(values)), "median")
    if wish == "optimal":
        best = maximally_selected(frame.times(), frame.column("event"), values)
        return UsedCutoff(best.cutoff, "optimal", best.p_lausen94)
    return UsedCutoff(float(wish), "value")


def _correction(frame: Frame, values: list[float], stored: Mapping[str, Any]) -> float | None:
    """Of a saved exploratory cutoff for survival; where no survival is looked at, no p is chosen by it."""
    if stored.get("method") in BLIND_METHODS or not frame.rows or "event" not in frame.rows[0]:
        return None
    found = corrected_at(frame.times(), frame.column("event"), values, stored["value"])
    if found is None:
        raise StatsInputError(OUTSIDE)
    return found


def corrected_at(times: list[float], events: list[bool], values: list[float], cutoff: float) -> float | None:
    """p of one cutoff that allows for all the others; None where it lies outside of those that are searched."""
    n_low = sum(value <= cutoff for value in values)
    try:
        return corrected_p(maximally_selected(times, events, values), n_low)
    except StatsInputError:
        return None
