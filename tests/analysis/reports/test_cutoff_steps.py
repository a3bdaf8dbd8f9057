from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.reports.cards.cutoff_steps import steps

FAST = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SCORES = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 9.0, 12.0])
VALUES = st.lists(SCORES, min_size=1, max_size=20)


def high(values: list[float], cutoff: float) -> list[bool]:
    return [value > cutoff for value in values]


@FAST
@given(VALUES, SCORES)
def test_a_step_moves_exactly_the_patients_that_it_says(values: list[float], cutoff: float) -> None:
    found = steps(values, cutoff)
    assert (found.low, found.high) == (len(values) - sum(high(values, cutoff)), sum(high(values, cutoff)))
    for step in (found.down, found.up):
        if step:
            apart = sum(a != b for a, b in zip(high(values, cutoff), high(values, step.cutoff), strict=True))
            assert apart == step.moved > 0
            assert 0 < sum(high(values, step.cutoff)) < len(values)


@FAST
@given(VALUES, SCORES)
def test_no_smaller_step_would_move_anybody(values: list[float], cutoff: float) -> None:
    found = steps(values, cutoff)
    for value in values:
        if found.down and found.down.cutoff < value < cutoff:
            assert high(values, value) in (high(values, cutoff), high(values, found.down.cutoff))
        if found.up and cutoff < value < found.up.cutoff:
            assert high(values, value) == high(values, cutoff)
