"""How well a Cox model would do in new patients: indexes of fit corrected for optimism by the bootstrap."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.concordance import concordance
from analysis.stats.cox import CoxFit, cox
from analysis.stats.cox_likelihood import TiesLikelihood
from analysis.stats.errors import ParameterError
from analysis.stats.resampled_cox import mean_or_nan, refits

INDEXES = ("Dxy", "R2", "Slope", "D", "U", "Q", "g")


@dataclass(frozen=True, eq=False)
class Validation:
    """Per index of ``INDEXES``, shape (7,).

    ``apparent`` is that of the model in its own patients, ``training`` the mean of the refits in their own resamples,
    ``test`` that of the refits in the patients; ``optimism`` is the difference of these two, and ``corrected`` the
    apparent index less that. ``resamples`` counts those that allowed a fit.

    Dxy is 2 (C - 1/2); R2 Nagelkerke's; Slope the coefficient of the linear predictor refitted; D the likelihood ratio
    less 1, U the loss by a slope other than 1, both per -2 log likelihood of the null model; Q = D - U; g Gini's mean
    difference of the linear predictor.
    """

    apparent: FloatArray
    training: FloatArray
    test: FloatArray
    optimism: FloatArray
    corrected: FloatArray
    resamples: int


def validate(fit: CoxFit, *, resamples: int = 200, seed: int = 1) -> Validation:
    """Correct the indexes of a model for having been measured in the patients it was fitted to.

    Parameters
    ----------
    fit : CoxFit
        Without strata, clusters or delayed entry.
    resamples, seed : int
        As for ``resampled_cox.refits``.

    Returns
    -------
    Validation

    Raises
    ------
    ParameterError
        A fit of another kind, no resamples, a bad seed, or no resample that allows a fit.

    Notes
    -----
    Draws the resamples of ``rms::validate(cph(...), B = resamples)`` 6.5-0 after ``set.seed(seed)``. The refits of rms
    stop at its default ``eps``, these at the maximum, so the averages differ a little. Of a model in its own patients U
    is -2 per -2 log likelihood of the null model, as there. Harrell, Lee & Mark, Stat Med 1996; 15: 361-387.
    """
    return validated(fit, drawn_indexes(fit, resamples=resamples, seed=seed))


def drawn_indexes(fit: CoxFit, *, resamples: int, seed: int, first: int = 0) -> FloatArray:
    """The indexes of each resample that allows a fit: of its refit in itself, and in the patients; shape (k, 2, 7).

    Parameters and errors as for ``validate``; ``first`` as for ``resampled_cox.refits``. Stretch after stretch of one
    seed they are what ``validate`` takes the means of.
    """
    pairs = [(own_indexes(one.fit), _in_others(fit, one.linear)) for one in refits(fit, resamples, seed, first)]
    return np.array(pairs).reshape(len(pairs), 2, len(INDEXES))


def validated(fit: CoxFit, drawn: FloatArray) -> Validation:
    """What ``validate`` gives, from resamples that were drawn before; shape (k, 2, 7)."""
    if not len(drawn):
        raise ParameterError("No resample of the patients allows a fit.")
    apparent = own_indexes(fit)
    training, test = mean_or_nan(drawn)
    optimism = training - test
    return Validation(apparent, training, test, optimism, apparent - optimism, len(drawn))


def own_indexes(fit: CoxFit) -> FloatArray:
    """The indexes of a model in the patients it was fitted to; shape (7,)."""
    null = -2 * fit.loglik[0]
    gain = fit.tests.lr.chi2
    d, u = (gain - 1) / null, -2 / null
    dxy = 2 * fit.concordance.c - 1
    return np.array([dxy, nagelkerke(gain, null, fit.n), 1.0, d, u, d - u, gini(fit.linear_predictor)])


def _in_others(fit: CoxFit, linear: FloatArray) -> FloatArray:
    """The indexes of a given linear predictor in the patients of the model."""
    data = fit.data
    if np.ptp(linear) == 0:
        return np.zeros(len(INDEXES))
    again = cox(data.time, data.event, linear, names=["linear predictor"], ties=fit.ties)
    slope = float(again.coef[0])
    as_it_is = TiesLikelihood.of(again.data.sets, again.data.centred).evaluate(np.ones(1)).loglik
    null, gain = -2 * again.loglik[0], again.tests.lr.chi2
    d = (gain - 1) / null
    u = 2 * (again.loglik[1] - as_it_is) / null
    dxy = 2 * concordance(data.time, data.event, linear).c - 1
    return np.array([dxy, nagelkerke(gain, null, fit.n), slope, d, u, d - u, gini(slope * linear)])


def nagelkerke(gain: float, null: float, n: int) -> float:
    """Share of the largest possible R2, from the likelihood ratio and -2 log likelihood of the null model."""
    return float(np.expm1(-gain / n) / np.expm1(-null / n))


def gini(values: FloatArray) -> float:
    """Mean absolute difference of two different members; 0 for one alone."""
    n = len(values)
    if n < 2:
        return 0.0
    rank = 2 * np.arange(1, n + 1) - n - 1
    return float(2 * (rank @ np.sort(values)) / (n * (n - 1)))
