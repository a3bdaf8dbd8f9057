"""Competing risks, worked by hand and against what they become when nothing competes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.stats.aalen_johansen import state_probabilities
from analysis.stats.competing import cumulative_incidence, gray_test
from analysis.stats.cox import cox
from analysis.stats.errors import (
    ConstantCovariateError,
    EventCodeError,
    LengthMismatchError,
    NoEventsError,
    SeparationError,
    TooFewGroupsError,
)
from analysis.stats.fine_gray import fine_gray
from analysis.stats.logrank import logrank
from analysis.stats.survival import kaplan_meier
from tests.analysis.stats.remission import EVENT, ON_PLACEBO, TIME


def cohort(seed: int, n: int = 150) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    ends = np.stack([rng.exponential(3, n), rng.exponential(2 / np.exp(x)), rng.exponential(2, n)])
    return np.ceil(ends.min(axis=0) * 4) / 4, ends.argmin(axis=0), x


def test_incidence_of_five_patients_is_worked_by_hand() -> None:
    # 1: cause 1 of five; 2: cause 2 of four; 3: cause 1 of three, of whom 3/5 are left.
    found = cumulative_incidence([1, 2, 3, 4, 5], [1, 2, 1, 0, 0])
    assert found.time.tolist() == [1, 3]
    assert found.estimate == pytest.approx([1 / 5, 1 / 5 + 3 / 5 / 3])


def test_the_first_variance_is_binomial() -> None:
    found = cumulative_incidence([1, 2, 3, 4, 5], [1, 2, 1, 0, 0])
    assert found.variance[0] == pytest.approx(1 / 5 * 4 / 5 / 5 * 5 / 4)


def test_after_the_end_of_follow_up_nothing_is_known() -> None:
    estimate, variance = cumulative_incidence([1, 2, 3], [1, 2, 0]).at([0, 2.5, 3, 3.5])
    assert estimate == pytest.approx([0, 1 / 3, 1 / 3, np.nan], nan_ok=True)
    assert np.isnan(variance[-1])


def test_incidences_and_survival_add_up_to_one() -> None:
    time, code, _ = cohort(1)
    at = [0.5, 1, 2]
    parts = [cumulative_incidence(time, code, cause=cause).at(at)[0] for cause in (1, 2)]
    free = [point.survival for point in kaplan_meier(time, code > 0).at(at)]
    assert np.sum(parts, axis=0) + free == pytest.approx(1)
    states = state_probabilities(time, code, at)
    assert states.probability == pytest.approx(np.column_stack([free, *parts]))


def test_without_competition_the_errors_are_greenwoods() -> None:
    km = kaplan_meier(TIME, EVENT).at([5, 10])
    states = state_probabilities(TIME, EVENT, [10, 5])
    assert states.std_err[::-1, 0] == pytest.approx([point.std_err for point in km], rel=0.03)
    assert states.std_err[:, 0] == pytest.approx(states.std_err[:, 1])


def test_without_competition_grays_test_is_close_to_the_log_rank_test() -> None:
    gray, plain = gray_test(TIME, EVENT, ON_PLACEBO), logrank(TIME, EVENT, ON_PLACEBO)
    assert gray.chi2 == pytest.approx(plain.chi2, rel=0.05)


def test_grays_test_keeps_its_level() -> None:
    group = np.arange(150) % 2
    p = [gray_test(*cohort(seed)[:2], group).p for seed in range(200)]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.1


def test_without_competition_the_subdistribution_is_the_hazard() -> None:
    fit = fine_gray(TIME, EVENT, ON_PLACEBO, names=["placebo"])
    plain = cox(TIME, EVENT, ON_PLACEBO, names=["placebo"], ties="breslow", cluster=range(42))
    assert fit.coef == pytest.approx(plain.coef)
    assert fit.se == pytest.approx(plain.se)
    assert fit.loglik == pytest.approx(plain.loglik)


def test_without_censoring_who_had_the_other_event_stays_at_risk() -> None:
    time, code, x = cohort(2)
    code = np.where(code == 0, 2, code)
    fit = fine_gray(time, code, x, names=["x"])
    stayed = np.where(code == 1, time, time.max() + 1)
    plain = cox(stayed, code == 1, x, names=["x"], ties="breslow")
    assert fit.coef == pytest.approx(plain.coef)


def test_the_errors_of_the_subdistribution_are_those_of_repeated_samples() -> None:
    fits = [fine_gray(*cohort(seed), names=["x"]) for seed in range(200)]
    assert np.std([fit.coef[0] for fit in fits]) == pytest.approx(np.mean([fit.se[0] for fit in fits]), rel=0.15)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(EventCodeError, match="position 1"):
        cumulative_incidence([1, 2], [1, 1.5])
    with pytest.raises(EventCodeError):
        cumulative_incidence([1, 2], [1, 0], cause=0)
    with pytest.raises(LengthMismatchError):
        gray_test([1, 2], [1, 0], [1])
    with pytest.raises(TooFewGroupsError):
        gray_test([1, 2], [1, 0], [1, 1])
    with pytest.raises(NoEventsError):
        gray_test([1, 2], [2, 0], [1, 2])
    with pytest.raises(NoEventsError):
        fine_gray([1, 2], [2, 0], [1, 2], names=["x"])
    with pytest.raises(ConstantCovariateError):
        fine_gray([1, 2, 3], [1, 2, 0], [1, 1, 1], names=["x"])
    with pytest.raises(SeparationError):
        fine_gray([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0], names=["x"])
