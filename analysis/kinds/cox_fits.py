"""Cox models of a frame: the one that is asked for, and each covariate alone on the same rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.frames.frame import Frame
from analysis.kinds.design import Design, design_of, wish_of
from analysis.kinds.hazard_terms import called, described, term_rows
from analysis.kinds.wording import ALPHA, p_text
from analysis.stats.cox import ChiSquare, CoxFit, cox
from analysis.stats.cox_ph import ph_test
from analysis.stats.errors import StatsInputError


def fitted(frame: Frame, design: Design, parameters: Mapping[str, Any]) -> CoxFit:
    strata, cluster = parameters.get("strata", ()), parameters.get("cluster")
    has_entry = bool(frame.rows) and "entry" in frame.rows[0]
    layers = list(zip(*(frame.column(name) for name in strata), strict=True)) if strata else None
    return cox(
        frame.times(),
        np.array(frame.column("event"), float),
        design.matrix,
        names=design.names,
        ties=parameters.get("ties", "efron"),
        strata=None if layers is None else [repr(layer) for layer in layers],
        entry=frame.column("entry") if has_entry else None,
        cluster=None if cluster is None else [str(value) for value in frame.column(cluster)],
    )


def each_alone(frame: Frame, parameters: Mapping[str, Any], events: int) -> list[dict[str, Any]]:
    """Term by term the model of one covariate, with the strata and clusters of the whole; of one covariate nothing."""
    wish = wish_of(parameters)
    if len(wish.covariates) < 2:
        return []
    return [row for name in wish.covariates for row in _alone(frame, parameters, name, events)]


def _alone(frame: Frame, parameters: Mapping[str, Any], name: str, events: int) -> list[dict[str, Any]]:
    wish = wish_of(parameters)
    references = {name: wish.references[name]} if name in wish.references else {}
    only = {"covariates": [name], "categories": wish.categories & {name}, "interactions": [], "references": references}
    alone = {**parameters, **only}
    try:
        design = design_of(frame, wish_of(alone), events)
        return term_rows(fitted(frame, design, alone), design)
    except StatsInputError as error:
        return [{"term": name, "refused": str(error)}]


def as_json(test: ChiSquare) -> dict[str, Any]:
    return {"chi2": test.chi2, "df": test.df, "p": test.p}


def proportional(fit: CoxFit, design: Design) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        rows = ph_test(fit, terms=design.tested())
    except StatsInputError as error:
        return [], [f"No test of proportional hazards: {error}"]
    warnings = [
        f"The hazards of {called(row.term, described(design))} are not proportional ({p_text(row.test.p)}): "
        "its hazard ratio is a mean over time."
        for row in rows[:-1]
        if row.test.p < ALPHA
    ]
    return [{"term": row.term, **as_json(row.test)} for row in rows], warnings
