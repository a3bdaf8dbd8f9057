"""The penalties of an elastic-net path, and the walk along them."""

from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.coxnet_solver import Penalty, Solver
from analysis.stats.errors import ConstantCovariateError, ParameterError

# glmnet: a ridge path starts at the penalty that a share of 1/1000 lasso would start at.
_LEAST_ALPHA = 1e-3
# glmnet.control(): the path ends where this many steps explain no more, or all is explained.
_STEPS_BACK, _LEAST_GAIN, _ALL_EXPLAINED = 4, 1e-3, 0.999
# Largest violation of the optimality conditions left, as a share of the steepest slope at no penalised coefficient.
_TOLERANCE = 1e-9
_NEVER = 9.9e35


@dataclass(frozen=True)
class Settings:
    """How a path is made; the same for the whole table and each fold of it.

    ``lambda_min_ratio`` is that of the last penalty to the first; without one it is 1e-4, or 0.01 where there are fewer
    rows than columns. ``penalty_factor`` multiplies the penalty of each column (0 keeps a column in the model); factors
    are brought to a mean of 1. ``lambdas`` replaces the penalties of the path.
    """

    alpha: float = 1.0
    standardize: bool = True
    nlambda: int = 100
    lambda_min_ratio: float | None = None
    penalty_factor: tuple[float, ...] | None = None
    lambdas: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ParameterError(f"alpha lies between 0 (ridge) and 1 (lasso), not {self.alpha:g}.")
        if self.nlambda < 2:
            raise ParameterError(f"A path has at least 2 penalties, not {self.nlambda}.")
        if self.lambda_min_ratio is not None and not 0 < self.lambda_min_ratio < 1:
            raise ParameterError(f"The last penalty is a share of the first, not {self.lambda_min_ratio:g} of it.")
        if self.lambdas is not None and (not self.lambdas or min(self.lambdas) < 0):
            raise ParameterError("The penalties given must be numbers from 0 up.")

    def factors(self, p: int) -> FloatArray:
        """One factor per column, of mean 1.

        Raises
        ------
        ParameterError
            Another number of factors than columns, one below 0, or none above.
        """
        given = np.ones(p) if self.penalty_factor is None else np.array(self.penalty_factor, dtype=np.float64)
        if len(given) != p or not np.isfinite(given).all() or given.min() < 0 or not given.any():
            raise ParameterError(f"The {p} columns need as many penalty factors from 0 up, not all of them 0.")
        factors: FloatArray = given * p / given.sum()
        return factors


@dataclass(frozen=True, eq=False)
class Walked:
    """What was found at each of k penalties; ``coef`` (k, p) on the scale that was penalised."""

    lambdas: FloatArray
    coef: FloatArray
    loglik: FloatArray
    violation: FloatArray


def walk(solver: Solver, settings: Settings) -> Walked:
    """Solve at every penalty of the path, from the largest on.

    1. Columns without a penalty are fitted alone; the steepest slope that is left gives the first penalty.
    2. Each later penalty starts from the fit before it and looks at the columns whose slope the strong rule allows to
       matter, so that a wide table is read twice a penalty.
    3. A path whose penalties were not given ends early as glmnet's does.
    """
    factor = settings.factors(len(solver.beta))
    steepest = float(np.abs(solver.slope).max())
    violation = solver.solve(Penalty(np.where(factor > 0, _NEVER, 0.0), 0 * factor), factor == 0, _TOLERANCE * steepest)
    first = float((np.abs(solver.slope)[factor > 0] / factor[factor > 0]).max()) / max(settings.alpha, _LEAST_ALPHA)
    if not first > 0:
        raise ConstantCovariateError("No covariate varies among the patients at risk when events happen.")
    lambdas = _penalties(first, solver, settings)
    found = [(solver.beta.copy(), solver.here.loglik, violation)] if settings.lambdas is None else []
    before = first
    for penalty in lambdas[len(found) :]:
        cost = Penalty(penalty * settings.alpha * factor, penalty * (1 - settings.alpha) * factor)
        watched = np.abs(solver.slope) >= settings.alpha * factor * (2 * penalty - before)
        violation = solver.solve(cost, watched, _TOLERANCE * steepest)
        found.append((solver.beta.copy(), solver.here.loglik, violation))
        before = penalty
        if settings.lambdas is None and _ends(np.array([loglik for _, loglik, _ in found]), solver.sets.saturated):
            break
    coef, loglik, left = (np.array(part) for part in zip(*found, strict=True))
    return Walked(lambdas[: len(found)], coef, loglik, left / steepest)


def _penalties(first: float, solver: Solver, settings: Settings) -> FloatArray:
    if settings.lambdas is not None:
        return np.sort(np.array(settings.lambdas, dtype=np.float64))[::-1]
    n, p = solver.x.shape
    ratio = settings.lambda_min_ratio or (0.01 if n < p else 1e-4)
    # glmnet holds this share of the way in single precision, which moves the last penalty by up to 1e-6 of it.
    share = float(np.float32(1 / (settings.nlambda - 1)))
    steps: FloatArray = first * (ratio**share) ** np.arange(settings.nlambda)
    return steps


def _ends(loglik: FloatArray, saturated: float) -> bool:
    """Whether the last penalties explain no more, or nearly everything is explained."""
    if len(loglik) <= _STEPS_BACK:
        return False
    explained = (loglik - loglik[0]) / (saturated - loglik[0])
    gain = explained[-1] - explained[-1 - _STEPS_BACK]
    return bool(gain < _LEAST_GAIN * explained[-1] or explained[-1] > _ALL_EXPLAINED)
