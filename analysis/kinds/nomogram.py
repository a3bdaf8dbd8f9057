"""A Cox model as a nomogram: points for each covariate, and survival for each sum of points."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import forest
from analysis.charts import nomogram as chart
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.design import Covariate, Design, wish_of
from analysis.kinds.hazard_terms import term_claims
from analysis.kinds.nomogram_tables import nomogram_tables
from analysis.kinds.one_model import (
    axes_of,
    check_model,
    design_for,
    facts,
    happened,
    model_base,
    model_of_table,
    model_options,
    model_request,
)
from analysis.kinds.survival import is_time
from analysis.kinds.tables import ResultTable
from analysis.rscripts.nomogram import nomogram_script
from analysis.stats.cox import cox
from analysis.stats.errors import StatsInputError
from analysis.stats.nomogram import Axis, Nomogram, nomogram
from analysis.tables.framing import numbers_listed
from analysis.tables.table import Table, TableError

MOST_TIMES = 6
FEW_EVENTS = 10
OWN = frozenset({"times"})


class NomogramOfModel:
    code = "nomogram"
    label = _("Nomogram")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        check_model(parameters, OWN, what="nomogram")
        _check_times(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        return model_request(parameters)

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        times = [float(time) for time in parameters["times"]]
        empty: Output = {"axes": [], "total": [], "linear": [], "survival": []}
        base = model_base(frame, parameters) | empty | dict.fromkeys(("concordance", "points", "per_unit", "at_zero"))
        base["times"] = times
        if base["refused"]:
            return base
        if (longest := max(frame.times())) < max(times):
            said = f"nobody was watched until {max(times):g}; the longest follow-up is {longest:g}"
            return base | {"refused": f"No nomogram: {said}."}
        try:
            return base | _drawn(frame, parameters, times)
        except StatsInputError as error:
            return base | {"refused": f"No nomogram: {error}"}

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return claims
        claims += term_claims(output["terms"])
        return [*claims, Claim("concordance", "Concordance", output["concordance"]["c"])]

    def figures(self, output: Output) -> list[Figure]:
        if output["refused"]:
            return []
        return [
            Figure("nomogram", f"Nomogram for {output['endpoint']}", chart.chart(output)),
            Figure("forest", f"Hazard ratios for {output['endpoint']}", forest.chart(output)),
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        return nomogram_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        model_options(parser)
        parser.add_argument("--times", metavar="T,…", help="times of which survival is read off")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if not options.times:
            raise TableError("Name the times of which survival is read off: --times 12,36,60.")
        times = numbers_listed(options.times, "times")
        frame, parameters = model_of_table(table, options)
        parameters["times"] = times
        try:
            check_model(parameters, OWN, what="nomogram")
            _check_times(parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        return frame, parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return nomogram_script(frame, wish_of(parameters), output, name=name)


NOMOGRAM = NomogramOfModel()


def _check_times(parameters: Mapping[str, Any]) -> None:
    times = parameters.get("times")
    if not isinstance(times, list | tuple) or not times or not all(is_time(time) and time > 0 for time in times):
        raise ParameterError("times", "are one or more times above zero.")
    if len(times) > MOST_TIMES or len(set(times)) < len(times):
        raise ParameterError("times", f"are at most {MOST_TIMES}, each named once.")


def _drawn(frame: Frame, parameters: Mapping[str, Any], times: list[float]) -> Output:
    design, event = design_for(frame, parameters), happened(frame)
    ties = parameters.get("ties", "efron")
    fit = cox(frame.times(), event.astype(float), design.matrix, names=design.names, ties=ties)
    drawn = nomogram(fit, axes_of(design), times)
    model = facts(fit, design, frame)
    own = drawn.points_of(design.matrix)
    followed = np.array(frame.times(), float)
    few = [time for time in times if int((event & (followed <= time)).sum()) < FEW_EVENTS]
    warnings = [f"By {time:g} there are fewer than {FEW_EVENTS} events: its survivals are rough." for time in few]
    return model | {
        "axes": _axes(drawn, design),
        "total": drawn.total,
        "linear": [{"value": value, "points": at} for value, at in zip(drawn.linear, drawn.linear_points, strict=True)],
        "survival": [
            {
                "time": axis.time,
                "marks": [{"survival": s, "points": p} for s, p in zip(axis.survival, axis.points, strict=True)],
            }
            for axis in drawn.survival_axes
        ],
        "read": [
            {"points": points, "survival": [float(drawn.survival_at([points], time)[0]) for time in times]}
            for points in drawn.total.tolist()
        ],
        "points": {"lowest": own.min(), "median": float(np.median(own)), "highest": own.max()},
        "per_unit": drawn.per_unit,
        "at_zero": drawn.at_zero,
        "warnings": [*model["warnings"], *warnings],
    }


def _axes(drawn: Nomogram, design: Design) -> list[dict[str, Any]]:
    covariates = {covariate.name: covariate for covariate in design.covariates}
    return [
        {
            "name": axis.name,
            "label": covariates[axis.name].label,
            "unit": covariates[axis.name].unit,
            "is_category": bool(covariates[axis.name].levels),
            "marks": [
                {"label": label, "level": level, "effect": effect, "points": points}
                for label, level, effect, points in zip(
                    axis.labels, _level_texts(covariates[axis.name], axis), axis.effect, axis.points, strict=True
                )
            ],
        }
        for axis in drawn.axes
    ]


def _level_texts(covariate: Covariate, axis: Axis) -> list[str | None]:
    """Of a category the levels as the rows hold them, whatever they are called."""
    return [level.text for level in covariate.levels] or [None] * len(axis.labels)
