"""Newton's method for a partial likelihood, with the refusals that keep a non-answer from looking like one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from analysis.stats.arrays import FloatArray
from analysis.stats.cox_likelihood import Evaluation, PartialLikelihood
from analysis.stats.errors import CollinearCovariatesError, ConstantCovariateError, ParameterError, SeparationError

STEPS = 50
HALVINGS = 30
# Steps are in standard deviations of the covariates; Newton doubles the digits, so the error left is far smaller.
CONVERGED = 1e-9
LONGEST = 5.0
# Share of the information at zero below which a direction is taken to have run off to infinity.
VANISHED = 1e-9
SINGULAR = 1e-11
FLAT = 1e-9


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the likelihood is largest, with the evaluations there and at zero."""

    beta: FloatArray
    null: Evaluation
    fitted: Evaluation


def maximise(likelihood: PartialLikelihood, names: Sequence[str]) -> Maximum:
    """Climb from zero to the maximum.

    Raises
    ------
    ConstantCovariateError, CollinearCovariatesError
        The information at zero is singular.
    SeparationError
        The likelihood rises without end along some direction.
    """
    beta = np.zeros(len(names))
    null = current = likelihood.evaluate(beta)
    if not current.finite:
        raise ParameterError("Too many events share a time for this treatment of ties.")
    refuse_singular(null.information, names)
    for _ in range(STEPS):
        step = _step(current)
        proposed = None if step is None else _advance(likelihood, beta, current, step)
        if proposed is None:
            break
        step, current = proposed
        beta = beta + step
        if np.abs(step).max() < CONVERGED and not _ran_off(current, null):
            return Maximum(beta, null, current)
    worst = names[int(np.argmax(np.abs(beta)))]
    raise SeparationError(f"The effect of {worst} has no finite estimate: it orders the events perfectly.")


def _step(current: Evaluation) -> FloatArray | None:
    """Newton's step, shortened where it leaps; none where the information has vanished."""
    try:
        step: FloatArray = linalg.cho_solve(linalg.cho_factor(current.information), current.score)
    except linalg.LinAlgError:
        return None
    return step * min(1.0, LONGEST / max(float(np.abs(step).max()), CONVERGED))


def _advance(
    likelihood: PartialLikelihood, beta: FloatArray, current: Evaluation, step: FloatArray
) -> tuple[FloatArray, Evaluation] | None:
    """The step, halved until the likelihood does not fall by more than rounding."""
    slack = 1e-12 * (1 + abs(current.loglik))
    for _ in range(HALVINGS):
        proposed = likelihood.evaluate(beta + step)
        if proposed.finite and proposed.loglik >= current.loglik - slack:
            return step, proposed
        step = step / 2
    return None


def _ran_off(current: Evaluation, null: Evaluation) -> bool:
    ratio = linalg.eigh(current.information, null.information, eigvals_only=True)
    return bool(ratio[0] < VANISHED)


def refuse_singular(information: FloatArray, names: Sequence[str]) -> None:
    """Refuse covariates whose coefficients the information at zero cannot tell apart."""
    spread = np.diag(information)
    # Covariates come with unit variance, so an information this small is rounding.
    flat = np.flatnonzero(spread <= FLAT)
    if flat.size:
        raise ConstantCovariateError(f"{names[flat[0]]} does not vary among the patients at risk when events happen.")
    scaled = information / np.sqrt(np.outer(spread, spread))
    values, vectors = linalg.eigh(scaled)
    if values[0] < SINGULAR:
        involved = np.flatnonzero(np.abs(vectors[:, 0]) > 1e-3)
        raise CollinearCovariatesError(f"{names[involved[-1]]} is a combination of the other covariates.")
