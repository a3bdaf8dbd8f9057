"""Kind ``dca``: decision curves of models for survival or a binary outcome."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.cox_baseline import predicted_risk
from analysis.stats.decision import DecisionCurve, decision_curve, survival_decision_curve
from analysis.stats.logistic import logistic
from tests.parity.designs import Design, design
from tests.parity.kinds.cox import fitted
from tests.parity.recipes import Analysis

KEYS = frozenset({"outcome", "models", "thresholds", "time", "event", "ties", "horizon"})
RULES = {"gt": ">", "ge": ">="}


def compute(analysis: Analysis) -> dict[str, Any]:
    """Curves at a horizon or of a binary outcome; the place ``risks`` of a binary document holds its risks."""
    models = {name: _model(analysis, recipe) for name, recipe in analysis.recipe["models"].items()}
    if "outcome" in analysis.recipe:
        return _binary(analysis, models)
    return _survival(analysis, models)


def _model(analysis: Analysis, recipe: dict[str, Any]) -> Design:
    merged = replace(analysis, recipe={**analysis.recipe, **recipe})
    return design(merged, recipe["covariates"], ("time", "event", "outcome"))


def _thresholds(analysis: Analysis) -> NDArray[np.float64]:
    span = analysis.recipe["thresholds"]
    steps = round((span["to"] - span["from"]) / span["by"])
    grid: NDArray[np.float64] = span["from"] + np.arange(steps + 1) * span["by"]
    return grid


def _binary(analysis: Analysis, models: dict[str, Design]) -> dict[str, Any]:
    risks = {
        name: logistic(model.column("outcome"), model.matrix, names=model.names).risk for name, model in models.items()
    }
    if analysis.place == ("risks",):
        return dict(risks)
    found: dict[str, Any] = {"nb_none": 0}
    for name, model in models.items():
        for suffix, rule in RULES.items():
            curve = decision_curve(model.column("outcome"), risks[name], _thresholds(analysis), rule=rule)
            found |= {"prevalence": curve.prevalence, "nb_all": curve.treat_all}
            found[f"model_{name}_{suffix}"] = _benefit(curve)
    return found


def _benefit(curve: DecisionCurve) -> dict[str, Any]:
    return {"net_benefit": curve.net_benefit, "interventions_avoided_per_100": curve.avoided}


def _survival(analysis: Analysis, models: dict[str, Design]) -> dict[str, Any]:
    horizon = analysis.recipe["horizon"]
    found: dict[str, Any] = {"nb_none": 0, "risks": {}}
    for name, model in models.items():
        risk = predicted_risk(fitted(model), model.matrix, horizon)
        found["risks"][name] = risk
        time, event = model.column("time"), model.column("event")
        for suffix, rule in RULES.items():
            curve = survival_decision_curve(time, event, risk, horizon, _thresholds(analysis), rule=rule)
            found |= {"overall_event_prob_KM": curve.prevalence, "nb_all": curve.treat_all}
            found[f"model_{name}_{suffix}"] = {
                **_benefit(curve),
                "tp_rate": curve.true_positive,
                "fp_rate": curve.false_positive,
                "prop_positive": curve.positive,
                "followup_reaches_horizon": curve.reaches,
            }
    return found
