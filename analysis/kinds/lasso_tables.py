"""A penalised Cox model as tables to be read."""

from analysis.kinds.base import Output
from analysis.kinds.tables import ResultTable, shown

MIN, ONE_SE = "lambda_min", "lambda_1se"


def lasso_tables(output: Output) -> list[ResultTable]:
    return [] if output["refused"] else [_coefficients(output), _penalties(output)]


def _coefficients(output: Output) -> ResultTable:
    chosen = [term for term in output["terms"] if term[MIN] or term[ONE_SE]]
    rows = [
        [
            f"{term['label']}, per {term['unit']}" if term["unit"] else term["label"],
            _coefficient(term[MIN]),
            _coefficient(term[MIN] * term["sd"]),
            _coefficient(term[ONE_SE]),
        ]
        for term in sorted(chosen, key=lambda term: -abs(term[MIN] * term["sd"]))
    ]
    notes = [
        f"{len(chosen)} of {len(output['terms'])} covariates. {output['n']} patients, {output['events']} events.",
        "Coefficients are log hazard ratios, shrunk by the penalty; they have no interval and no p.",
    ]
    columns = ["Covariate", "At the best penalty", "per SD", "Within one SE"]
    return ResultTable("coefficients", f"Chosen for {output['endpoint']}", columns, rows, notes)


def _coefficient(value: float) -> str:
    return shown(value) if value else "—"


def _penalties(output: Output) -> ResultTable:
    rows = []
    for name, words in ((MIN, "Best (lambda.min)"), (ONE_SE, "Within one SE (lambda.1se)")):
        at = list(output["lambda"]).index(output[name])
        rows.append(
            [
                words,
                shown(output[name]),
                str(output["nonzero"][at]),
                shown(output["cvm"][at]),
                shown(output["cvsd"][at]),
                shown(output["deviance_ratio"][at]),
            ]
        )
    folds = f"the column {output['fold_column']}" if output["fold_column"] else f"the seed {output['seed']}"
    notes = [
        f"{max(output['folds'])} folds by {folds}; alpha {output['alpha']:g}. Deviance per event.",
        "The second is the largest penalty whose deviance lies within one standard error of the best.",
    ]
    columns = ["Penalty", "λ", "Covariates", "Deviance", "SE", "Deviance explained"]
    return ResultTable("penalties", "Penalties", columns, rows, notes)
