"""Differential expression: limma on logarithms, DESeq2 on counts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.loading import Expression
from analysis.discovery.method import DIFFERENTIAL, GROUPS, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.tables import GENE, GROUP, SAMPLE, counted, groups_of
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import EXPRESSION
from analysis.omics.count_tests import differential_counts
from analysis.omics.deseq2 import fit_differential_counts
from analysis.omics.design import factorial
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, FPKM, LOG2, TPM, ExpressionMatrix
from analysis.omics.heat_order import hierarchical_order, order_within_groups, row_z_scores
from analysis.omics.linear_models import fit_linear_models
from analysis.omics.moderated import moderate
from analysis.omics.top_table import top_table
from analysis.omics.venn import DOWN, UP, DifferentialGenes, selected
from analysis.omics.voom import voom

# Genes that were tested, and all that the expression has, also those without any difference between samples.
ALL, MEASURED = "all", "measured"
# Genes of a heat map on either side, and its samples.
IN_HEAT, MOST_SAMPLES = 25, 500
RULE = {
    "case": Parameter(str),
    "control": Parameter(str),
    "alpha": Parameter(float, 0.05, above=0, most=1),
    "least_change": Parameter(float, 0.5, least=0),
    "within": Parameter(str, None),
}


def _compared(given: Given) -> tuple[Expression, list[str]]:
    """The samples of both groups, and the group of each; genes with one and the same value are left out."""
    expression: Expression = given.one("expression").within(given.parameters["within"])
    step: Earlier | None = given.one("groups")
    groups = groups_of(step.outcome.table) if step else expression.groups
    sides = (given.parameters["control"], given.parameters["case"])
    samples = [sample for sample in expression.matrix.samples if groups.get(sample) in sides]
    for side in sides:
        if side not in {groups[sample] for sample in samples}:
            there = ", ".join(dict.fromkeys(groups.values())) or "none"
            raise OmicsInputError(f"No sample is in the group {side}; the groups are {there}.")
    chosen = expression.of(samples)
    varying = np.ptp(np.nan_to_num(chosen.matrix.values), axis=1) > 0
    if not varying.any():
        raise OmicsInputError("Every gene has one and the same value in all samples.")
    kept = Expression(chosen.name, chosen.matrix.keep_genes(varying), chosen.groups, chosen.identifiers, chosen.notes)
    return kept, [groups[sample] for sample in samples]


def _outcome(
    table: pd.DataFrame, given: Given, sizes: list[str], logged: ExpressionMatrix, notes: tuple[str, ...], **more: Any
) -> Outcome:
    asked = given.parameters
    genes = differential_of(table)
    lists = {
        name: tuple(sorted(selected(genes, alpha=asked["alpha"], least_change=asked["least_change"], direction=name)))
        for name in (UP, DOWN)
    }
    n_case, n_control = sizes.count(asked["case"]), sizes.count(asked["control"])
    ordered = table.sort_values("p", kind="stable")
    rule = f"adjusted p < {asked['alpha']:g} and |log2 fold change| > {asked['least_change']:g}"
    return Outcome(
        ordered,
        (
            f"{asked['case']} (n = {n_case}) minus {asked['control']} (n = {n_control}), "
            f"{counted(len(table), 'gene')} tested.",
            f"{rule}: {len(lists[UP])} up, {len(lists[DOWN])} down.",
        ),
        {"n_case": n_case, "n_control": n_control, "genes": len(table), "up": len(lists[UP]), "down": len(lists[DOWN])}
        | more,
        {**lists, ALL: tuple(table[GENE]), MEASURED: given.one("expression").matrix.genes},
        notes,
        _heat(ordered, logged, sizes),
    )


def _heat(table: pd.DataFrame, expression: ExpressionMatrix, sizes: list[str]) -> dict[str, pd.DataFrame]:
    """Row z-scores of the genes with the smallest p on either side: samples in rows, both in the order of the map."""
    if len(sizes) > MOST_SAMPLES:
        return {}
    known = table.dropna(subset=["adjusted_p"]).sort_values("p", kind="stable")
    sides = (known[known["log_fold_change"] > 0], known[known["log_fold_change"] < 0])
    chosen = [gene for side in sides for gene in side[GENE].head(IN_HEAT)]
    place = {gene: row for row, gene in enumerate(expression.genes)}
    values = expression.values[[place[gene] for gene in chosen]]
    if not chosen or np.isnan(values).any():
        return {}
    z = row_z_scores(values)
    rows, columns = hierarchical_order(z), order_within_groups(z, sizes)
    found = pd.DataFrame(z[rows][:, columns].T, columns=[chosen[row] for row in rows])
    found.insert(0, GROUP, [sizes[column] for column in columns])
    found.insert(0, SAMPLE, [expression.samples[column] for column in columns])
    return {"heat": found}


def differential_of(table: pd.DataFrame) -> DifferentialGenes:
    """The columns that a selection looks at."""
    columns = (table[name].to_numpy(dtype=np.float64) for name in ("log_fold_change", "adjusted_p", "mean_expression"))
    return DifferentialGenes(tuple(table[GENE]), *columns)


def _limma(given: Given) -> Outcome:
    expression, sizes = _compared(given)
    asked = given.parameters
    design = factorial({"group": sizes}, {"group": [asked["control"], asked["case"]]})
    if asked["voom"]:
        weighted = voom(expression.matrix, design)
        logged = weighted.expression
        fit = fit_linear_models(logged, design, weighted.weights)
    else:
        logged = expression.logged()
        fit = fit_linear_models(logged, design)
    top = top_table(moderate(fit, trend=asked["trend"], robust=asked["robust"]), f"group{asked['case']}")
    table = pd.DataFrame(
        {
            GENE: top.genes,
            "log_fold_change": top.log_fold_change,
            "lower": top.lower,
            "upper": top.upper,
            "mean_expression": top.mean_expression,
            "statistic": top.t,
            "p": top.p,
            "adjusted_p": top.adjusted_p,
            "log_odds": top.log_odds,
        }
    )
    return _outcome(table, given, sizes, logged, expression.notes)


def _limma_units(asked: Mapping[str, Any]) -> tuple[str, ...]:
    if asked["voom"]:
        return (COUNTS,)
    return (LOG2, TPM, FPKM) if asked["log"] else (LOG2,)


def _deseq2(given: Given) -> Outcome:
    expression, sizes = _compared(given)
    asked = given.parameters
    design = factorial({"group": sizes}, {"group": [asked["control"], asked["case"]]})
    fit = fit_differential_counts(expression.matrix, design)
    found = differential_counts(fit, {f"group{asked['case']}": 1}, alpha=asked["alpha"])
    table = pd.DataFrame(
        {
            GENE: found.genes,
            "log_fold_change": found.log_fold_change,
            "error": found.error,
            "mean_expression": found.mean,
            "statistic": found.statistic,
            "p": found.p,
            "adjusted_p": found.adjusted_p,
        }
    )
    outlying = int(fit.outlying.sum())
    notes = (f"{counted(outlying, 'gene')} with an outlying count has no p.",) if outlying else ()
    normalised = np.log2(expression.matrix.values / fit.size_factors + 1)
    logged = ExpressionMatrix(expression.matrix.genes, expression.matrix.samples, normalised)
    return _outcome(table, given, sizes, logged, (*expression.notes, *notes), least_mean=found.threshold)


_ROLES = {"expression": Role((EXPRESSION,)), "groups": Role((GROUPS,), required=False)}
LIMMA = Method(
    "limma",
    "Differential expression (limma)",
    "1",
    _limma,
    _ROLES,
    {
        **RULE,
        "trend": Parameter(bool, False),
        "robust": Parameter(bool, False),
        "log": Parameter(bool, False),
        "voom": Parameter(bool, False),
    },
    gives=DIFFERENTIAL,
    lists=(UP, DOWN, ALL, MEASURED),
    units=_limma_units,
    hint="log = true takes log2(x + 1) of TPM or FPKM, voom = true weighs counts",
)
DESEQ2 = Method(
    "deseq2",
    "Differential expression (DESeq2)",
    "1",
    _deseq2,
    {**_ROLES, "expression": Role((EXPRESSION,), units=(COUNTS,))},
    RULE,
    gives=DIFFERENTIAL,
    lists=(UP, DOWN, ALL, MEASURED),
    hint="limma takes logarithms",
)
