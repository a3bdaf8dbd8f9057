"""Competing risks: how many have had an event by when, where another event makes it impossible."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import cumulative_incidence as incidence_chart
from analysis.charts import forest
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds import incidence
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.competing_models import EMPTY, cause_specific_model, fine_gray_model
from analysis.kinds.competing_tables import RATIOS, competing_claims, competing_tables
from analysis.kinds.design import WISHES, category_of, check_wish, design_of, wish_of
from analysis.kinds.groups import MIN_EVENTS, MIN_PATIENTS
from analysis.kinds.hazard_terms import described as described_covariates
from analysis.kinds.incidence import COMPETING, EVENT, FollowUp
from analysis.kinds.survival import ALL, is_time
from analysis.kinds.tables import ResultTable
from analysis.rscripts.competing import competing_script
from analysis.stats.errors import StatsInputError
from analysis.tables.covariates import add_covariates, covariates
from analysis.tables.framing import Framing, follow_up_options, numbers_listed
from analysis.tables.table import Table, TableError

MODELS = ("fine_gray", "cause_specific", "fine_gray_competing", "cause_specific_competing")


class CompetingRisks:
    code = "competing"
    label = _("Competing risks")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - WISHES - {"endpoint", "competing", "group", "times"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of an analysis of competing risks.")
        for name in ("endpoint", "competing"):
            if not isinstance(parameters.get(name), str):
                raise ParameterError(name, "name an endpoint of the cohort, such as OS.")
        if parameters["endpoint"] == parameters["competing"]:
            raise ParameterError("competing", "an endpoint does not compete with itself.")
        _check_wish(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = _columns(parameters)
        return FrameRequest(
            variables=names, required=names, endpoint=parameters["endpoint"], competing=parameters["competing"]
        )

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        name = parameters.get("group")
        whole = follow_up_of(frame)
        base: Output = {
            "endpoint": parameters["endpoint"],
            "competing_endpoint": parameters["competing"],
            "time_unit": frame.time_unit,
            "variable": name,
            "label": frame.columns[name]["label"] if name else ALL,
            "n": len(frame.rows),
            "events": whole.count(EVENT),
            "competing": whole.count(COMPETING),
            "censored": whole.count(0),
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "groups": [],
            "overall": None,
            "risk_table": {"times": [], "rows": []},
            "gray": None,
            "logrank": None,
            "gray_competing": None,
            "logrank_competing": None,
            "covariates": [],
            **dict.fromkeys(MODELS),
            "warnings": [],
            "refused": None,
        }
        if not frame.rows:
            return base | {"refused": "Nobody has all the facts that this analysis needs."}
        times = [float(time) for time in parameters.get("times", ())]
        found = base | _incidence(frame, name, whole, times)
        return found | _models(frame, whole, parameters, found["warnings"])

    def headline(self, output: Output) -> list[Claim]:
        return competing_claims(output)

    def headline_at(self, output: Output, threshold: float) -> list[Claim]:
        return competing_claims(output, threshold)

    def figures(self, output: Output) -> list[Figure]:
        if not output["groups"]:
            return []
        by = f" by {output['label']}" if output["variable"] else ""
        title = f"Cumulative incidence of {output['endpoint']}{by}"
        figures = [Figure("incidence", title, incidence_chart.chart(output))]
        for name in MODELS[:2]:
            if output[name] and output[name]["terms"]:
                shown = output[name] | {"endpoint": output["endpoint"], "ratio": RATIOS[name]}
                figures.append(Figure(name, f"{RATIOS[name]}s for {output['endpoint']}", forest.chart(shown)))
        return figures

    def tables(self, output: Output) -> list[ResultTable]:
        return competing_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        follow_up_options(parser)
        parser.add_argument(
            "--competing", metavar="VALUE", help="the value of the event's column which is the competing event"
        )
        parser.add_argument("--group", metavar="COLUMN", help="categories to compare")
        parser.add_argument(
            "--covariates",
            metavar="a,b,factor(c),a:b",
            help="of the regressions; factor(c) or factor(c,ref=V) is a category, a:b a product",
        )
        parser.add_argument("--times", metavar="T,T", help="times at which the incidence is given")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if options.competing is None:
            raise TableError("Name the competing event: --competing VALUE.")
        framing = Framing(table)
        framing.competing(options)
        parameters: dict[str, Any] = {
            "endpoint": f"{options.event} {options.event_value}",
            "competing": f"{options.event} {options.competing}",
        }
        if options.covariates:
            wished = covariates(options.covariates, table)
            add_covariates(framing, wished)
            parameters |= wished.parameters()
        if options.group:
            parameters["group"] = options.group
            if options.group not in wish_of(parameters).variables():
                framing.texts(options.group)
        if options.times:
            parameters["times"] = numbers_listed(options.times, "times")
        try:
            _check_wish(parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        return framing.frame().complete("time", "event", *_columns(parameters)), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return competing_script(frame, wish_of(parameters), output, name=name)


COMPETING_RISKS = CompetingRisks()


def _check_wish(parameters: Mapping[str, Any]) -> None:
    check_wish(parameters, required=False)
    times, group = parameters.get("times", []), parameters.get("group")
    if not isinstance(times, list | tuple) or not all(is_time(time) for time in times):
        raise ParameterError("times", "are numbers, none below zero.")
    if group is not None and not isinstance(group, str):
        raise ParameterError("group", "is a variable.")


def _columns(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    group = parameters.get("group")
    return tuple(dict.fromkeys([*([group] if group else []), *wish_of(parameters).variables()]))


def follow_up_of(frame: Frame) -> FollowUp:
    codes = [EVENT if row["event"] else COMPETING if row["competing"] else 0 for row in frame.rows]
    return FollowUp(np.array(frame.times(), float), np.array(codes, np.int64))


def _incidence(frame: Frame, name: str | None, whole: FollowUp, times: list[float]) -> Output:
    overall = incidence.described(ALL, whole, times)
    if name is None:
        few = _too_few(whole)
        return {
            "groups": [overall],
            "overall": overall,
            "risk_table": incidence.risk_table({ALL: whole}),
            "warnings": [few] if few else [],
        }
    category = category_of(frame, name)
    levels = {level.label: level for level in category.levels}
    members = np.array([category.level_of(value).label for value in category.values])
    groups = {group: whole.of(members == group) for group in levels}
    rows = [incidence.described(group, part, times) | {"level": levels[group].text} for group, part in groups.items()]
    found: Output = {
        "groups": rows,
        "overall": overall,
        "risk_table": incidence.risk_table(groups),
        "warnings": [],
        "refused": incidence.refusal(groups, EVENT),
    }
    for cause, suffix in ((EVENT, ""), (COMPETING, "_competing")):
        few = incidence.refusal(groups, cause)
        test = incidence.NO_TESTS if few else incidence.tests(whole, members.tolist(), cause)
        found |= {f"gray{suffix}": test["gray"], f"logrank{suffix}": test["logrank"]}
        if said := test["warning"] or (few if cause == COMPETING and few != found["refused"] else None):
            found["warnings"].append(said)
    return found


def _too_few(whole: FollowUp) -> str | None:
    if len(whole.time) < MIN_PATIENTS or whole.count(EVENT) < MIN_EVENTS:
        return f"{len(whole.time)} patients with {whole.count(EVENT)} events are too few to rely on this curve."
    return None


def _models(frame: Frame, whole: FollowUp, parameters: Mapping[str, Any], warnings: list[str]) -> Output:
    wish = wish_of(parameters)
    if not wish.variables():
        return {}
    try:
        design = design_of(frame, wish, max(whole.count(EVENT), whole.count(COMPETING)))
    except StatsInputError as error:
        return dict.fromkeys(MODELS, EMPTY | {"refused": f"No model: {error}"})
    found = {
        "fine_gray": fine_gray_model(whole, design, EVENT),
        "cause_specific": cause_specific_model(whole, design, EVENT),
        "fine_gray_competing": fine_gray_model(whole, design, COMPETING),
        "cause_specific_competing": cause_specific_model(whole, design, COMPETING),
    }
    # Both models of one event are refused and warned of for the same reasons: each is said once.
    told = [said for model in found.values() for said in (model["refused"], *model["warnings"]) if said]
    return found | {"covariates": described_covariates(design), "warnings": list(dict.fromkeys([*warnings, *told]))}
