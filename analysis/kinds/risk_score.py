"""A registered risk model applied to a cohort: score, split, survival by group."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds import cutpoints
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.survival import HIGH, LOW, refused, split_survival, survival_claims, survival_figures
from analysis.riskmodels.scoring import UnitError, linear_score

SCORE = "score"


class RiskScore:
    code = "risk_score"
    label = _("Risk score")
    version = 2
    template = "analysis/kinds/risk_score.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"endpoint", "model", "number", "terms", "cutoff"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a risk score.")
        for name in ("endpoint", "model"):
            if not isinstance(parameters.get(name), str):
                raise ParameterError(name, "is missing.")
        number = parameters.get("number", 1)
        if not isinstance(number, int) or number < 1:
            raise ParameterError("number", "is the version of the model, from 1.")
        terms = parameters.get("terms")
        if not isinstance(terms, dict) or not terms:
            raise ParameterError("terms", "say which variable of the cohort each term of the model is.")
        if parameters.get("cutoff", "median") in cutpoints.STORED:
            raise ParameterError("cutoff", "a score is split at its median or at a number.")
        cutpoints.check_cutoff(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        variables = tuple(parameters["terms"].values())
        return FrameRequest(
            variables=variables,
            required=variables,
            endpoint=parameters["endpoint"],
            risk_model=(parameters["model"], parameters.get("number", 1)),
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        model = frame.constants.get("risk_model")
        base: Output = {
            "endpoint": parameters["endpoint"],
            "time_unit": "months",
            "variable": SCORE,
            "label": "Risk score",
            "unit": "",
            "model": model,
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "scores": [],
        }
        if model is None:
            return base | refused(f"No risk model {parameters['model']} is registered.")
        if not frame.rows:
            return base | refused("Nobody has all the facts that this analysis needs.")
        try:
            scores = _scores(frame, model, parameters["terms"])
        except UnitError as error:
            return base | refused(str(error))
        return base | _split(frame, scores, parameters)

    def headline(self, output: Output) -> list[Claim]:
        return survival_claims(output)

    def headline_at(self, output: Output, threshold: float) -> list[Claim]:
        return survival_claims(output, threshold)

    def figures(self, output: Output) -> list[Figure]:
        return survival_figures(output)


RISK_SCORE = RiskScore()


def _scores(frame: Frame, model: dict[str, Any], terms: Mapping[str, str]) -> list[float]:
    units = {term: frame.columns[variable]["unit"] for term, variable in terms.items()}
    return [linear_score(model, {term: row[variable] for term, variable in terms.items()}, units) for row in frame.rows]


def _split(frame: Frame, scores: list[float], parameters: Mapping[str, Any]) -> Output:
    cutoff = cutpoints.choose(frame, scores, SCORE, parameters)
    if cutoff is None:
        return refused("No cutoff.")
    groups = [HIGH if score > cutoff.value else LOW for score in scores]
    listed = [{"patient": row["patient"], "score": score} for row, score in zip(frame.rows, scores, strict=True)]
    return split_survival(frame, groups, [LOW, HIGH]) | {
        "cutoff": cutoff.as_json(),
        "values": scores,
        "scores": listed,
    }
