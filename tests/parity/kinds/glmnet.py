"""Kind ``glmnet``: elastic-net Cox paths and their cross-validation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arrays import follow_up
from analysis.stats.breslow import breslow
from analysis.stats.cox import cox
from analysis.stats.cox_data import model_rows
from analysis.stats.cox_likelihood import TiesLikelihood
from analysis.stats.coxnet import CoxPath, cox_path
from analysis.stats.coxnet_cv import cross_validate
from analysis.stats.coxnet_walk import Settings
from tests.parity.designs import Design, design
from tests.parity.places import look_up, split
from tests.parity.recipes import Analysis, Case

PATH_KEYS = {"alpha", "standardize", "nlambda", "lambda_min_ratio", "penalty_factor", "penalty_factor_rest", "lambda"}
KEYS = frozenset(
    {"time", "event", "covariates", "time_unit", "ties", "foldid", "p_gt_n", "threshold", "measure", "grouped"}
    | PATH_KEYS
)


def compute(analysis: Analysis) -> Any:
    """One path, its cross-validation, or what is read off it."""
    model = design(analysis, analysis.recipe["covariates"], ("time", "event"))
    settings = _settings(analysis.recipe, len(model.names))
    if "measure" in analysis.recipe:
        return _validated(model, settings)
    path = cox_path(model.column("time"), model.column("event"), model.matrix, names=model.names, settings=settings)
    if settings.lambdas is not None:
        return {"glmnet": path.coef[0], "coxph_breslow": _unpenalised(model)}
    if analysis.given("0/coxnet_deviance") is not None:
        return [_deviance(model, path, at) for at in _places(path, analysis)]
    return {
        "lambda": path.lambdas,
        "df": path.nonzero,
        "dev_ratio": path.deviance_ratio,
        "nulldev": path.null_deviance,
        "beta": lambda: _coefficients(path),
        "lambda_first": path.lambdas[0],
        "lambda_last": path.lambdas[-1],
        "ratio": path.lambdas[-1] / path.lambdas[0],
        "n_lambda_returned": len(path.lambdas),
        "coef": lambda: _named(path, path.coef_at([analysis.given("s")])[0]),
    }


def whole(case: Case) -> dict[str, Any]:
    """What a document says of its table."""
    analysis = next(case.analyses())
    model = design(analysis, analysis.recipe["covariates"], ("time", "event"))
    time, event, _ = follow_up(model.column("time"), model.column("event"))
    sets = breslow(time, event)
    null = sets.deviance(np.zeros((len(time), 1)))[0]
    return {
        "n": len(time),
        "p": len(model.names),
        "events": sets.events,
        "nulldev": null,
        "coxnet_deviance_at_zero": null,
        "breslow_loglik_at_zero": _loglik(model, np.zeros(len(model.names)), "breslow"),
        "saturated_loglik_formula": sets.saturated,
    }


def _settings(recipe: dict[str, Any], p: int) -> Settings:
    factor = recipe.get("penalty_factor")
    lambdas = recipe.get("lambda")
    return Settings(
        alpha=recipe["alpha"],
        standardize=recipe.get("standardize", True),
        nlambda=recipe.get("nlambda", 100),
        lambda_min_ratio=recipe.get("lambda_min_ratio"),
        penalty_factor=None if factor is None else (*factor, *[recipe["penalty_factor_rest"]] * (p - len(factor))),
        lambdas=None if lambdas is None else tuple(lambdas),
        threshold=recipe.get("threshold", 1e-14),
    )


def _coefficients(path: CoxPath) -> dict[str, Any]:
    kept = np.flatnonzero(path.coef.any(axis=0))
    return {
        "n_vars": len(path.names),
        "names_nonzero": [path.names[place] for place in kept],
        "index_nonzero_1based": kept + 1,
        "values": path.coef[:, kept].T,
    }


def _named(path: CoxPath, coef: NDArray[np.float64]) -> dict[str, float]:
    return {name: value for name, value in zip(path.names, coef.tolist(), strict=True) if value}


def _places(path: CoxPath, analysis: Analysis) -> list[int]:
    """The penalties of the path that the document looks at."""
    asked = [analysis.given(f"{place}/lambda") for place in range(3)]
    return [int(np.argmin(np.abs(path.lambdas - value))) for value in asked]


def _deviance(model: Design, path: CoxPath, at: int) -> dict[str, float]:
    deviance = path.null_deviance * (1 - path.deviance_ratio[at])
    breslow_loglik = _loglik(model, path.coef[at], "breslow")
    return {
        "lambda": path.lambdas[at],
        "coxnet_deviance": deviance,
        "breslow_loglik_coxph": breslow_loglik,
        "efron_loglik_coxph": _loglik(model, path.coef[at], "efron"),
        "two_sat_minus_breslow": 2 * (path.sets.saturated - breslow_loglik),
        "dev_ratio_glmnet": path.deviance_ratio[at],
    }


def _loglik(model: Design, coef: NDArray[np.float64], ties: str) -> float:
    rows = model_rows(
        model.column("time"),
        model.column("event"),
        model.matrix,
        model.names,
        strata=None,
        entry=None,
        cluster=None,
        ties=ties,
    )
    return TiesLikelihood.of(rows.sets, rows.centred).evaluate(coef).loglik


def _unpenalised(model: Design) -> NDArray[np.float64]:
    return cox(model.column("time"), model.column("event"), model.matrix, names=model.names, ties="breslow").coef


def _validated(model: Design, settings: Settings) -> dict[str, Any]:
    recipe = model.analysis.recipe
    found = cross_validate(
        model.column("time"),
        model.column("event"),
        model.matrix,
        names=model.names,
        folds=look_up(model.analysis.document, split(recipe["foldid"])),
        settings=settings,
        measure=recipe["measure"],
        grouped=recipe["grouped"],
    )
    path = found.path
    return {
        "lambda": path.lambdas,
        "cvm": found.mean,
        "cvsd": found.error,
        "cvup": found.mean + found.error,
        "cvlo": found.mean - found.error,
        "nzero": path.nonzero,
        "lambda_min": found.lambda_min,
        "lambda_1se": found.lambda_1se,
        "index_min_1se_1based": [found.best + 1, found.within_error + 1],
        "coef_lambda_min": _named(path, path.coef[found.best]),
        "coef_lambda_1se": _named(path, path.coef[found.within_error]),
    }
