"""What each look may spend."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spending.looks import Plan, judged
from analysis.stats.alpha_spending import boundaries

PLAN = Plan("obrien-fleming", 0.05, information=100, max_looks=20)


def test_looks_that_bring_events_are_judged_at_the_boundaries_of_the_design() -> None:
    looks = judged([25, 50, 75, 100], PLAN)
    design = boundaries([0.25, 0.5, 0.75, 1.0])
    assert [look.threshold for look in looks] == pytest.approx(list(design.nominal_p))
    assert [look.spent for look in looks] == pytest.approx(list(design.increments))
    assert looks[-1].cumulative == pytest.approx(0.05)


def test_a_correction_without_new_events_spends_nothing_and_keeps_the_boundary() -> None:
    first, second, third = judged([50, 50, 49], PLAN)
    assert (second.threshold, third.threshold) == (first.threshold, first.threshold)
    assert (second.spent, third.spent) == (0, 0)


def test_without_an_event_nothing_can_be_shown() -> None:
    assert judged([0], PLAN)[0].threshold == 0


def test_more_looks_or_events_than_planned_are_marked_and_spend_nothing() -> None:
    plan = Plan("pocock", 0.05, information=60, max_looks=2)
    first, second, third = judged([20, 40, 60], plan)
    assert [look.is_beyond for look in (first, second, third)] == [False, False, True]
    assert (third.threshold, third.spent) == (second.threshold, 0)
    assert judged([70], plan)[0].is_beyond


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(min_value=0, max_value=140), min_size=1, max_size=8),
    st.sampled_from(["obrien-fleming", "pocock"]),
)
def test_alpha_is_never_spent_twice_nor_more_than_there_is(events: list[int], method: str) -> None:
    looks = judged(events, Plan(method, 0.05, information=100, max_looks=6))
    assert sum(look.spent for look in looks) <= 0.05 + 1e-9
    assert all(0 <= look.threshold <= 0.05 + 1e-9 for look in looks)
    spent = [look.cumulative for look in looks]
    assert spent == sorted(spent)
    assert spent[-1] == pytest.approx(sum(look.spent for look in looks), abs=1e-9)
    for earlier, look in zip(
        judged(events[:-1], Plan(method, 0.05, 100, 6)) if events[1:] else [], looks, strict=False
    ):
        assert earlier.threshold == pytest.approx(look.threshold)
