"""Decision curves: the net benefit of acting on a predicted risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.arrays import BoolArray, FloatArray, finite, follow_up, indicator, one_of, same_length
from analysis.stats.errors import ParameterError
from analysis.stats.survival import kaplan_meier

RULES = (">", ">=")


@dataclass(frozen=True, eq=False)
class DecisionCurve:
    """Net benefit at each threshold, per patient; shapes (m,).

    True and false positives are shares of all patients. ``avoided`` are interventions avoided per 100 patients against
    treating all, at no loss of true positives. ``reaches`` says whether somebody positive was watched to the horizon:
    where not, the last value of the curve was carried on.
    """

    threshold: FloatArray
    net_benefit: FloatArray
    treat_all: FloatArray
    true_positive: FloatArray
    false_positive: FloatArray
    positive: FloatArray
    avoided: FloatArray
    reaches: BoolArray
    prevalence: float


def decision_curve(outcome: ArrayLike, risk: ArrayLike, thresholds: ArrayLike, *, rule: str = ">") -> DecisionCurve:
    """Net benefit of a risk for a binary outcome.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        1 for cases, 0 for controls.
    risk : array_like, shape (n,)
        Predicted probability of being a case.
    thresholds : array_like, shape (m,)
        Risks, strictly between 0 and 1, at which one would act.
    rule : {">", ">="}
        Positive is a risk above the threshold, or one that reaches it.

    Raises
    ------
    StatsInputError
        Missing values, codes other than 0/1, unequal lengths, thresholds or risks that are no probabilities.

    Notes
    -----
    Vickers & Elkin, Med Decis Making 2006; 26: 565-574.
    """
    truth = indicator(outcome, "outcome")
    predicted, at = _checked(risk, thresholds, rule)
    same_length(outcome=truth, risk=predicted)
    true, positive = np.zeros(len(at)), np.zeros(len(at))
    for k, threshold in enumerate(at):
        acted = _positive(predicted, threshold, rule)
        true[k], positive[k] = (acted & truth).mean(), acted.mean()
    return _curve(at, float(truth.mean()), true, positive, np.ones(len(at), dtype=bool))


def survival_decision_curve(
    time: ArrayLike, event: ArrayLike, risk: ArrayLike, horizon: float, thresholds: ArrayLike, *, rule: str = ">"
) -> DecisionCurve:
    """Net benefit of a predicted risk of having the event by a horizon.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Follow-up in one unit of time, and 1 where it ended with the event.
    risk : array_like, shape (n,)
        Predicted probability of the event by the horizon.
    horizon : float
        In the unit of ``time``.
    thresholds, rule
        As for ``decision_curve``.

    Notes
    -----
    The share of events among the positive ones is 1 - S(horizon), with S their Kaplan-Meier curve, whose last value is
    carried on. Vickers, Cronin, Elkin & Gonen, BMC Med Inform Decis Mak 2008; 8: 53.
    """
    times, events, _ = follow_up(time, event)
    predicted, at = _checked(risk, thresholds, rule)
    same_length(time=times, risk=predicted)
    true, positive, reaches = np.zeros(len(at)), np.zeros(len(at)), np.zeros(len(at), dtype=bool)
    for k, threshold in enumerate(at):
        acted = _positive(predicted, threshold, rule)
        if acted.any():
            positive[k] = acted.mean()
            true[k] = positive[k] * _event_share(times[acted], events[acted], horizon)
            reaches[k] = bool(times[acted].max() >= horizon)
    return _curve(at, _event_share(times, events, horizon), true, positive, reaches)


def _checked(risk: ArrayLike, thresholds: ArrayLike, rule: str) -> tuple[FloatArray, FloatArray]:
    one_of(rule, RULES, "rule")
    predicted, at = finite(risk, "risk"), finite(thresholds, "thresholds")
    if ((predicted < 0) | (predicted > 1)).any():
        raise ParameterError("A risk lies between 0 and 1.")
    if ((at <= 0) | (at >= 1)).any():
        raise ParameterError("A threshold lies strictly between 0 and 1.")
    return predicted, at


def _positive(risk: FloatArray, threshold: float, rule: str) -> BoolArray:
    return risk > threshold if rule == ">" else risk >= threshold


def _event_share(time: FloatArray, event: BoolArray, horizon: float) -> float:
    return 1 - kaplan_meier(time, event).at([horizon])[0].survival


def _curve(
    threshold: FloatArray, prevalence: float, true: FloatArray, positive: FloatArray, reaches: BoolArray
) -> DecisionCurve:
    odds = threshold / (1 - threshold)
    false = positive - true
    benefit, treat_all = true - odds * false, prevalence - odds * (1 - prevalence)
    avoided = 100 * (benefit - treat_all) / odds
    return DecisionCurve(threshold, benefit, treat_all, true, false, positive, avoided, reaches, prevalence)
