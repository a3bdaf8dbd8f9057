"""Elastic-net Cox regression along a path of penalties."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import FloatArray, IntArray, follow_up
from analysis.stats.breslow import Breslow, breslow
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.coxnet_newton import NewtonSolver
from analysis.stats.coxnet_solver import Solver
from analysis.stats.coxnet_walk import Settings, walk
from analysis.stats.errors import ConstantCovariateError


@dataclass(frozen=True, eq=False)
class CoxPath:
    """Fits at k penalties of decreasing size.

    ``coef`` (k, p) is per unit of the columns as given; ``deviance_ratio`` (k,) is the explained share of
    ``null_deviance``, which is 2 (saturated - Breslow's log likelihood); ``violation`` (k,) is the largest violation of
    the optimality conditions, as a share of the steepest slope of the null model.
    """

    names: tuple[str, ...]
    n: int
    events: int
    lambdas: FloatArray
    coef: FloatArray
    deviance_ratio: FloatArray
    null_deviance: float
    violation: FloatArray
    settings: Settings
    sets: Breslow = field(repr=False)

    @property
    def nonzero(self) -> IntArray:
        """Number of columns in the model at each penalty."""
        return np.asarray((self.coef != 0).sum(axis=1), dtype=np.int64)

    def coef_at(self, lambdas: ArrayLike) -> FloatArray:
        """Coefficients between the penalties of the path, linear in the penalty; shape (len(lambdas), p).

        Beyond the ends those of the ends.
        """
        at = np.clip(np.asarray(lambdas, dtype=np.float64), self.lambdas[-1], self.lambdas[0])
        if len(self.lambdas) == 1:
            return np.repeat(self.coef, len(at), axis=0)
        right = np.clip(np.searchsorted(-self.lambdas, -at), 1, len(self.lambdas) - 1)
        above, below = self.lambdas[right - 1], self.lambdas[right]
        share = ((at - below) / (above - below))[:, None]
        result: FloatArray = share * self.coef[right - 1] + (1 - share) * self.coef[right]
        return result


def cox_path(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, *, names: Sequence[str], settings: Settings | None = None
) -> CoxPath:
    """Fit a Cox model with a lasso, ridge or elastic-net penalty at every penalty of a path.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    covariates : array_like, shape (n, p)
        Numbers without blanks; a column of one value keeps a coefficient of 0.
    names : sequence of str
        One name per column.
    settings : Settings, optional
        Lasso with 100 penalties where not given.

    Returns
    -------
    CoxPath

    Raises
    ------
    NoEventsError
        Nobody had the event.
    ConstantCovariateError
        No column varies.
    SeparationError
        The fit at the first penalty does not settle. One at a later penalty ends the path before it.
    StatsInputError
        Missing or infinite values, codes other than 0/1, unequal lengths, an option out of range.

    Notes
    -----
    Minimises -loglik / n + lambda sum f_j (alpha |b_j| + (1 - alpha) b_j^2 / 2) with Breslow's ties over columns in
    units of their standard deviation (divisor n). The penalties, the scaling and the end of the path are those of
    ``glmnet(x, Surv(time, event), family = "cox")`` 4.1-6; Simon, Friedman, Hastie & Tibshirani, J Stat Softw 2011;
    39(5). Each fit is the optimum, by Newton's method over an active set; glmnet comes near it as its ``thresh`` goes
    to 0. With a ``threshold`` its algorithm is followed pass by pass, so that a fit stops where glmnet stops:
    coordinate descent (Friedman, Hastie & Tibshirani, J Stat Softw 2010; 33(1)) over columns chosen by the strong rules
    of Tibshirani et al., J R Stat Soc B 2012; 74: 245-266.
    """
    settings = settings or Settings()
    times, events, _ = follow_up(time, event)
    x = covariate_matrix(covariates, names, len(times))
    return path_of(breslow(times, events), x, tuple(names), settings)


def path_of(sets: Breslow, x: FloatArray, names: tuple[str, ...], settings: Settings) -> CoxPath:
    """The path of rows that are checked and arranged; errors as for ``cox_path``."""
    centred = x[sets.rows]
    centred -= centred.mean(axis=0)
    spread = np.sqrt(np.mean(centred * centred, axis=0))
    varies = np.ptp(x, axis=0) > 0
    if not varies.any():
        raise ConstantCovariateError("No covariate varies.")
    scale = np.where(varies & settings.standardize, spread, 1.0)
    centred /= scale
    centred[:, ~varies] = 0.0
    centred = np.asfortranarray(centred)
    null = 2 * (sets.saturated - sets.at(np.zeros(len(x))).loglik)
    if settings.threshold is None:
        found = walk(NewtonSolver(sets, centred), settings)
    else:
        found = walk(Solver(sets, centred, settings.threshold * null / 2 / len(x)), settings)
    return CoxPath(
        names=names,
        n=len(x),
        events=sets.events,
        lambdas=found.lambdas,
        coef=found.coef / scale,
        deviance_ratio=1 - 2 * (sets.saturated - found.loglik) / null,
        null_deviance=null,
        violation=found.violation,
        settings=settings,
        sets=sets,
    )
