"""Cox models, worked by hand or printed in textbooks."""

import numpy as np
import pytest

from analysis.stats.cox import CoxFit, cox, score_test
from analysis.stats.cox_baseline import baseline_hazard, predict_survival
from analysis.stats.cox_ph import ph_test
from analysis.stats.cox_residuals import deviance, dfbeta, martingale, schoenfeld, score
from analysis.stats.errors import (
    CollinearCovariatesError,
    ConstantCovariateError,
    NoEventsError,
    ParameterError,
    SeparationError,
)
from analysis.stats.hazard import nelson_aalen
from analysis.stats.logrank import logrank
from analysis.stats.survival import kaplan_meier
from tests.analysis.stats.remission import EVENT, ON_PLACEBO, TIME


def remission(ties: str = "efron") -> CoxFit:
    return cox(TIME, EVENT, ON_PLACEBO, names=["placebo"], ties=ties)


def test_three_patients_have_the_solution_of_their_quadratic() -> None:
    # Events at 1 (x=1) and 2 (x=0), one patient with x=1 left: l = b - log(2e^b + 1) - log(e^b + 1).
    fit = cox([1, 2, 3], [1, 1, 0], [1, 0, 1], names=["x"])
    hr = 1 / np.sqrt(2)
    assert fit.hr[0] == pytest.approx(hr)
    assert fit.loglik == pytest.approx((-np.log(6), np.log(hr) - np.log(2 * hr + 1) - np.log(hr + 1)))


@pytest.mark.parametrize(("ties", "coef", "se"), [("breslow", 1.509, 0.4096), ("efron", 1.572, 0.4124)])
def test_the_remission_trial_is_as_printed(ties: str, coef: float, se: float) -> None:
    fit = remission(ties)
    assert (round(fit.coef[0], 3), round(fit.se[0], 4)) == (coef, se)


def test_exact_ties_of_the_remission_trial_are_as_printed() -> None:
    fit = remission("exact")
    assert (round(fit.coef[0], 3), round(fit.se[0], 4)) == (1.628, 0.4331)
    assert fit.tests.score.chi2 == pytest.approx(logrank(TIME, EVENT, ON_PLACEBO).chi2)


def test_criteria_count_coefficients_and_events() -> None:
    fit = remission()
    assert fit.aic == pytest.approx(-2 * fit.loglik[1] + 2)
    assert fit.bic == pytest.approx(-2 * fit.loglik[1] + np.log(30))


def test_a_score_test_needs_no_finite_estimate() -> None:
    time, event, x = [1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0]
    assert score_test(time, event, x, names=["x"]).chi2 == pytest.approx(logrank(time, event, x).chi2)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_perfect_separation_is_refused_by_name(ties: str) -> None:
    with pytest.raises(SeparationError, match="marker"):
        cox([1, 2, 3, 4], [1, 1, 0, 0], np.array([[1, 0], [1, 3], [0, 1], [0, 2]]), names=["marker", "age"], ties=ties)


def test_a_covariate_that_orders_all_events_is_refused() -> None:
    with pytest.raises(SeparationError):
        cox(range(1, 30), [1] * 29, range(29), names=["x"])


def test_a_constant_covariate_is_refused_by_name() -> None:
    with pytest.raises(ConstantCovariateError, match="sex"):
        cox([1, 2, 3], [1, 1, 0], [[1, 5], [2, 5], [1, 5]], names=["age", "sex"])


def test_a_covariate_constant_among_those_at_risk_is_refused() -> None:
    with pytest.raises(ConstantCovariateError, match="x"):
        cox([1, 2, 3, 4], [0, 1, 1, 1], [1, 0, 0, 0], names=["x"])


def test_a_combination_of_others_is_refused_by_name() -> None:
    a, b = np.array([1.0, 2, 4, 3, 7]), np.array([2.0, 1, 0, 5, 3])
    with pytest.raises(CollinearCovariatesError, match="total"):
        cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], np.column_stack([a, b, a + b]), names=["a", "b", "total"])


def test_nobody_with_the_event_is_refused() -> None:
    with pytest.raises(NoEventsError):
        cox([1, 2], [0, 0], [1, 2], names=["x"])


def test_one_event_gives_an_estimate_of_its_own() -> None:
    # l = b x - log(sum of e^(b x) over 0, 1, 2) with x = 1: the mean weight is 1 at b = 0.
    fit = cox([1, 2, 3], [1, 0, 0], [1, 0, 2], names=["x"])
    assert fit.coef[0] == pytest.approx(0, abs=1e-12)
    assert fit.se[0] == pytest.approx(np.sqrt(3 / 2))


def test_strata_without_anybody_in_common_are_fitted_within() -> None:
    time, event, x = [1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0]
    alone = cox(time, event, x, names=["x"])
    twice = cox(time * 2, event * 2, x * 2, names=["x"], strata=["p"] * 4 + ["q"] * 4)
    assert twice.coef == pytest.approx(alone.coef)
    assert twice.se == pytest.approx(alone.se / np.sqrt(2))
    assert [one.at_zero.tolist() for one in baseline_hazard(twice)] == [
        pytest.approx(one.at_zero.tolist()) for one in baseline_hazard(alone) * 2
    ]


