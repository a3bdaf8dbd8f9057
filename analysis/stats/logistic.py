"""Logistic regression by maximum likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from analysis.stats.arrays import BoolArray, FloatArray, indicator
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.cox_likelihood import Evaluation
from analysis.stats.errors import TooFewGroupsError
from analysis.stats.newton import maximise

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """Log odds ratios, the intercept first; ``risk`` is the fitted probability of each row."""

    names: tuple[str, ...]
    coef: FloatArray
    se: FloatArray
    z: FloatArray
    p: FloatArray
    vcov: FloatArray
    loglik: tuple[float, float]
    risk: FloatArray

    def predict(self, covariates: ArrayLike) -> FloatArray:
        """Probability of the outcome for new rows; shape (n,)."""
        x = covariate_matrix(covariates, self.names[1:], len(np.asarray(covariates)))
        result: FloatArray = special.expit(self.coef[0] + x @ self.coef[1:])
        return result


@dataclass(frozen=True, eq=False)
class _Likelihood:
    outcome: FloatArray
    x: FloatArray

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """Log-likelihood with its derivatives."""
        linear = self.x @ beta
        fitted = special.expit(linear)
        loglik = float(self.outcome @ linear + special.log_expit(-linear).sum())
        information = (self.x.T * (fitted * (1 - fitted))) @ self.x
        return Evaluation(loglik, self.x.T @ (self.outcome - fitted), information)


def logistic(outcome: ArrayLike, covariates: ArrayLike, *, names: Sequence[str]) -> LogisticFit:
    """Fit the probability of a binary outcome.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        1 for cases, 0 for controls.
    covariates : array_like, shape (n, p) or (n,)
        Numbers; categories come as indicator columns.
    names : sequence of str
        One name per column.

    Returns
    -------
    LogisticFit
        ``loglik`` is (of the intercept alone, of the model).

    Raises
    ------
    TooFewGroupsError
        No case, or no control.
    ConstantCovariateError, CollinearCovariatesError, SeparationError
        No finite estimate, where R would warn or leave a coefficient out.
    StatsInputError
        Missing values, codes other than 0/1, unequal lengths.

    Notes
    -----
    Matches ``stats::glm(family=binomial)`` of R 4.2.
    """
    truth = indicator(outcome, "outcome")
    if truth.all() or not truth.any():
        raise TooFewGroupsError("A logistic model needs cases and controls.")
    x = covariate_matrix(covariates, names, len(truth))
    centre, scale = x.mean(axis=0), x.std(axis=0)
    standard = np.column_stack([np.ones(len(truth)), (x - centre) / np.where(scale > 0, scale, 1.0)])
    found = maximise(_Likelihood(truth.astype(np.float64), standard), [INTERCEPT, *names])
    back = _unscaling(centre, np.where(scale > 0, scale, 1.0))
    coef = back @ found.beta
    inverse = linalg.cho_solve(linalg.cho_factor(found.fitted.information), np.eye(len(coef)))
    vcov = back @ inverse @ back.T
    se = np.sqrt(np.diag(vcov))
    p = 2 * special.ndtr(-np.abs(coef / se))
    risk = special.expit(standard @ found.beta)
    loglik = (_null_loglik(truth), found.fitted.loglik)
    return LogisticFit((INTERCEPT, *names), coef, se, coef / se, p, vcov, loglik, risk)


def _unscaling(centre: FloatArray, scale: FloatArray) -> FloatArray:
    """From coefficients of standardised covariates to those of the covariates themselves."""
    back = np.diag(np.concatenate(([1.0], 1 / scale)))
    back[0, 1:] = -centre / scale
    return back


def _null_loglik(truth: BoolArray) -> float:
    share = truth.mean()
    return float(len(truth) * (special.xlogy(share, share) + special.xlogy(1 - share, 1 - share)))
