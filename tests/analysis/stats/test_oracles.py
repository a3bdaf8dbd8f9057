"""The same numbers from independent packages."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.stats.cox import cox
from analysis.stats.logrank import logrank
from analysis.stats.roc import roc
from analysis.stats.survival import kaplan_meier

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped,unused-ignore]
    from statsmodels.duration.hazard_regression import PHReg

Cohort = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def cohort(seed: int, n: int = 80) -> Cohort:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    time = np.ceil(rng.exponential(12 / np.exp(0.5 * x[:, 0])))
    return time, (rng.random(n) < 0.7).astype(float), x


@pytest.mark.parametrize("seed", range(3))
def test_lifelines_draws_the_same_curve(seed: int) -> None:
    time, event, _ = cohort(seed)
    km, other = kaplan_meier(time, event, conf_type="log-log"), KaplanMeierFitter().fit(time, event)
    assert km.survival == pytest.approx(other.survival_function_at_times(km.time).to_numpy())
    limits = other.confidence_interval_.loc[km.time].to_numpy()
    inside = (km.survival > 0) & (km.survival < 1)
    assert km.low[inside] == pytest.approx(limits[inside, 0])
    assert km.high[inside] == pytest.approx(limits[inside, 1])


@pytest.mark.parametrize("seed", range(3))
def test_lifelines_draws_the_same_curve_after_late_entry(seed: int) -> None:
    time, event, _ = cohort(seed)
    entry = np.floor(time * 0.4)
    km, other = kaplan_meier(time, event, entry=entry), KaplanMeierFitter().fit(time, event, entry=entry)
    assert km.survival == pytest.approx(other.survival_function_at_times(km.time).to_numpy())


@pytest.mark.parametrize("seed", range(3))
def test_lifelines_gives_the_same_log_rank_test(seed: int) -> None:
    time, event, x = cohort(seed)
    group = np.digitize(x[:, 1], [-0.5, 0.5])
    test, other = logrank(time, event, group), multivariate_logrank_test(time, group, event)
    assert (test.chi2, test.p) == pytest.approx((other.test_statistic, other.p_value))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("seed", range(3))
def test_statsmodels_fits_the_same_model(seed: int, ties: str) -> None:
    time, event, x = cohort(seed)
    # Half units, because the packages differ about an entry at the very time of an event.
    entry, strata = np.maximum(np.floor(time * 0.3) - 0.5, 0), (np.arange(len(time)) % 2)
    fit = cox(time, event, x, names=["a", "b"], ties=ties, entry=entry, strata=strata)
    other = PHReg(time, x, status=event, entry=entry, strata=strata, ties=ties).fit()
    assert fit.coef == pytest.approx(other.params, rel=1e-6)
    assert fit.se == pytest.approx(other.bse, rel=1e-5)
    assert fit.loglik[1] == pytest.approx(other.llf)


@pytest.mark.parametrize("seed", range(3))
def test_lifelines_fits_the_same_model(seed: int) -> None:
    time, event, x = cohort(seed)
    fit = cox(time, event, x, names=["a", "b"])
    table = pd.DataFrame({"t": time, "e": event, "a": x[:, 0], "b": x[:, 1]})
    other = CoxPHFitter().fit(table, "t", "e")
    assert fit.coef == pytest.approx(other.params_.to_numpy(), rel=1e-3)
    assert fit.concordance.c == pytest.approx(other.concordance_index_)


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=40))
def test_scikit_learn_gives_the_same_area(rows: list[tuple[bool, int]]) -> None:
    outcome, marker = (np.array(column) for column in zip(*rows, strict=True))
    if outcome.all() or not outcome.any():
        return
    assert roc(outcome, marker, direction="<").auc == pytest.approx(roc_auc_score(outcome, marker))
