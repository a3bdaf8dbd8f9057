"""Net benefit and logistic regression, worked by hand and against other packages."""

import warnings

import numpy as np
import pytest

from analysis.stats.cox import cox
from analysis.stats.cox_baseline import predict_survival, predicted_risk
from analysis.stats.decision import decision_curve, survival_decision_curve
from analysis.stats.errors import (
    CollinearCovariatesError,
    ParameterError,
    SeparationError,
    TooFewGroupsError,
)
from analysis.stats.logistic import logistic

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.discrete.discrete_model import Logit

OUTCOME, RISK = [1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2]


def test_net_benefit_of_four_patients_is_worked_by_hand() -> None:
    curve = decision_curve(OUTCOME, RISK, [0.5])
    # One true and one false positive of four, a false one worth (1/2)/(1/2).
    assert curve.net_benefit[0] == pytest.approx(1 / 4 - 1 / 4)
    assert curve.treat_all[0] == pytest.approx(1 / 2 - 1 / 2)
    assert (curve.true_positive[0], curve.false_positive[0]) == (0.25, 0.25)


def test_a_risk_at_the_threshold_is_positive_by_the_other_rule() -> None:
    above, reached = (decision_curve(OUTCOME, RISK, [0.6], rule=rule).positive[0] for rule in (">", ">="))
    assert (above, reached) == (0.25, 0.5)


def test_acting_on_everybody_avoids_nothing() -> None:
    curve = decision_curve(OUTCOME, RISK, [0.1])
    assert curve.net_benefit[0] == curve.treat_all[0]
    assert curve.avoided[0] == 0


def test_without_censoring_survival_is_a_binary_outcome() -> None:
    rng = np.random.default_rng(1)
    time, risk = rng.exponential(size=60), rng.random(60)
    thresholds = [0.2, 0.5, 0.9]
    by_time = survival_decision_curve(time, np.ones(60), risk, 1.0, thresholds)
    plain = decision_curve(time <= 1, risk, thresholds)
    assert by_time.net_benefit == pytest.approx(plain.net_benefit)
    assert by_time.prevalence == pytest.approx(plain.prevalence)


def test_nobody_positive_has_no_benefit_and_reaches_nowhere() -> None:
    curve = survival_decision_curve([1, 2, 3], [1, 0, 1], [0.1, 0.2, 0.3], 2, [0.5])
    assert curve.net_benefit[0] == 0
    assert not curve.reaches[0]


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ParameterError):
        decision_curve(OUTCOME, [2, 0, 0, 0], [0.5])
    with pytest.raises(ParameterError):
        decision_curve(OUTCOME, RISK, [1.0])
    with pytest.raises(ParameterError):
        decision_curve(OUTCOME, RISK, [0.5], rule="<")


def test_the_log_odds_ratio_of_a_table_is_the_coefficient() -> None:
    x = [1] * 4 + [0] * 6
    y = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    fit = logistic(y, x, names=["x"])
    assert fit.coef == pytest.approx([np.log(2 / 4), np.log(3 / 1) - np.log(2 / 4)])
    assert fit.se[1] == pytest.approx(np.sqrt(1 / 3 + 1 / 1 + 1 / 2 + 1 / 4))
    assert fit.predict([1]) == pytest.approx([0.75])


def test_statsmodels_fits_the_same_logistic_model() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(50, 12, size=(120, 2))
    y = rng.random(120) < 1 / (1 + np.exp(-(x[:, 0] - 50) / 10))
    fit = logistic(y, x, names=["a", "b"])
    other = Logit(y.astype(float), np.column_stack([np.ones(120), x])).fit(disp=0)
    assert fit.coef == pytest.approx(other.params, rel=1e-6)
    assert fit.se == pytest.approx(other.bse, rel=1e-6)
    assert fit.loglik == pytest.approx((other.llnull, other.llf))
    assert fit.risk == pytest.approx(fit.predict(x))


def test_a_logistic_model_without_a_finite_answer_is_refused() -> None:
    with pytest.raises(SeparationError, match="x"):
        logistic([0, 0, 1, 1], [1, 2, 3, 4], names=["x"])
    with pytest.raises(TooFewGroupsError):
        logistic([1, 1], [1, 2], names=["x"])
    with pytest.raises(CollinearCovariatesError):
        logistic([0, 1, 0, 1], [[1, 2], [2, 4], [3, 6], [4, 8]], names=["x", "twice"])


def test_risks_of_many_are_the_predictions_of_each() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(50, 2))
    fit = cox(rng.exponential(size=50), rng.random(50) < 0.7, x, names=["a", "b"])
    each = [1 - predict_survival(fit, row, [0.5]).survival[0] for row in x]
    assert predicted_risk(fit, x, 0.5) == pytest.approx(each)
    assert predicted_risk(fit, x, 0.0) == pytest.approx(np.zeros(50))
