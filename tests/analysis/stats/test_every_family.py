"""Of every family, on awkward patients: a number that holds, or a refusal in words; never a warning of a library."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.stats.brier import brier_score
from analysis.stats.competing import cumulative_incidence
from analysis.stats.cox import cox
from analysis.stats.decision import decision_curve
from analysis.stats.errors import MagnitudeError, NoEventsError, SeparationError, StatsInputError
from analysis.stats.fine_gray import fine_gray
from analysis.stats.kappa import cohen_kappa
from analysis.stats.logrank import logrank
from analysis.stats.roc import roc
from analysis.stats.survival import kaplan_meier
from analysis.stats.time_roc import time_roc
from tests.analysis.stats.families import FAMILIES, Column, Patients

Outcome = list[float] | type[StatsInputError]


def patients(seed: int, n: int) -> Patients:
    chance = np.random.default_rng(seed)
    time = chance.integers(0, 8, n).astype(float) if seed % 2 else chance.exponential(4, n)
    x, z = (chance.integers(-2, 3, n).astype(float) for _ in range(2))
    return Patients(time, chance.integers(0, 3, n).astype(float), chance.choice(list("abc"), n), x, z)


def first(n: int, value: float, others: Column) -> Column:
    return np.where(np.arange(n) == 0, value, others)


AWKWARD: dict[str, Callable[[Patients], Patients]] = {
    "as they are": lambda a: a,
    "all censored": lambda a: replace(a, code=0 * a.code),
    "all with the event": lambda a: replace(a, code=0 * a.code + 1),
    "all with the competing event": lambda a: replace(a, code=0 * a.code + 2),
    "one event": lambda a: replace(a, code=first(len(a.code), 1, 0 * a.code)),
    "the last has the event": lambda a: replace(a, code=(a.time == a.time.max()) * 1.0),
    "the first has the event": lambda a: replace(a, code=(a.time == a.time.min()) * 1.0),
    "all at time 0": lambda a: replace(a, time=0 * a.time),
    "all at one time": lambda a: replace(a, time=0 * a.time + 3),
    "constant readings": lambda a: replace(a, x=0 * a.x + 0.1, z=0 * a.z + 0.1),
    "equal readings": lambda a: replace(a, z=a.x),
    "opposite readings": lambda a: replace(a, z=-a.x),
    "separated by time": lambda a: replace(a, x=2 - 4 * a.time / max(a.time.max(), 1)),
    "separated by outcome": lambda a: replace(a, x=2.0 * (a.code == 1)),
    "one group": lambda a: replace(a, group=np.full(len(a.code), "a")),
    "a reading far out": lambda a: replace(a, x=first(len(a.x), 1e15, a.x)),
    "far from 0": lambda a: replace(a, x=a.x * 1e8 + 1e12),
    "huge readings": lambda a: replace(a, x=a.x * 1e200),
    "tiny readings": lambda a: replace(a, x=a.x * 1e-200),
    "huge times": lambda a: replace(a, time=a.time * 1e300),
    "tiny times": lambda a: replace(a, time=a.time * 1e-300),
}


def outcome(family: str, who: Patients) -> Outcome:
    """Its numbers or the type of its refusal; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return [float(number) for number in FAMILIES[family][0](who)]
        except StatsInputError as refusal:
            assert str(refusal).endswith(".")
            return type(refusal)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_awkward_table_gives_numbers_or_a_refusal(family: str) -> None:
    for n in (1, 2, 3, 12):
        for change in AWKWARD.values():
            outcome(family, change(patients(n, n)))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_order_of_the_patients_does_not_matter(family: str) -> None:
    for seed in range(4):
        who = patients(seed, 20)
        order = np.random.default_rng(seed).permutation(20)
        turned: dict[str, Any] = {name: getattr(who, name)[order] for name in ("time", "code", "group", "x", "z")}
        _same(outcome(family, who), outcome(family, replace(who, **turned)))


@pytest.mark.parametrize("family", [name for name, (_, columns) in FAMILIES.items() if "time" in columns])
@pytest.mark.parametrize("unit", [1 / 365.25, 30.4375, 1e6])
def test_the_unit_of_time_does_not_matter(family: str, unit: float) -> None:
    for seed in range(3):
        who = patients(seed, 20)
        _same(outcome(family, who), outcome(family, replace(who, time=who.time * unit, at=who.at * unit)))


