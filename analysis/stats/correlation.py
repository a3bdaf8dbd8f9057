"""Correlation of two measurements: Pearson, Spearman, Kendall."""

from dataclasses import dataclass

import numpy as np
import scipy  # which takes half a second to import scipy.stats, and does so when it is first used
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, one_of, same_length
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.ranks import midranks
from analysis.stats.spearman_exact import spearman_tail

# R turns to the t approximation from this size on.
SPEARMAN_EXACT_BELOW = 1290


@dataclass(frozen=True)
class Correlation:
    """A coefficient with its test; the interval is Pearson's only."""

    value: float
    statistic: float
    df: int | None
    p: float
    low: float | None
    high: float | None
    n: int


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    a, b = finite(x, "x"), finite(y, "y")
    same_length(x=a, y=b)
    if len(a) < 3:
        raise TooFewGroupsError("A correlation needs at least three patients.")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ParameterError("A measurement is the same in everybody, so it cannot be correlated.")
    return a, b


def _coefficient(a: FloatArray, b: FloatArray) -> float:
    u, v = a - a.mean(), b - b.mean()
    return float(np.clip((u @ v) / np.sqrt((u @ u) * (v @ v)), -1.0, 1.0))


def pearson(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Correlation:
    """Linear correlation with Fisher's interval.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        At least three pairs (four for an interval).
    conf_level : float
        Coverage.

    Raises
    ------
    StatsInputError
        Too few pairs, missing values, unequal lengths, a measurement without any spread.

    Notes
    -----
    Matches ``stats::cor.test(method="pearson")`` of R 4.2.
    """
    a, b = _pair(x, y)
    level = confidence(conf_level)
    n = len(a)
    r = _coefficient(a, b)
    t, p = _t(r, n)
    if n < 4:
        return Correlation(r, t, n - 2, p, None, None, n)
    half = float(special.ndtri(0.5 + level / 2)) / np.sqrt(n - 3)
    with np.errstate(divide="ignore"):
        z = np.arctanh(r)
    return Correlation(r, t, n - 2, p, float(np.tanh(z - half)), float(np.tanh(z + half)), n)


def _t(r: float, n: int) -> tuple[float, float]:
    if abs(r) == 1:
        return float(np.copysign(np.inf, r)), 0.0
    t = r * float(np.sqrt((n - 2) / (1 - r**2)))
    return t, float(2 * special.stdtr(n - 2, -abs(t)))


def spearman(x: ArrayLike, y: ArrayLike, *, exact: bool | None = None, continuity: bool = False) -> Correlation:
    """Correlation of ranks.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        At least three pairs.
    exact : bool, optional
        p from the permutations (an Edgeworth series from ten pairs on) instead of t; by default where nothing ties and
        n < 1290. With ties it is always t.
    continuity : bool
        Continuity correction of the t approximation.

    Returns
    -------
    Correlation
        ``statistic`` is S, the sum of squared differences of ranks (in its form for ties).

    Notes
    -----
    Matches ``stats::cor.test(method="spearman", exact=, continuity=)`` of R 4.2; the errors are those of ``pearson``.
    """
    a, b = _pair(x, y)
    n = len(a)
    r = _coefficient(midranks(a), midranks(b))
    middle = (n**3 - n) / 6
    s = middle * (1 - r)
    tied = len(np.unique(a)) < n or len(np.unique(b)) < n
    if not tied and (exact if exact is not None else n < SPEARMAN_EXACT_BELOW):
        p = 2 * spearman_tail(round(s), n)
    else:
        p = _spearman_t(s, middle, n, continuity)
    return Correlation(r, s, None, float(min(p, 1.0)), None, None, n)


def spearman_interval(r: float, n: int, *, conf_level: float = 0.95) -> tuple[float, float] | None:
    """Interval of a rank correlation r of n pairs, on Fisher's scale; None below four pairs and for r of 1 or -1.

    Bonett & Wright, Psychometrika 2000; 65: 23-28: the variance is (1 + r^2 / 2) / (n - 3).
    """
    level = confidence(conf_level)
    if n < 4 or abs(r) == 1:
        return None
    half = float(special.ndtri(0.5 + level / 2)) * np.sqrt((1 + r**2 / 2) / (n - 3))
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def kendall_interval(tau: float, n: int, *, conf_level: float = 0.95) -> tuple[float, float] | None:
    """Interval of Kendall's tau of n pairs, on Fisher's scale; None below five pairs and for tau of 1 or -1.

    Bonett & Wright, Psychometrika 2000; 65: 23-28: the variance is 0.437 / (n - 4).
    """
    level = confidence(conf_level)
    if n < 5 or abs(tau) == 1:
        return None
    half = float(special.ndtri(0.5 + level / 2)) * np.sqrt(0.437 / (n - 4))
    return float(np.tanh(np.arctanh(tau) - half)), float(np.tanh(np.arctanh(tau) + half))


def _spearman_t(s: float, middle: float, n: int, continuity: bool) -> float:
    return _t(1 - s / (middle + continuity), n)[1]


def kendall(x: ArrayLike, y: ArrayLike, *, method: str = "default") -> Correlation:
    """Kendall's tau-b.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        At least three pairs.
    method : {"default", "exact", "normal"}
        "default" is exact below 50 pairs without ties.

    Returns
    -------
    Correlation
        ``statistic`` is the number of concordant pairs where p is exact, else z.

    Notes
    -----
    Matches ``stats::cor.test(method="kendall", exact=)`` of R 4.2; the errors are those of ``pearson``.
    """
    a, b = _pair(x, y)
    one_of(method, ("default", "exact", "normal"), "method")
    n = len(a)
    tied = len(np.unique(a)) < n or len(np.unique(b)) < n
    if method == "exact" and tied:
        raise ParameterError("Tied values have no exact test of Kendall's tau.")
    if method == "exact" or (method == "default" and n < 50 and not tied):
        found = scipy.stats.kendalltau(a, b, method="exact")
        concordant = round((found.statistic + 1) * n * (n - 1) / 4)
        return Correlation(float(found.statistic), float(concordant), None, float(found.pvalue), None, None, n)
    return _kendall_normal(a, b)


def _kendall_normal(a: FloatArray, b: FloatArray) -> Correlation:
    n = len(a)
    tau = float(scipy.stats.kendalltau(a, b).statistic)
    tx, ty = (np.unique(column, return_counts=True)[1].astype(np.float64) for column in (a, b))
    pairs = n * (n - 1) / 2
    s = tau * np.sqrt((pairs - (tx * (tx - 1)).sum() / 2) * (pairs - (ty * (ty - 1)).sum() / 2))
    plain = n * (n - 1) * (2 * n + 5)
    ties = sum((t * (t - 1) * (2 * t + 5)).sum() for t in (tx, ty))
    first = (tx * (tx - 1)).sum() * (ty * (ty - 1)).sum() / (2 * n * (n - 1))
    second = (tx * (tx - 1) * (tx - 2)).sum() * (ty * (ty - 1) * (ty - 2)).sum() / (9 * n * (n - 1) * (n - 2))
    z = float(s / np.sqrt((plain - ties) / 18 + first + second))
    return Correlation(tau, z, None, float(min(2 * special.ndtr(-abs(z)), 1.0)), None, None, n)
