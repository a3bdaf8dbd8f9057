"""Cox regression of an endpoint on numbers, categories and their products."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import forest
from analysis.frames.frame import Frame
from analysis.frames.landmark import from_landmark, since
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.cox_fits import as_json, each_alone, fitted, proportional
from analysis.kinds.cox_tables import cox_tables
from analysis.kinds.design import WISHES, check_wish, design_of, wish_of
from analysis.kinds.hazard_terms import described, size_warnings, term_claims, term_rows, too_few
from analysis.kinds.survival import is_time
from analysis.kinds.tables import ResultTable
from analysis.kinds.wording import ALPHA
from analysis.rscripts.cox import cox_script
from analysis.stats.cox import LIKELIHOODS
from analysis.stats.errors import StatsInputError
from analysis.tables.covariates import add_covariates, covariates
from analysis.tables.framing import Framing, follow_up_options, landmark_option, listed
from analysis.tables.table import Table, TableError

NO_MODEL: dict[str, Any] = {
    "terms": [],
    "alone": [],
    "loglik": None,
    "tests": None,
    "aic": None,
    "bic": None,
    "events_per_variable": None,
    "concordance": None,
    "ph": [],
    "n_clusters": None,
}


class CoxRegression:
    code = "cox"
    label = _("Cox regression")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - WISHES - {"endpoint", "strata", "cluster", "ties", "landmark"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of a Cox regression.")
        if not isinstance(parameters.get("endpoint"), str):
            raise ParameterError("endpoint", "name the endpoint, such as PFS.")
        _check_model(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = _columns(parameters)
        return FrameRequest(variables=names, required=names, endpoint=parameters["endpoint"])

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        at = parameters.get("landmark")
        if at is not None:
            frame = from_landmark(frame, at)
        events = sum(bool(event) for event in frame.column("event"))
        base: Output = {
            "endpoint": since(parameters["endpoint"], at, frame.time_unit),
            "time_unit": frame.time_unit,
            "landmark": at,
            "n": len(frame.rows),
            "events": events,
            "dropped": frame.dropped(),
            "notes": frame.notes,
            "ties": parameters.get("ties", "efron"),
            "strata": list(parameters.get("strata", ())),
            "cluster": parameters.get("cluster"),
            "covariates": [],
            **NO_MODEL,
            "warnings": [],
            "refused": too_few(len(frame.rows), events),
        }
        if base["refused"]:
            return base
        try:
            return base | _model(frame, parameters)
        except StatsInputError as error:
            return base | {"refused": f"No model: {error}"}

    def headline(self, output: Output) -> list[Claim]:
        return self.headline_at(output, ALPHA)

    def headline_at(self, output: Output, threshold: float) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return [*claims, Claim("model_p", "Likelihood-ratio p of the model", None, verdict="no model")]
        claims += term_claims(output["terms"], threshold=threshold)
        claims.append(Claim("model_p", "Likelihood-ratio p of the model", output["tests"]["lr"]["p"]))
        if found := output["concordance"]:
            claims.append(Claim("concordance", "Concordance", found["c"]))
        return claims

    def figures(self, output: Output) -> list[Figure]:
        if not output["terms"]:
            return []
        return [Figure("forest", f"Hazard ratios for {output['endpoint']}", forest.chart(output))]

    def tables(self, output: Output) -> list[ResultTable]:
        return cox_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        follow_up_options(parser, start=True)
        parser.add_argument(
            "--covariates",
            metavar="a,b,factor(c),a:b",
            help="columns; factor(c) or factor(c,ref=V) is a category, a:b a product",
        )
        parser.add_argument("--strata", metavar="COLUMN,…", help="each level has its own baseline hazard")
        parser.add_argument("--cluster", metavar="COLUMN", help="rows that belong together, for robust standard errors")
        parser.add_argument("--ties", default="efron", choices=sorted(LIKELIHOODS), help="events at the same time")
        landmark_option(parser)

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.covariates:
            raise TableError("Name the columns of the model: --covariates a,b,factor(c).")
        framing = Framing(table)
        framing.follow_up(options)
        wished = covariates(options.covariates, table)
        add_covariates(framing, wished)
        parameters: dict[str, Any] = {"endpoint": options.time, "ties": options.ties, **wished.parameters()}
        if options.strata:
            parameters["strata"] = listed(options.strata)
        if options.cluster:
            parameters["cluster"] = options.cluster
        if options.landmark is not None:
            parameters["landmark"] = options.landmark
        _check_options(parameters, options)
        framing.texts(*parameters.get("strata", ()), *([options.cluster] if options.cluster else []))
        follow_up = ("time", "event", "entry") if options.start else ("time", "event")
        return framing.frame().complete(*follow_up, *_columns(parameters)), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return cox_script(frame, wish_of(parameters), output, name=name)


COX = CoxRegression()


def _check_model(parameters: Mapping[str, Any]) -> None:
    check_wish(parameters)
    if parameters.get("ties", "efron") not in LIKELIHOODS:
        raise ParameterError("ties", f"is one of {', '.join(sorted(LIKELIHOODS))}.")
    strata, cluster, at = parameters.get("strata", []), parameters.get("cluster"), parameters.get("landmark")
    if not isinstance(strata, list | tuple) or not all(isinstance(name, str) for name in strata):
        raise ParameterError("strata", "is a list of variables.")
    if cluster is not None and not isinstance(cluster, str):
        raise ParameterError("cluster", "is a variable.")
    used = wish_of(parameters).variables()
    both = next((name for name in strata if name in used), None)
    if both:
        raise ParameterError("strata", f"{both} is a covariate too, whose effect strata do not estimate.")
    if cluster in used or cluster in strata:
        raise ParameterError("cluster", f"{cluster} is named as a covariate or a stratum too.")
    if cluster is not None and parameters.get("ties") == "exact":
        raise ParameterError("cluster", "exact ties have no robust standard errors.")
    if at is not None and not (is_time(at) and at > 0):
        raise ParameterError("landmark", "is a time above zero.")


def _check_options(parameters: dict[str, Any], options: Namespace) -> None:
    try:
        _check_model(parameters)
    except ParameterError as error:
        raise TableError(f"--{error}") from error
    if options.start and options.ties == "exact":
        raise TableError("--start: exact ties do not go with delayed entry.")
    if options.start and options.landmark is not None:
        raise TableError("--landmark: give it or --start, not both.")


def _columns(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    cluster = parameters.get("cluster")
    others = [*parameters.get("strata", ()), *([cluster] if cluster else [])]
    return tuple(dict.fromkeys([*wish_of(parameters).variables(), *others]))


def _model(frame: Frame, parameters: Mapping[str, Any]) -> Output:
    happened = np.array(frame.column("event"), bool)
    events = int(happened.sum())
    design = design_of(frame, wish_of(parameters), events)
    fit = fitted(frame, design, parameters)
    ph, ph_warnings = proportional(fit, design)
    robust = fit.robust_se
    terms = [
        row | {"robust_se": None if robust is None else robust[i], "naive_se": fit.naive_se[i]}
        for i, row in enumerate(term_rows(fit, design))
    ]
    concordance = fit.concordance
    return {
        "covariates": described(design),
        "terms": terms,
        "alone": each_alone(frame, parameters, events),
        "loglik": list(fit.loglik),
        "tests": {
            "lr": as_json(fit.tests.lr),
            "wald": as_json(fit.tests.wald),
            "score": as_json(fit.tests.score),
            "robust_score": as_json(fit.tests.robust_score) if fit.tests.robust_score else None,
        },
        "aic": fit.aic,
        "bic": fit.bic,
        "events_per_variable": events / len(terms),
        "concordance": {"c": concordance.c, "se": concordance.se},
        "ph": ph,
        "n_clusters": fit.n_clusters,
        "warnings": [*size_warnings(design, events, happened), *ph_warnings],
    }
