"""Kind ``tdroc``: time-dependent areas with contrasts, weighted curves, concordances, and Brier scores of a model."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.brier import brier_score, index_of_prediction_accuracy, integrated, null_risk
from analysis.stats.concordance import WEIGHTS, concordance
from analysis.stats.cox_baseline import predict_survival
from analysis.stats.ipcw import Censoring
from analysis.stats.time_roc import TimeRoc, compare_time_rocs, time_roc
from analysis.stats.truncated_concordance import truncated_concordance
from tests.parity.designs import Design, design
from tests.parity.kinds.cox import fitted
from tests.parity.recipes import Analysis

KEYS = frozenset({"time", "event", "markers", "times", "model_columns", "brier", "competing_risk"})
Values = NDArray[np.float64]


def compute(analysis: Analysis) -> dict[str, Any]:
    """The whole document."""
    complete, linear = _with_models(analysis)
    recipe = complete.recipe
    time, event = complete.numbers("time"), complete.numbers("event")
    found: dict[str, Any] = {
        "derived": {f"{name}_values": values for name, values in linear.items()},
        "n": len(time),
        "events": int(event.sum()),
        **_areas(complete, recipe["markers"], recipe["times"]),
        "concordance": {marker: _concordances(time, event, complete, marker) for marker in recipe["markers"]},
    }
    if "competing_risk" in recipe:
        found["competing_risk"] = _competing(complete)
    if "brier" in recipe:
        found["brier"] = _brier(complete)
    return found


def _with_models(analysis: Analysis) -> tuple[Analysis, dict[str, Values]]:
    """The table with the linear predictors of the recipe's models, on the rows that every marker has."""
    linear: dict[str, Values] = {}
    for name, recipe in analysis.recipe.get("model_columns", {}).items():
        model = _model(analysis, recipe)
        linear[name] = fitted(model).linear_predictor
        analysis = replace(analysis, table=analysis.table.with_column(name, linear[name]))
    recipe = analysis.recipe
    return analysis.complete(recipe["time"], recipe["event"], *recipe["markers"]), linear


def _model(analysis: Analysis, recipe: dict[str, Any]) -> Design:
    merged = replace(analysis, recipe={**analysis.recipe, **recipe})
    return design(merged, recipe["covariates"], ("time", "event"))


def _areas(analysis: Analysis, markers: list[str], times: list[float], competing: Any = None) -> dict[str, Any]:
    """Areas by marker and time, and their differences by time and pair."""
    time, event = analysis.numbers("time"), analysis.numbers("event")
    curves = {
        (marker, at): time_roc(time, event, analysis.column(marker), at, competing=competing)
        for marker in markers
        for at in times
    }
    return {
        "riskRegression_Score": {"AUC": _auc_table(curves), "delta": _deltas(curves, markers, times)},
        "own_ipcw": {marker: [_curve(curves[marker, at], competing is not None) for at in times] for marker in markers},
    }


def _auc_table(curves: dict[tuple[str, float], TimeRoc]) -> dict[str, list[Any]]:
    return {
        "model": [marker for marker, _ in curves],
        "times": [at for _, at in curves],
        "AUC": [curve.auc for curve in curves.values()],
        "se": [curve.se for curve in curves.values()],
        "lower": [curve.low for curve in curves.values()],
        "upper": [curve.high for curve in curves.values()],
    }


def _deltas(curves: dict[tuple[str, float], TimeRoc], markers: list[str], times: list[float]) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {}
    for at in times:
        for i, reference in enumerate(markers):
            for marker in markers[i + 1 :]:
                test = compare_time_rocs(curves[marker, at], curves[reference, at])
                row = {
                    "times": at,
                    "model": marker,
                    "reference": reference,
                    "delta.AUC": test.difference,
                    "se": test.se,
                    "lower": test.low,
                    "upper": test.high,
                    "p": test.p,
                }
                for key, value in row.items():
                    table.setdefault(key, []).append(value)
    return table


