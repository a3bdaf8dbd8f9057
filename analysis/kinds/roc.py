"""ROC curves of markers against response, or against any outcome of a table."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import roc as roc_chart
from analysis.frames.frame import Frame
from analysis.frames.request import CutoffWish, FrameRequest
from analysis.headline.claims import Claim
from analysis.headline.ranking import Ranking
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.roc_comparisons import compared_areas
from analysis.kinds.roc_curves import Outcome, marker_curve, marker_warnings
from analysis.kinds.wording import ALPHA
from analysis.rscripts.roc import roc_script
from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError

RESPONDER, NON_RESPONDER = "responder", "non-responder"
DIRECTIONS = ("auto", "<", ">")


class RocOfMarkers:
    code = "roc"
    label = _("ROC of markers against response")
    version = 2
    template = "analysis/kinds/roc.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"markers", "positive", "direction", "compare"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a ROC analysis.")
        markers = parameters.get("markers")
        if not isinstance(markers, list | tuple) or not markers or len(set(markers)) != len(markers):
            raise ParameterError("markers", "name at least one marker, each once.")
        if parameters.get("positive", RESPONDER) not in (RESPONDER, NON_RESPONDER):
            raise ParameterError("positive", f"is {RESPONDER} or {NON_RESPONDER}.")
        if parameters.get("direction", "auto") not in DIRECTIONS:
            raise ParameterError("direction", f"is one of {', '.join(DIRECTIONS)}.")
        if not isinstance(parameters.get("compare", True), bool):
            raise ParameterError("compare", "is true or false.")
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        markers = tuple(parameters["markers"])
        return FrameRequest(
            variables=markers,
            response=True,
            cutoffs=tuple(CutoffWish(name, status) for name in markers for status in ("registered", "published")),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        outcome = outcome_of(parameters)
        positive = parameters.get("positive", RESPONDER)
        asked = frame.columns.get(outcome.column, {"label": "response"})["label"]
        found = {
            name: marker_curve(frame, name, outcome, parameters.get("direction", "auto"))
            for name in parameters["markers"]
        }
        markers = [described for described, _curve in found.values()]
        cases = sum(outcome.is_case(row) for row in frame.rows)
        refused = " ".join(dict.fromkeys(marker["refused"] or "" for marker in markers))
        is_refused = all(marker["refused"] for marker in markers)
        curves = {name: curve for name, (_described, curve) in found.items()}
        return {
            "outcome": asked,
            "definition": frame.constants.get("response", ""),
            "positive": positive,
            # What legends and claims call a case.
            "case": f"{asked} {positive}" if "outcome" in parameters else positive,
            "n": len(frame.rows),
            "n_cases": cases,
            "n_controls": len(frame.rows) - cases,
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "markers": markers,
            "comparisons": compared_areas(frame, curves, outcome) if parameters.get("compare", True) else [],
            "refused": refused if is_refused else None,
            "warnings": [] if is_refused else [words for marker in markers for words in marker_warnings(marker)],
        }

    def headline(self, output: Output) -> list[Claim]:
        return roc_claims(output)

    def rankings(self, output: Output) -> list[Ranking]:
        return [Ranking("largest AUC", {f"auc_{marker['name']}": marker["label"] for marker in output["markers"]})]

    def figures(self, output: Output) -> list[Figure]:
        drawn = [marker for marker in output["markers"] if not marker["refused"]]
        if not drawn:
            return []
        # A result of the version before has no name for a case yet.
        case = output.get("case", output["positive"])
        title = f"ROC for {case}: {', '.join(marker['label'] for marker in drawn)}"
        spec = roc_chart.chart(output | {"markers": drawn, "positive": case})
        return [Figure("roc", title, spec)]

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--outcome", metavar="COLUMN", help="what tells cases from controls")
        parser.add_argument(
            "--positive", metavar="VALUE", help="the value of cases (else 1 or yes); others are controls"
        )
        parser.add_argument("--markers", metavar="COLUMN,COLUMN", help="numbers, each with a curve of its own")
        parser.add_argument(
            "--direction",
            default="auto",
            choices=DIRECTIONS,
            help="<: cases are higher; >: cases are lower; auto: as the medians of cases and controls lie",
        )
        parser.add_argument("--compare", action="store_true", help="DeLong's test of every pair of markers")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.outcome or not options.markers:
            raise TableError("Name the outcome and the markers: --outcome COLUMN and --markers COLUMN,COLUMN.")
        markers = listed(options.markers)
        if options.outcome in markers:
            raise TableError(f"Column {options.outcome} cannot be the outcome and a marker of it.")
        positive = "1" if options.positive is None else options.positive
        column = f"{options.outcome} is {positive}"
        framing = Framing(table)
        framing.numbers(*markers)
        framing.flag(column, options.outcome, options.positive)
        # With one marker there is one number of patients: that of its curve.
        needed = [column, *markers] if len(markers) == 1 else [column]
        parameters = {
            "outcome": column,
            "positive": positive,
            "markers": markers,
            "direction": options.direction,
            "compare": options.compare,
        }
        return framing.frame().complete(*needed), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return roc_script(outcome_of(parameters), parameters.get("direction", "auto"), output, name=name)


ROC = RocOfMarkers()


def outcome_of(parameters: Mapping[str, Any]) -> Outcome:
    if "outcome" in parameters:
        return Outcome(parameters["outcome"], case=True)
    return Outcome("responder", case=parameters.get("positive", RESPONDER) == RESPONDER)


def roc_claims(output: Output) -> list[Claim]:
    is_response = output["case"] == output["positive"]
    counted = f"{output['case'].capitalize()}s" if is_response else f"Cases ({output['case']})"
    plural = f"{output['case']}s" if is_response else "cases"
    claims = [Claim("n", "Patients", output["n"]), Claim("n_cases", counted, output["n_cases"])]
    claims += [claim for marker in output["markers"] for claim in _claims(marker, plural)]
    return claims + [_difference(pair) for pair in output["comparisons"]]


def _claims(marker: dict[str, Any], cases: str) -> list[Claim]:
    name, label = marker["name"], marker["label"]
    if marker["refused"]:
        return [Claim(f"auc_{name}", f"AUC of {label}", None, verdict="no curve")]
    tells = "tells" if marker["low"] > 0.5 else "does not tell"
    side = "higher" if marker["direction"] == "<" else "lower"
    claims = [
        Claim(
            f"auc_{name}",
            f"AUC of {label} ({side} in {cases})",
            marker["auc"],
            marker["low"],
            marker["high"],
            verdict=f"{label} {tells} {cases} apart",
        )
    ]
    threshold = marker["points"][0]["threshold"]
    # A cutoff that calls everybody the same is infinite, and no cutoff.
    value = threshold if isinstance(threshold, int | float) else None
    return [*claims, Claim(f"youden_{name}", f"Best cutoff of {label}", value, unit=marker["unit"])]


def _difference(pair: dict[str, Any]) -> Claim:
    a, b = pair["a"], pair["b"]
    differ = "differ" if pair["p"] is not None and pair["p"] < ALPHA else "do not differ"
    verdict = "no test" if pair["p"] is None else f"the areas of {a} and {b} {differ}"
    label = f"AUC of {a} less that of {b}"
    name = "_".join(["difference", *pair["between"]])
    return Claim(name, label, pair["difference"], pair["low"], pair["high"], verdict=verdict)
