"""Accuracy of predicted risks: Brier score, its integral and the share explained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.stats.arrays import FloatArray, confidence, finite, follow_up, same_length
from analysis.stats.errors import NoEventsError, ParameterError, TooFewGroupsError
from analysis.stats.ipcw import Censoring
from analysis.stats.survival import kaplan_meier


@dataclass(frozen=True)
class Brier:
    """Mean squared distance of the predicted risk from what happened by ``time``, with its interval within [0, 1]."""

    time: float
    value: float
    se: float
    low: float
    high: float


def brier_score(time: ArrayLike, event: ArrayLike, risk: ArrayLike, at: float, *, conf_level: float = 0.95) -> Brier:
    """Estimate the Brier score of predicted risks at a time.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    risk : array_like, shape (n,)
        Predicted probability of the event by ``at``.
    at : float
        Time of the prediction.
    conf_level : float
        Coverage.

    Raises
    ------
    TooFewGroupsError
        Nobody is watched beyond that time.
    ParameterError
        A risk outside [0, 1].
    StatsInputError
        Bad times, codes or lengths.

    Notes
    -----
    Weighted by the inverse probability of censoring, whose estimation the standard error allows for. Matches
    ``riskRegression::Score(metrics="Brier")`` 2022.11.28. Gerds & Schumacher, Biom J 2006; 48: 1029-1040.
    """
    times, events, _ = follow_up(time, event)
    predicted = finite(risk, "risk")
    same_length(time=times, risk=predicted)
    if ((predicted < 0) | (predicted > 1)).any():
        raise ParameterError("A risk lies between 0 and 1.")
    if len(times) < 2:
        raise TooFewGroupsError("A Brier score with its error needs at least two patients.")
    if not (times > at).any():
        raise TooFewGroupsError(f"Nobody is watched beyond {at:g}.")
    n = len(times)
    censoring = Censoring.of(times, events)
    case = (times <= at) & events
    before = censoring.before(times)
    residual = np.divide((1 - predicted) ** 2, before, out=np.zeros(n), where=case)
    residual += np.where(times > at, predicted**2 / censoring.at(np.array([at]))[0], 0.0)
    value = float(residual.mean())
    influence = residual - value + censoring.influence(times, events, censoring.until(times, at), residual / n)
    se = float(influence.std(ddof=1) / np.sqrt(n))
    half = float(special.ndtri(0.5 + confidence(conf_level) / 2)) * se
    return Brier(float(at), value, se, max(value - half, 0.0), min(value + half, 1.0))


def null_risk(time: ArrayLike, event: ArrayLike, at: float) -> FloatArray:
    """The same risk for everybody: 1 less the Kaplan-Meier curve at that time; shape (n,)."""
    km = kaplan_meier(time, event)
    return np.full(km.n, 1 - km.at([at])[0].survival)


def integrated(scores: Sequence[Brier]) -> list[float]:
    """Mean score up to each of the (rising) times: a step holds from its time on, and 0 before the first.

    Matches ``riskRegression::Score(summary="ibs")`` 2022.11.28 for times that do not begin with 0.
    """
    times = np.array([score.time for score in scores])
    area = np.concatenate(([0.0], np.cumsum([score.value for score in scores][:-1] * np.diff(times))))
    return [float(share) for share in area / times]


def index_of_prediction_accuracy(score: Brier, null: Brier) -> float:
    """Share of the null model's Brier score that the prediction takes away, as ``riskRegression::IPA``.

    Raises
    ------
    NoEventsError
        The null model is never wrong, as nobody had the event by then.
    """
    if null.value == 0:
        raise NoEventsError("Nobody had the event by that time, so no prediction can do better.")
    return 1 - score.value / null.value
