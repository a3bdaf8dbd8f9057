"""Kind ``roc``: curves of single markers, forced directions, DeLong's tests."""

from typing import Any

import numpy as np

from analysis.stats.partial_auc import partial_auc, sensitivity_at
from analysis.stats.roc import OperatingPoint, Roc, RocComparison, best_points, curve_points, delong_test, roc
from tests.parity.recipes import Analysis
from tests.parity.tables import as_labels, label

KEYS = frozenset({"outcome", "levels", "positive", "marker", "pair", "subsets", "direction"})


def compute(analysis: Analysis) -> dict[str, Any]:
    """A test where the recipe has a pair of markers or two subsets of rows, else a single curve."""
    recipe = analysis.recipe
    if "pair" in recipe:
        both = analysis.complete(*recipe["pair"], recipe["outcome"])
        return _test(*(_curve(both, marker) for marker in recipe["pair"]), paired=True)
    if "subsets" in recipe:
        parts = [analysis.where(rows) for rows in recipe["subsets"]]
        return _test(*(_curve(part, recipe["marker"]) for part in parts), paired=False)
    return _single(_curve(analysis, recipe["marker"]))


def _curve(analysis: Analysis, marker: str) -> Roc:
    recipe = analysis.recipe
    complete = analysis.complete(marker, recipe["outcome"])
    outcome = as_labels(complete.column(recipe["outcome"]))
    levels = [label(level) if isinstance(level, (int, float)) else level for level in recipe["levels"]]
    positive = recipe["positive"]
    case = label(positive) if isinstance(positive, (int, float)) else positive
    kept = np.isin(outcome.astype(str), levels)
    return roc(outcome[kept] == case, complete.column(marker)[kept], direction=recipe.get("direction", "auto"))


def _test(a: Roc, b: Roc, *, paired: bool) -> dict[str, Any]:
    test: RocComparison = delong_test(a, b, paired=paired)
    return {
        "statistic": test.statistic,
        "parameter": {"df": test.df},
        "p_value": test.p,
        "estimates": {"AUC of roc1": test.auc_a, "AUC of roc2": test.auc_b},
        "conf_int": [test.low, test.high],
        "cov_delong": test.covariance,
    }


def _single(curve: Roc) -> dict[str, Any]:
    ninety = roc(curve.outcome, curve.marker, direction=curve.direction, conf_level=0.9)
    points = curve_points(curve)
    cases, controls = curve.marker[curve.outcome], curve.marker[~curve.outcome]
    above = np.sign(cases[:, None] - controls[None, :])
    return {
        "direction_used": curve.direction,
        "n_controls": curve.n_controls,
        "n_cases": curve.n_cases,
        "auc": curve.auc,
        "auc_delong_ci": [curve.low, curve.auc, curve.high],
        "var_delong": curve.variance,
        "se_delong": curve.std_err,
        "ci_90": [ninety.low, ninety.auc, ninety.high],
        "curve": {
            "thresholds": curve.thresholds,
            "sensitivities": curve.sensitivity,
            "specificities": curve.specificity,
        },
        "best_youden": _points(best_points(curve), 1.0),
        "best_topleft": _points(best_points(curve, criterion="closest.topleft"), 1.0),
        "best_youden_weights_cost2_prev0.2": _points(best_points(curve, cost=2, prevalence=0.2), 2.0),
        "all_coords": {key: _points(points, 1.0)[key] for key in COORDINATES},
        "partial_auc_spec_1_0.8": partial_auc(curve, 0.8),
        "partial_auc_spec_corrected": partial_auc(curve, 0.8, correct=True),
        "partial_auc_sens_1_0.8": partial_auc(curve, 0.8, focus="sensitivity"),
        "sens_at_spec_0.9": {
            "specificity": [0.9],
            "sensitivity": [sensitivity_at(curve, 0.9)],
            "threshold": [None],
        },
        "wilcoxon_U_over_n0n1": float(((above + 1) / 2).mean()),
    }


COORDINATES = ("threshold", "specificity", "sensitivity", "ppv", "npv", "accuracy")


def _points(points: list[OperatingPoint], r: float) -> dict[str, list[float]]:
    """pROC's coordinates; ``r`` is the weight of the specificity in Youden's sum and of its complement's square."""
    columns: dict[str, list[float]] = {}
    for point in points:
        sens, spec = point.sensitivity, point.specificity
        values = {
            **{key: getattr(point, key) for key in (*COORDINATES, "tn", "tp", "fn", "fp")},
            "1-specificity": 1 - spec,
            "1-sensitivity": 1 - sens,
            "precision": point.ppv,
            "recall": sens,
            "youden": sens + r * spec,
            "closest.topleft": (1 - sens) ** 2 + r * (1 - spec) ** 2,
        }
        for key, value in values.items():
            columns.setdefault(key, []).append(value)
    return columns
