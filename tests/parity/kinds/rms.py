"""Kind ``rms``: a Cox model as nomogram, calibrated and validated."""

from typing import Any

import numpy as np

from analysis.stats.calibration import Calibration, calibrate
from analysis.stats.cox import CoxFit
from analysis.stats.cox_baseline import predict_survival
from analysis.stats.nomogram import Axis, Nomogram, Variable, nomogram, survival_of
from analysis.stats.validation import INDEXES, Validation, gini, nagelkerke, own_indexes, validate
from tests.parity.designs import Design, design
from tests.parity.kinds.cox import fitted
from tests.parity.recipes import Analysis

KEYS = frozenset(
    {"time", "event", "covariates", "factors", "ties", "times", "survival_ticks", "max_points"}
    | {"calibration", "validation"}
)
SHOWN = 8


def compute(analysis: Analysis) -> dict[str, Any]:
    """The model of the document with everything made from it."""
    recipe = analysis.recipe
    model = design(analysis, recipe["covariates"], ("time", "event"))
    fit = fitted(model)
    names = _names(model)
    drawn = nomogram(
        fit, _variables(model), recipe["times"], ticks=recipe["survival_ticks"], max_points=recipe["max_points"]
    )
    return {
        "n": fit.n,
        "coef": dict(zip(names, fit.coef.tolist(), strict=True)),
        "se": fit.se,
        "var_names": names,
        "center": fit.data.x.mean(axis=0) @ fit.coef,
        "stats": _stats(fit),
        "nomogram": _nomogram(drawn),
        "points_to_survival": _points(drawn),
        "first8": _first(fit, drawn),
        "survest_first8": lambda: _survest(fit, recipe["times"]),
        "calibrate_KM": lambda: _calibration(fit, recipe["calibration"]),
        "validate": lambda: _validation(fit, recipe["validation"]),
    }


def _levels(model: Design, name: str) -> list[str] | None:
    levels: list[str] | None = model.analysis.recipe["factors"].get(name)
    return levels


def _names(model: Design) -> list[str]:
    """Columns as rms calls them: the level of a category after an equals sign."""
    found: list[str] = []
    for name, _ in model.terms:
        levels = _levels(model, name)
        found += [name] if levels is None else [f"{name}={level}" for level in levels[1:]]
    return found


def _variables(model: Design) -> list[Variable]:
    found = []
    for name, columns in model.terms:
        levels = _levels(model, name)
        found.append(Variable(name, tuple(columns), None if levels is None else tuple(levels)))
    return found


def _stats(fit: CoxFit) -> dict[str, float]:
    lr, p, n, events = fit.tests.lr, len(fit.coef), fit.n, fit.events
    g = gini(fit.linear_predictor)
    return {
        "Obs": n,
        "Events": events,
        "Model L.R.": lr.chi2,
        "d.f.": lr.df,
        "P": lr.p,
        "Score": fit.tests.score.chi2,
        "Score P": fit.tests.score.p,
        "R2": nagelkerke(lr.chi2, -2 * fit.loglik[0], n),
        **{f"R2({size})": -np.expm1(-lr.chi2 / size) for size in (n, events)},
        **{f"R2({p},{size})": -np.expm1(-(lr.chi2 - p) / size) for size in (n, events)},
        "Dxy": own_indexes(fit)[0],
        "g": g,
        "gr": np.exp(g),
    }


def _nomogram(drawn: Nomogram) -> dict[str, Any]:
    return {
        "variables": {axis.name: _axis(axis) for axis in drawn.axes},
        "total_points_axis": drawn.total,
        "lp_axis": {"total_points": drawn.linear_points, "lp": drawn.linear},
        "fun_axes": {
            f"S{axis.time:g}": {"total_points": axis.points, "survival": axis.survival} for axis in drawn.survival_axes
        },
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {"values": list(axis.labels), "Xbeta": axis.effect, "points": axis.points}


def _points(drawn: Nomogram) -> dict[str, Any]:
    total = np.linspace(0, drawn.total[-1], 11)
    return {
        "lp_per_point": 1 / drawn.per_unit,
        "lp_at_zero_points": drawn.at_zero,
        "total_points": total,
        "survival": {f"S{axis.time:g}": drawn.survival_at(total, axis.time) for axis in drawn.survival_axes},
    }


def _first(fit: CoxFit, drawn: Nomogram) -> dict[str, Any]:
    x = fit.data.x[:SHOWN]
    linear = drawn.linear_predictor(x)
    return {
        "lp": linear,
        "total_points": drawn.points_of(x),
        "survival": {f"S{axis.time:g}": survival_of(fit, linear, axis.time) for axis in drawn.survival_axes},
    }


def _survest(fit: CoxFit, times: list[float]) -> dict[str, Any]:
    found = [predict_survival(fit, x, times) for x in fit.data.x[:SHOWN]]
    return {
        "surv": [one.survival for one in found],
        "lower": [one.low for one in found],
        "upper": [one.high for one in found],
        "std_err_log_surv": [one.std_err / one.survival for one in found],
    }


def _calibration(fit: CoxFit, recipe: dict[str, Any]) -> dict[str, Any]:
    found = calibrate(
        fit,
        recipe["horizon"],
        per_group=recipe["patients_per_group"],
        resamples=recipe["resamples"],
        seed=recipe["seed"],
    )
    return {
        "columns": [
            *("index.orig", "training", "test", "mean.optimism", "mean.corrected", "n"),
            *("mean.predicted", "KM", "KM.corrected", "std.err"),
        ],
        "values": _calibration_table(found),
        "predicted": found.survival,
    }


def _calibration_table(found: Calibration) -> Any:
    return np.column_stack(
        [
            found.apparent,
            found.training,
            found.test,
            found.optimism,
            found.apparent - found.optimism,
            np.full(len(found.n), found.resamples),
            found.predicted,
            found.observed,
            found.corrected,
            found.std_err_log,
        ]
    )


def _validation(fit: CoxFit, recipe: dict[str, Any]) -> dict[str, Any]:
    found = validate(fit, resamples=recipe["resamples"], seed=recipe["seed"])
    return {
        "rows": list(INDEXES),
        "cols": ["index.orig", "training", "test", "optimism", "index.corrected", "n"],
        "values": _validation_table(found),
    }


def _validation_table(found: Validation) -> Any:
    columns = (found.apparent, found.training, found.test, found.optimism, found.corrected)
    return np.column_stack([*columns, np.full(len(INDEXES), found.resamples)])
