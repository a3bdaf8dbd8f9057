"""Fine and Gray's regression of the subdistribution hazard of one cause."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from analysis.stats.arrays import FloatArray, IntArray, confidence
from analysis.stats.competing import CauseRows, cause_rows
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.cox_likelihood import Evaluation
from analysis.stats.errors import CollinearCovariatesError, ConstantCovariateError, NoEventsError
from analysis.stats.newton import maximise
from analysis.stats.running_sums import rows_at, sums_before, sums_from
from analysis.stats.survival import counts

# Share of the model's variance below which a robust one is rounding.
VANISHED = 1e-18


@dataclass(frozen=True, eq=False)
class FineGrayFit:
    """Log subdistribution hazard ratios with robust errors; ``loglik`` is (at zero, at the estimate)."""

    names: tuple[str, ...]
    n: int
    events: int
    competing: int
    coef: FloatArray
    se: FloatArray
    hr: FloatArray
    low: FloatArray
    high: FloatArray
    z: FloatArray
    p: FloatArray
    vcov: FloatArray
    loglik: tuple[float, float]


def fine_gray(
    time: ArrayLike,
    code: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    cause: int = 1,
    conf_level: float = 0.95,
) -> FineGrayFit:
    """Fit the effect of covariates on the cumulative incidence of one cause.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up in one unit of time.
    code : array_like, shape (n,)
        0 censored, else the cause of the event.
    covariates : array_like, shape (n, p) or (n,)
        Numbers; categories come as indicator columns.
    names : sequence of str
        One name per column.
    cause : int
        The cause of interest.
    conf_level : float
        Coverage of the intervals of the hazard ratios.

    Raises
    ------
    NoEventsError
        Nobody had the event of that cause.
    ConstantCovariateError, CollinearCovariatesError, SeparationError
        No finite estimate.
    StatsInputError
        Missing values, bad codes, unequal lengths.

    Notes
    -----
    Who had a competing event stays in the risk set with weight G(t-)/G(T-), G being the curve of censoring, whose
    estimation the errors allow for. Matches ``cmprsk::crr`` 2.2-11 (Breslow's ties). Memory grows with n and time with
    n log n. Fine & Gray, J Am Stat Assoc 1999; 94: 496-509.
    """
    rows, level = cause_rows(time, code, cause), confidence(conf_level)
    x = covariate_matrix(covariates, names, len(rows.time))
    if not rows.cause.any():
        raise NoEventsError("Nobody had the event of that cause, so no hazard can be compared.")
    flat = np.flatnonzero(np.ptp(x, axis=0) == 0)
    if flat.size:
        raise ConstantCovariateError(f"{names[flat[0]]} has the same value in everybody.")
    scale = x.std(axis=0)
    likelihood = _Subdistribution.of(rows, (x - x.mean(axis=0)) / scale)
    found = maximise(likelihood, names)
    inverse = linalg.cho_solve(linalg.cho_factor(found.fitted.information), np.eye(len(scale)))
    influence = likelihood.influence(found.beta) @ inverse
    vcov = influence.T @ influence / np.outer(scale, scale)
    if not (np.diag(influence.T @ influence) > VANISHED * np.diag(inverse)).all():
        raise CollinearCovariatesError("The events tell nothing about the errors: too many happen at the same time.")
    coef, se = found.beta / scale, np.sqrt(np.diag(vcov))
    half = float(special.ndtri(0.5 + level / 2)) * se
    return FineGrayFit(
        names=tuple(names),
        n=len(rows.time),
        events=int(rows.cause.sum()),
        competing=int(rows.other.sum()),
        coef=coef,
        se=se,
        hr=np.exp(coef),
        low=np.exp(coef - half),
        high=np.exp(coef + half),
        z=coef / se,
        p=2 * special.ndtr(-np.abs(coef / se)),
        vcov=vcov,
        loglik=(found.null.loglik, found.fitted.loglik),
    )


@dataclass(frozen=True, eq=False)
class _Subdistribution:
    """Weighted risk sets of n rows in order of their times, at the m distinct times of the cause.

    A row weighs 1 at the times up to its own; if a competing event took it out, it weighs ``left_behind`` of the row
    times ``curve`` of the time from then on. So every sum over rows or times is two running sums.
    """

    rows: CauseRows
    x: FloatArray
    times: FloatArray
    events: FloatArray
    curve: FloatArray
    left_behind: FloatArray
    first_watched: IntArray
    times_seen: IntArray

    @classmethod
    def of(cls, given: CauseRows, x: FloatArray) -> "_Subdistribution":
        order = np.argsort(given.time, kind="stable")
        rows = CauseRows(given.time[order], given.cause[order], given.other[order])
        times, events = np.unique(rows.time[rows.cause], return_counts=True)
        distinct, risk, _, censored = counts(rows.time, rows.cause | rows.other, None)
        curve = np.concatenate(([1.0], np.cumprod(1 - censored / risk)))
        at_time, at_own = (curve[np.searchsorted(distinct, those)] for those in (times, rows.time))
        return cls(
            rows=rows,
            x=rows_at(x, order),
            times=times,
            events=events.astype(np.float64),
            curve=at_time,
            left_behind=rows.other / at_own,
            first_watched=np.searchsorted(rows.time, times, side="left"),
            times_seen=np.searchsorted(times, rows.time, side="right"),
        )

    def _over_rows(self, values: FloatArray) -> FloatArray:
        """Per time, the weighted sum of values given per row."""
        watched = rows_at(sums_from(values), self.first_watched)
        kept = rows_at(sums_before(_each(self.left_behind, values)), self.first_watched)
        return watched + _each(self.curve, kept)

    def _over_times(self, values: FloatArray) -> FloatArray:
        """Per row, the weighted sum of values given per time."""
        watched = rows_at(sums_before(values), self.times_seen)
        kept = rows_at(sums_from(_each(self.curve, values)), self.times_seen)
        return watched + _each(self.left_behind, kept)

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """The weighted partial likelihood and its derivatives; not finite where a weight runs over."""
        with np.errstate(all="ignore"):
            linear, risk = self._risk(beta)
            total, mean = self._means(risk)
            dead = self.rows.cause
            loglik = float(linear[dead].sum() - self.events @ np.log(total))
            score = self.x[dead].sum(axis=0) - self.events @ mean
            second = (self.x.T * (risk * self._over_times(self.events / total))) @ self.x
            return Evaluation(loglik, score, second - (mean.T * self.events) @ mean)

    def _risk(self, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        linear = self.x @ beta
        linear = linear - linear.max()
        return linear, np.exp(linear)

    def _means(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = self._over_rows(risk)
        return total, _each(1 / total, self._over_rows(_each(risk, self.x)))

    def influence(self, beta: FloatArray) -> FloatArray:
        """Each row's part in the score, by itself and through the estimated curve of censoring; shape (n, p)."""
        _, risk = self._risk(beta)
        total, mean = self._means(risk)
        hazard = self.events / total
        drift = _each(self._over_times(hazard), self.x) - self._over_times(_each(hazard, mean))
        own = -_each(risk, drift)
        dead = np.flatnonzero(self.rows.cause)
        own[dead] += self.x[dead] - mean[np.searchsorted(self.times, self.rows.time[dead])]
        result: FloatArray = own + self._through_censoring(risk * self.left_behind, hazard * self.curve, mean)
        return result

    def _through_censoring(self, kept: FloatArray, to_come: FloatArray, mean: FloatArray) -> FloatArray:
        """A censoring at u lowers the weight at later times of all whose competing event came by u.

        ``kept`` is per row, ``to_come`` per time; a row's share of the events of a time is their product.
        """
        rows = self.rows
        distinct, at_risk, _, censored = counts(rows.time, rows.cause | rows.other, None)
        by_then = np.searchsorted(rows.time, distinct, side="right")
        from_then = np.searchsorted(self.times, distinct, side="right")
        earlier, of_earlier = (rows_at(sums_before(values), by_then) for values in (kept, _each(kept, self.x)))
        later, of_later = (rows_at(sums_from(values), from_then) for values in (to_come, _each(to_come, mean)))
        lowered = _each(later, of_earlier) - _each(earlier, of_later)
        spent = np.cumsum(_each(censored / at_risk.astype(np.float64) ** 2, lowered), axis=0)
        index = np.searchsorted(distinct, rows.time)
        left = ~(rows.cause | rows.other)
        result: FloatArray = np.where(left[:, None], lowered[index] / at_risk[index][:, None], 0.0) - spent[index]
        return result


def _each(factor: FloatArray, values: FloatArray) -> FloatArray:
    """Every row of the values times its factor; shape (n,) or (n, p)."""
    result: FloatArray = (values.T * factor).T
    return result
