"""EPIC against the R package on synthetic cells.

A case has expected shares of its own; the tables it does not have are those of the case that its name begins with.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.omics.epic import OTHER, EpicShares, epic
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.reading import close, matrix, names

FIT = {
    "RMSE_weighted": "rmse",
    "Root_mean_squared_geneExpr_weighted": "root_mean_square",
    "spearmanR": "spearman",
    "pearsonR": "pearson",
    "regline_a_x": "slope",
    "regline_b": "intercept",
    "regline_a_x_through0": "slope_through_0",
    "sum_mRNAProportions": "sum",
}
CASES = prefixes("epic", "_mrna.tsv")


def table(folder: Path, case: str, ending: str) -> Path | None:
    """The case's own table, or that of a shorter name: of syn_noOther also syn's."""
    parts = re.split("_", case)
    shorter = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((path for name in shorter if (path := folder / f"{name}_{ending}").exists()), None)


def solved(folder: Path, case: str, solver: str) -> EpicShares:
    bulk, reference = table(folder, case, "bulk.tsv.gz"), table(folder, case, "ref.tsv.gz")
    signature, content = table(folder, case, "sig.txt"), table(folder, case, "mRNA_cell.json")
    variability = None if re.search("no_?v", case, re.IGNORECASE) else table(folder, case, "var.tsv.gz")
    assert bulk and reference and signature and content
    return epic(
        matrix(bulk),
        matrix(reference),
        names(signature),
        variability=None if variability is None else matrix(variability),
        mrna_per_cell=json.loads(content.read_text(encoding="utf-8"))["mRNA_cell"],
        other_cells=OTHER in matrix(folder / f"{case}_mrna.tsv"),
        constrained_sum=not re.search("unconstr|no_?constr", case, re.IGNORECASE),
        solver=solver,
    )


@pytest.mark.parametrize(("solver", "tolerance"), [("r_compat", 1e-8), ("exact", 3e-3)])
@pytest.mark.parametrize("case", CASES)
def test_the_shares(case: str, solver: str, tolerance: float, compared: Callable[[int], None]) -> None:
    folder = vectors("epic", case)
    found = solved(folder, case, solver)
    compared(close(found.mrna, matrix(folder / f"{case}_mrna.tsv"), atol=tolerance))
    compared(close(found.cells, matrix(folder / f"{case}_frac.tsv"), atol=tolerance))


@pytest.mark.parametrize("case", prefixes("epic", "_gof.tsv"))
def test_the_fit(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("epic", case)
    expected = matrix(folder / f"{case}_gof.tsv")
    found = solved(folder, case, "r_compat").fit
    assert found["converged"].tolist() == (expected["convergeCode"] == 0).tolist()
    compared(close(found, expected[list(FIT)].rename(columns=FIT), rtol=1e-7))
