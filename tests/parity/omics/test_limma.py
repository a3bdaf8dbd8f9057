"""limma 3.54: tables, priors, quantile normalisation and adjusted p-values of the original."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.omics.design import Design, factorial
from analysis.omics.expression import COUNTS, LOG2, ExpressionMatrix
from analysis.omics.linear_models import LinearFit, contrasts, fit_linear_models
from analysis.omics.moderated import ModeratedFit, moderate
from analysis.omics.quantile_normalization import quantile_normalized
from analysis.omics.top_table import TopTable, top_table
from analysis.omics.variance_prior import fit_variance_prior, squeezed
from analysis.omics.voom import voom
from analysis.stats.multiplicity import benjamini_hochberg
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.named_rows import NamedRows, read_named_rows

Count = Callable[[int], None]


def check(found: Any, expected: Any, case: str, name: str) -> None:
    loose = {"robust", "voom"} & set(case.split("_"))
    np.testing.assert_allclose(
        found, expected, rtol=1e-4 if loose else 1e-8, atol=1e-6 if loose else 1e-12, err_msg=name
    )


def two_groups(samples: list[str], *, batch: bool = False) -> Design:
    """Groups by the first letter, N first; batches that take turns."""
    factors = {"group": [sample[0] for sample in samples]}
    if batch:
        factors["batch"] = [str(place % 2) for place in range(len(samples))]
    return factorial(factors, {name: sorted(set(values)) for name, values in factors.items()})


def fitted(folder: Path, case: str) -> LinearFit:
    """The name of a case says what is special: counts for voom, a batch as covariate."""
    words = set(case.split("_"))
    source = next(path for path in (folder / f"{case}_{what}.tsv" for what in ("y", "counts")) if path.exists())
    read = read_named_rows(source)
    design = two_groups(read.columns, batch="cov" in words)
    if "voom" in words or source.name.endswith("_counts.tsv"):
        made = voom(ExpressionMatrix(read.rows, read.columns, read.values, COUNTS), design)
        return fit_linear_models(made.expression, design, made.weights)
    return fit_linear_models(ExpressionMatrix(read.rows, read.columns, read.values, LOG2), design)


def moderated_table(folder: Path, case: str) -> tuple[ModeratedFit, TopTable]:
    words = set(case.split("_"))
    moderated = moderate(fitted(folder, case), trend="trend" in words, robust="robust" in words)
    return moderated, top_table(moderated, "groupT")


def by_name(table: TopTable) -> dict[str, Any]:
    return {
        "logFC": table.log_fold_change,
        "CI.L": table.lower,
        "CI.R": table.upper,
        "AveExpr": table.mean_expression,
        "t": table.t,
        "P.Value": table.p,
        "adj.P.Val": table.adjusted_p,
        "B": table.log_odds,
    }


@pytest.mark.parametrize("case", prefixes("limma", "_toptable.tsv"))
def test_the_table_is_that_of_limma(case: str, compared: Count) -> None:
    folder = vectors("limma", case)
    expected = read_named_rows(folder / f"{case}_toptable.tsv")
    _, table = moderated_table(folder, case)
    found = by_name(table)
    order = [table.genes.index(gene) for gene in expected.rows]
    for column in expected.columns:
        check(found[column][order], expected[column], case, column)
    compared(expected.values.size)


@pytest.mark.parametrize("case", prefixes("limma", "_prior.json"))
def test_the_priors_are_those_of_limma(case: str, compared: Count) -> None:
    folder = vectors("limma", case)
    expected = json.loads((folder / f"{case}_prior.json").read_text(encoding="utf-8"))
    moderated, table = moderated_table(folder, case)
    significant = table.adjusted_p < 0.05
    found = {
        "df.prior": moderated.prior.df,
        "s2.prior": moderated.prior.scale,
        "var.prior": moderated.prior_variance[moderated.fit.columns.index("groupT")],
        "n_up": int((significant & (table.log_fold_change > 0.5)).sum()),
        "n_down": int((significant & (table.log_fold_change < -0.5)).sum()),
    }
    for name, value in expected.items():
        if name != "limma":
            check(found[name], value, case, name)
    compared(len(expected) - 1)


@pytest.mark.parametrize("case", prefixes("limma", "_out.tsv"))
def test_quantile_normalisation_is_that_of_limma(case: str, compared: Count) -> None:
    folder = vectors("limma", case)
    read, expected = (read_named_rows(folder / f"{case}_{what}.tsv") for what in ("in", "out"))
    matrix = ExpressionMatrix(read.rows, read.columns, np.log2(read.values + 1))
    np.testing.assert_allclose(quantile_normalized(matrix).values, expected.values, rtol=1e-8)
    compared(expected.values.size)


@pytest.mark.parametrize("case", prefixes("limma", "bh.tsv"))
def test_adjusted_p_values_are_those_of_r(case: str, compared: Count) -> None:
    expected = read_named_rows(vectors("limma", case) / f"{case}bh.tsv")
    np.testing.assert_allclose(benjamini_hochberg(expected["p"]), expected["BH"], rtol=1e-12)
    compared(len(expected.rows))


@pytest.mark.parametrize("case", prefixes("limma", "_expected.json"))
def test_printed_values_of_a_small_matrix_are_met(case: str, compared: Count) -> None:
    folder = vectors("limma", case)
    expected = json.loads((folder / f"{case}_expected.json").read_text(encoding="utf-8"))
    read: NamedRows = read_named_rows(folder / f"{case}_y.tsv")
    groups = Design(["a", "b"], np.repeat(np.eye(2), 3, axis=0))
    moderated = moderate(fit_linear_models(ExpressionMatrix(read.rows, read.columns, read.values), groups))
    np.testing.assert_allclose(moderated.prior.df, expected["df_prior"], rtol=expected["df_prior_rtol"])
    np.testing.assert_allclose(moderated.prior.scale, expected["s2_prior"], rtol=1e-6)
    np.testing.assert_allclose(moderated.prior_variance, expected["var_prior"], rtol=1e-5)
    np.testing.assert_allclose(moderated.t[:, 0], expected["t_group1"], atol=1e-6)
    np.testing.assert_allclose(moderated.log_odds[:, 0], expected["lods_group1"], atol=2e-6)
    squeeze = expected["squeezeVar"]
    variances, df = np.array(squeeze["var"]), np.full(len(squeeze["var"]), float(squeeze["df"]))
    prior = fit_variance_prior(variances, df)
    np.testing.assert_allclose(prior.df, squeeze["df_prior"], rtol=1e-6)
    np.testing.assert_allclose(prior.scale, squeeze["var_prior"], rtol=1e-6)
    np.testing.assert_allclose(squeezed(variances, df, prior), squeeze["var_post"], rtol=1e-6)
    compared(7 + 2 * len(read.rows) + len(squeeze["var"]))


@pytest.mark.parametrize("case", ["basic"])
def test_a_contrast_of_group_means_is_the_difference_of_the_groups(case: str, compared: Count) -> None:
    folder = vectors("limma", case)
    read = read_named_rows(folder / f"{case}_y.tsv")
    means = Design(["N", "T"], np.array([[s[0] == "N", s[0] == "T"] for s in read.columns], dtype=float))
    fit = fit_linear_models(ExpressionMatrix(read.rows, read.columns, read.values), means)
    table = top_table(moderate(contrasts(fit, {"T-N": {"T": 1, "N": -1}})), "T-N")
    expected = read_named_rows(folder / f"{case}_toptable.tsv")
    np.testing.assert_allclose(table.t, expected["t"], rtol=1e-8)
    np.testing.assert_allclose(table.log_odds, expected["B"], rtol=1e-8)
    compared(2 * len(read.rows))
