"""Risks from models or as given, and the net benefit of acting on them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.frames.frame import Frame
from analysis.kinds.model_terms import Term, TermError, design, term_of
from analysis.kinds.wording import p_text
from analysis.stats.arrays import FloatArray
from analysis.stats.cox import CoxFit, cox
from analysis.stats.cox_baseline import predicted_risk
from analysis.stats.cox_ph import ph_test
from analysis.stats.decision import DecisionCurve, decision_curve, survival_decision_curve
from analysis.stats.errors import StatsInputError
from analysis.stats.logistic import logistic

LOGISTIC, COX, GIVEN = "logistic", "cox", "given"
# What is gained beyond rounding.
LEAST_GAIN = 1e-12
EVENTS_PER_COEFFICIENT = 10
PH_ALPHA = 0.05

Part = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """Whose risk is meant: of being a case, or of having the event by the horizon."""

    frame: Frame
    case: list[bool]
    horizon: float | None
    thresholds: FloatArray
    rule: str

    @property
    def kind(self) -> str:
        return LOGISTIC if self.horizon is None else COX

    def curve(self, risk: ArrayLike) -> DecisionCurve:
        if self.horizon is None:
            return decision_curve(self.case, risk, self.thresholds, rule=self.rule)
        return survival_decision_curve(
            self.frame.times(), self.case, risk, self.horizon, self.thresholds, rule=self.rule
        )


def fitted(question: Question, name: str, texts: Sequence[str]) -> Part:
    """A model fitted on the same patients that it is judged on."""
    terms = [term_of(text, question.frame.columns) for text in texts]
    return _judged(question, name, question.kind, texts, lambda: _fit(question, terms))


def given(question: Question, column: str) -> Part:
    """Probabilities that came from elsewhere."""
    label = str(question.frame.columns[column]["label"])
    return _judged(question, label, GIVEN, [column], lambda: ({}, np.array(question.frame.column(column), dtype=float)))


def _judged(
    question: Question, name: str, kind: str, terms: Sequence[str], risk: Callable[[], tuple[Part, FloatArray]]
) -> Part:
    described: Part = {"name": name, "kind": kind, "terms": list(terms), "thresholds": question.thresholds}
    try:
        facts, predicted = risk()
        curve = question.curve(predicted)
    except (StatsInputError, TermError) as error:
        empty = dict.fromkeys(("net_benefit", "avoided", "positive", "reaches"), None)
        return described | empty | {"useful": [], "gain": None, "refused": f"No curve of {name}: {error}"}
    gain = curve.net_benefit - np.maximum(curve.treat_all, 0)
    return (
        described
        | facts
        | {
            "net_benefit": curve.net_benefit,
            "avoided": curve.avoided,
            "positive": curve.positive,
            "reaches": curve.reaches,
            "useful": _ranges(question.thresholds, gain > LEAST_GAIN),
            "gain": float(gain.max()),
            "refused": None,
        }
    )


def _fit(question: Question, terms: Sequence[Term]) -> tuple[Part, FloatArray]:
    x, names = design(question.frame, terms)
    if question.horizon is None:
        model = logistic(question.case, x, names=names)
        rarer = min(sum(question.case), len(question.case) - sum(question.case))
        return _facts(names, model.coef[1:], model.se[1:], rarer, None), model.risk
    fit = cox(question.frame.times(), question.case, x, names=names)
    return _facts(names, fit.coef, fit.se, fit.events, _proportional(fit)), predicted_risk(fit, x, question.horizon)


def _proportional(fit: CoxFit) -> Part | None:
    try:
        test = ph_test(fit)[-1].test
    except StatsInputError:
        return None
    return {"chi2": test.chi2, "df": test.df, "p": test.p}


def _facts(names: list[str], coef: FloatArray, se: FloatArray, events: int, ph: Part | None) -> Part:
    rows = zip(names, coef, se, strict=True)
    return {
        "coefficients": [{"term": name, "coef": float(b), "se": float(s)} for name, b, s in rows],
        "events_per_coefficient": events / len(names),
        "ph": ph,
    }


def _ranges(thresholds: FloatArray, useful: Any) -> list[list[float]]:
    """Runs of neighbouring thresholds at which the model is better."""
    found: list[list[float]] = []
    was = False
    for threshold, is_useful in zip(thresholds.tolist(), useful.tolist(), strict=True):
        if is_useful and was:
            found[-1][1] = threshold
        elif is_useful:
            found.append([threshold, threshold])
        was = is_useful
    return found


def doubts(model: Mapping[str, Any]) -> list[str]:
    name = model["name"]
    if model["refused"]:
        return [model["refused"]]
    found = []
    if model["reaches"] is not None and not _all_reach(model):
        found.append(
            f"{name}: at some thresholds none of the positive was watched to the horizon; "
            "their last known survival is carried on."
        )
    if model["kind"] == GIVEN:
        return found
    per = model["events_per_coefficient"]
    if per < EVENTS_PER_COEFFICIENT:
        found.append(f"{name}: {per:.1f} events per coefficient, fewer than {EVENTS_PER_COEFFICIENT}.")
    if model["ph"] and model["ph"]["p"] < PH_ALPHA:
        found.append(f"{name}: hazards are not proportional ({p_text(model['ph']['p'])}), so its risks are rough.")
    return found


def _all_reach(model: Mapping[str, Any]) -> bool:
    pairs = zip(model["reaches"], model["positive"], strict=True)
    return all(reaches or not positive for reaches, positive in pairs)
