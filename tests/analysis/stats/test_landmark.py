import numpy as np
import pytest

from analysis.stats.errors import EventCodeError, ParameterError
from analysis.stats.landmark import landmark
from analysis.stats.survival import kaplan_meier


def test_who_left_by_the_landmark_is_counted_and_time_starts_there() -> None:
    found = landmark([2, 6, 6, 7, 9, 12], [1, 1, 0, 1, 0, 1], 6)
    assert found.rows.tolist() == [3, 4, 5]
    assert found.time.tolist() == [1, 3, 6]
    assert found.event.tolist() == [True, False, True]
    assert (found.events_before, found.censored_before) == (2, 1)


def test_survival_from_the_landmark_is_survival_given_the_landmark() -> None:
    random = np.random.default_rng(3)
    time, event = random.exponential(10, 200), random.integers(0, 2, 200)
    found = landmark(time, event, 4)
    whole, after = kaplan_meier(time, event), kaplan_meier(found.time, found.event)
    [at_four, at_nine] = whole.at([4, 9])
    assert after.at([5])[0].survival == pytest.approx(at_nine.survival / at_four.survival)


def test_nobody_may_be_left() -> None:
    assert landmark([1, 2], [1, 1], 3).rows.size == 0


@pytest.mark.parametrize("at", [0, -1, float("nan"), float("inf")])
def test_a_landmark_is_a_time_above_zero(at: float) -> None:
    with pytest.raises(ParameterError):
        landmark([1, 2], [1, 1], at)


def test_bad_codes_are_refused() -> None:
    with pytest.raises(EventCodeError):
        landmark([1, 2], [1, 2], 1)
