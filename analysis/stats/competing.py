"""Competing risks: cumulative incidence by cause, and Gray's test that groups have the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from analysis.stats.arrays import BoolArray, FloatArray, IntArray, finite, follow_up, labels, same_length
from analysis.stats.errors import EventCodeError, MissingValueError, NoEventsError, TooFewGroupsError


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """Probability of having had the event of one cause, at each of its distinct times.

    ``last`` is the end of follow-up, after which nothing is known.
    """

    time: FloatArray
    estimate: FloatArray
    variance: FloatArray
    last: float

    def at(self, times: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Estimates and variances at given times; NaN after the end of follow-up."""
        wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if not np.isfinite(wanted).all():
            raise MissingValueError("A time at which the incidence is asked for is missing or infinite.")
        step = np.searchsorted(self.time, wanted, side="right")
        known = wanted <= self.last
        estimate, variance = (
            np.where(known, np.concatenate(([0.0], column))[step], np.nan) for column in (self.estimate, self.variance)
        )
        return estimate, variance


@dataclass(frozen=True)
class GrayTest:
    """Chi-square statistic that the groups have the same incidence of a cause."""

    chi2: float
    df: int
    p: float


@dataclass(frozen=True, eq=False)
class CauseRows:
    """Checked follow-up: whether it ended with the cause of interest, or with another."""

    time: FloatArray
    cause: BoolArray
    other: BoolArray


def cause_rows(time: ArrayLike, code: ArrayLike, cause: int) -> CauseRows:
    """Follow-up by cause: code 0 is censored, ``cause`` is the event of interest, every other code competes with it."""
    codes = finite(code, "code")
    strange = np.flatnonzero((codes < 0) | (codes != np.round(codes)))
    if strange.size:
        raise EventCodeError(f"A cause is a whole number from 0 on, but position {strange[0]} holds another value.")
    if cause < 1:
        raise EventCodeError("The cause of interest is a whole number from 1 on; 0 means censored.")
    times, ended, _ = follow_up(time, codes > 0)
    return CauseRows(times, ended & (codes == cause), ended & (codes != cause))


def cumulative_incidence(time: ArrayLike, code: ArrayLike, *, cause: int = 1) -> CumulativeIncidence:
    """Estimate the cumulative incidence of one cause.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up in one unit of time.
    code : array_like, shape (n,)
        0 censored, else the cause of the event.
    cause : int
        The cause of interest.

    Returns
    -------
    CumulativeIncidence
        Empty where nobody had the event of that cause.

    Raises
    ------
    EventCodeError
        A code that is not a whole number from 0 on.
    StatsInputError
        Bad times or lengths.

    Notes
    -----
    Matches ``cmprsk::cuminc`` 2.2-11, variance included. Aalen, Ann Stat 1978; 6: 534-545.
    """
    return _incidence(cause_rows(time, code, cause))


def _incidence(rows: CauseRows) -> CumulativeIncidence:
    distinct, own, other, risk = _counts(rows)
    before = np.concatenate(([1.0], np.cumprod(1 - (own + other) / risk)[:-1]))
    after = before * (1 - (own + other) / risk)
    incidence = np.cumsum(before * own / risk)
    inverse = np.divide(1.0, after, out=np.zeros(len(after)), where=after > 0)
    # Contributions of the other causes and of this one; tied events share a correction for drawing without return.
    competing = np.where(after > 0, _drawn(before, other, risk), 0.0)
    drawn = _drawn(before, own, risk)
    ratio = incidence * inverse
    first = np.cumsum(ratio**2 * competing + (1 + ratio) ** 2 * drawn)
    second = np.cumsum(inverse * ratio * competing + inverse * (1 + ratio) * drawn)
    third = np.cumsum(inverse**2 * (competing + drawn))
    variance = first + incidence**2 * third - 2 * incidence * second
    happened = own > 0
    return CumulativeIncidence(distinct[happened], incidence[happened], variance[happened], float(rows.time.max()))


def _drawn(before: FloatArray, count: FloatArray, risk: FloatArray) -> FloatArray:
    shrink = np.where(count > 1, 1 - (count - 1) / np.maximum(risk - 1, 1), 1.0)
    result: FloatArray = before**2 * shrink * count / risk**2
    return result


