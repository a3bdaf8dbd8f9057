"""Comparison by ranks: Mann-Whitney for two samples, Wilcoxon's signed ranks for pairs."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, one_of, same_length
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.ranks import midranks

METHODS = ("default", "exact", "normal")
# R turns to the normal approximation from this size on.
EXACT_BELOW = 50


@dataclass(frozen=True)
class RankTest:
    """``statistic`` is U of x (pairs with x higher, ties one half), or the sum of ranks of positive differences."""

    statistic: float
    p: float
    method: str


@dataclass(frozen=True)
class Shift:
    """Hodges-Lehmann estimate of x less y with its interval, in the unit of the data."""

    value: float
    low: float
    high: float


def mann_whitney(x: ArrayLike, y: ArrayLike, *, method: str = "default", correct: bool = True) -> RankTest:
    """Test whether x tends to be higher or lower than y.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    method : {"default", "exact", "normal"}
        "default" is exact if both samples are under 50 and nothing ties.
    correct : bool
        Continuity correction of the normal approximation, whose variance allows for ties.

    Raises
    ------
    ParameterError
        An exact test with ties, or all values equal.
    MissingValueError, EmptyInputError
        Bad samples.

    Notes
    -----
    Matches ``stats::wilcox.test(x, y, exact=, correct=)`` of R 4.2, two-sided.
    """
    a, b = finite(x, "x"), finite(y, "y")
    n, m = len(a), len(b)
    pooled = np.concatenate((a, b))
    u = float(midranks(pooled)[:n].sum() - n * (n + 1) / 2)
    if _exact(method, max(n, m), len(np.unique(pooled)) < n + m):
        return RankTest(u, _two_sided(u, mann_whitney_counts(n, m)), "exact")
    z = u - n * m / 2
    total = n + m
    ties = np.unique(pooled, return_counts=True)[1].astype(np.float64)
    variance = n * m / 12 * (total + 1 - (ties**3 - ties).sum() / (total * max(total - 1, 1)))
    return RankTest(u, _normal(z, variance, correct), "normal")


def signed_rank(x: ArrayLike, y: ArrayLike, *, method: str = "default", correct: bool = True) -> RankTest:
    """Test whether paired differences are centred at 0; pairs without a difference are left out.

    Parameters, errors and conventions are those of ``mann_whitney``; "default" is exact if there are under 50 pairs
    without ties or zeros. Matches ``stats::wilcox.test(x, y, paired=TRUE)`` of R 4.2.
    """
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    every = a - b
    difference = every[every != 0]
    if not len(difference):
        raise ParameterError("No pair differs, so there is nothing to rank.")
    size = np.abs(difference)
    v = float(midranks(size)[difference > 0].sum())
    n = len(difference)
    tied = len(np.unique(size)) < n or n < len(every)
    if _exact(method, n, tied):
        return RankTest(v, _two_sided(v, signed_rank_counts(n)), "exact")
    ties = np.unique(size, return_counts=True)[1].astype(np.float64)
    variance = n * (n + 1) * (2 * n + 1) / 24 - (ties**3 - ties).sum() / 48
    return RankTest(v, _normal(v - n * (n + 1) / 4, variance, correct), "normal")


def _exact(method: str, n: int, tied: bool) -> bool:
    one_of(method, METHODS, "method")
    if method == "exact" and tied:
        raise ParameterError("Tied values (or pairs without a difference) have no exact rank test.")
    return method == "exact" or (method == "default" and n < EXACT_BELOW and not tied)


def _two_sided(statistic: float, counts: FloatArray) -> float:
    """Twice the smaller tail of a symmetric distribution over 0, 1, 2, ..."""
    share = counts / counts.sum()
    at = round(statistic)
    return float(min(2 * min(share[: at + 1].sum(), share[at:].sum()), 1.0))


@lru_cache(maxsize=64)
def mann_whitney_counts(n: int, m: int) -> FloatArray:
    """Number of orders that give each U: the coefficients of a Gaussian binomial, by multiplying and dividing."""
    counts = np.zeros(n * m + 1)
    counts[0] = 1
    for i in range(1, n + 1):
        for at in range(n * m, m + i - 1, -1):
            counts[at] -= counts[at - m - i]
        for at in range(i, n * m + 1):
            counts[at] += counts[at - i]
    counts.flags.writeable = False
    return counts


def signed_rank_counts(n: int) -> FloatArray:
    """Number of choices of signs that give each sum of positive ranks."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(counts) + rank)
        longer[: len(counts)] += counts
        longer[rank:] += counts
        counts = longer
    return counts


def _normal(z: float, variance: float, correct: bool) -> float:
    if not variance > 0:
        raise ParameterError("All values are equal, so there is nothing to rank.")
    shifted = z - np.sign(z) * 0.5 if correct else z
    return float(min(2 * special.ndtr(-abs(shifted) / np.sqrt(variance)), 1.0))


def hodges_lehmann(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Shift:
    """How much x is shifted against y: the median of all differences, with limits from the normal approximation.

    Parameters
    ----------
    x, y : array_like, shapes (n,) and (m,)
    conf_level : float
        Coverage.

    Raises
    ------
    TooFewGroupsError
        Samples too small for an interval.

    Notes
    -----
    Agrees to 1e-3 with ``stats::wilcox.test(x, y, conf.int=TRUE, exact=FALSE)`` of R 4.2, which searches for the root
    of a step function. Hodges & Lehmann, Ann Math Stat 1963; 34: 598-611.
    """
    a, b = finite(x, "x"), finite(y, "y")
    level = confidence(conf_level)
    differences = np.sort(np.subtract.outer(a, b).ravel())
    n, m = len(a), len(b)
    half = float(special.ndtri(0.5 + level / 2)) * np.sqrt(n * m * (n + m + 1) / 12)
    # The shift at which U, corrected for continuity, lies just that far from its mean.
    rank = int(np.ceil(n * m / 2 - half - 0.5))
    if rank < 1:
        raise TooFewGroupsError("The samples are too small for an interval of the shift.")
    return Shift(float(np.median(differences)), float(differences[rank - 1]), float(differences[-rank]))
