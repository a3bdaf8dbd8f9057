"""From candidates to a score in one question: screen, lasso, selection, curves, nomogram, calibration, net benefit."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError, TabledKind
from analysis.kinds.design import check_wish, wish_of
from analysis.kinds.many_columns import check_columns, described
from analysis.kinds.tables import ResultTable, shown
from analysis.pipeline.card import LIMITS
from analysis.pipeline.keeping import Computed
from analysis.pipeline.parts import PARTS
from analysis.pipeline.steps import Built, build, with_score
from analysis.pipeline.study import compared_with_study, study_table
from analysis.pipeline.wish import PENALTIES, SCORE, STUDIES, Rows, Wish, narrowed
from analysis.tables.covariates import Covariates

MOST_CANDIDATES, MOST_CLAIMS = 5_000, 30
OWN = frozenset({"clinical", "categories", "references", "times", "by", "threshold", "folds", "seed", "penalty"})
OWN |= {"resamples", "study"}


class PipelineToScore:
    code = "pipeline"
    label = _("From candidates to a score")
    # 3: as its calibration, whose resamples are kept at twelve digits.
    version = 3
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        check_columns(parameters, OWN, what="pipeline", most=MOST_CANDIDATES)
        if both := sorted({*parameters["covariates"]} & {*parameters.get("clinical", [])}):
            raise ParameterError("clinical", f"{both[0]} is a candidate too.")
        check_wish({**_clinical(parameters), "covariates": parameters.get("clinical", [])}, required=False)
        if parameters.get("penalty", "min") not in PENALTIES:
            raise ParameterError("penalty", f"is one of {', '.join(PENALTIES)}.")
        if parameters.get("study", "") not in ("", *STUDIES):
            raise ParameterError("study", f"is one of {', '.join(STUDIES)}.")
        # What its parts are asked is theirs to judge.
        one = {"endpoint": parameters["endpoint"], "covariates": [parameters["covariates"][0]]}
        PARTS["screen"].check(one | _some(parameters, "by", "threshold"))
        PARTS["lasso"].check(one | _some(parameters, "folds", "seed"))
        PARTS["nomogram"].check(one | _some(parameters, "times"))
        PARTS["calibration"].check(one | {"horizon": 1} | _some(parameters, "resamples", "seed"))
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = (*parameters["covariates"], *parameters.get("clinical", ()))
        return FrameRequest(variables=names, endpoint=parameters["endpoint"])

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        wish, rows = _wish(parameters, frame), replace(frame, notes=[])
        built = build(wish, Rows("", "", rows), None, Computed())
        # Only where it was asked for: the output of the others is what it always was.
        beside = {"study": compared_with_study(wish, rows, built, Computed())} if wish.study else {}
        # A pipeline of one cohort has nothing to say of another.
        steps = [step.as_json() for step in built.steps if step.kind != "cox" or step.name == "clinical"]
        first = next((step.refused for step in built.steps if step.refused), None)
        return {
            "endpoint": parameters["endpoint"],
            "time_unit": frame.time_unit,
            "n": len(frame.rows),
            "events": sum(bool(row["event"]) for row in frame.rows),
            "dropped": frame.dropped(),
            "notes": list(frame.notes),
            "warnings": [] if first and not built.signature else list(LIMITS[:2]),
            "seed": parameters.get("seed", 1),
            "tried": [described(frame, name) for name in parameters["covariates"]],
            "score": _score(frame, built),
            "steps": steps,
            "refused": first if not built.signature else None,
            **{name: [asdict(row) for row in found] for name, found in beside.items()},
        }

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if not output["score"]:
            return claims
        terms = {term["term"]: term["coef"] for term in output["score"]["terms"]}
        few = len(output["tried"]) <= MOST_CLAIMS
        claims += [
            Claim(
                f"coef_{row['term']}",
                f"Coefficient of {row['label']} in the score",
                terms.get(row["term"]),
                verdict=f"{row['label']}: {'in the score' if row['term'] in terms else 'not in the score'}",
            )
            for row in output["tried"]
            if few or row["term"] in terms
        ]
        for name in ("survival", "timeroc", "nomogram-timeroc"):
            step = _step(output, name)
            found = PARTS[step["kind"]].headline(step["output"]) if step and not step["refused"] else []
            claims += [
                replace(claim, name=f"{name}_{claim.name}") for claim in found if claim.name not in ("n", "events")
            ]
        return claims

    def figures(self, output: Output) -> list[Figure]:
        """The first of each step: whoever wants the others asks that kind."""
        return [
            Figure(f"{step['step']}-{figure.name}", step["title"], figure.spec)
            for step in output["steps"]
            if not step["refused"]
            for figure in PARTS[step["kind"]].figures(step["output"])[:1]
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        if not output["score"]:
            return []
        found = [_score_table(output), _steps_table(output)]
        if output.get("study"):
            found.append(study_table(output["study"]))
        for step in output["steps"]:
            kind = PARTS[step["kind"]]
            if not step["refused"] and isinstance(kind, TabledKind):
                found += [
                    replace(table, name=f"{step['step']}-{table.name}", title=f"{step['title']}: {table.title}")
                    for table in kind.tables(step["output"])[:1]
                ]
        return found


PIPELINE = PipelineToScore()


def final_model(
    frame: Frame, parameters: Mapping[str, Any], signature: Mapping[str, float]
) -> tuple[Frame, dict[str, Any]]:
    """The score beside the clinical features: rows and parameters of the step `clinical` and of the nomogram."""
    clinical = _wish(parameters, frame).clinical
    names = [SCORE, *clinical.names]
    model = {**clinical.parameters(), "endpoint": parameters["endpoint"], "covariates": names}
    return narrowed(with_score(frame, signature), [*names, *signature]), model


def _clinical(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return _some(parameters, "categories", "references")


def _some(parameters: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: parameters[name] for name in names if name in parameters}


def _wish(parameters: Mapping[str, Any], frame: Frame) -> Wish:
    model = wish_of({**_clinical(parameters), "covariates": parameters.get("clinical", ())})
    clinical = Covariates(list(model.covariates), sorted(model.categories), [], dict(model.references))
    return Wish(
        endpoint=parameters["endpoint"],
        candidates=tuple(parameters["covariates"]),
        clinical=clinical,
        times=tuple(sorted(float(at) for at in parameters["times"])),
        unit=_unit(frame, parameters["covariates"]),
        by=parameters.get("by", "p"),
        threshold=parameters.get("threshold", 0.05),
        folds=parameters.get("folds", 10),
        seed=parameters.get("seed", 1),
        penalty=PENALTIES[parameters.get("penalty", "min")],
        resamples=parameters.get("resamples", 200),
        study=parameters.get("study", ""),
    )


def _unit(frame: Frame, names: list[str]) -> str:
    """Of all candidates; nothing where they are in several."""
    units = {str(frame.columns.get(name, {}).get("unit", "")) for name in names}
    return units.pop() if len(units) == 1 else ""


def _score(frame: Frame, built: Built) -> Output | None:
    if not built.signature:
        return None
    terms = [described(frame, name) | {"coef": coef} for name, coef in built.signature.items()]
    return {"terms": terms, "above": built.cutoff}


def _step(output: Output, name: str) -> dict[str, Any] | None:
    return next((step for step in output["steps"] if step["step"] == name), None)


def _score_table(output: Output) -> ResultTable:
    rows = [[term["label"], term["unit"] or "—", shown(term["coef"], 6)] for term in output["score"]["terms"]]
    notes = [
        "The score is the sum of coefficient × value. High means above "
        f"{shown(output['score']['above'], 6)}, the median of these patients."
    ]
    return ResultTable("score", f"The score for {output['endpoint']}", ["Term", "Unit", "Coefficient"], rows, notes)


def _steps_table(output: Output) -> ResultTable:
    rows = [[step["title"], step["refused"] or "done"] for step in output["steps"]]
    return ResultTable("steps", "Steps", ["Step", ""], rows)