def _counts(rows: CauseRows) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Distinct times with the numbers of the cause, of other causes, and at risk."""
    distinct, index = np.unique(rows.time, return_inverse=True)
    own, other, left = (
        np.bincount(index[those], minlength=len(distinct)).astype(np.float64)
        for those in (rows.cause, rows.other, np.ones(len(index), dtype=bool))
    )
    return distinct, own, other, np.cumsum(left[::-1])[::-1]


def gray_test(time: ArrayLike, code: ArrayLike, group: ArrayLike, *, cause: int = 1) -> GrayTest:
    """Test whether groups have the same cumulative incidence of one cause.

    Parameters
    ----------
    time, code, cause
        As for ``cumulative_incidence``.
    group : array_like, shape (n,)
        Labels.

    Raises
    ------
    TooFewGroupsError
        Fewer than two groups.
    NoEventsError
        Nobody had the event of that cause.
    StatsInputError
        Bad times, codes or lengths.

    Notes
    -----
    Matches the tests of ``cmprsk::cuminc(rho=0)`` 2.2-11. Gray, Ann Stat 1988; 16: 1141-1154.
    """
    rows = cause_rows(time, code, cause)
    names, codes = labels(group, "group")
    same_length(time=rows.time, group=codes)
    if len(names) < 2:
        raise TooFewGroupsError("Gray's test needs at least two groups.")
    if not rows.cause.any():
        raise NoEventsError("Nobody had the event of that cause, so the groups cannot be compared.")
    score, variance = _Gray(len(names)).run(rows, codes)
    kept = score[:-1]
    try:
        chi2 = float(kept @ linalg.cho_solve(linalg.cho_factor(variance[:-1, :-1]), kept))
    except linalg.LinAlgError as error:
        raise TooFewGroupsError("The groups are never at risk at the same time, so they cannot be compared.") from error
    return GrayTest(chi2, len(names) - 1, float(special.chdtrc(len(names) - 1, chi2)))


class _Gray:
    """Gray's score with its variance, gathered from one event time to the next.

    The names are those of the paper's quantities: ``c`` the integrated weights, ``spread`` and ``cross`` the parts of
    the variance that are to be multiplied by ``c`` at the end.
    """

    def __init__(self, k: int) -> None:
        self.survival, self.incidence, self.pooled = np.ones(k), np.zeros(k), 0.0
        self.score, self.variance, self.c = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
        self.cross, self.spread = np.zeros((k, k)), np.zeros(k)

    def run(self, rows: CauseRows, codes: IntArray) -> tuple[FloatArray, FloatArray]:
        k = len(self.survival)
        distinct, index = np.unique(rows.time, return_inverse=True)
        own, other, left = (
            np.bincount(index[those] * k + codes[those], minlength=len(distinct) * k).reshape(-1, k).astype(np.float64)
            for those in (rows.cause, rows.other, np.ones(len(index), dtype=bool))
        )
        risk = np.cumsum(left[::-1], axis=0)[::-1]
        for at in np.flatnonzero((own + other).sum(axis=1)):
            self._step(own[at], other[at], risk[at])
        mixed = self.c @ self.cross.T
        return self.score, self.variance + (self.c * self.spread) @ self.c.T + mixed + mixed.T

    def _step(self, own: FloatArray, other: FloatArray, risk: FloatArray) -> None:
        watched = risk > 0
        safe = np.where(watched, risk, 1.0)
        after = np.where(watched, self.survival * (1 - (own + other) / safe), self.survival)
        share = np.where(watched, risk / np.where(watched, self.survival, 1.0), 0.0)
        total, events = float(share.sum()), float(own.sum())
        expected = share * (1 - self.incidence)
        pooled = self.pooled + events / total
        weights = np.diag(share) - np.outer(share, share) / total
        self.c += weights * events / (total * (1 - self.pooled))
        if events:
            self.score += own - events * expected / expected.sum()
            self._own(weights, events, total, safe, watched, after, pooled)
        self._other(other, safe, watched, after, pooled)
        self.incidence = self.incidence + np.where(watched, self.survival * own / safe, 0.0)
        self.survival, self.pooled = after, pooled

    def _own(
        self,
        weights: FloatArray,
        events: float,
        total: float,
        risk: FloatArray,
        watched: BoolArray,
        after: FloatArray,
        pooled: float,
    ) -> None:
        factor = 1 - np.divide(1 - pooled, after, out=np.zeros(len(after)), where=after > 0)
        shrink = 1 - (events - 1) / (total * self.survival - 1) if events > 1 else np.ones(len(after))
        amount = np.where(watched, shrink * self.survival * events / (total * risk), 0.0)
        self._add(weights - factor * self.c, factor, amount)

    def _other(self, other: FloatArray, risk: FloatArray, watched: BoolArray, after: FloatArray, pooled: float) -> None:
        happened = watched & (after > 0) & (other > 0)
        factor = np.divide(1 - pooled, after, out=np.zeros(len(after)), where=happened)
        shrink = np.where(other > 1, 1 - (other - 1) / np.maximum(risk - 1, 1), 1.0)
        amount = np.where(happened, shrink * self.survival**2 * other / risk**2, 0.0)
        self._add(factor * self.c, -factor, amount)

    def _add(self, terms: FloatArray, factor: FloatArray, amount: FloatArray) -> None:
        self.variance += (terms * amount) @ terms.T
        self.cross += terms * factor * amount
        self.spread += factor**2 * amount
