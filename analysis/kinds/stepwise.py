"""A Cox model whose covariates are chosen one at a time by an information criterion."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import replace
from math import log
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import forest
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.design import Design, wish_of
from analysis.kinds.hazard_terms import called
from analysis.kinds.one_model import (
    check_model,
    design_for,
    facts,
    happened,
    model_base,
    model_of_table,
    model_options,
    model_request,
)
from analysis.kinds.stepwise_tables import stepwise_tables
from analysis.kinds.tables import ResultTable
from analysis.rscripts.stepwise import stepwise_script
from analysis.stats.cox import LIKELIHOODS
from analysis.stats.errors import StatsInputError
from analysis.stats.stepwise import NONE, Selection, Term, stepwise
from analysis.tables.table import Table, TableError

DIRECTIONS = ("both", "backward", "forward")
CRITERIA = {"aic": "AIC", "bic": "BIC"}
STARTS = ("full", "null")
CAUTION = (
    "The covariates were chosen because they fit here: intervals and p of the model are narrower and smaller than they "
    "would be in other patients, who alone can confirm it."
)


class StepwiseCox:
    code = "stepwise"
    label = _("Stepwise Cox regression")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        own = frozenset({"direction", "criterion", "start"})
        check_model(parameters, own, what="selection", ties=tuple(LIKELIHOODS))
        _check_way(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return model_request(parameters)

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        base = model_base(frame, parameters) | {
            "direction": parameters.get("direction", "both"),
            "criterion": parameters.get("criterion", "aic"),
            "start": parameters.get("start", "full"),
            "path": [],
            "final": None,
        }
        if base["refused"]:
            return base
        try:
            return base | _selected(frame, parameters, base)
        except StatsInputError as error:
            return base | {"refused": f"No model: {error}"}

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return claims
        final = output["final"]
        claims.append(Claim("criterion", f"{CRITERIA[output['criterion']]} of the model", output["path"][-1]["aic"]))
        terms = {term["term"]: term for term in final["terms"]}
        for candidate in output["tried"]:
            own = [terms[name] for name in candidate["columns"] if name in terms]
            verdict = f"{candidate['label']}: {'in the model' if own else 'not in the model'}"
            if not own:
                claims.append(Claim(f"hr_{candidate['columns'][0]}", candidate["label"], None, verdict=verdict))
            claims += [
                Claim(
                    f"hr_{term['term']}",
                    f"Hazard ratio, {term['label']}",
                    term["hr"],
                    term["low"],
                    term["high"],
                    verdict=verdict,
                )
                for term in own
            ]
        if final["concordance"]:
            claims.append(Claim("concordance", "Concordance", final["concordance"]["c"]))
        return claims

    def figures(self, output: Output) -> list[Figure]:
        if not output["final"] or not output["final"]["terms"]:
            return []
        drawn = output | {"terms": output["final"]["terms"]}
        return [Figure("forest", f"Chosen for {output['endpoint']}", forest.chart(drawn))]

    def tables(self, output: Output) -> list[ResultTable]:
        return stepwise_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        model_options(parser, tuple(sorted(LIKELIHOODS)))
        parser.add_argument("--direction", default="both", choices=DIRECTIONS, help="add, drop or both")
        parser.add_argument("--criterion", default="aic", choices=list(CRITERIA), help="what falls at every step")
        parser.add_argument("--from", dest="begin", default="full", choices=STARTS, help="the first model")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        frame, parameters = model_of_table(table, options)
        parameters |= {"direction": options.direction, "criterion": options.criterion, "start": options.begin}
        try:
            check_model(
                parameters,
                frozenset({"direction", "criterion", "start"}),
                what="selection",
                ties=tuple(LIKELIHOODS),
            )
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        return frame, parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return stepwise_script(frame, wish_of(parameters), output, name=name)


STEPWISE = StepwiseCox()


def _check_way(parameters: Mapping[str, Any]) -> None:
    rules = (("direction", "both", DIRECTIONS), ("criterion", "aic", tuple(CRITERIA)), ("start", "full", STARTS))
    for name, usual, allowed in rules:
        if parameters.get(name, usual) not in allowed:
            raise ParameterError(name, f"is one of {', '.join(allowed)}.")


def _selected(frame: Frame, parameters: Mapping[str, Any], base: Output) -> Output:
    design = design_for(frame, parameters)
    events = int(happened(frame).sum())
    terms = [Term(term.name, *_columns(design, term.name)) for term in design.terms]
    found = stepwise(
        frame.times(),
        happened(frame),
        terms,
        direction=base["direction"],
        start=base["start"],
        penalty=2.0 if base["criterion"] == "aic" else log(events),
        ties=base["ties"],
    )
    whole = _final(found, design, frame)
    labels = {name: called(name, whole["covariates"]) for name in (term.name for term in terms)}
    return {
        "covariates": whole["covariates"],
        "tried": [{"term": term.name, "label": labels[term.name], "columns": list(term.columns)} for term in terms],
        "path": [_step(step.move, step.criterion, step.moves, labels) for step in found.steps],
        "final": whole["final"],
        "warnings": [CAUTION, *whole["warnings"]],
    }


def _columns(design: Design, name: str) -> tuple[tuple[str, ...], Any]:
    part = replace(design, terms=[term for term in design.terms if term.name == name])
    return tuple(part.names), part.matrix


def _step(move: str, criterion: float, moves: Any, labels: Mapping[str, str]) -> dict[str, Any]:
    action, term = _move(move)
    return {
        "action": action or "start",
        "term": term,
        "label": labels.get(term, ""),
        "aic": criterion,
        "moves": [
            {"action": action or "stay", "term": term, "label": labels.get(term, ""), "aic": tried.criterion}
            for tried in moves
            for action, term in [_move(tried.name)]
        ],
    }


def _move(name: str) -> tuple[str, str]:
    if not name or name == NONE:
        return "", ""
    return {"+": "add", "-": "drop"}[name[0]], name[2:]


def _final(found: Selection, design: Design, frame: Frame) -> Output:
    by_name = {term.name: term for term in design.terms}
    last = replace(design, terms=[by_name[name] for name in found.terms])
    everything = [{"name": one.name, "label": one.label} for one in design.covariates]
    if found.fit is None:
        none = {"terms": [], "loglik": [found.loglik_null] * 2, "concordance": None, "bic": None, "covariates": []}
        warning = "No covariate improves the criterion: the model is empty."
        aic = -2 * found.loglik_null
        return {"covariates": everything, "final": none | {"aic": aic}, "warnings": [warning]}
    kept = replace(last, covariates=[one for one in design.covariates if _is_in(one.name, last)])
    model = facts(found.fit, kept, frame)
    warnings = model.pop("warnings")
    fit = found.fit
    final = model | {"loglik": list(fit.loglik), "aic": fit.aic, "bic": fit.bic}
    return {"covariates": everything, "final": final, "warnings": warnings}


def _is_in(name: str, design: Design) -> bool:
    return any(name in term.variables for term in design.terms)
