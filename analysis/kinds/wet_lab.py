"""The wet-lab triangle: IHC, Western blot and qPCR of one marker in tumour against adjacent normal tissue."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import slopes
from analysis.frames.frame import Frame
from analysis.frames.pair_columns import LABELS, METHODS, pair_column
from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError, parse
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.tissue_pairs import LOG2, describe
from analysis.kinds.wording import ALPHA
from analysis.stats.correlation import spearman, spearman_interval
from analysis.stats.errors import StatsInputError
from analysis.stats.proportion import proportion

AGREE, DISAGREE, UNKNOWN = "agree", "disagree", "unknown"
MIN_CORRELATED = 5
MIN_FOR_P = 10


class WetLabTriangle:
    code = "wet_lab"
    label = _("Wet-lab triangle")
    version = 1
    template = "analysis/kinds/wet_lab.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"marker"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a wet-lab triangle.")
        marker = parameters.get("marker")
        if not isinstance(marker, str) or not marker:
            raise ParameterError("marker", "name the marker, such as S100A11.")
        try:
            code = parse(f"ihc:{marker}").code
        except VariableNameError:
            code = ""
        if code != marker:
            raise ParameterError("marker", f"{marker!r} is no code of a marker; the tissues are given.")

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return FrameRequest(pairs=(parameters["marker"],))

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        marker = parameters["marker"]
        methods = [describe(frame, marker, method) for method in METHODS]
        directions = _directions(methods)
        return {
            "marker": marker,
            "n": len(directions),
            "n_measured": len(frame.rows),
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "methods": methods,
            "directions": directions,
            "agreement": _agreement([row["verdict"] for row in directions]),
            "between": [_between(directions, a, b) for a, b in combinations(METHODS, 2)],
            "correlations": [_correlated(frame, marker, a, b) for a, b in combinations(METHODS, 2)],
        }

    def headline(self, output: Output) -> list[Claim]:
        agreement = output["agreement"]
        verdict = _agreement_verdict(agreement)
        return [
            Claim(
                "agreement",
                "Patients whose methods agree in direction",
                agreement["value"],
                agreement["low"],
                agreement["high"],
                verdict=verdict,
            ),
            *(claim for method in output["methods"] for claim in _claims(method)),
        ]

    def figures(self, output: Output) -> list[Figure]:
        return [
            Figure(method["code"], f"{output['marker']} by {method['label']}", slopes.chart(method, output["marker"]))
            for method in output["methods"]
            if method["pairs"]
        ]


WET_LAB = WetLabTriangle()


def _directions(methods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per patient with at least one pair: which way each method points, and whether they agree."""
    found: dict[str, dict[str, Any]] = {}
    for method in methods:
        for pair in method["pairs"]:
            row = found.setdefault(pair["patient"], {"patient": pair["patient"]} | dict.fromkeys(METHODS))
            row[method["code"]] = pair["direction"]
    return [row | {"verdict": _verdict([row[code] for code in METHODS])} for _patient, row in sorted(found.items())]


def _verdict(directions: list[str | None]) -> str:
    known = [direction for direction in directions if direction is not None]
    if len(known) < 2:
        return UNKNOWN
    return AGREE if len(set(known)) == 1 else DISAGREE


def _agreement(verdicts: list[str]) -> dict[str, Any]:
    counts = {verdict: verdicts.count(verdict) for verdict in (AGREE, DISAGREE, UNKNOWN)}
    known = counts[AGREE] + counts[DISAGREE]
    return counts | {"known": known} | asdict(proportion(counts[AGREE], known))


def _between(directions: list[dict[str, Any]], a: str, b: str) -> dict[str, Any]:
    return {"a": LABELS[a], "b": LABELS[b]} | _agreement([_verdict([row[a], row[b]]) for row in directions])


def _correlated(frame: Frame, marker: str, a: str, b: str) -> dict[str, Any]:
    """Do patients whose tumour stands out by one method stand out by the other? Ranks of the changes."""
    names = [pair_column(method, marker, "change") for method in (a, b)]
    both = [[row[name] for name in names] for row in frame.rows if all(row.get(name) is not None for name in names)]
    described: dict[str, Any] = {"a": LABELS[a], "b": LABELS[b], "n": len(both)}
    refused = described | {"rho": None, "low": None, "high": None, "p": None}
    if len(both) < MIN_CORRELATED:
        return refused | {"refused": f"{len(both)} patients have pairs by both, fewer than {MIN_CORRELATED}."}
    try:
        found = spearman([x for x, _y in both], [y for _x, y in both])
    except StatsInputError as error:
        return refused | {"refused": str(error)}
    low, high = spearman_interval(found.value, len(both)) or (None, None)
    return described | {
        "rho": found.value,
        "low": low,
        "high": high,
        "p": found.p if len(both) >= MIN_FOR_P else None,
        "refused": None if len(both) >= MIN_FOR_P else f"No p: {len(both)} patients, fewer than {MIN_FOR_P}.",
    }


def _agreement_verdict(agreement: dict[str, Any]) -> str:
    if not agreement["known"]:
        return "direction is not known by two methods"
    return "methods agree in direction" if not agreement[DISAGREE] else "methods disagree in some patients"


def _claims(method: dict[str, Any]) -> list[Claim]:
    code, label, test = method["code"], method["label"], method["test"]
    claims = [Claim(f"n_{code}", f"Pairs by {label}", method["n"])]
    if test is None:
        return [*claims, Claim(f"{code}_p", f"p by {label}", None, verdict=f"no test by {label}")]
    effect = test["effect"]
    said = f"{label}: tumour over normal" if method["scale"] == LOG2 else f"{label}: tumour less normal"
    unit = "×" if method["scale"] == LOG2 else method["unit"]
    return [
        *claims,
        Claim(f"change_{code}", said, effect["value"], effect["low"], effect["high"], unit),
        Claim(f"{code}_p", f"p by {label} ({test['test']})", test["p"], verdict=_found(label, test)),
    ]


def _found(label: str, test: dict[str, Any]) -> str:
    if test["least_p"] is not None and test["least_p"] >= ALPHA:
        return f"too few pairs to tell by {label}"
    if test["p"] >= ALPHA:
        return f"no difference shown by {label}"
    return f"{'higher' if test['difference'] > 0 else 'lower'} in tumour by {label}"