def _curve(curve: TimeRoc, competing: bool) -> dict[str, Any]:
    youden = curve.sensitivity - curve.false_positive
    best = int(np.argmax(youden))
    return {
        "t": curve.time,
        "n_cases": curve.n_cases,
        "n_controls": curve.n_controls,
        "n_censored_before": curve.n_censored,
        "n_competing": curve.n_competing,
        "sum_case_weight": curve.case_weight,
        "sum_control_weight": curve.control_weight,
        "threshold_ge": curve.threshold,
        "TP": curve.sensitivity,
        "FP_controls_T_gt_t": curve.false_positive,
        "auc_def1": curve.auc_event_free,
        "auc_def2": curve.auc if competing else None,
        "youden_cut_ge": float(curve.threshold[best]),
        "youden": float(youden[best]),
        "sens_at_youden": float(curve.sensitivity[best]),
        "spec_at_youden": float(1 - curve.false_positive[best]),
    }


def _concordances(time: Values, event: Values, analysis: Analysis, marker: str) -> dict[str, Any]:
    values = analysis.column(marker)
    last = max(analysis.recipe["times"])

    def one(weight: str, ymax: float | None = None) -> dict[str, float]:
        found = concordance(time, event, values, weight=weight, ymax=ymax)
        return {"c": found.c, "se": found.se}

    return {**{weight: one(weight) for weight in WEIGHTS}, "uno_truncated_at_last_time": one("n/G2", last)}


def _competing(analysis: Analysis) -> dict[str, Any]:
    own = analysis.recipe["competing_risk"]
    complete = analysis.complete(own["event"], *own["markers"])
    codes = complete.column(own["event"])
    cause = complete.table.with_column("of the cause", (codes == own["cause"]).astype(np.float64))
    prepared = replace(complete, table=cause, recipe={**complete.recipe, "event": "of the cause"})
    found = _areas(prepared, own["markers"], own["times"], competing=codes == own["competing"])
    return {**found, "own_ipcw": found["own_ipcw"][own["own_ipcw_marker"]]}


def _brier(analysis: Analysis) -> dict[str, Any]:
    recipe, times = analysis.recipe["brier"], analysis.recipe["times"]
    model = _model(analysis, recipe)
    fit = fitted(model)
    time, event = model.column("time"), model.column("event")
    risks = 1 - np.array([predict_survival(fit, x, times).survival for x in model.matrix])
    null = [brier_score(time, event, null_risk(time, event, at), at) for at in times]
    own = [brier_score(time, event, risks[:, k], at) for k, at in enumerate(times)]
    scores = [*null, *own]
    return {
        "ties": recipe["ties"],
        "predicted_risk_all": risks,
        "brier": {
            "model": ["Null model"] * len(times) + [recipe["name"]] * len(times),
            "times": [*times, *times],
            "Brier": [score.value for score in scores],
            "se": [score.se for score in scores],
            "lower": [score.low for score in scores],
            "upper": [score.high for score in scores],
            "IBS": [*integrated(null), *integrated(own)],
            "IPA": [index_of_prediction_accuracy(score, null[i % len(times)]) for i, score in enumerate(scores)],
        },
        "auc": _auc_table({(recipe["name"], at): time_roc(time, event, risks[:, k], at) for k, at in enumerate(times)}),
        "pec_cindex_ipcw_truncated": {
            "times": times,
            "cindex": [_pec(time, event, risks[:, k], at) for k, at in enumerate(times)],
        },
    }


def _pec(time: Values, event: Values, risk: Values, at: float) -> float:
    """pec::cindex takes, of two events at the same time, the one that comes first in the table for the earlier."""
    found = truncated_concordance(time, event, risk, at)
    concordant, total = found.concordant, found.total
    censoring = Censoring.of(time, event == 1)
    product = censoring.before(time) * censoring.at(time)
    for i in np.flatnonzero((event == 1) & (time <= at) & (product > 0)):
        tied = np.flatnonzero((time == time[i]) & (event == 1))
        after = risk[tied[tied > i]]
        concordant += (risk[i] >= after).sum() / product[i]
        total += len(after) / product[i]
    return float(concordant / total)
