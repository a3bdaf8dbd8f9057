"""A Cox model with a lasso or elastic-net penalty, whose size is chosen by cross-validation."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from analysis.charts import lasso_cv, lasso_path
from analysis.frames.frame import Frame
from analysis.frames.request import FrameRequest
from analysis.headline.claims import Claim
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.hazard_terms import too_few
from analysis.kinds.lasso_tables import lasso_tables
from analysis.kinds.many_columns import (
    check_columns,
    column_options,
    columns_of_table,
    described,
    holds_words,
    matrix_of,
    name_missing,
)
from analysis.kinds.tables import ResultTable
from analysis.rscripts.lasso import lasso_script
from analysis.stats.arrays import FloatArray
from analysis.stats.coxnet_cv import CrossValidated, cross_validate
from analysis.stats.coxnet_walk import Settings
from analysis.stats.errors import StatsInputError
from analysis.stats.folds import fold_ids
from analysis.tables.table import Table, TableError

MOST_COLUMNS = 5_000
ALPHA, FOLDS, SEED = 1.0, 10, 1
# Of many covariates those that enter first are drawn and compared from result to result.
MOST_DRAWN, MOST_CLAIMS = 40, 30
MIN, ONE_SE = "lambda_min", "lambda_1se"
CAUTION = (
    "A covariate is in the model because it predicts here; its coefficient is shrunk and has no p. Which ones are "
    "chosen depends on the folds: other patients, who alone can confirm the model, may choose others."
)


class PenalisedCox:
    code = "lasso"
    label = _("Lasso-Cox")
    version = 2
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        own = frozenset({"alpha", "folds", "seed"})
        check_columns(parameters, own, what="penalised model", most=MOST_COLUMNS)
        _check_penalty(parameters)
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        names = tuple(parameters["covariates"])
        return FrameRequest(variables=names, required=names, endpoint=parameters["endpoint"])

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        names = list(parameters["covariates"])
        n, events = len(frame.rows), sum(bool(row["event"]) for row in frame.rows)
        base: Output = {
            "endpoint": parameters["endpoint"],
            "time_unit": frame.time_unit,
            "n": n,
            "events": events,
            "dropped": frame.dropped(),
            "notes": list(frame.notes),
            "warnings": [],
            "alpha": float(parameters.get("alpha", ALPHA)),
            "fold_column": parameters.get("fold_column"),
            "seed": None if parameters.get("fold_column") else parameters.get("seed", SEED),
            "terms": [],
            **dict.fromkeys(("lambda", "cvm", "cvsd", "nonzero", MIN, ONE_SE, "coef", "folds", "null_deviance")),
            "refused": too_few(n, events) or _words(frame, names),
        }
        if base["refused"]:
            return base
        try:
            return base | _model(frame, names, parameters, base["alpha"])
        except StatsInputError as error:
            return base | {"refused": f"No model: {error}"}

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Patients", output["n"]), Claim("events", "Events", output["events"])]
        if output["refused"]:
            return claims
        for name, words in ((MIN, "at the best penalty"), (ONE_SE, "at the penalty within one SE")):
            count = sum(value != 0 for value in output["coef"][name].values())
            claims.append(Claim(f"chosen_{name}", f"Covariates in the model {words}", count))
        terms = output["terms"]
        shown = terms if len(terms) <= MOST_CLAIMS else [term for term in terms if term["order"] is not None]
        return claims + [
            Claim(
                f"coef_{term['term']}",
                f"Coefficient at the best penalty, {term['label']}",
                term[MIN],
                verdict=f"{term['label']}: {'in the model' if term[MIN] else 'not in the model'}",
            )
            for term in shown[:MOST_CLAIMS]
        ]

    def figures(self, output: Output) -> list[Figure]:
        if output["refused"]:
            return []
        name = f"{output['endpoint']}, {len(output['terms'])} covariates"
        return [
            Figure("path", f"Coefficients by penalty: {name}", lasso_path.chart(output)),
            Figure("cv", f"Cross-validated deviance by penalty: {name}", lasso_cv.chart(output)),
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        return lasso_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        column_options(parser)
        parser.add_argument("--alpha", type=float, default=ALPHA, help="1 is the lasso, towards 0 the ridge")
        parser.add_argument(
            "--folds", default=str(FOLDS), metavar="N|COLUMN", help="how many folds, or who is in which"
        )

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        by_column = not options.folds.isdecimal()
        framing, names = columns_of_table(table, options, *([options.folds] if by_column else []))
        if len(names) > MOST_COLUMNS:
            raise TableError(
                f"{len(names)} columns are more than the {MOST_COLUMNS} of a penalised model: `analyse screen` first."
            )
        parameters: dict[str, Any] = {"endpoint": options.time, "covariates": names, "alpha": options.alpha}
        if by_column:
            framing.texts(options.folds)
            parameters["fold_column"] = options.folds
        else:
            parameters |= {"folds": int(options.folds), "seed": options.seed}
        if by_column and options.folds in names:
            raise TableError(f"--folds: {options.folds} is a covariate too.")
        try:
            _check_penalty(parameters)
        except ParameterError as error:
            raise TableError(f"--{error}") from error
        name_missing(framing, names)
        others = [options.folds] if by_column else []
        return framing.frame().complete("time", "event", *others, *names), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return lasso_script(frame, output, name=name)


LASSO = PenalisedCox()


def _check_penalty(parameters: Mapping[str, Any]) -> None:
    alpha = parameters.get("alpha", ALPHA)
    if not isinstance(alpha, int | float) or isinstance(alpha, bool) or not (isfinite(alpha) and 0 < alpha <= 1):
        raise ParameterError("alpha", "is a number above 0 and at most 1.")
    folds, seed = parameters.get("folds", FOLDS), parameters.get("seed", SEED)
    if not isinstance(folds, int) or isinstance(folds, bool) or not 3 <= folds <= 100:
        raise ParameterError("folds", "is a whole number from 3 to 100.")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**31:
        raise ParameterError("seed", "is a whole number from 0 up.")


def _words(frame: Frame, names: list[str]) -> str | None:
    strange = next((name for name in names if holds_words(frame, name)), None)
    return None if strange is None else f"No model: {described(frame, strange)['label']} holds words, not numbers."


def _model(frame: Frame, names: list[str], parameters: Mapping[str, Any], alpha: float) -> Output:
    x = matrix_of(frame, names)
    column = parameters.get("fold_column")
    n = len(frame.rows)
    folds = (
        fold_ids(n, parameters.get("folds", FOLDS), parameters.get("seed", SEED))
        if column is None
        else np.array(frame.column(column))
    )
    event = np.array(frame.column("event"), float)
    found = cross_validate(frame.times(), event, x, names=names, folds=folds, settings=Settings(alpha=alpha))
    path = found.path
    sd = x.std(axis=0)
    order = _entry(path.coef)
    drawn = {i for i in np.argsort(order, kind="stable")[:MOST_DRAWN].tolist() if order[i] < len(path.lambdas)}
    terms = [
        described(frame, name)
        | {
            "sd": float(sd[i]),
            "order": int(order[i]) if i in drawn else None,
            MIN: float(path.coef[found.best, i]),
            ONE_SE: float(path.coef[found.within_error, i]),
            "path": path.coef[:, i] if i in drawn else None,
        }
        for i, name in enumerate(names)
    ]
    return {
        "lambda": path.lambdas,
        "cvm": found.mean,
        "cvsd": found.error,
        "nonzero": path.nonzero,
        "deviance_ratio": path.deviance_ratio,
        "null_deviance": path.null_deviance,
        MIN: found.lambda_min,
        ONE_SE: found.lambda_1se,
        "coef": {key: {term["term"]: term[key] for term in terms} for key in (MIN, ONE_SE)},
        "folds": found.folds,
        "terms": terms,
        "warnings": [CAUTION, *_warnings(found, frame, names, sd)],
    }


def _entry(coef: FloatArray) -> Any:
    """At which penalty of the path each column enters; beyond the last where it never does."""
    enters = (coef != 0).argmax(axis=0)
    return np.where((coef != 0).any(axis=0), enters, len(coef))


def _warnings(found: CrossValidated, frame: Frame, names: list[str], sd: FloatArray) -> list[str]:
    flat = [described(frame, name)["label"] for name, spread in zip(names, sd, strict=True) if spread == 0]
    warnings = [f"{label} has the same value in everybody and cannot enter." for label in flat]
    if found.best == len(found.path.lambdas) - 1:
        warnings.append("The best penalty is the last of the path: a smaller one may be better still.")
    if not found.path.nonzero[found.best]:
        warnings.append("At the best penalty no covariate is in the model: nothing here predicts the endpoint.")
    return warnings
