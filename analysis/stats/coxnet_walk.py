"""The penalties of an elastic-net path, and the walk along them."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import FloatArray
from analysis.stats.coxnet_newton import NewtonSolver
from analysis.stats.coxnet_problem import Penalty, UnsettledError
from analysis.stats.coxnet_solver import Solver
from analysis.stats.errors import ConstantCovariateError, ParameterError, SeparationError

# glmnet: a ridge path starts at the penalty that a share of 1/1000 lasso would start at.
_LEAST_ALPHA = 1e-3
# glmnet.control(): the path ends where this many steps explain no more, or all is explained.
_STEPS_BACK, _LEAST_GAIN, _ALL_EXPLAINED = 4, 1e-3, 0.999
# glmnet: the penalty of the null model. A ridge path keeps coefficients of some 1e-37 there.
_NULL = 9.9e35


@dataclass(frozen=True)
class Settings:
    """How a path is made; the same for the whole table and each fold of it.

    ``lambda_min_ratio`` is that of the last penalty to the first; without one it is 1e-4, or 0.01 where there are fewer
    rows than columns. ``penalty_factor`` multiplies the penalty of each column (0 keeps a column in the model); factors
    are brought to a mean of 1. ``lambdas`` replaces the penalties of the path. Each fit is the optimum, unless there is
    a ``threshold``: then it ends where glmnet's ends with that ``thresh``, where no coefficient moves by more, a change
    in the objective as a share of the null deviance. glmnet's own 1e-7 leaves errors of some 1e-3 in coefficients, a
    hundredth of it a tenth of them.
    """

    alpha: float = 1.0
    standardize: bool = True
    nlambda: int = 100
    lambda_min_ratio: float | None = None
    penalty_factor: tuple[float, ...] | None = None
    lambdas: tuple[float, ...] | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise ParameterError(f"alpha lies between 0 (ridge) and 1 (lasso), not {self.alpha:g}.")
        if self.nlambda < 2:
            raise ParameterError(f"A path has at least 2 penalties, not {self.nlambda}.")
        if self.lambda_min_ratio is not None and not 0 < self.lambda_min_ratio < 1:
            raise ParameterError(f"The last penalty is a share of the first, not {self.lambda_min_ratio:g} of it.")
        if self.lambdas is not None and (not self.lambdas or min(self.lambdas) < 0):
            raise ParameterError("The penalties given must be numbers from 0 up.")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise ParameterError(f"The threshold is a small share of the deviance, not {self.threshold:g}.")

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


def walk(solver: Solver | NewtonSolver, settings: Settings) -> Walked:
    """Solve at every penalty of the path, from the largest on.

    1. Columns without a penalty are fitted alone; the steepest slope of the null model gives the first penalty.
    2. Each later penalty starts from the fit before it and adds the columns whose slope the strong rule allows to
       matter.
    3. A path whose penalties were not given ends early as glmnet's does, and any before a fit that does not settle.
    """
    factor = settings.factors(len(solver.beta))
    null, saturated = solver.here.loglik, solver.sets.saturated
    steepest = float(solver.slope.max())
    if not steepest > 0:
        raise ConstantCovariateError("No covariate varies among the patients at risk when events happen.")
    found: list[tuple[FloatArray, float, float]] = []

    def fit(penalty: float, before: float) -> float:
        """Add the fit at a penalty; the share of the null deviance it explains."""
        solver.screen(settings.alpha * (2 * penalty - before) * factor)
        cost = Penalty(penalty * settings.alpha * factor, penalty * (1 - settings.alpha) * factor)
        violation = solver.solve(cost)
        found.append((solver.beta.copy(), solver.here.loglik, violation / steepest))
        return (solver.here.loglik - null) / (saturated - null)

    lambdas = np.array([])
    with suppress(UnsettledError):
        if settings.lambdas is None:
            explained = [fit(_NULL, 0.0)]
            lambdas = _penalties(factor, solver, settings)
            for place in range(1, len(lambdas)):
                explained.append(fit(lambdas[place], lambdas[place - 1]))
                if _ends(explained):
                    break
        else:
            lambdas = np.sort(np.array(settings.lambdas, dtype=np.float64))[::-1]
            for place, penalty in enumerate(lambdas):
                fit(penalty, lambdas[place - 1] if place else 0.0)
    if not found:
        raise SeparationError("The fit does not settle: take a larger penalty.")
    coef, loglik, violation = (np.array(part) for part in zip(*found, strict=True))
    return Walked(lambdas[: len(found)], coef, loglik, violation)


def _penalties(factor: FloatArray, solver: Solver | NewtonSolver, settings: Settings) -> FloatArray:
    """From the steepest slope of the null model down."""
    (n, p), costs = solver.x.shape, factor > 0
    first = float((solver.slope[costs] / factor[costs]).max()) / max(settings.alpha, _LEAST_ALPHA)
    if not first > 0:
        raise ConstantCovariateError("No covariate varies among the patients at risk when events happen.")
    ratio = settings.lambda_min_ratio or (0.01 if n < p else 1e-4)
    # glmnet holds this share of the way in single precision, which moves the last penalty by up to 1e-6 of it.
    share = float(np.float32(1 / (settings.nlambda - 1)))
    steps: FloatArray = first * (ratio**share) ** np.arange(settings.nlambda)
    return steps


def _ends(explained: list[float]) -> bool:
    """Whether the last penalties explain no more, or nearly everything is explained."""
    if len(explained) <= _STEPS_BACK:
        return False
    gain = explained[-1] - explained[-1 - _STEPS_BACK]
    return gain < _LEAST_GAIN * explained[-1] or explained[-1] > _ALL_EXPLAINED
