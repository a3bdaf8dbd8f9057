"""Time-dependent ROC curves: does a marker tell who has the event by a time?"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import BoolArray, FloatArray, confidence, finite, follow_up, indicator, same_length
from analysis.stats.errors import EventCodeError, LengthMismatchError, ParameterError, TooFewGroupsError
from analysis.stats.ipcw import Censoring


@dataclass(frozen=True, eq=False)
class TimeRoc:
    """Cases had the event by ``time``, controls did not; a competing event makes a control.

    The curve runs from the highest threshold (nobody positive) down; positive is marker >= threshold, and its false
    positives are of the controls still watched; those of ``false_positive_all`` are of all controls, so that the area
    under them is ``auc``. ``case_weight`` and ``control_weight`` are the shares of the population
    that cases and event-free controls stand for. ``influence`` is each patient's contribution to the area.
    """

    time: float
    auc: float
    se: float
    low: float
    high: float
    auc_event_free: float
    n_cases: int
    n_controls: int
    n_competing: int
    n_censored: int
    case_weight: float
    control_weight: float
    threshold: FloatArray
    sensitivity: FloatArray
    false_positive: FloatArray
    false_positive_all: FloatArray
    influence: FloatArray = field(repr=False)


@dataclass(frozen=True)
class AucDifference:
    """Area of a less that of b, with its interval and the test that it is 0."""

    difference: float
    se: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, eq=False)
class _Weights:
    """Per patient: weight as a case, as an event-free control and as a control by a competing event (0 if not one)."""

    case: FloatArray
    free: FloatArray
    competing: FloatArray


def time_roc(
    time: ArrayLike,
    event: ArrayLike,
    marker: ArrayLike,
    at: float,
    *,
    competing: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> TimeRoc:
    """Estimate the cumulative/dynamic ROC curve at a time.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event of interest.
    marker : array_like, shape (n,)
        Higher values mean that the event is expected.
    at : float
        The time by which cases had the event.
    competing : array_like, shape (n,), optional
        1 where follow-up ended with a competing event. Such patients count as controls.
    conf_level : float
        Coverage of the interval, which is cut to [0, 1].

    Returns
    -------
    TimeRoc
        ``auc_event_free`` leaves patients with a competing event out of the controls.

    Raises
    ------
    TooFewGroupsError
        No cases by that time, or nobody watched beyond it.
    StatsInputError
        Bad times, codes, lengths or options.

    Notes
    -----
    Cases weigh 1/G(T-), controls 1/G(t), with G the curve of censoring. The standard error allows for the estimation of
    G. Matches ``riskRegression::Score(metrics="AUC")`` 2022.11.28. Blanche, Dartigues & Jacqmin-Gadda, Stat Med 2013;
    32: 5381-5397.
    """
    times, events, _ = follow_up(time, event)
    values = finite(marker, "marker")
    others = np.zeros(len(times), dtype=bool) if competing is None else indicator(competing, "competing")
    same_length(time=times, marker=values, competing=others)
    if (events & others).any():
        raise EventCodeError("A follow-up cannot end with the event and with a competing one.")
    if not at > 0:
        raise ParameterError(f"The time of a ROC curve must be above zero, not {at:g}.")
    observed = events | others
    censoring = Censoring.of(times, observed)
    weights = _weights(times, events, others, at, censoring)
    return _curve(times, events, others, values, float(at), censoring, weights, confidence(conf_level))


def _weights(time: FloatArray, event: BoolArray, other: BoolArray, at: float, censoring: Censoring) -> _Weights:
    by_then = time <= at
    before = censoring.before(time)
    at_end = float(censoring.at(np.array([at]))[0])
    inverse = np.divide(1.0, before, out=np.zeros(len(time)), where=before > 0)
    if not ((by_then & event).any() and (~by_then).any()):
        raise TooFewGroupsError(f"At {at:g} there are no cases or nobody is watched any longer.")
    return _Weights(inverse * (by_then & event), (~by_then) / at_end, inverse * (by_then & other))


def _curve(
    time: FloatArray,
    event: BoolArray,
    other: BoolArray,
    marker: FloatArray,
    at: float,
    censoring: Censoring,
    weights: _Weights,
    level: float,
) -> TimeRoc:
    n = len(time)
    control = weights.free + weights.competing
    below, above = _weighted_order(marker, control), _weighted_order(-marker, weights.case)
    total = weights.case.sum() * control.sum()
    auc = float((weights.case * below).sum() / total)
    event_free = float((weights.case * _weighted_order(marker, weights.free)).sum())
    # Each patient's part in the numerator and denominator, as a case and as a control.
    as_case = weights.case * (below - auc * control.sum()) / n
    as_control = control * (above - auc * weights.case.sum()) / n
    own = as_case + as_control
    moved = censoring.influence(time, event | other, censoring.until(time, at), own / n)
    influence = (own + moved) / (total / n**2)
    se = float(influence.std(ddof=1) / np.sqrt(n))
    half = float(special.ndtri(0.5 + level / 2)) * se
    threshold, sensitivity, false_positive, of_all = _steps(marker, weights)
    return TimeRoc(
        time=at,
        auc=auc,
        se=se,
        low=max(auc - half, 0.0),
        high=min(auc + half, 1.0),
        auc_event_free=event_free / float(weights.case.sum() * weights.free.sum()),
        n_cases=int((weights.case > 0).sum()),
        n_controls=int((weights.free > 0).sum()),
        n_competing=int((other & (time <= at)).sum()),
        n_censored=int((~event & ~other & (time <= at)).sum()),
        case_weight=float(weights.case.sum() / n),
        control_weight=float(weights.free.sum() / n),
        threshold=threshold,
        sensitivity=sensitivity,
        false_positive=false_positive,
        false_positive_all=of_all,
        influence=influence,
    )


def _weighted_order(marker: FloatArray, weight: FloatArray) -> FloatArray:
    """Per patient, the weight of those with a lower marker and half the weight of those with the same."""
    distinct, index = np.unique(marker, return_inverse=True)
    own = np.bincount(index, weight, minlength=len(distinct))
    lower = np.concatenate(([0.0], np.cumsum(own)[:-1]))
    result: FloatArray = (lower + own / 2)[index]
    return result


def _steps(marker: FloatArray, weights: _Weights) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    distinct, index = np.unique(marker, return_inverse=True)

    def share(weight: FloatArray) -> FloatArray:
        running = np.cumsum(np.bincount(index, weight, minlength=len(distinct))[::-1])
        return np.concatenate((np.zeros(1), running / weight.sum()))

    thresholds = np.concatenate(([np.inf], distinct[::-1]))
    return thresholds, share(weights.case), share(weights.free), share(weights.free + weights.competing)


def compare_time_rocs(a: TimeRoc, b: TimeRoc, *, conf_level: float = 0.95) -> AucDifference:
    """Compare the areas of two markers in the same patients at the same time.

    Raises
    ------
    LengthMismatchError
        Other patients or another time.

    Notes
    -----
    Matches the contrasts of ``riskRegression::Score`` 2022.11.28. NaN where the markers order everybody alike.
    """
    if a.time != b.time or len(a.influence) != len(b.influence):
        raise LengthMismatchError("Two areas are compared in the same patients at the same time.")
    difference = a.auc - b.auc
    se = float((a.influence - b.influence).std(ddof=1) / np.sqrt(len(a.influence)))
    half = float(special.ndtri(0.5 + confidence(conf_level) / 2)) * se
    p = float(2 * special.ndtr(-abs(difference) / se)) if se > 0 else float("nan")
    return AucDifference(difference, se, difference - half, difference + half, p)
