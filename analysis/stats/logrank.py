"""The log-rank family: G-rho tests, stratified, for trend, and between pairs of groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, follow_up, labels, same_length, spelled
from analysis.stats.errors import LengthMismatchError, NoEventsError, ParameterError, TooFewGroupsError
from analysis.stats.multiplicity import benjamini_hochberg


@dataclass(frozen=True, eq=False)
class LogRank:
    """A comparison of k survival curves.

    ``observed`` and ``expected`` are (weighted) events per group, ``variance`` the covariance of their difference.
    """

    chi2: float
    df: int
    p: float
    groups: tuple[str, ...]
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray


@dataclass(frozen=True)
class TrendTest:
    """Log-rank test for an ordered effect of the groups (one degree of freedom)."""

    chi2: float
    p: float
    scores: tuple[float, ...]


@dataclass(frozen=True)
class PairTest:
    """Log-rank test of two of the groups; ``p_adjusted`` by Benjamini and Hochberg over all pairs."""

    a: str
    b: str
    chi2: float
    p: float
    p_adjusted: float


@dataclass(frozen=True)
class _Sums:
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray


def logrank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, rho: float = 0.0, strata: ArrayLike | None = None
) -> LogRank:
    """Test whether groups have the same survival function.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    group : array_like, shape (n,)
        Labels; numbers are ordered by size, text by alphabet.
    rho : float
        Weight S(t-)^rho: 0 is the log-rank test, 1 the Peto-Peto modification of the Gehan-Wilcoxon test.
    strata : array_like, shape (n,), optional
        Sums are taken within strata.

    Returns
    -------
    LogRank

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups ever had somebody at risk of an event.
    NoEventsError
        Nobody had the event.
    StatsInputError
        Bad times, codes or lengths.

    Notes
    -----
    Matches ``survival::survdiff(Surv(time, event) ~ group + strata(s), rho=)`` 3.5-3; the variance at tied times is
    hypergeometric. Harrington & Fleming, Biometrika 1982; 69: 553-566.
    """
    times, events, _ = follow_up(time, event)
    names, codes = labels(group, "group")
    same_length(time=times, group=codes)
    if len(names) < 2:
        raise TooFewGroupsError("A log-rank test needs at least two groups.")
    if not events.any():
        raise NoEventsError("Nobody had the event, so the curves cannot be compared.")
    if not np.isfinite(rho):
        raise ParameterError("rho must be a finite number.")
    parts = [
        _sums(times[rows], events[rows], codes[rows], len(names), rho) for rows in _strata_rows(strata, len(times))
    ]
    observed, expected, variance = (
        np.sum([getattr(part, name) for part in parts], axis=0) for name in ("observed", "expected", "variance")
    )
    chi2, df = _quadratic_form(observed - expected, variance, expected)
    counts = np.bincount(codes, minlength=len(names)).astype(np.int64)
    return LogRank(chi2, df, float(special.chdtrc(df, chi2)), spelled(names), counts, observed, expected, variance)


def _strata_rows(strata: ArrayLike | None, n: int) -> list[NDArray[Any]]:
    if strata is None:
        return [np.arange(n)]
    _, codes = labels(strata, "strata")
    if len(codes) != n:
        raise LengthMismatchError("The strata do not describe the same rows as the times.")
    return [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]


def _sums(time: FloatArray, event: BoolArray, codes: IntArray, k: int, rho: float) -> _Sums:
    """Weighted observed and expected events and their covariance within one stratum."""
    distinct, index = np.unique(time[event], return_inverse=True)
    m = len(distinct)
    if m == 0:
        return _Sums(np.zeros(k), np.zeros(k), np.zeros((k, k)))
    died = np.bincount(index * k + codes[event], minlength=m * k).reshape(m, k).astype(np.float64)
    risk = _at_risk(time, codes, distinct, k)
    d, n = died.sum(axis=1), risk.sum(axis=1)
    weight = np.ones(m) if rho == 0 else np.concatenate(([1.0], np.cumprod(1 - d / n)[:-1])) ** rho
    share = risk / n[:, None]
    # The last patient at risk has no variance: (n - d) is 0 there, so any denominator will do.
    c = weight**2 * d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag(c @ share) - (share * c[:, None]).T @ share
    return _Sums(weight @ died, (weight * d) @ share, variance)


def _at_risk(time: FloatArray, codes: IntArray, at: FloatArray, k: int) -> FloatArray:
    """Number of each group still watched at each of the times."""
    risk = np.empty((len(at), k))
    for code in range(k):
        own = np.sort(time[codes == code])
        risk[:, code] = len(own) - np.searchsorted(own, at, side="left")
    return risk


def _quadratic_form(difference: FloatArray, variance: FloatArray, expected: FloatArray) -> tuple[float, int]:
    """(O - E)' V^-1 (O - E) over the groups that could have had an event, one of them left out."""
    informative = np.flatnonzero(expected > 0)
    df = len(informative) - 1
    if df < 1:
        raise TooFewGroupsError("Fewer than two groups have anybody at risk when an event happens.")
    kept = informative[1:]
    try:
        solved = linalg.cho_solve(linalg.cho_factor(variance[np.ix_(kept, kept)]), difference[kept])
    except linalg.LinAlgError as error:
        raise TooFewGroupsError("The groups are never at risk at the same time, so they cannot be compared.") from error
    return float(difference[kept] @ solved), df


def logrank_trend(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, scores: Sequence[float] | None = None
) -> TrendTest:
    """Test for a trend of survival over ordered groups.

    Parameters
    ----------
    time, event, group : array_like, shape (n,)
        As for ``logrank``.
    scores : sequence of float, optional
        One score per group in its order; 1 .. k by default.

    Returns
    -------
    TrendTest
        (s'(O - E))^2 / (s' V s) on one degree of freedom.

    Notes
    -----
    Matches ``survminer::surv_pvalue(..., test.for.trend = TRUE)``. Klein & Moeschberger, Survival
    Analysis, section 7.4.
    """
    test = logrank(time, event, group)
    used = np.arange(1.0, len(test.groups) + 1) if scores is None else np.asarray(scores, dtype=np.float64)
    if used.shape != (len(test.groups),) or len(set(used)) < 2:
        raise ParameterError("A trend needs one score per group, not all of them equal.")
    chi2 = float((used @ (test.observed - test.expected)) ** 2 / (used @ test.variance @ used))
    return TrendTest(chi2, float(special.chdtrc(1, chi2)), tuple(float(score) for score in used))


def logrank_pairwise(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, rho: float = 0.0, strata: ArrayLike | None = None
) -> list[PairTest]:
    """Log-rank tests of every pair of groups, with p adjusted by Benjamini and Hochberg.

    Parameters, errors and conventions are those of ``logrank``; matches ``survminer::pairwise_survdiff``.
    """
    times, events, groups = np.asarray(time), np.asarray(event), np.asarray(group)
    names, codes = labels(groups, "group")
    same_length(time=times, event=events, group=codes)
    layers = None if strata is None else np.asarray(strata)
    tests: list[tuple[int, int, LogRank]] = []
    for a, b in combinations(range(len(names)), 2):
        rows = (codes == a) | (codes == b)
        within = None if layers is None else layers[rows]
        tests.append((a, b, logrank(times[rows], events[rows], codes[rows], rho=rho, strata=within)))
    told = spelled(names)
    adjusted = benjamini_hochberg([test.p for _, _, test in tests])
    return [
        PairTest(told[a], told[b], test.chi2, test.p, float(q)) for (a, b, test), q in zip(tests, adjusted, strict=True)
    ]
