"""Decision curves: the net benefit of acting on the risk of a model, against treating all and none."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import decision as decision_chart
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.decision_models import Question, doubts, fitted, given
from analysis.kinds.decision_tables import decision_tables
from analysis.kinds.decision_wishes import CASE, decision_from_table, decision_options
from analysis.kinds.model_terms import columns_of, term_of
from analysis.kinds.roc import NON_RESPONDER, RESPONDER
from analysis.kinds.tables import ResultTable
from analysis.rscripts.decision import decision_script
from analysis.stats.arrays import FloatArray
from analysis.stats.decision import RULES
from analysis.tables.table import Table

MIN_PATIENTS = 10
MIN_EVENTS = 5
MOST_THRESHOLDS = 1000
FROM, TO, BY = 0.01, 0.99, 0.01


class DecisionCurves:
    code = "decision"
    label = _("Decision curves")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        known = {"endpoint", "horizon", "positive", "models", "risks", "from", "to", "by", "rule"}
        unknown = set(parameters) - known
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a decision curve.")
        if "endpoint" in parameters:
            if not isinstance(parameters["endpoint"], str):
                raise ParameterError("endpoint", "name the endpoint, such as PFS.")
            if "positive" in parameters:
                raise ParameterError("positive", "is of response; an endpoint has events.")
        elif parameters.get("positive", RESPONDER) not in (RESPONDER, NON_RESPONDER):
            raise ParameterError("positive", f"is {RESPONDER} or {NON_RESPONDER}.")
        check_wish(parameters)
        try:
            self.request(parameters)
        except VariableNameError as error:
            raise ParameterError("models", str(error)) from error

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = tuple(needed(parameters, ()))
        endpoint = parameters.get("endpoint")
        return FrameRequest(variables=names, required=names, endpoint=endpoint, response=endpoint is None)

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        horizon = parameters.get("horizon")
        thresholds = thresholds_of(parameters)
        outcome = _outcome_name(frame, horizon is not None)
        complete = frame.complete(*_given_columns(frame, outcome), *needed(parameters, frame.columns))
        wanted = outcome != "responder" or parameters.get("positive", RESPONDER) == RESPONDER
        case = [bool(row[outcome]) == wanted for row in complete.rows]
        base: Output = {
            "outcome": parameters.get("endpoint") or parameters.get("outcome") or "response",
            "positive": parameters.get("positive", RESPONDER) if horizon is None else None,
            "horizon": horizon,
            "time_unit": frame.time_unit if horizon is not None else "",
            "rule": parameters.get("rule", ">"),
            "n": len(complete.rows),
            "events": sum(case),
            "dropped": complete.dropped(),
            "notes": list(frame.notes),
            "warnings": [],
            "thresholds": thresholds,
            "treat_all": None,
            "treat_none": [0.0] * len(thresholds),
            "prevalence": None,
            "models": [],
        }
        question = Question(complete, case, horizon, thresholds, base["rule"])
        base["events_by_horizon"] = _events_by_horizon(question)
        if refusal := _refusal(question):
            return base | {"refused": refusal}
        return base | _judged(question, parameters, base["notes"])

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        for model in output["models"]:
            name = model["name"]
            of_use = "is of use at some thresholds" if model["useful"] else "is of no use"
            verdict = "no curve" if model["refused"] else f"{name} {of_use}"
            label = f"Most that {name} adds to the net benefit of treating all or none"
            claims.append(Claim(f"gain_{name}", label, model["gain"], verdict=verdict))
        return claims

    def figures(self, output: Output) -> list[Figure]:
        if not any(model["net_benefit"] for model in output["models"]):
            return []
        return [Figure("decision", f"Decision curves for {output['outcome']}", decision_chart.chart(output))]

    def tables(self, output: Output) -> list[ResultTable]:
        return decision_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        decision_options(parser)

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        return decision_from_table(table, options, check_wish)

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        horizon = parameters.get("horizon")
        outcome = _outcome_name(frame, horizon is not None)
        complete = frame.complete(*_given_columns(frame, outcome), *needed(parameters, frame.columns))
        return decision_script(complete, output, outcome, name=name)


DECISION = DecisionCurves()


def check_wish(parameters: Mapping[str, Any]) -> None:
    """What a cohort and a table have in common. ParameterError."""
    models, risks = parameters.get("models", {}), parameters.get("risks", [])
    if not isinstance(models, Mapping) or not all(_is_terms(terms) for terms in models.values()):
        raise ParameterError("models", "give each model a name and its covariates.")
    if not isinstance(risks, list | tuple) or not all(isinstance(name, str) for name in risks):
        raise ParameterError("risks", "name the columns that hold probabilities.")
    names = [*models, *risks]
    if not names:
        raise ParameterError("models", "name at least one model or one column of risks.")
    if len(set(names)) < len(names):
        raise ParameterError("models", "each has a name of its own.")
    horizon = parameters.get("horizon")
    if ("endpoint" in parameters) != (horizon is not None):
        raise ParameterError("horizon", "an endpoint is judged at a time, and only an endpoint is.")
    if horizon is not None and not (_is_number(horizon) and horizon > 0):
        raise ParameterError("horizon", "is a time above zero.")
    if parameters.get("rule", ">") not in RULES:
        raise ParameterError("rule", f"is one of {', '.join(RULES)}.")
    _check_thresholds(parameters)


def _check_thresholds(parameters: Mapping[str, Any]) -> None:
    start, end, step = (parameters.get(name, usual) for name, usual in (("from", FROM), ("to", TO), ("by", BY)))
    for name, value in (("from", start), ("to", end)):
        if not (_is_number(value) and 0 < value < 1):
            raise ParameterError(name, "is a risk strictly between 0 and 1.")
    if start > end:
        raise ParameterError("from", "is not above to.")
    if not (_is_number(step) and step > 0 and (end - start) / step <= MOST_THRESHOLDS):
        raise ParameterError("by", f"is a step above zero that leaves at most {MOST_THRESHOLDS} thresholds.")


def _is_terms(terms: Any) -> bool:
    return isinstance(terms, list | tuple) and bool(terms) and all(isinstance(term, str) for term in terms)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def thresholds_of(parameters: Mapping[str, Any]) -> FloatArray:
    """0.06 is meant and not 0.060000000000000005, which a risk of 0.06 would never reach."""
    start, end, step = parameters.get("from", FROM), parameters.get("to", TO), parameters.get("by", BY)
    count = int((end - start) / step + 1e-9) + 1
    thresholds: FloatArray = np.round(start + step * np.arange(count), 12)
    return thresholds


def needed(parameters: Mapping[str, Any], columns: Any) -> list[str]:
    """The columns without which a row is left out: all curves are of the same patients."""
    terms = [term_of(text, columns) for text in chain.from_iterable(parameters.get("models", {}).values())]
    return list(dict.fromkeys([*columns_of(terms), *parameters.get("risks", [])]))


def _outcome_name(frame: Frame, is_survival: bool) -> str:
    if is_survival:
        return "event"
    return CASE if CASE in frame.columns else "responder"


def _given_columns(frame: Frame, outcome: str) -> list[str]:
    return [frame.time_name, outcome] if outcome == "event" else [outcome]


def _events_by_horizon(question: Question) -> int:
    if question.horizon is None:
        return sum(question.case)
    pairs = zip(question.case, question.frame.times(), strict=True)
    return sum(case and time <= question.horizon for case, time in pairs)


def _refusal(question: Question) -> str | None:
    n, events = len(question.case), sum(question.case)
    if n < MIN_PATIENTS:
        return f"No curve: {n} patients have all that the models need, fewer than {MIN_PATIENTS}."
    if question.horizon is None:
        if min(events, n - events) < MIN_EVENTS:
            return f"No curve: {events} cases and {n - events} controls, fewer than {MIN_EVENTS} of one."
        return None
    times, by_then = question.frame.times(), _events_by_horizon(question)
    if by_then < MIN_EVENTS:
        return f"No curve: {by_then} events by {question.horizon:g}, fewer than {MIN_EVENTS}."
    if max(times) < question.horizon:
        return f"No curve: nobody was watched until {question.horizon:g}; the longest follow-up is {max(times):g}."
    return None


def _judged(question: Question, parameters: Mapping[str, Any], notes: list[str]) -> Output:
    models = [fitted(question, name, terms) for name, terms in parameters.get("models", {}).items()]
    if models:
        notes = [*notes, "Models are fitted and judged on the same patients, which flatters them."]
    models += [given(question, column) for column in parameters.get("risks", [])]
    everybody = question.curve(np.ones(len(question.case)))
    refused = [model["refused"] for model in models]
    return {
        "treat_all": everybody.treat_all,
        "prevalence": everybody.prevalence,
        "models": models,
        "notes": notes,
        "warnings": [doubt for model in models for doubt in doubts(model)],
        "refused": refused[0] if all(refused) else None,
    }
