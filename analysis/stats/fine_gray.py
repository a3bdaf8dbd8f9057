"""Fine and Gray's regression of the subdistribution hazard of one cause."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from analysis.stats.arrays import FloatArray, confidence
from analysis.stats.competing import CauseRows, cause_rows
from analysis.stats.cox_data import covariate_matrix
from analysis.stats.cox_likelihood import Evaluation
from analysis.stats.errors import ConstantCovariateError, NoEventsError
from analysis.stats.newton import maximise
from analysis.stats.survival import counts


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
    estimation the errors allow for. Matches ``cmprsk::crr`` 2.2-11 (Breslow's ties). Memory and time grow with the
    number of events times n. Fine & Gray, J Am Stat Assoc 1999; 94: 496-509.
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
    """Weighted risk sets: ``weight`` is of each patient (columns) at each distinct time of the cause (rows)."""

    rows: CauseRows
    x: FloatArray
    times: FloatArray
    events: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, rows: CauseRows, x: FloatArray) -> "_Subdistribution":
        times, events = np.unique(rows.time[rows.cause], return_counts=True)
        distinct, risk, _, censored = counts(rows.time, rows.cause | rows.other, None)
        curve = np.concatenate(([1.0], np.cumprod(1 - censored / risk)))
        before_event, before_own = (curve[np.searchsorted(distinct, those)] for those in (times, rows.time))
        watched = rows.time >= times[:, None]
        kept = np.where(rows.other, before_event[:, None] / before_own, 0.0)
        return cls(rows, x, times, events.astype(np.float64), np.where(watched, 1.0, kept))

    def evaluate(self, beta: FloatArray) -> Evaluation:
        """The weighted partial likelihood and its derivatives; not finite where a weight runs over."""
        with np.errstate(all="ignore"):
            linear = self.x @ beta
            linear = linear - linear.max()
            risk = self.weight * np.exp(linear)
            total, mean = self._means(risk)
            dead = self.rows.cause
            loglik = float(linear[dead].sum() - self.events @ np.log(total))
            score = self.x[dead].sum(axis=0) - self.events @ mean
            second = (self.x.T * ((self.events / total) @ risk)) @ self.x
            return Evaluation(loglik, score, second - (mean.T * self.events) @ mean)

    def _means(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = risk.sum(axis=1)
        return total, (risk @ self.x) / total[:, None]

    def influence(self, beta: FloatArray) -> FloatArray:
        """Each patient's part in the score, by itself and through the estimated curve of censoring; shape (n, p)."""
        linear = self.x @ beta
        risk = self.weight * np.exp(linear - linear.max())
        total, mean = self._means(risk)
        share = risk * (self.events / total)[:, None]
        own = -(self.x * share.sum(axis=0)[:, None] - share.T @ mean)
        dead = np.flatnonzero(self.rows.cause)
        own[dead] += self.x[dead] - mean[np.searchsorted(self.times, self.rows.time[dead])]
        result: FloatArray = own + self._through_censoring(share, mean)
        return result

    def _through_censoring(self, share: FloatArray, mean: FloatArray) -> FloatArray:
        """A censoring at u lowers the weight at later times of all whose competing event came by u."""
        rows = self.rows
        distinct, at_risk, _, censored = counts(rows.time, rows.cause | rows.other, None)
        lowered = np.zeros((len(distinct), self.x.shape[1]))
        for at in np.flatnonzero(censored):
            earlier, later = rows.other & (rows.time <= distinct[at]), self.times > distinct[at]
            part = share[np.ix_(later, earlier)]
            lowered[at] = part.sum(axis=0) @ self.x[earlier] - part.sum(axis=1) @ mean[later]
        spent = np.cumsum(lowered * (censored / at_risk.astype(np.float64) ** 2)[:, None], axis=0)
        index = np.searchsorted(distinct, rows.time)
        left = ~(rows.cause | rows.other)
        result: FloatArray = np.where(left[:, None], lowered[index] / at_risk[index][:, None], 0.0) - spent[index]
        return result
