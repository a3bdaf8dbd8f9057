"""Kind ``step``: stepwise Cox models with every move considered."""

from typing import Any

import numpy as np

from analysis.stats.stepwise import Selection, Term, stepwise
from tests.parity.designs import design
from tests.parity.recipes import Analysis

KEYS = frozenset({"time", "event", "covariates", "factors", "direction", "start", "k", "ties"})


def compute(analysis: Analysis) -> dict[str, Any]:
    """One selection on the rows that every candidate has."""
    recipe = analysis.recipe
    model = design(analysis, recipe["covariates"], ("time", "event"))
    terms = [
        Term(name, tuple(model.names[column] for column in columns), model.matrix[:, columns])
        for name, columns in model.terms
    ]
    found = stepwise(
        model.column("time"),
        model.column("event"),
        terms,
        direction=recipe["direction"],
        start=recipe["start"],
        penalty=recipe["k"],
        ties=recipe["ties"],
    )
    return {"n": found.n, "nevent": found.events, "anova": _anova(found), **_steps(found), **_final(found)}


def _anova(found: Selection) -> dict[str, Any]:
    left = [found.events - step.coefficients for step in found.steps]
    deviance = [-2 * step.loglik for step in found.steps]
    return {
        "Step": [step.move for step in found.steps],
        "Df": [None, *np.diff(left).tolist()],
        "Deviance": [None, *np.abs(np.diff(deviance)).tolist()],
        "Resid. Df": left,
        "Resid. Dev": deviance,
        "AIC": [step.criterion for step in found.steps],
    }


def _steps(found: Selection) -> dict[str, Any]:
    tables = [
        {"move": [move.name for move in step.moves], "AIC": [move.criterion for move in step.moves]}
        for step in found.steps
    ]
    return {"steps": [{"table": table} for table in tables]}


def _final(found: Selection) -> dict[str, Any]:
    last, fit = found.steps[-1], found.fit
    return {
        "final_terms": list(last.terms),
        "final_coef": {} if fit is None else dict(zip(fit.names, fit.coef.tolist(), strict=True)),
        "final_se": [] if fit is None else fit.se,
        "final_AIC": last.criterion,
        "final_edf": last.coefficients,
        "loglik": [found.loglik_null, last.loglik],
    }
