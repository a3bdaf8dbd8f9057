"""Differential expression: limma on logarithms, DESeq2 on counts; and what three such lists have in common."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.loading import Expression
from analysis.discovery.method import DIFFERENTIAL, GENES, GROUPS, Earlier, Given, Method, Outcome, Role
from analysis.discovery.methods.tables import GENE, GROUP, SAMPLE, counted, groups_of, listed
from analysis.discovery.parameters import Parameter
from analysis.discovery.sources import EXPRESSION, SETS
from analysis.omics.count_tests import differential_counts
from analysis.omics.deseq2 import fit_differential_counts
from analysis.omics.design import factorial
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, FPKM, LOG2, TPM, ExpressionMatrix
from analysis.omics.heat_order import hierarchical_order, order_within_groups, row_z_scores
from analysis.omics.linear_models import fit_linear_models
from analysis.omics.moderated import moderate
from analysis.omics.top_table import top_table
from analysis.omics.venn import DOWN, UP, DifferentialGenes, selected, three_way
from analysis.omics.voom import voom

ALL, COMMON = "all", "common"
# Genes of a heat map on either side, and its samples.
IN_HEAT, MOST_SAMPLES = 25, 500
THREE = 3
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
        {**lists, ALL: tuple(table[GENE])},
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


def _intersect(given: Given) -> Outcome:
    lists: dict[str, set[str]] = {}
    measured: dict[str, set[str]] = {}
    for one in given.all("lists"):
        name = f"{one.name}:{one.part}"
        genes = one.outcome.lists.get(one.part)
        if genes is None:
            raise OmicsInputError(f"{one.name} has no list {one.part}; it has {listed(list(one.outcome.lists))}.")
        lists[name] = set(genes)
        if ALL in one.outcome.lists:
            measured[name] = set(one.outcome.lists[ALL])
    every = set().union(*lists.values(), *measured.values())
    measured = {name: measured.get(name, every) for name in lists}
    common = sorted(set.intersection(*lists.values()))
    rows = [{"list": name, "genes": len(genes)} for name, genes in lists.items()]
    headline = [f"{counted(len(common), 'gene')} in common: {listed(common, 24)}." if common else "No gene in common."]
    summary: dict[str, Any] = {"lists": {row["list"]: row["genes"] for row in rows}, "common": len(common)}
    summary |= {"names": list(lists), "regions": _regions(list(lists.values()))}
    if len(lists) != THREE:
        table = pd.DataFrame({GENE: common, "inside": [" + ".join(lists)] * len(common)})
        return Outcome(table, headline, summary, {COMMON: tuple(common)}, extra={"lists": pd.DataFrame(rows)})
    venn = three_way(lists, measured)
    regions = [
        (" + ".join(name for name, inside in zip(venn.names, region.inside, strict=True) if inside), region)
        for region in venn.regions
    ]
    table = pd.DataFrame(
        [
            {GENE: gene, "inside": title, "not_measured": " + ".join(region.not_measured.get(gene, ()))}
            for title, region in regions
            for gene in region.genes
        ],
        columns=[GENE, "inside", "not_measured"],
    )
    sizes = pd.DataFrame(
        [
            {"inside": title, "genes": len(region.genes), "of_them_not_measured_elsewhere": len(region.not_measured)}
            for title, region in regions
        ]
    )
    unmeasured = int((table["not_measured"] != "").sum())
    if unmeasured:
        headline.append(f"{counted(unmeasured, 'gene')} of the others could not be common: not measured in some list.")
    return Outcome(
        table, headline, summary | {"not_measured": unmeasured}, {COMMON: tuple(common)}, extra={"regions": sizes}
    )


def _regions(lists: list[set[str]]) -> list[dict[str, Any]]:
    """Genes that are in exactly these of the lists."""
    found = Counter(tuple(gene in one for one in lists) for gene in set().union(*lists))
    return [{"inside": list(inside), "count": n} for inside, n in sorted(found.items(), reverse=True)]


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
    lists=(UP, DOWN, ALL),
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
    lists=(UP, DOWN, ALL),
    hint="limma takes logarithms",
)
INTERSECT = Method(
    "intersect",
    "Genes in common",
    "1",
    _intersect,
    {"lists": Role((DIFFERENTIAL, GENES, SETS), several=True, part="list")},
    {},
    gives=GENES,
    lists=(COMMON,),
)
