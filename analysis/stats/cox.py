"""Cox proportional-hazards regression."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from analysis.stats.arrays import FloatArray, confidence, one_of
from analysis.stats.concordance import Concordance, concordance
from analysis.stats.cox_data import ModelRows, model_rows
from analysis.stats.cox_exact import ExactLikelihood
from analysis.stats.cox_likelihood import Evaluation, TiesLikelihood
from analysis.stats.errors import CollinearCovariatesError
from analysis.stats.newton import Maximum, maximise, refuse_singular

LIKELIHOODS: dict[str, type[TiesLikelihood] | type[ExactLikelihood]] = {
    "efron": TiesLikelihood,
    "breslow": TiesLikelihood,
    "exact": ExactLikelihood,
}


@dataclass(frozen=True)
class ChiSquare:
    """A test with its degrees of freedom and upper-tail p."""

    chi2: float
    df: int
    p: float


def chi_square(chi2: float, df: int) -> ChiSquare:
    """A chi-square statistic with its p."""
    return ChiSquare(float(chi2), df, float(special.chdtrc(df, max(float(chi2), 0.0))))


@dataclass(frozen=True)
class CoxTests:
    """The three tests that all coefficients are zero; ``robust_score`` only with clusters."""

    lr: ChiSquare
    wald: ChiSquare
    score: ChiSquare
    robust_score: ChiSquare | None


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A fitted model of p coefficients in n rows.

    ``se``, ``vcov``, ``z``, ``p``, the limits and the Wald test use the sandwich where clusters were given;
    ``naive_se`` and ``naive_vcov`` are always model-based. ``loglik`` is (at zero, at the estimate). ``means`` are what
    the linear predictor is centred at: 0 for a column of only -1, 0 and 1. ``concordance`` is computed when asked for.
    """

    names: tuple[str, ...]
    ties: str
    n: int
    events: int
    coef: FloatArray
    se: FloatArray
    hr: FloatArray
    low: FloatArray
    high: FloatArray
    z: FloatArray
    p: FloatArray
    vcov: FloatArray
    naive_se: FloatArray
    naive_vcov: FloatArray
    robust_se: FloatArray | None
    n_clusters: int | None
    loglik: tuple[float, float]
    tests: CoxTests
    means: FloatArray
    linear_predictor: FloatArray
    conf_level: float
    data: ModelRows = field(repr=False)

    @property
    def aic(self) -> float:
        """-2 log partial likelihood + 2 p."""
        return -2 * self.loglik[1] + 2 * len(self.coef)

    @property
    def bic(self) -> float:
        """-2 log partial likelihood + p log(events)."""
        return float(-2 * self.loglik[1] + np.log(self.events) * len(self.coef))

    @cached_property
    def concordance(self) -> Concordance:
        """Harrell's C of the linear predictor, within strata, with its standard error."""
        rows = self.data
        return concordance(
            rows.time,
            rows.event,
            self.linear_predictor,
            entry=rows.entry,
            strata=rows.strata,
            cluster=rows.cluster,
        )


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    ties: str = "efron",
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> CoxFit:
    """Fit a proportional-hazards model by maximum partial likelihood.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    covariates : array_like, shape (n, p) or (n,)
        Numbers; categories come as indicator columns.
    names : sequence of str
        One name per column.
    ties : {"efron", "breslow", "exact"}
        Treatment of events at the same time. An exact fit has no delayed entry, clusters, residuals or baseline.
    strata : array_like, shape (n,), optional
        Labels; each stratum has its own baseline hazard.
    entry : array_like, shape (n,), optional
        Start of the interval (entry, time]: delayed entry or a counting process.
    cluster : array_like, shape (n,), optional
        Labels of rows that belong together; gives the robust (sandwich) variance.
    conf_level : float
        Coverage of the intervals of the hazard ratios.

    Returns
    -------
    CoxFit

    Raises
    ------
    NoEventsError
        Nobody had the event.
    ConstantCovariateError, CollinearCovariatesError
        The data cannot tell the coefficients apart.
    SeparationError
        The likelihood has no finite maximum, where R would only warn.
    StatsInputError
        Missing or infinite values, codes other than 0/1, unequal lengths, an unknown option.

    Notes
    -----
    Matches ``survival::coxph(Surv(entry, time, event) ~ x + strata(s) + cluster(id), ties=)`` 3.5-3. Times that differ
    only by rounding are one time (``timefix``). Efron, J Am Stat Assoc 1977; 72: 557-565; Lin & Wei, J Am Stat Assoc
    1989; 84: 1074-1078.
    """
    one_of(ties, tuple(LIKELIHOODS), "ties")
    level = confidence(conf_level)
    rows = model_rows(time, event, covariates, names, strata=strata, entry=entry, cluster=cluster, ties=ties)
    scale = rows.centred.std(axis=0)
    found = maximise(LIKELIHOODS[ties].of(rows.sets, rows.centred / scale), names)
    return fit_at(rows, found, scale, tuple(names), ties, level)


