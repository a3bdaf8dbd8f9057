"""The optimisers of R that a published result may rest on: Nelder and Mead's simplex, and a logarithmic barrier."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.stats.arrays import FloatArray

REFLECTION, CONTRACTION, EXPANSION = 1.0, 0.5, 2.0
RELATIVE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))
MOST_EVALUATIONS = 500
HUGE = 1e35

BARRIER_WEIGHT = 1e-4
OUTER_TOLERANCE = 1e-5
MOST_OUTER_STEPS = 100

Objective = Callable[[FloatArray], float]


@dataclass(frozen=True)
class Minimum:
    """Where a search ended, the value there, and whether it had converged."""

    x: FloatArray
    value: float
    converged: bool


def nelder_mead(objective: Objective, start: FloatArray) -> Minimum:
    """A minimum by the simplex method.

    Parameters
    ----------
    objective : callable
        Of an array of shape (p,); a value that is not finite counts as very large.
    start : ndarray, shape (p,)

    Notes
    -----
    Algorithm 19 of Nash, Compact Numerical Methods for Computers (2nd ed., 1990), with the steps and limits of R's
    ``optim``: 500 evaluations, after which the search ends wherever it is.
    """

    def value(x: FloatArray) -> float:
        found = objective(x)
        return found if np.isfinite(found) else HUGE

    first = objective(start)
    tolerance = RELATIVE_TOLERANCE * (abs(first) + RELATIVE_TOLERANCE)
    step = float(0.1 * np.abs(start).max()) or 0.1
    simplex = np.vstack((start, start + step * np.eye(len(start))))
    values = np.array([first, *(value(x) for x in simplex[1:])])
    evaluations = 1 + len(start)
    size = step * len(start)
    lowest = 0
    while True:
        lowest, highest = _extremes(values, lowest)
        if values[highest] <= values[lowest] + tolerance:
            break
        # Summed in this order, as every digit decides where a search that is cut short ends.
        others = functools.reduce(np.add, simplex, -simplex[highest]) / len(start)
        reflected = (1 + REFLECTION) * others - REFLECTION * simplex[highest]
        at_reflected = value(reflected)
        evaluations += 1
        if at_reflected < values[lowest]:
            expanded = EXPANSION * reflected + (1 - EXPANSION) * others
            at_expanded = value(expanded)
            evaluations += 1
            better = at_expanded < at_reflected
            simplex[highest], values[highest] = (expanded, at_expanded) if better else (reflected, at_reflected)
        else:
            worse = at_reflected >= values[highest]
            if not worse:
                simplex[highest], values[highest] = reflected, at_reflected
            contracted = (1 - CONTRACTION) * simplex[highest] + CONTRACTION * others
            at_contracted = value(contracted)
            evaluations += 1
            if at_contracted < values[highest]:
                simplex[highest], values[highest] = contracted, at_contracted
            elif worse:
                rest = np.arange(len(simplex)) != lowest
                simplex[rest] = CONTRACTION * (simplex[rest] - simplex[lowest]) + simplex[lowest]
                smaller = float(np.abs(simplex[rest] - simplex[lowest]).sum())
                if smaller >= size:
                    return Minimum(simplex[lowest].copy(), float(values[lowest]), converged=False)
                size = smaller
                values[rest] = [value(x) for x in simplex[rest]]
                evaluations += len(start)
        if evaluations > MOST_EVALUATIONS:
            break
    return Minimum(simplex[lowest].copy(), float(values[lowest]), evaluations <= MOST_EVALUATIONS)


def _extremes(values: FloatArray, lowest: int) -> tuple[int, int]:
    """Places of the lowest and highest value; of equal ones the place named, then the first."""
    low = int(values.argmin())
    high = int(values.argmax())
    return (
        lowest if values[lowest] <= values[low] else low,
        lowest if values[lowest] >= values[high] else high,
    )


def within_limits(objective: Objective, start: FloatArray, sides: FloatArray, limits: FloatArray) -> Minimum:
    """A minimum where sides @ x >= limits, from a start inside.

    Parameters
    ----------
    objective : callable
    start : ndarray, shape (p,)
    sides : ndarray, shape (k, p)
    limits : ndarray, shape (k,)

    Notes
    -----
    An adaptive logarithmic barrier around the simplex method (Lange, Numerical Analysis for Statisticians, 2010), with
    the weight, tolerances and ends of R's ``constrOptim``.
    """
    centre = start
    at_last = at_centre = objective(centre)
    before = _barrier(objective, sides, limits, centre)(centre)
    found = Minimum(start, before, converged=False)
    for _ in range(MOST_OUTER_STEPS):
        found = nelder_mead(_barrier(objective, sides, limits, centre), centre)
        if np.isfinite(found.value) and abs(found.value - before) < (0.001 + abs(found.value)) * OUTER_TOLERANCE:
            break
        before = found.value
        at_last, at_centre = at_centre, objective(found.x)
        centre = found.x
        if at_centre > at_last:
            break
    else:
        return replace(found, converged=False)
    return replace(found, converged=found.converged and at_centre <= at_last)


def _barrier(objective: Objective, sides: FloatArray, limits: FloatArray, centre: FloatArray) -> Objective:
    """The objective less what keeps away from the sides, as near as the centre is to each."""
    distance = sides @ centre - limits

    def value(x: FloatArray) -> float:
        along = sides @ x
        room = along - limits
        if room.min() < 0:
            return float("nan")
        with np.errstate(divide="ignore"):
            barrier = float((distance * np.log(room) - along).sum())
        return objective(x) - BARRIER_WEIGHT * (barrier if np.isfinite(barrier) else -np.inf)

    return value
