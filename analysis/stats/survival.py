"""Kaplan-Meier curves and what is read off them: quantiles, values at times, restricted means."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import TIE_TOLERANCE, BoolArray, FloatArray, IntArray, confidence, follow_up, one_of
from analysis.stats.errors import MissingValueError, ParameterError
from analysis.stats.limits import SCALES, survival_limits


@dataclass(frozen=True)
class Quantile:
    """Time by which a share of the patients had the event; ``None`` where the curve does not get that far."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class AtTime:
    """The curve at one time; ``n_event`` counts the events since the time asked before."""

    time: float
    n_risk: int
    n_event: int
    survival: float
    std_err: float
    low: float
    high: float


@dataclass(frozen=True)
class RestrictedMean:
    """Area under the curve up to ``tau``, in the unit of time."""

    tau: float
    mean: float
    std_err: float


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A product-limit curve with one entry per distinct time of follow-up.

    ``std_err`` is that of S (Greenwood), ``std_err_log`` that of log S. Once the curve is 0 the latter is
    infinite, and ``std_err`` and the limits are NaN (not defined). ``entries`` are the sorted times of delayed entry,
    empty where everybody was watched from time 0.
    """

    n: int
    time: FloatArray
    n_risk: IntArray
    n_event: IntArray
    n_censor: IntArray
    survival: FloatArray
    std_err: FloatArray
    std_err_log: FloatArray
    low: FloatArray
    high: FloatArray
    conf_type: str
    conf_level: float
    entries: FloatArray = field(repr=False)

    @property
    def events(self) -> int:
        """Number of events."""
        return int(self.n_event.sum())

    def quantile(self, p: float) -> Quantile:
        """Time at which a share ``p`` had the event, as ``quantile.survfit``.

        Where the curve is flat at exactly 1 - p the midpoint of the step is given; a step that reaches the end of
        follow-up ends there. The limits are where the limits of the curve cross 1 - p.
        """
        if not 0 < p < 1:
            raise ParameterError(f"A quantile lies strictly between 0 and 1, not {p:g}.")
        return Quantile(*(_crossing(self.time, curve, 1 - p, True) for curve in (self.survival, self.low, self.high)))

    def median(self) -> Quantile:
        """Median survival with limits, as ``print.survfit`` shows it.

        Differs from ``quantile(0.5)`` only where the curve ends flat at exactly 0.5: this is the time it got there.
        """
        return Quantile(*(_crossing(self.time, curve, 0.5, False) for curve in (self.survival, self.low, self.high)))

    def at(self, times: ArrayLike) -> list[AtTime]:
        """The curve at given times, as ``summary.survfit(times=, extend=TRUE)``.

        A time after the end of follow-up carries the last value on with nobody at risk.
        """
        wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if not np.isfinite(wanted).all():
            raise MissingValueError("A time at which the curve is asked for is missing or infinite.")
        found: list[AtTime] = []
        before = 0
        for time in wanted:
            step = int(np.searchsorted(self.time, time, side="right"))
            so_far = int(self.n_event[:step].sum())
            found.append(self._one(float(time), step, so_far - before))
            before = so_far
        return found

    def _one(self, time: float, step: int, n_event: int) -> AtTime:
        at_risk = self._at_risk(time)
        if step == 0:
            return AtTime(time, at_risk, n_event, 1.0, 0.0, 1.0, 1.0)
        i = step - 1
        values = (float(column[i]) for column in (self.survival, self.std_err, self.low, self.high))
        return AtTime(time, at_risk, n_event, *values)

    def _at_risk(self, time: float) -> int:
        """Patients watched just before ``time``: not yet out, and already in."""
        leavers = self.n_event + self.n_censor
        still_in = int(leavers[np.searchsorted(self.time, time, side="left") :].sum())
        not_yet = len(self.entries) - int(np.searchsorted(self.entries, time, side="left"))
        # Everybody without delayed entry counts as watched from time 0 on.
        return still_in - not_yet if time > 0 or not len(self.entries) else 0

    def rmst(self, tau: float) -> RestrictedMean:
        """Restricted mean survival time up to ``tau`` with its standard error, as ``survfit(..., rmean=tau)``."""
        if not (np.isfinite(tau) and tau > 0):
            raise ParameterError(f"The restricted mean needs a time above zero, not {tau:g}.")
        keep = self.time < tau
        edges = np.concatenate(([0.0], self.time[keep], [tau]))
        area = np.diff(edges) * np.concatenate(([1.0], self.survival[keep]))
        to_come = np.cumsum(area[::-1])[::-1][1:]
        increments = greenwood(self.n_risk[keep], self.n_event[keep])
        finite = np.where(np.isfinite(increments), increments, 0.0)
        return RestrictedMean(float(tau), float(area.sum()), float(np.sqrt(np.sum(to_come**2 * finite))))


def _crossing(time: FloatArray, curve: FloatArray, level: float, to_the_end: bool) -> float | None:
    """First time the falling curve is at ``level``; the midpoint of the step where it stays exactly there."""
    known = ~np.isnan(curve)
    time_known, values = time[known], curve[known]
    reached = np.flatnonzero(values < level + TIE_TOLERANCE)
    if not reached.size:
        return None
    first = int(reached[0])
    if abs(values[first] - level) >= TIE_TOLERANCE:
        return float(time_known[first])
    beyond = np.flatnonzero(values <= level - TIE_TOLERANCE)
    if beyond.size:
        return float((time_known[first] + time_known[beyond[0]]) / 2)
    if to_the_end and known[-1]:
        return float((time_known[first] + time[-1]) / 2)
    return float(time_known[first])


def greenwood(n_risk: IntArray, n_event: IntArray) -> FloatArray:
    """Increments d / (n (n - d)) of the variance of log S; infinite where everybody at risk has the event."""
    risk, died = n_risk.astype(np.float64), n_event.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(died > 0, died / (risk * (risk - died)), 0.0)


def counts(
    time: FloatArray, event: BoolArray, entry: FloatArray | None
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Distinct times with the numbers at risk, with the event and censored at each."""
    distinct, index = np.unique(time, return_inverse=True)
    died = np.bincount(index[event], minlength=len(distinct))
    left = np.bincount(index, minlength=len(distinct))
    risk = np.cumsum(left[::-1])[::-1]
    if entry is not None:
        risk = risk - (len(entry) - np.searchsorted(np.sort(entry), distinct, side="left"))
    return distinct, risk.astype(np.int64), died.astype(np.int64), (left - died).astype(np.int64)


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    conf_type: str = "log",
    conf_level: float = 0.95,
) -> KaplanMeier:
    """Estimate the survival function by the product-limit method.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up in one unit of time, not negative.
    event : array_like, shape (n,)
        1 where follow-up ended with the event, 0 where it was censored.
    entry : array_like, shape (n,), optional
        Delayed entry (left truncation): the patient is at risk on (entry, time].
    conf_type : {"log", "log-log", "plain", "logit", "arcsin"}
        Scale of the pointwise limits; the default is that of R.
    conf_level : float
        Coverage of the limits.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    StatsInputError
        Missing, infinite or negative times, codes other than 0/1, unequal lengths, no rows, an unknown option.

    Notes
    -----
    Matches ``survival::survfit(Surv(time, event) ~ 1, conf.type=, conf.int=)`` 3.5-3. Deaths come before censorings at
    the same time. Kaplan & Meier, J Am Stat Assoc 1958; 53: 457-481.
    """
    one_of(conf_type, tuple(SCALES), "conf_type")
    level = confidence(conf_level)
    times, events, starts = follow_up(time, event, entry)
    distinct, risk, died, censored = counts(times, events, starts)
    survival = np.cumprod((risk - died) / risk, dtype=np.float64)
    std_err_log = np.sqrt(np.cumsum(greenwood(risk, died)))
    std_err = np.full_like(survival, np.nan)
    np.multiply(survival, std_err_log, out=std_err, where=survival > 0)
    low, high = survival_limits(survival, std_err_log, conf_type, level)
    entries = np.zeros(0) if starts is None else np.sort(starts)
    errors = (std_err, std_err_log, low, high)
    return KaplanMeier(len(times), distinct, risk, died, censored, survival, *errors, conf_type, level, entries)
