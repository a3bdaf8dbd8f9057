"""Areas under the time-dependent ROC curves of markers at times, over time, and compared in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Any

import numpy as np
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray
from analysis.stats.concordance import concordance
from analysis.stats.cox import cox
from analysis.stats.errors import StatsInputError
from analysis.stats.multiplicity import adjust
from analysis.stats.time_roc import TimeRoc, compare_time_rocs, time_roc

MIN_CASES, MIN_CONTROLS = 5, 10
MOST_TIMES = 40
TEST = "Wald test (the AUC is 0.5)"
PAIRED_TEST = "Wald test of two areas in the same patients"
CENSORING_TEST = "Cox model of the time to censoring"
_ESTIMATE = ("auc", "se", "low", "high", "p", "auc_event_free", "curve")
_DIFFERENCE = ("difference", "se", "low", "high", "p")


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Time, whether it ended with the event, and whether with a competing one (None: there are none)."""

    time: FloatArray
    event: BoolArray
    competing: BoolArray | None

    @property
    def seen(self) -> BoolArray:
        return self.event if self.competing is None else self.event | self.competing

    def counts(self, at: float) -> tuple[int, int, int, int]:
        """Cases, controls without any event, controls by a competing event, and those censored, by a time."""
        until = self.time <= at
        cases, seen = int((until & self.event).sum()), int((until & self.seen).sum())
        return cases, int((~until).sum()), seen - cases, int(until.sum()) - seen

    def refusal(self, at: float) -> str | None:
        cases, free, competing, _censored = self.counts(at)
        if cases >= MIN_CASES and free + competing >= MIN_CONTROLS:
            return None
        return (
            f"No AUC at {at:g}: {cases} cases and {free + competing} controls, "
            f"and it takes {MIN_CASES} of the first and {MIN_CONTROLS} of the second."
        )


def area_row(
    curve: TimeRoc | None, follow_up: FollowUp, at: float, direction: str, refused: str | None
) -> dict[str, Any]:
    """What a result says of one marker at one time; without a curve, why there is none."""
    counts = (curve.n_cases, curve.n_controls, curve.n_competing, curve.n_censored) if curve else follow_up.counts(at)
    cases, free, competing, censored = counts
    counted = {
        "time": at,
        "direction": direction,
        "n_cases": cases,
        "n_controls": free,
        "n_competing": competing,
        "n_censored": censored,
        "test": TEST,
        "refused": refused,
    }
    if curve is None:
        return counted | dict.fromkeys(_ESTIMATE)
    return counted | {
        "auc": curve.auc,
        "se": curve.se,
        "low": curve.low,
        "high": curve.high,
        "p": _wald(curve),
        "auc_event_free": curve.auc_event_free,
        "curve": {
            # Of a marker that was turned over, positive is a value at or below the threshold.
            "threshold": curve.threshold if direction == "<" else -curve.threshold,
            "sensitivity": curve.sensitivity,
            "false_positive": curve.false_positive_all,
        },
    }


def area(follow_up: FollowUp, values: Sequence[float], at: float) -> tuple[TimeRoc | None, str | None]:
    """The curve, or the sentence that says why there is none."""
    refused = follow_up.refusal(at)
    if refused:
        return None, refused
    try:
        return time_roc(follow_up.time, follow_up.event, values, at, competing=follow_up.competing), None
    except StatsInputError as error:
        return None, f"No AUC: {error}"


def better_direction(follow_up: FollowUp, values: Sequence[float]) -> str:
    """One for all times: ">" where the marker orders the patients better upside down (Harrell's concordance)."""
    try:
        found = concordance(follow_up.time, follow_up.event, values)
    except StatsInputError:
        return "<"
    return ">" if found.c < 0.5 else "<"


def over_time(follow_up: FollowUp, values: Sequence[float], asked: Sequence[float]) -> list[dict[str, Any]]:
    """The area at so many times of events, and at the times asked for, as far as there are cases and controls."""
    happened = np.unique(follow_up.time[follow_up.event])
    chosen = happened[:: max(1, ceil(len(happened) / MOST_TIMES))]
    found = []
    for at in np.union1d(chosen, np.asarray(asked, float)).tolist():
        curve, _refused = area(follow_up, values, at) if at > 0 else (None, None)
        if curve is not None:
            found.append({"time": at, "auc": curve.auc, "se": curve.se, "low": curve.low, "high": curve.high})
    return found


def differences(curves: dict[tuple[str, float], TimeRoc | None], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Every pair of markers at every time, the first less the second."""
    times = list(dict.fromkeys(at for _name, at in curves))
    pairs = [(a, b, at) for at in times for a, b in combinations(labels, 2)]
    found: list[dict[str, Any]] = [
        {"time": at, "a": labels[a], "b": labels[b], "between": [a, b], "test": PAIRED_TEST}
        | _difference(curves[a, at], curves[b, at])
        for a, b, at in pairs
    ]
    p = [np.nan if pair["p"] is None else pair["p"] for pair in found]
    return [pair | {"p_holm": corrected} for pair, corrected in zip(found, adjust(p, "holm"), strict=True)]


def censoring_check(follow_up: FollowUp, values: Sequence[float]) -> dict[str, Any] | None:
    """Whether leaving depends on the marker, which the weights assume it does not; None where too few left."""
    left = ~follow_up.seen
    if left.sum() < MIN_CASES:
        return None
    try:
        fit = cox(follow_up.time, left, values, names=["marker"])
    except StatsInputError:
        return None
    return {
        "test": CENSORING_TEST,
        "hr": float(fit.hr[0]),
        "low": float(fit.low[0]),
        "high": float(fit.high[0]),
        "p": float(fit.p[0]),
    }


def _difference(a: TimeRoc | None, b: TimeRoc | None) -> dict[str, Any]:
    if a is None or b is None:
        return dict.fromkeys(_DIFFERENCE) | {"refused": "No test: one of the markers has no AUC at this time."}
    test = compare_time_rocs(a, b)
    return {
        "difference": test.difference,
        "se": test.se,
        "low": test.low,
        "high": test.high,
        "p": test.p,
        "refused": None if test.se > 0 else "No test: the markers order everybody alike.",
    }


def _wald(curve: TimeRoc) -> float | None:
    return float(2 * special.ndtr(-abs(curve.auc - 0.5) / curve.se)) if curve.se > 0 else None