def test_splitting_follow_up_into_intervals_changes_nothing() -> None:
    time, event, x = np.array([2.0, 3, 5, 6]), np.array([1, 1, 0, 1]), np.array([1.0, 0, 2, 1])
    whole = cox(time, event, x, names=["x"])
    split = cox(
        [*np.full(4, 1.0), *time],
        [0, 0, 0, 0, *event],
        [*x, *x],
        names=["x"],
        entry=[*np.zeros(4), *np.full(4, 1.0)],
    )
    assert split.coef == pytest.approx(whole.coef)
    assert split.loglik == pytest.approx(whole.loglik)


def test_rows_doubled_within_clusters_do_not_shrink_the_robust_error() -> None:
    single = cox(TIME, EVENT, ON_PLACEBO, names=["x"], ties="breslow", cluster=range(42))
    double = cox(TIME * 2, EVENT * 2, ON_PLACEBO * 2, names=["x"], ties="breslow", cluster=[*range(42)] * 2)
    assert double.se == pytest.approx(single.se)
    assert double.naive_se == pytest.approx(single.naive_se / np.sqrt(2))
    assert double.n_clusters == 42


def test_fewer_clusters_than_coefficients_are_refused() -> None:
    x = np.random.default_rng(5).normal(size=(42, 3))
    with pytest.raises(CollinearCovariatesError, match="clusters"):
        cox(TIME, EVENT, x, names=["a", "b", "c"], cluster=ON_PLACEBO)


def test_residuals_add_up_to_nothing() -> None:
    fit = remission()
    assert martingale(fit).sum() == pytest.approx(0, abs=1e-10)
    assert score(fit).sum(axis=0) == pytest.approx([0], abs=1e-10)
    assert schoenfeld(fit).residual.sum(axis=0) == pytest.approx([0], abs=1e-10)
    assert np.sign(deviance(fit)).tolist() == np.sign(martingale(fit)).tolist()


def test_dfbeta_is_close_to_the_change_when_a_row_is_left_out() -> None:
    fit = remission()
    keep = np.arange(42) != 5
    without = cox(np.array(TIME)[keep], np.array(EVENT)[keep], np.array(ON_PLACEBO)[keep], names=["x"])
    assert dfbeta(fit)[5, 0] == pytest.approx(fit.coef[0] - without.coef[0], rel=0.15)


def test_a_baseline_without_effect_is_nelson_aalens() -> None:
    # Each time one of either group has the event, so that the estimate is zero.
    time, event, x = [1, 1, 2, 2, 3, 3], [1] * 6, [0, 1] * 3
    fit = cox(time, event, x, names=["x"], ties="breslow")
    assert fit.coef[0] == pytest.approx(0, abs=1e-9)
    (baseline,) = baseline_hazard(fit)
    assert baseline.at_zero == pytest.approx(nelson_aalen(kaplan_meier(time, event)).hazard)


def test_predicted_survival_is_the_baseline_to_the_power_of_the_risk() -> None:
    fit = remission()
    (baseline,) = baseline_hazard(fit)
    found = predict_survival(fit, [1], [0, 5, 99])
    hazard = baseline.at_zero[np.searchsorted(baseline.time, 5)]
    assert found.survival[0] == 1
    assert found.survival[1] == pytest.approx(np.exp(-hazard * fit.hr[0]))
    assert (found.low <= found.survival).all()
    with pytest.raises(ParameterError):
        predict_survival(fit, [1], [5], stratum=1)


def test_hazards_that_cross_fail_the_test_and_proportional_ones_do_not() -> None:
    rng = np.random.default_rng(4)
    x = np.repeat([0.0, 1.0], 150)
    proportional = rng.exponential(1 / np.exp(x))
    crossing = np.where(x == 1, rng.weibull(3, 300), rng.weibull(0.6, 300))
    kept, broken = (ph_test(cox(time, np.ones(300), x, names=["x"])) for time in (proportional, crossing))
    assert [row.term for row in kept] == ["x", "GLOBAL"]
    assert kept[0].test.p > 0.05
    assert broken[0].test.p < 1e-6


def test_columns_of_a_factor_are_tested_together() -> None:
    group = np.arange(42) % 3
    x = np.column_stack([group == 1, group == 2]).astype(float)
    rows = ph_test(cox(TIME, EVENT, x, names=["b", "c"]), "rank", terms=[("group", [0, 1])])
    assert [(row.term, row.test.df) for row in rows] == [("group", 2), ("GLOBAL", 2)]
    assert rows[0].test.chi2 == pytest.approx(rows[1].test.chi2)


def test_an_exact_fit_has_no_residuals() -> None:
    with pytest.raises(ParameterError):
        martingale(remission("exact"))
    with pytest.raises(ParameterError):
        cox([1, 2, 3], [1, 1, 0], [1, 0, 1], names=["x"], ties="exact", entry=[0, 0, 0])


def test_the_same_input_gives_the_same_bits() -> None:
    assert remission().vcov.tobytes() == remission().vcov.tobytes()
    assert remission().concordance == remission().concordance
