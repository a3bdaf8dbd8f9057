"""Cumulative incidence of an event and of the one that competes with it, by named groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS, risk_ticks
from analysis.stats.aalen_johansen import StateProbabilities, state_probabilities
from analysis.stats.arrays import BoolArray, FloatArray, IntArray
from analysis.stats.competing import cumulative_incidence, gray_test
from analysis.stats.errors import StatsInputError
from analysis.stats.logrank import logrank

# How follow-up ended; 0 is censored.
EVENT, COMPETING = 1, 2
# Three counts under each number at risk need more room than two.
MOST_TICKS = 7
NAMES = {EVENT: "event", COMPETING: "competing event"}


@dataclass(frozen=True, eq=False)
class FollowUp:
    time: FloatArray
    code: IntArray

    def of(self, members: BoolArray) -> "FollowUp":
        return FollowUp(self.time[members], self.code[members])

    def count(self, code: int) -> int:
        return int((self.code == code).sum())


def described(name: str, whole: FollowUp, times: Sequence[float]) -> dict[str, Any]:
    """One group: its counts, its incidence at the times asked for and along its curve."""
    end = float(whole.time.max())
    known = [time for time in times if time <= end]
    steps = np.unique(np.append(whole.time[whole.code > 0], end))
    # One walk through the events for both causes and all times: each costs as much as all.
    states = state_probabilities(whole.time, whole.code, [*steps, *known])
    found = {cause: _Incidence.of(states, cause) for cause in (EVENT, COMPETING)}
    variances = {
        cause: cumulative_incidence(whole.time, whole.code, cause=cause).at(known or [end])[1] for cause in found
    }
    at = []
    for time in times:
        # After the last patient of a group left nothing is known of it.
        place = known.index(time) if time in known else None
        own, other = (
            UNKNOWN if place is None else found[cause].at(len(steps) + place) | {"variance": variances[cause][place]}
            for cause in (EVENT, COMPETING)
        )
        at.append({"time": time, "n_risk": int((whole.time >= time).sum()), **own, "competing": other})
    return {
        "name": name,
        "n": len(whole.time),
        "events": whole.count(EVENT),
        "competing": whole.count(COMPETING),
        "censored": whole.count(0),
        "end": end,
        "at": at,
        "curve": found[EVENT].curve(steps),
        "competing_curve": found[COMPETING].curve(steps),
    }


# `variance` is that of cmprsk; the error and the limits are those of survfit.
UNKNOWN: dict[str, Any] = dict.fromkeys(("cif", "se", "low", "high", "variance"))


@dataclass(frozen=True, eq=False)
class _Incidence:
    """Of one cause, at the times that were asked for."""

    cif: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, found: StateProbabilities, cause: int) -> "_Incidence":
        """A cause that never came has the probability zero, without limits."""
        if cause not in found.causes:
            nothing, unknown = np.zeros(len(found.time)), np.full(len(found.time), np.nan)
            return cls(nothing, nothing, unknown, unknown)
        place = 1 + found.causes.index(cause)
        columns = (found.probability, found.std_err, found.low, found.high)
        return cls(*(column[:, place] for column in columns))

    def at(self, place: int) -> dict[str, Any]:
        return {name: float(getattr(self, name)[place]) for name in ("cif", "se", "low", "high")}

    def curve(self, steps: FloatArray) -> dict[str, Any]:
        shown = {name: getattr(self, name)[: len(steps)] for name in ("cif", "low", "high")}
        return {"time": steps, **shown}


def risk_table(groups: dict[str, FollowUp]) -> dict[str, Any]:
    ticks = risk_ticks(max(float(whole.time.max()) for whole in groups.values()), MOST_TICKS)
    return {"times": ticks, "rows": [_risk_row(name, whole, ticks) for name, whole in groups.items()]}


def _risk_row(name: str, whole: FollowUp, ticks: list[float]) -> dict[str, Any]:
    def so_far(code: int) -> list[int]:
        return [int(((whole.code == code) & (whole.time <= tick)).sum()) for tick in ticks]

    return {
        "name": name,
        "n_risk": [int((whole.time >= tick).sum()) for tick in ticks],
        "events": so_far(EVENT),
        "competing": so_far(COMPETING),
        "censored": so_far(0),
    }


def refusal(groups: dict[str, FollowUp], cause: int) -> str | None:
    """Why the groups are not tested for one cause."""
    if len(groups) < 2:
        return "Only one group has patients: there is nothing to compare."
    for name, whole in groups.items():
        if len(whole.time) < MIN_PATIENTS:
            return f"No test: {name} has {len(whole.time)} patients, fewer than {MIN_PATIENTS}."
        if whole.count(cause) < MIN_EVENTS:
            return f"No test: {name} has {whole.count(cause)} {NAMES[cause]}s, fewer than {MIN_EVENTS}."
    return None


def tests(whole: FollowUp, group: Sequence[str], cause: int) -> dict[str, Any]:
    """Gray's test, and the log-rank test of the cause-specific hazards."""
    try:
        gray = gray_test(whole.time, whole.code, group, cause=cause)
        specific = logrank(whole.time, whole.code == cause, group)
    except StatsInputError as error:
        return NO_TESTS | {"warning": f"No test of the {NAMES[cause]}: {error}"}
    return {
        "gray": {"chi2": gray.chi2, "df": gray.df, "p": gray.p},
        "logrank": {"chi2": specific.chi2, "df": specific.df, "p": specific.p},
        "warning": None,
    }


NO_TESTS: dict[str, Any] = {"gray": None, "logrank": None, "warning": None}
