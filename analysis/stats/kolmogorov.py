"""Kolmogorov and Smirnov's comparison of two distributions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, finite
from analysis.stats.errors import ParameterError

# R computes the exact distribution while the product of the sizes is below this.
EXACT_BELOW = 10_000


@dataclass(frozen=True)
class KsTest:
    """Largest distance of the two distribution functions, with the method of its p ("exact" or "asymptotic")."""

    statistic: float
    p: float
    method: str


def kolmogorov_smirnov(x: ArrayLike, y: ArrayLike) -> KsTest:
    """Test whether two samples come from one distribution.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)

    Raises
    ------
    MissingValueError, EmptyInputError
        Bad samples.

    Notes
    -----
    Matches ``stats::ks.test(x, y)`` of R 4.2: exact (also with ties) while n m < 10,000, else asymptotic. Schroeer &
    Trenkler, Comput Stat Data Anal 1995; 20: 185-202.
    """
    a, b = np.sort(finite(x, "x")), np.sort(finite(y, "y"))
    n, m = len(a), len(b)
    pooled = np.sort(np.concatenate((a, b)))
    gap = np.searchsorted(a, pooled, side="right") / n - np.searchsorted(b, pooled, side="right") / m
    distance = float(np.abs(gap).max())
    return KsTest(distance, *_tail(distance, n, m, pooled, EXACT_BELOW))


def smirnov_tail(distance: float, x: ArrayLike, y: ArrayLike, *, exact_below: int = EXACT_BELOW) -> KsTest:
    """Probability that samples of these sizes and ties from one distribution are at least so far apart.

    Parameters
    ----------
    distance : float
        Between 0 and 1: a distance of the two distribution functions in either direction.
    x, y : array_like, shapes (n,) and (m,)
        The samples, of which only sizes and ties are used.
    exact_below : int
        Exact while n m is below this, else asymptotic.

    Raises
    ------
    MissingValueError, EmptyInputError, ParameterError
        Bad samples, or a distance that is none.

    Notes
    -----
    Matches ``stats::psmirnov(distance, c(n, m), c(x, y), exact = , lower.tail = FALSE)`` of R 4.3, in which the tail
    holds the distance itself. It is the permutation distribution of the largest Youden index over all cutoffs.
    """
    if not 0 <= distance <= 1:
        raise ParameterError(f"A distance of distributions lies between 0 and 1, not at {distance:g}.")
    a, b = finite(x, "x"), finite(y, "y")
    return KsTest(distance, *_tail(distance, len(a), len(b), np.sort(np.concatenate((a, b))), exact_below))


def _tail(distance: float, n: int, m: int, pooled: FloatArray, exact_below: int) -> tuple[float, str]:
    if n * m < exact_below:
        last = np.concatenate((np.diff(pooled) != 0, [True]))
        return _exact(distance, n, m, last), "exact"
    return float(special.kolmogorov(np.sqrt(n * m / (n + m)) * distance)), "asymptotic"


def _exact(distance: float, n: int, m: int, last: BoolArray) -> float:
    """Share of the orders of the pooled sample that are as far apart; distances count where no tie goes on."""
    # Distances are multiples of 1/(n m), so half a step less keeps equal ones in.
    threshold = distance - 0.5 / (n * m)
    ways = np.zeros(m + 1)
    for i in range(n + 1):
        j = np.arange(m + 1)
        seen = i + j
        far = (np.abs(i / n - j / m) > threshold) & last[np.maximum(seen - 1, 0)] & (seen > 0)
        ways = _row(ways, far, i, m)
    return float(min(max(1 - ways[m], 0.0), 1.0))


def _row(above: FloatArray, far: BoolArray, i: int, m: int) -> FloatArray:
    """Probability of reaching each cell of a row of the lattice without having been far apart."""
    row = np.zeros(m + 1)
    for j in range(m + 1):
        if far[j]:
            continue
        if i == 0 and j == 0:
            row[j] = 1.0
            continue
        # Each path of i + j steps is as likely: the last was one of x with probability i / (i + j).
        row[j] = (above[j] * i + (row[j - 1] * j if j else 0.0)) / (i + j)
    return row
