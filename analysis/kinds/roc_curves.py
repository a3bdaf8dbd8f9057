"""One marker's ROC curve as a result holds it: area, test, operating points, or the sentence that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from statistics import fmean, stdev
from typing import Any

from analysis.frames.frame import Frame
from analysis.stats.errors import StatsInputError
from analysis.stats.operating_points import OperatingPoint, operating_point
from analysis.stats.rank_tests import mann_whitney
from analysis.stats.roc import Roc, best_points, roc

MIN_PER_CLASS = 10
SMALL_SIDE = 0.10
TEST = "Wilcoxon rank sum test (the AUC is 0.5)"
NO_AREA: dict[str, Any] = {
    "auc": None,
    "se": None,
    "low": None,
    "high": None,
    "p": None,
    "direction": None,
    "best": None,
}


@dataclass(frozen=True)
class Outcome:
    """Where a frame says who is a case: rows whose column has this value."""

    column: str
    case: bool

    def is_case(self, row: Mapping[str, Any]) -> bool:
        return bool(row[self.column]) == self.case


def marker_curve(frame: Frame, name: str, outcome: Outcome, direction: str) -> tuple[dict[str, Any], Roc | None]:
    known = frame.complete(name)
    truth, values = [outcome.is_case(row) for row in known.rows], known.column(name)
    n_cases, n_controls = sum(truth), len(truth) - sum(truth)
    described: dict[str, Any] = {
        "name": name,
        "label": frame.columns[name]["label"],
        "unit": frame.columns[name]["unit"],
        "n": len(known.rows),
        "n_cases": n_cases,
        "n_controls": n_controls,
        "missing": len(frame.rows) - len(known.rows),
        "dropped": known.dropped(),
        "test": TEST,
        "points": [],
        "refused": _refusal(n_cases, n_controls, values),
        **NO_AREA,
    }
    if described["refused"]:
        return described, None
    try:
        curve = roc(truth, values, direction=direction)
    except StatsInputError as error:
        return described | {"refused": f"No curve: {error}"}, None
    cases, controls = curve.marker[curve.outcome], curve.marker[~curve.outcome]
    described |= {
        "auc": curve.auc,
        "se": curve.std_err,
        "low": curve.low,
        "high": curve.high,
        "p": mann_whitney(cases, controls).p,
        "direction": curve.direction,
        "curve": {
            "threshold": curve.thresholds,
            "sensitivity": curve.sensitivity,
            "specificity": curve.specificity,
        },
        "group_means": {"cases": _mean(cases.tolist()), "controls": _mean(controls.tolist())},
    }
    best, *tied = best_points(curve)
    points = [("youden", "exploratory", best), *_declared(frame, name, curve)]
    described["points"] = [point_of(kind, status, point, described["group_means"]) for kind, status, point in points]
    described["best"] = described["points"][0] | {"tied": [point.threshold for point in tied]}
    return described, curve


def marker_warnings(marker: dict[str, Any]) -> list[str]:
    label = marker["label"]
    if marker["refused"]:
        return [f"{label}: {marker['refused']}"]
    found = []
    if marker["auc"] < 0.5:
        side = "higher" if marker["direction"] == "<" else "lower"
        found.append(f"{label}: an AUC below 0.5 means that cases do not have the {side} values that were expected.")
    if marker["best"]["tied"]:
        found.append(
            f"{label}: {len(marker['best']['tied']) + 1} cutoffs are equally good; the most sensitive is given."
        )
    if isinf(marker["best"]["threshold"]):
        found.append(f"{label}: no cutoff does better than calling everybody the same.")
    return found


def _refusal(cases: int, controls: int, values: list[Any]) -> str | None:
    if min(cases, controls) < MIN_PER_CLASS:
        return f"No curve: {cases} cases and {controls} controls have a value, fewer than {MIN_PER_CLASS} of one."
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return "No curve: the marker is not a number."
    if len(set(values)) == 1:
        return "No curve: everybody has the same value."
    return None


def _mean(values: list[float]) -> dict[str, float]:
    return {"mean": fmean(values), "sd": stdev(values)}


def _declared(frame: Frame, name: str, curve: Roc) -> list[tuple[str, str, OperatingPoint]]:
    found = []
    for status in ("registered", "published"):
        declared = frame.constants.get("cutoffs", {}).get(f"{name}/{status}")
        if declared:
            at = operating_point(curve.outcome, curve.marker, declared["value"], curve.direction)
            found.append((status, status, at))
    return found


def point_of(kind: str, status: str, point: OperatingPoint, means: dict[str, dict[str, float]]) -> dict[str, Any]:
    shares = {
        "sensitivity": point.sensitivity_ci,
        "specificity": point.specificity_ci,
        "ppv": point.ppv_ci,
        "npv": point.npv_ci,
    }
    described: dict[str, Any] = {
        "kind": kind,
        "status": status,
        "threshold": point.threshold,
        "direction": point.direction,
        "youden": point.youden,
        "counts": {"tp": point.tp, "fp": point.fp, "tn": point.tn, "fn": point.fn},
        "warning": _warning(point, means),
    }
    for share, ci in shares.items():
        described |= {share: ci.value, f"{share}_low": ci.low, f"{share}_high": ci.high}
    return described


def _warning(point: OperatingPoint, means: dict[str, dict[str, float]]) -> str | None:
    low, high = sorted((means["cases"]["mean"], means["controls"]["mean"]))
    sentences = []
    if not low <= point.threshold <= high:
        sentences.append(f"The cutoff lies outside both group means ({low:.4g} and {high:.4g}).")
    above = point.tp + point.fp if point.direction == "<" else point.tn + point.fn
    total = point.tp + point.fp + point.tn + point.fn
    side = min(above, total - above) / total
    if side < SMALL_SIDE:
        sentences.append(f"It leaves {side:.0%} of the patients on one side.")
    return " ".join(sentences) or None
