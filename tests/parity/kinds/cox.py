"""Kind ``cox``: fits with their tests, residuals, baseline hazards and predictions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.stats.concordance import concordance
from analysis.stats.cox import ChiSquare, CoxFit, chi_square, cox
from analysis.stats.cox_baseline import baseline_hazard, predict_survival
from analysis.stats.cox_ph import TRANSFORMS, ph_score, ph_test
from analysis.stats.cox_residuals import deviance, dfbeta, martingale, schoenfeld, score
from tests.parity.designs import Design, design, new_matrix
from tests.parity.recipes import Analysis
from tests.parity.tables import as_column, as_labels, is_text, sorted_levels

KEYS = frozenset({"time", "event", "entry", "covariates", "factors", "strata", "cluster", "ties"})
Terms = list[tuple[str, list[int]]]


def compute(analysis: Analysis) -> dict[str, Any]:
    """One fit."""
    model = design(analysis, analysis.recipe["covariates"], ("time", "event", "entry", "strata", "cluster"))
    fit = fitted(model)
    return {
        **_estimates(fit),
        **_tests(fit),
        **_concordance(fit),
        **_sandwich(fit),
        "zph_terms": {name: lambda name=name: _zph(fit, model.terms, name) for name in TRANSFORMS},
        "zph_singledf_km": lambda: _zph_single(fit, model.terms),
        "basehaz": lambda: _baseline(fit, model),
        **_residuals(fit),
        "predict_survival": lambda: _predictions(fit, model, analysis),
    }


def fitted(model: Design) -> CoxFit:
    """The fit that a recipe asks for."""
    return cox(
        model.column("time"),
        model.column("event"),
        model.matrix,
        names=model.names,
        ties=model.analysis.recipe["ties"],
        strata=_labels(model, "strata"),
        entry=model.optional("entry"),
        cluster=_labels(model, "cluster"),
    )


def _labels(model: Design, key: str) -> NDArray[Any] | None:
    """Codes of the levels in their order."""
    column = model.optional(key)
    if column is None:
        return None
    levels = _levels(model, key)
    return np.array([levels.index(label) for label in as_labels(column)])


def _levels(model: Design, key: str) -> list[str]:
    """The order that the recipe gives, as far as these levels occur, else that of the values."""
    given: list[str] = model.analysis.recipe["factors"].get(model.analysis.recipe[key], [])
    occurring = sorted_levels(model.column(key))
    return [level for level in given if level in occurring] or occurring


def _estimates(fit: CoxFit) -> dict[str, Any]:
    return {
        "n": fit.n,
        "nevent": fit.events,
        "terms": list(fit.names),
        "coef": fit.coef,
        "se": fit.se,
        "hr": fit.hr,
        "ci_lower_hr": fit.low,
        "ci_upper_hr": fit.high,
        "z": fit.z,
        "p": fit.p,
        "vcov": fit.vcov,
        "loglik_null": fit.loglik[0],
        "loglik": fit.loglik[1],
        "aic": fit.aic,
        "bic": fit.bic,
        "means": dict(zip(fit.names, fit.means.tolist(), strict=True)),
    }


def _tests(fit: CoxFit) -> dict[str, Any]:
    tests = {"lr_test": fit.tests.lr, "wald_test": fit.tests.wald, "score_test": fit.tests.score}
    return {key: {"test": test.chi2, "df": test.df, "pvalue": test.p} for key, test in tests.items()}


def _concordance(fit: CoxFit) -> dict[str, Any]:
    found = fit.concordance
    return {
        "concordance": found.c,
        "concordance_se": found.se,
        "concordance_counts": {
            "concordant": found.concordant,
            "discordant": found.discordant,
            "tied.x": found.tied_x,
            "tied.y": found.tied_y,
            "tied.xy": found.tied_xy,
        },
        "concordance_uno_nG2": lambda: _uno(fit),
    }


def _uno(fit: CoxFit) -> dict[str, float]:
    rows = fit.data
    found = concordance(
        rows.time, rows.event, fit.linear_predictor, strata=rows.strata, cluster=rows.cluster, weight="n/G2"
    )
    return {"c": found.c, "se": found.se}


def _sandwich(fit: CoxFit) -> dict[str, Any]:
    if fit.robust_se is None or fit.tests.robust_score is None:
        return {}
    return {
        "robust_se": fit.robust_se,
        "naive_se": fit.naive_se,
        "robust_score": fit.tests.robust_score.chi2,
        "n_clusters": fit.n_clusters,
    }


def _zph(fit: CoxFit, terms: Terms, transform: str) -> dict[str, Any]:
    rows = ph_test(fit, transform, terms=terms)
    return _zph_table([(row.term, row.test) for row in rows])


def _zph_table(rows: list[tuple[str, ChiSquare]]) -> dict[str, Any]:
    return {
        "rows": [name for name, _ in rows],
        "cols": ["chisq", "df", "p"],
        "values": [[test.chi2, test.df, test.p] for _, test in rows],
    }


def _zph_single(fit: CoxFit, terms: Terms) -> dict[str, Any]:
    """cox.zph(singledf=TRUE): a factor is tested along its own fitted effect.

    R 3.5-3 multiplies the squared score by its inverse variance form taken as b' V^-1 b instead of dividing by b' V b;
    the file holds what R printed, so the odd formula stays here and out of the product.
    """
    tested = ph_score(fit, "km")
    p = len(fit.coef)
    rows: list[tuple[str, ChiSquare]] = []
    for name, columns in terms:
        if len(columns) == 1:
            rows.append((name, tested.test(columns)))
            continue
        kept = [*range(p), *(p + column for column in columns)]
        block = np.linalg.inv(tested.information[np.ix_(kept, kept)])[p:, p:]
        own = fit.coef[columns]
        chi2 = float((own @ tested.score[columns]) ** 2 * (own @ block @ own))
        rows.append((name, chi_square(chi2, 1)))
    return _zph_table([*rows, ("GLOBAL", tested.test(range(p)))])


def _baseline(fit: CoxFit, model: Design) -> dict[str, Any]:
    strata = baseline_hazard(fit)
    names = _strata_names(model)
    return {
        "time": np.concatenate([one.time for one in strata]),
        "uncentered": np.concatenate([one.at_zero for one in strata]),
        "centered": np.concatenate([one.at_means for one in strata]),
        "strata": [names[one.stratum] for one in strata for _ in one.time],
    }


def _strata_names(model: Design) -> list[str]:
    """As R calls them: text by itself, a number after the name of its column."""
    column = model.optional("strata")
    if column is None:
        return [""]
    prefix = "" if is_text(column) else f"{model.analysis.recipe['strata']}="
    return [f"{prefix}{level}" for level in _levels(model, "strata")]


def _residuals(fit: CoxFit) -> dict[str, Any]:
    return {
        "lp_centered_all": fit.linear_predictor,
        "lp_default_all": lambda: _within_strata(fit),
        "martingale_all": lambda: martingale(fit),
        "deviance_resid_all": lambda: deviance(fit),
        "dfbeta_all": lambda: dfbeta(fit),
        "score_resid_all": lambda: score(fit),
        "schoenfeld_all": lambda: schoenfeld(fit).residual,
        "scaledsch_all": lambda: schoenfeld(fit).scaled,
    }


def _within_strata(fit: CoxFit) -> NDArray[np.float64]:
    if fit.data.strata is None:
        return fit.linear_predictor
    result = fit.linear_predictor.copy()
    for rows in fit.data.strata_rows():
        result[rows] -= result[rows].mean()
    return result


def _predictions(fit: CoxFit, model: Design, analysis: Analysis) -> dict[str, Any]:
    """One column per new patient; with strata the patients follow one another."""
    new, times = analysis.given("predict_survival/newdata"), analysis.given("predict_survival/times")
    patients = new_matrix(model, new)
    codes = _new_strata(model, new, len(patients))
    curves = [predict_survival(fit, x, times, stratum=code) for x, code in zip(patients, codes, strict=True)]
    blocks = {
        "surv": [curve.survival for curve in curves],
        "std_err_S": [curve.std_err for curve in curves],
        "lower": [curve.low for curve in curves],
        "upper": [curve.high for curve in curves],
    }
    if "strata" not in model.analysis.recipe:
        return {key: np.column_stack(columns) for key, columns in blocks.items()}
    shown = {key: np.concatenate(columns)[:, None] for key, columns in blocks.items()}
    return {**shown, "strata": [str(i + 1) for i in range(len(curves)) for _ in times]}


def _new_strata(model: Design, new: dict[str, list[Any]], n: int) -> list[int]:
    column = model.optional("strata")
    if column is None:
        return [0] * n
    levels = _levels(model, "strata")
    return [levels.index(label) for label in as_labels(as_column(new[model.analysis.recipe["strata"]]))]