def score_test(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    ties: str = "efron",
    strata: ArrayLike | None = None,
) -> ChiSquare:
    """Score test that all coefficients are zero, without a fit, so also where the estimate would be infinite.

    Parameters and errors are those of ``cox``. With exact ties and group indicators this is the log-rank test.
    """
    one_of(ties, tuple(LIKELIHOODS), "ties")
    rows = model_rows(time, event, covariates, names, strata=strata, entry=None, cluster=None, ties=ties)
    null = LIKELIHOODS[ties].of(rows.sets, rows.centred / rows.centred.std(axis=0)).evaluate(np.zeros(len(names)))
    refuse_singular(null.information, names)
    return _score_test(null)


def _score_test(null: Evaluation) -> ChiSquare:
    return _quadratic(null.information, null.score)


def _quadratic(variance: FloatArray, values: FloatArray) -> ChiSquare:
    """v' V^-1 v."""
    try:
        solved = linalg.cho_solve(linalg.cho_factor(variance), values)
    except linalg.LinAlgError as error:
        raise CollinearCovariatesError("There are too few clusters for a robust variance.") from error
    return chi_square(values @ solved, len(values))


@dataclass(frozen=True, eq=False)
class _Covariance:
    """Model-based and (with clusters) robust covariance of the coefficients, and the robust score test."""

    naive: FloatArray
    robust: FloatArray | None
    robust_score: ChiSquare | None

    @property
    def used(self) -> FloatArray:
        return self.naive if self.robust is None else self.robust


def fit_at(
    rows: ModelRows, found: Maximum, scale: FloatArray, names: tuple[str, ...], ties: str, conf_level: float
) -> CoxFit:
    """The model at a maximum that was found in units of ``scale``."""
    coef = found.beta / scale
    cov = _covariance(rows, found, scale, coef)
    se = np.sqrt(np.diag(cov.used))
    z = coef / se
    half = special.ndtri(0.5 + conf_level / 2) * se
    means = rows.reported_means()
    return CoxFit(
        names=names,
        ties=ties,
        n=len(rows.time),
        events=int(rows.event.sum()),
        coef=coef,
        se=se,
        hr=np.exp(coef),
        low=np.exp(coef - half),
        high=np.exp(coef + half),
        z=z,
        p=2 * special.ndtr(-np.abs(z)),
        vcov=cov.used,
        naive_se=np.sqrt(np.diag(cov.naive)),
        naive_vcov=cov.naive,
        robust_se=None if cov.robust is None else se,
        n_clusters=None if rows.cluster is None else int(rows.cluster.max()) + 1,
        loglik=(found.null.loglik, found.fitted.loglik),
        tests=_tests(found, coef, cov),
        means=means,
        linear_predictor=(rows.x - means) @ coef,
        conf_level=conf_level,
        data=rows,
    )


def _covariance(rows: ModelRows, found: Maximum, scale: FloatArray, coef: FloatArray) -> _Covariance:
    identity = np.eye(len(coef))
    naive = linalg.cho_solve(linalg.cho_factor(found.fitted.information), identity) / np.outer(scale, scale)
    naive = (naive + naive.T) / 2
    if rows.cluster is None:
        return _Covariance(naive, None, None)
    influence = rows.by_cluster(rows.score_residuals(coef)) @ naive
    at_zero = rows.by_cluster(rows.score_residuals(np.zeros(len(coef))))
    total = at_zero.sum(axis=0)
    robust_score = _quadratic(at_zero.T @ at_zero, total)
    return _Covariance(naive, influence.T @ influence, robust_score)


def _tests(found: Maximum, coef: FloatArray, cov: _Covariance) -> CoxTests:
    df = len(coef)
    null, fitted = found.null, found.fitted
    return CoxTests(
        lr=chi_square(2 * (fitted.loglik - null.loglik), df),
        wald=_quadratic(cov.used, coef),
        score=_score_test(null),
        robust_score=cov.robust_score,
    )
