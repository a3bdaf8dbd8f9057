"""ROC curves of markers against response."""

from collections.abc import Mapping
from statistics import fmean, stdev
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import roc as roc_chart
from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish, FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.stats.operating_points import OperatingPoint, operating_point
from analysis.stats.roc import Roc, delong_test, roc, youden

RESPONDER, NON_RESPONDER = "responder", "non-responder"
DIRECTIONS = ("auto", "<", ">")
MIN_PER_CLASS = 10
SMALL_SIDE = 0.10


class RocOfMarkers:
    code = "roc"
    label = _("ROC of markers against response")
    version = 1
    template = "analysis/kinds/roc.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"markers", "positive", "direction"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a ROC analysis.")
        markers = parameters.get("markers")
        if not isinstance(markers, list | tuple) or not markers or len(set(markers)) != len(markers):
            raise ParameterError("markers", "name at least one marker, each once.")
        if parameters.get("positive", RESPONDER) not in (RESPONDER, NON_RESPONDER):
            raise ParameterError("positive", f"is {RESPONDER} or {NON_RESPONDER}.")
        if parameters.get("direction", "auto") not in DIRECTIONS:
            raise ParameterError("direction", f"is one of {', '.join(DIRECTIONS)}.")
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        markers = tuple(parameters["markers"])
        return FrameRequest(
            variables=markers,
            response=True,
            cutoffs=tuple(CutoffWish(name, status) for name in markers for status in ("registered", "published")),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        positive = parameters.get("positive", RESPONDER)
        wanted = positive == RESPONDER
        cases = sum(row["responder"] == wanted for row in frame.rows)
        markers, curves = [], {}
        for name in parameters["markers"]:
            described, curve = _marker(frame, name, wanted, parameters.get("direction", "auto"))
            markers.append(described)
            if curve is not None:
                curves[name] = curve
        return {
            "outcome": "response",
            "definition": frame.constants.get("response", ""),
            "positive": positive,
            "n": len(frame.rows),
            "n_cases": cases,
            "n_controls": len(frame.rows) - cases,
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "markers": markers,
            "comparisons": _comparisons(frame, curves),
        }

    def headline(self, output: Output) -> list[Claim]:
        claims = [
            Claim("n", "Patients", output["n"]),
            Claim("n_cases", f"{output['positive'].capitalize()}s", output["n_cases"]),
        ]
        return claims + [claim for marker in output["markers"] for claim in _claims(marker, output["positive"])]

    def figures(self, output: Output) -> list[Figure]:
        drawn = [marker for marker in output["markers"] if not marker["refused"]]
        if not drawn:
            return []
        title = f"ROC for {output['positive']}: {', '.join(marker['label'] for marker in drawn)}"
        return [Figure("roc", title, roc_chart.chart(output | {"markers": drawn}))]


ROC = RocOfMarkers()


def _marker(frame: Frame, name: str, wanted: bool, direction: str) -> tuple[dict[str, Any], Roc | None]:
    known = [(row["responder"] == wanted, row[name]) for row in frame.rows if row[name] is not None]
    outcome, values = [case for case, _value in known], [value for _case, value in known]
    n_cases = sum(outcome)
    described: dict[str, Any] = {
        "name": name,
        "label": frame.columns[name]["label"],
        "unit": frame.columns[name]["unit"],
        "n": len(known),
        "n_cases": n_cases,
        "n_controls": len(known) - n_cases,
        "missing": len(frame.rows) - len(known),
        "points": [],
        "refused": _refusal(n_cases, len(known) - n_cases, values),
    }
    if described["refused"]:
        return described | {"auc": None, "low": None, "high": None, "direction": None}, None
    curve = roc(outcome, values, direction=direction)
    described |= {
        "auc": curve.auc,
        "low": curve.low,
        "high": curve.high,
        "direction": curve.direction,
        "curve": {
            "threshold": curve.thresholds,
            "sensitivity": curve.sensitivity,
            "specificity": curve.specificity,
        },
        "group_means": _means(outcome, values),
    }
    described["points"] = _points(frame, name, curve, described["group_means"])
    return described, curve


def _refusal(cases: int, controls: int, values: list[Any]) -> str | None:
    if min(cases, controls) < MIN_PER_CLASS:
        return f"No curve: {cases} cases and {controls} controls have a value, fewer than {MIN_PER_CLASS} of one."
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return "No curve: the marker is not a number."
    return None


def _means(outcome: list[bool], values: list[float]) -> dict[str, dict[str, float]]:
    sides = {
        "cases": [value for case, value in zip(outcome, values, strict=True) if case],
        "controls": [value for case, value in zip(outcome, values, strict=True) if not case],
    }
    return {side: {"mean": fmean(found), "sd": stdev(found)} for side, found in sides.items()}


def _points(frame: Frame, name: str, curve: Roc, means: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    points = [("youden", "exploratory", youden(curve))]
    for status in ("registered", "published"):
        declared = frame.constants.get("cutoffs", {}).get(f"{name}/{status}")
        if declared:
            at = operating_point(curve.outcome, curve.marker, declared["value"], curve.direction)
            points.append((status, status, at))
    return [_point(kind, status, point, means) for kind, status, point in points]


def _point(kind: str, status: str, point: OperatingPoint, means: dict[str, dict[str, float]]) -> dict[str, Any]:
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


def _comparisons(frame: Frame, curves: dict[str, Roc]) -> list[dict[str, Any]]:
    """Paired DeLong tests, over the patients who have both markers."""
    names = list(curves)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return [compared for a, b in pairs if (compared := _compared(frame, curves, a, b))]


def _compared(frame: Frame, curves: dict[str, Roc], a: str, b: str) -> dict[str, Any] | None:
    both = [row for row in frame.rows if row[a] is not None and row[b] is not None]
    responders = [row["responder"] for row in both]
    if min(sum(responders), len(both) - sum(responders)) < MIN_PER_CLASS:
        return None
    case = [value == _case_value(frame, curves[a], a) for value in responders]
    left = roc(case, [row[a] for row in both], direction=curves[a].direction)
    right = roc(case, [row[b] for row in both], direction=curves[b].direction)
    test = delong_test(left, right, paired=True)
    labels = {name: frame.columns[name]["label"] for name in (a, b)}
    return {"a": labels[a], "b": labels[b], "n": len(both), "z": test.statistic, "p": test.p}


def _case_value(frame: Frame, curve: Roc, name: str) -> bool:
    known = [row["responder"] for row in frame.rows if row[name] is not None]
    return bool(known[int(curve.outcome.argmax())])


def _claims(marker: dict[str, Any], positive: str) -> list[Claim]:
    name, label = marker["name"], marker["label"]
    if marker["refused"]:
        return [Claim(f"auc_{name}", f"AUC of {label}", None, verdict="no curve")]
    tells = "tells" if marker["low"] > 0.5 else "does not tell"
    side = "higher" if marker["direction"] == "<" else "lower"
    claims = [
        Claim(
            f"auc_{name}",
            f"AUC of {label} ({side} in {positive}s)",
            marker["auc"],
            marker["low"],
            marker["high"],
            verdict=f"{label} {tells} {positive}s apart",
        )
    ]
    best = marker["points"][0]
    return [*claims, Claim(f"youden_{name}", f"Best cutoff of {label}", best["threshold"], unit=marker["unit"])]
