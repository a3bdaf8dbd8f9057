"""A Cox model of an endpoint without strata or products: what a selection, a nomogram and a calibration rest on."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.kinds.base import Output, ParameterError
from analysis.kinds.cox_fits import proportional
from analysis.kinds.design import Design, check_wish, design_of, wish_of
from analysis.kinds.hazard_terms import described, size_warnings, term_rows, too_few
from analysis.kinds.many_columns import name_missing
from analysis.stats.arrays import BoolArray
from analysis.stats.cox import CoxFit
from analysis.stats.nomogram import Variable
from analysis.tables.covariates import add_covariates, covariates
from analysis.tables.framing import Framing, follow_up_options
from analysis.tables.table import Table, TableError

TIES = ("efron", "breslow")
# A selection tries every term at every step; a nomogram of more axes fits no page.
MOST_COVARIATES = 60
_OF_MODEL = frozenset({"endpoint", "covariates", "categories", "references", "ties"})


def check_model(parameters: Mapping[str, Any], own: frozenset[str], *, what: str, ties: tuple[str, ...] = TIES) -> None:
    """ParameterError."""
    unknown = set(parameters) - _OF_MODEL - own
    if unknown:
        raise ParameterError(sorted(unknown)[0], f"is no parameter of a {what}.")
    if not isinstance(parameters.get("endpoint"), str):
        raise ParameterError("endpoint", "name the endpoint, such as PFS.")
    check_wish(parameters)
    if len(parameters["covariates"]) > MOST_COVARIATES:
        raise ParameterError(
            "covariates", f"are {len(parameters['covariates'])}, more than the {MOST_COVARIATES} that a {what} takes."
        )
    if parameters.get("ties", "efron") not in ties:
        raise ParameterError("ties", f"is one of {', '.join(ties)}.")


def check_whole(parameters: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> None:
    value = parameters.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ParameterError(name, f"is a whole number from {least} to {most}.")


def model_request(parameters: Mapping[str, Any]) -> FrameRequest:
    names = wish_of(parameters).variables()
    return FrameRequest(variables=names, required=names, endpoint=parameters["endpoint"])


def model_options(parser: ArgumentParser, ties: tuple[str, ...] = TIES) -> None:
    follow_up_options(parser)
    parser.add_argument(
        "--covariates", metavar="a,b,factor(c)", help="columns; factor(c) or factor(c,ref=V) is a category"
    )
    parser.add_argument("--ties", default="efron", choices=ties, help="events at the same time")


def model_of_table(table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
    """The complete rows, and the parameters of the model; the caller adds its own."""
    if table is None:
        raise TableError("Name the file of the table.")
    if not options.covariates:
        raise TableError("Name the columns of the model: --covariates a,b,factor(c).")
    framing = Framing(table)
    framing.follow_up(options)
    wished = covariates(options.covariates, table)
    if wished.interactions:
        raise TableError(f"--covariates {':'.join(wished.interactions[0])}: products are for `analyse cox` only.")
    add_covariates(framing, wished)
    name_missing(framing, wished.columns())
    parameters = {"endpoint": options.time, "ties": options.ties, **wished.parameters()}
    return framing.frame().complete("time", "event", *wished.columns()), parameters


def model_base(frame: Frame, parameters: Mapping[str, Any]) -> Output:
    n, events = len(frame.rows), sum(bool(row["event"]) for row in frame.rows)
    return {
        "endpoint": parameters["endpoint"],
        "time_unit": frame.time_unit,
        "n": n,
        "events": events,
        "dropped": frame.dropped(),
        "notes": list(frame.notes),
        "warnings": [],
        "ties": parameters.get("ties", "efron"),
        "covariates": [],
        "terms": [],
        "refused": too_few(n, events),
    }


def happened(frame: Frame) -> BoolArray:
    return np.array(frame.column("event"), bool)


def design_for(frame: Frame, parameters: Mapping[str, Any]) -> Design:
    """StatsInputError where the covariates cannot be coded, or are too many for the events."""
    return design_of(frame, wish_of(parameters), int(happened(frame).sum()))


def facts(fit: CoxFit, design: Design, frame: Frame) -> Output:
    """Terms of a fitted model with its checks and warnings."""
    event = happened(frame)
    ph, doubts = proportional(fit, design)
    return {
        "covariates": described(design),
        "terms": term_rows(fit, design),
        "concordance": {"c": fit.concordance.c, "se": fit.concordance.se},
        "events_per_variable": int(event.sum()) / len(fit.coef),
        "ph": ph,
        "warnings": [*size_warnings(design, int(event.sum()), event), *doubts],
    }


def axes_of(design: Design) -> list[Variable]:
    """The variables of a design without products, with the levels of its categories."""
    names = {covariate.name: covariate for covariate in design.covariates}
    found = []
    for term, (_name, places) in zip(design.terms, design.tested(), strict=True):
        levels = tuple(level.label for level in names[term.variables[0]].levels) or None
        found.append(Variable(term.variables[0], tuple(places), levels))
    return found