def _same(one: Outcome, other: Outcome) -> None:
    if isinstance(one, type) or isinstance(other, type):
        assert one is other
    else:
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_missing_or_infinite_value_is_refused(family: str, bad: float) -> None:
    who = patients(1, 20)
    for column in FAMILIES[family][1]:
        spoilt: dict[str, Any] = {column: first(20, bad, getattr(who, column))}
        assert isinstance(outcome(family, replace(who, **spoilt)), type), column


@pytest.mark.parametrize("family", [name for name, (_, columns) in FAMILIES.items() if "time" in columns])
def test_a_time_below_zero_is_refused(family: str) -> None:
    who = patients(1, 20)
    assert isinstance(outcome(family, replace(who, time=who.time - 1)), type)


# To Fleiss a reading is the name of a category, however large.
@pytest.mark.parametrize(
    "family", [name for name, (_, columns) in FAMILIES.items() if "x" in columns and name != "Fleiss"]
)
def test_readings_whose_squares_run_over_are_refused(family: str) -> None:
    who = patients(1, 20)
    assert isinstance(outcome(family, replace(who, x=who.x * 1e200)), type)


# --- the numbers themselves, where they are known without a computation


def test_without_events_the_curve_stays_at_1_and_nothing_is_compared() -> None:
    time = [1.0, 2.0, 3.0, 4.0]
    km = kaplan_meier(time, [0, 0, 0, 0])
    assert km.survival.tolist() == km.low.tolist() == km.high.tolist() == [1.0] * 4
    assert km.median().value is None
    for call in (
        lambda: logrank(time, [0] * 4, list("aabb")),
        lambda: cox(time, [0] * 4, time, names=["x"]),
        lambda: fine_gray(time, [0, 2, 2, 0], time, names=["x"]),
    ):
        with pytest.raises(NoEventsError):
            call()
    assert not len(cumulative_incidence(time, [0, 2, 2, 0]).time)


def test_an_event_at_time_0_counts_before_anybody_is_lost() -> None:
    km = kaplan_meier([0, 0, 1, 2], [1, 0, 1, 0])
    assert km.survival.tolist() == [0.75, 0.375, 0.375]
    assert logrank([0, 0, 1, 2], [1, 0, 1, 0], list("abab")).observed.tolist() == [2, 0]


def test_one_event_among_two_groups_is_worked_by_hand() -> None:
    test = logrank([1, 2, 3, 4], [1, 0, 0, 0], list("aabb"))
    assert test.expected.tolist() == [0.5, 0.5]
    assert test.chi2 == pytest.approx(1)


def test_a_marker_without_spread_tells_nothing_and_a_perfect_one_everything() -> None:
    outcome = [0, 0, 1, 1]
    assert roc(outcome, [7] * 4).auc == 0.5
    assert (roc(outcome, outcome).auc, roc(outcome, outcome).variance) == (1, 0)
    assert time_roc([5, 5, 1, 2], [0, 0, 1, 1], outcome, 3).auc == 1
    assert brier_score([5, 5, 1, 2], [0, 0, 1, 1], outcome, 3).value == 0
    assert decision_curve(outcome, outcome, [0.3]).net_benefit[0] == 0.5
    assert cohen_kappa([[2, 0], [0, 2]]).value == 1
    with pytest.raises(SeparationError):
        cox([5, 6, 1, 2], [0, 0, 1, 1], outcome, names=["x"])


def test_numbers_out_of_reach_are_refused_by_name() -> None:
    with pytest.raises(MagnitudeError, match=r"time reaches 1e\+300"):
        kaplan_meier([1, 1e300], [1, 0])
    with pytest.raises(MagnitudeError, match="AFP reaches 1e-200"):
        cox([1, 2, 3], [1, 1, 0], [0, 1e-200, 0], names=["AFP"])


def test_fine_and_gray_is_cox_where_nothing_competes_and_nobody_is_lost() -> None:
    who = patients(3, 40)
    ours = fine_gray(who.time, np.ones(40), who.x, names=["x"])
    fit = cox(who.time, np.ones(40), who.x, names=["x"], ties="breslow")
    assert ours.coef[0] == pytest.approx(fit.coef[0], rel=1e-8)
    assert ours.loglik == pytest.approx(fit.loglik)
