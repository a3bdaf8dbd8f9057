"""Regression of one of two competing events: Fine and Gray's, and the Cox model of the cause-specific hazard."""

from typing import Any

import numpy as np

from analysis.kinds.design import Design
from analysis.kinds.hazard_terms import size_warnings, term_rows, too_few
from analysis.kinds.incidence import NAMES, FollowUp
from analysis.stats.cox import cox
from analysis.stats.cox_ph import ph_test
from analysis.stats.errors import StatsInputError
from analysis.stats.fine_gray import fine_gray

# Fine and Gray's weights are a table of event times by patients.
MOST_WEIGHTS = 20_000_000

EMPTY: dict[str, Any] = {"terms": [], "loglik": None, "refused": None, "warnings": []}


def fine_gray_model(whole: FollowUp, design: Design, cause: int) -> dict[str, Any]:
    if refused := _refusal(whole, design, cause):
        return EMPTY | {"refused": refused}
    weights = len(np.unique(whole.time[whole.code == cause])) * len(whole.time)
    if weights > MOST_WEIGHTS:
        return EMPTY | {"refused": f"No Fine–Gray model: its {weights} weights are more than {MOST_WEIGHTS}."}
    try:
        fit = fine_gray(whole.time, whole.code, design.matrix, names=design.names, cause=cause)
    except StatsInputError as error:
        return EMPTY | {"refused": f"No Fine–Gray model: {error}"}
    return EMPTY | {"n": fit.n, "events": fit.events, "terms": term_rows(fit, design), "loglik": list(fit.loglik)}


def cause_specific_model(whole: FollowUp, design: Design, cause: int) -> dict[str, Any]:
    """The other event censors. Here the number of events per variable is judged, for both models."""
    empty = EMPTY | {"ph": []}
    if refused := _refusal(whole, design, cause):
        return empty | {"refused": refused}
    happened = whole.code == cause
    warnings = size_warnings(design, whole.count(cause), happened, f"{NAMES[cause]}s")
    try:
        fit = cox(whole.time, happened, design.matrix, names=design.names)
    except StatsInputError as error:
        return empty | {"refused": f"No cause-specific model: {error}"}
    found = empty | {
        "n": fit.n,
        "events": fit.events,
        "terms": term_rows(fit, design),
        "loglik": list(fit.loglik),
        "warnings": warnings,
    }
    try:
        tested = ph_test(fit, terms=design.tested())
    except StatsInputError as error:
        return found | {"warnings": [*warnings, f"No test of proportional hazards: {error}"]}
    ph = [{"term": row.term, "chi2": row.test.chi2, "df": row.test.df, "p": row.test.p} for row in tested]
    return found | {"ph": ph}


def _refusal(whole: FollowUp, design: Design, cause: int) -> str | None:
    events = whole.count(cause)
    if few := too_few(len(whole.time), events, f"{NAMES[cause]}s"):
        return few
    if len(design.columns) >= events:
        return f"No model: {events} {NAMES[cause]}s cannot carry {len(design.columns)} coefficients."
    return None
