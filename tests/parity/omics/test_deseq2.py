"""DESeq2 1.38: size factors, dispersions, tables and filters of the original, on files of DESeq2 and of PyDESeq2."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.omics.count_tests import CountTable, differential_counts
from analysis.omics.deseq2 import CountFit, fit_differential_counts
from analysis.omics.design import Design, factorial
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.variance_stabilizing import variance_stabilized
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.named_rows import NamedRows, read_named_rows, records

Count = Callable[[int], None]
# What the files were asked for: results(alpha = 0.05).
ALPHA = 0.05


def compare(found: Any, expected: Any, name: str) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12, err_msg=name)


def by_name(fit: CountFit, table: CountTable) -> dict[str, Any]:
    return {
        "baseMean": table.mean,
        "log2FoldChange": table.log_fold_change,
        "lfcSE": table.error,
        "stat": table.statistic,
        "pvalue": table.p,
        "padj": table.adjusted_p,
        "dispGeneEst": fit.own_dispersion,
        "dispFit": fit.trend,
        "dispersion": fit.dispersion,
    }


def matrix(read: NamedRows) -> ExpressionMatrix:
    return ExpressionMatrix(read.rows, read.columns, read.values, COUNTS)


def fitted(folder: Path, case: str) -> tuple[CountFit, CountTable, dict[str, Any]]:
    meta = json.loads((folder / f"{case}_meta.json").read_text(encoding="utf-8"))
    fit = fit_differential_counts(
        matrix(read_named_rows(folder / f"{case}_counts.tsv")),
        factorial({"group": meta["group"]}, {"group": ["Normal", "Tumor"]}),
    )
    return fit, differential_counts(fit, {"groupTumor": 1}, alpha=ALPHA), meta


@pytest.mark.parametrize("case", prefixes("deseq2", "_res.tsv"))
def test_tables_and_dispersions_are_those_of_deseq2(case: str, compared: Count) -> None:
    folder = vectors("deseq2", case)
    fit, table, _ = fitted(folder, case)
    found = by_name(fit, table)
    for part in ("res", "disp"):
        expected = read_named_rows(folder / f"{case}_{part}.tsv")
        assert tuple(expected.rows) == table.genes
        for name in (name for name in expected.columns if name in found):
            compare(found[name], expected[name], name)
            compared(len(expected.rows))


@pytest.mark.parametrize("case", prefixes("deseq2", "_meta.json"))
def test_settings_that_are_estimated_are_those_of_deseq2(case: str, compared: Count) -> None:
    fit, table, meta = fitted(vectors("deseq2", case), case)
    significant = table.adjusted_p < ALPHA
    found = {
        "sizeFactors": fit.size_factors,
        "filterThreshold": table.threshold,
        "up": int((significant & (table.log_fold_change > 1)).sum()),
        "down": int((significant & (table.log_fold_change < -1)).sum()),
        "nNA": int(np.isnan(table.adjusted_p).sum()),
        "varPrior": fit.prior.variance,
        "coefs": [fit.prior.trend.asymptotic, fit.prior.trend.extra],
    }
    asked = {name: value for name, value in meta.items() if name in found}
    for name, value in asked.items():
        compare(found[name], list(value.values()) if isinstance(value, dict) else value, name)
    assert {"sizeFactors", "up", "down"} <= set(asked)
    compared(len(asked) + len(asked["sizeFactors"]))


@pytest.mark.parametrize("case", prefixes("deseq2", "_vst.tsv.gz"))
def test_stabilised_counts_are_those_of_deseq2(case: str, compared: Count) -> None:
    folder = vectors("deseq2", case)
    fit, _, _ = fitted(folder, case)
    expected = read_named_rows(folder / f"{case}_vst.tsv.gz")
    compare(variance_stabilized(fit).values, expected.values, "vst")
    compared(expected.values.size)


# Folders of tables that PyDESeq2 is tested by; the end of the name tells the design.
FOLDERS = [name for name in prefixes("deseq2", "") if name.startswith("pydeseq2")] or [NONE]


@pytest.mark.parametrize("case", FOLDERS)
def test_the_tables_that_pydeseq2_is_tested_by_are_met(case: str, compared: Count) -> None:
    root = vectors("deseq2", case)
    header, *rows = records(root / "pydeseq2" / "test_metadata.csv")
    names = ("group", "condition") if case.endswith("multi_factor") else ("condition",)
    factors = {name: [row[header.index(name)] for row in rows] for name in names}
    model: Design = factorial(factors, {name: sorted(set(values)) for name, values in factors.items()})
    fit = fit_differential_counts(matrix(read_named_rows(root / "pydeseq2" / "test_counts.csv")), model)
    table = differential_counts(fit, {"conditionB": 1}, alpha=ALPHA)
    found = {"size_factors": fit.size_factors, "dispersions": fit.dispersion, **by_name(fit, table)}
    expected = [read_named_rows(next((root / case).glob("*test_res.csv")))]
    for name in ("size_factors", "dispersions"):
        expected += [replace(read_named_rows(path), columns=[name]) for path in (root / case).glob(f"*test_{name}.csv")]
    for part in expected:
        for name in part.columns:
            compare(found[name], part[name], name)
        compared(part.values.size)
