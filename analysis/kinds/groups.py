"""Survival of named groups: curves, risk table, log-rank test, hazard ratios. Shared by every kind that splits."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

import numpy as np

from analysis.stats.cox import CoxFit, cox
from analysis.stats.cox_ph import ph_test
from analysis.stats.errors import StatsInputError
from analysis.stats.logrank import logrank
from analysis.stats.survival import KaplanMeier, kaplan_meier

MIN_PATIENTS = 10
MIN_EVENTS = 5
# Months up to ten years; beyond that the times of a table are days.
_TICK_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 250, 500, 1000, 2500, 5000)
_MOST_TICKS = 10


@dataclass(frozen=True)
class CurveWish:
    """What is asked of each curve beside its median; without `tau` the mean goes as far as every group was watched."""

    times: tuple[float, ...] = ()
    conf_type: str = "log"
    tau: float | None = None


def survival_by_group(
    time: Sequence[float],
    event: Sequence[bool],
    group: Sequence[str],
    order: Sequence[str],
    wish: CurveWish = CurveWish(),  # frozen
) -> dict[str, Any]:
    """`order` names the groups, the first being the reference of the hazard ratios. A refusal leaves no test behind."""
    times, happened, member = np.asarray(time, float), np.asarray(event, float), np.asarray(group)
    present = [name for name in order if (member == name).any()]
    curves = {
        name: kaplan_meier(times[member == name], happened[member == name], conf_type=wish.conf_type)
        for name in present
    }
    ticks = risk_ticks(float(times.max())) if len(times) else [0.0]
    # As far as the group that was watched for the shortest time, as survRM2 has it.
    tau = wish.tau or min((float(curve.time[-1]) for curve in curves.values()), default=0.0)
    refused = refusal(curves)
    return {
        "n": len(times),
        "events": int(happened.sum()),
        "conf_type": wish.conf_type,
        "tau": tau or None,
        "groups": [_group(name, curve, wish.times, tau) for name, curve in curves.items()],
        "risk_table": {"times": ticks, "rows": [_risk_row(name, curve, ticks) for name, curve in curves.items()]},
        "refused": refused,
        **(NO_TESTS if refused else _tests(times, happened, member, present)),
    }


def refusal(curves: dict[str, KaplanMeier]) -> str | None:
    """Why no p is given: too few patients or events in a group make it meaningless."""
    if len(curves) < 2:
        return "Only one group has patients: there is nothing to compare."
    for name, curve in curves.items():
        if curve.n < MIN_PATIENTS:
            return f"No test: {name} has {curve.n} patients, fewer than {MIN_PATIENTS}."
        if curve.events < MIN_EVENTS:
            return f"No test: {name} has {curve.events} events, fewer than {MIN_EVENTS}."
    return None


def risk_ticks(longest: float, most: int = _MOST_TICKS) -> list[float]:
    if 1 <= longest <= most * _TICK_STEPS[-1]:
        step = next(step for step in _TICK_STEPS if longest / step <= most)
        return [float(tick) for tick in range(0, int(longest) + step, step)]
    if longest <= 0:
        return [0.0]
    # Fractions of a unit, or seconds of years: steps of 1, 2 or 5 at whatever power of ten.
    power = 10.0 ** floor(log10(longest / most))
    round_step = next((step * power for step in (1, 2, 5) if longest / (step * power) <= most), 10 * power)
    return [float(f"{tick * round_step:.6g}") for tick in range(int(longest / round_step) + 1)]


def _group(name: str, curve: KaplanMeier, times: Sequence[float], tau: float) -> dict[str, Any]:
    middle = curve.median()
    mean = curve.rmst(tau) if tau > 0 else None
    return {
        "name": name,
        "n": curve.n,
        "events": curve.events,
        "median": middle.value,
        "median_low": middle.low,
        "median_high": middle.high,
        "rmst": mean.mean if mean else None,
        "rmst_se": mean.std_err if mean else None,
        "at": [
            {
                "time": at.time,
                "n_risk": at.n_risk,
                "surv": at.survival,
                "se": at.std_err,
                "low": at.low,
                "high": at.high,
            }
            for at in curve.at(times)
        ]
        if times
        else [],
        "curve": {
            "time": curve.time,
            "survival": curve.survival,
            "low": curve.low,
            "high": curve.high,
            "n_risk": curve.n_risk,
            "n_event": curve.n_event,
            "n_censor": curve.n_censor,
        },
    }


def _risk_row(name: str, curve: KaplanMeier, ticks: list[float]) -> dict[str, Any]:
    until = [curve.time <= tick for tick in ticks]
    return {
        "name": name,
        "n_risk": [at.n_risk for at in curve.at(ticks)],
        "events": [int(curve.n_event[seen].sum()) for seen in until],
        "censored": [int(curve.n_censor[seen].sum()) for seen in until],
    }


NO_TESTS: dict[str, Any] = {"logrank": None, "hr": None, "hrs": [], "ph": None, "warnings": []}


def _tests(times: Any, happened: Any, member: Any, present: list[str]) -> dict[str, Any]:
    test = logrank(times, happened, member)
    found = NO_TESTS | {"logrank": {"chi2": test.chi2, "df": test.df, "p": test.p}}
    reference, others = present[0], present[1:]
    try:
        dummies = np.column_stack([(member == name).astype(float) for name in others])
        fit = cox(times, happened, dummies, names=others)
    except StatsInputError as error:
        return found | {"warnings": [f"No hazard ratio: {error}"]}
    ratios = [_ratio(fit, i, name, reference) for i, name in enumerate(others)]
    return found | {"hrs": ratios, "hr": ratios[0] if len(ratios) == 1 else None, "ph": _proportional(fit)}


def _ratio(fit: CoxFit, i: int, name: str, reference: str) -> dict[str, Any]:
    return {
        "compared": name,
        "reference": reference,
        "hr": float(fit.hr[i]),
        "low": float(fit.low[i]),
        "high": float(fit.high[i]),
        "p": float(fit.p[i]),
    }


def _proportional(fit: CoxFit) -> dict[str, Any] | None:
    try:
        test = ph_test(fit)[-1].test
    except StatsInputError:
        return None
    return {"chi2": test.chi2, "df": test.df, "p": test.p}
