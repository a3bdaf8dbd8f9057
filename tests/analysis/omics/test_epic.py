"""EPIC: known mixtures come back by either solver, unusable input is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.epic import OTHER, epic
from analysis.omics.errors import OmicsInputError
from analysis.omics.nelder_mead import nelder_mead, within_limits
from tests.analysis.omics.cells import GENES, TYPES, signature

MARKERS = GENES[:24]


def profiles() -> pd.DataFrame:
    return signature() / signature().sum() * 1e6


def bulk(shares: list[float]) -> pd.DataFrame:
    """Markers come from the three types only, all other genes also from cells without a profile."""
    values = profiles().to_numpy() @ shares
    values[24:] = (1e6 - values[:24].sum()) / 16
    return pd.DataFrame({"s1": values}, index=GENES)


@pytest.mark.parametrize("solver", ["exact", "r_compat"])
def test_shares_of_rna_and_of_cells(solver: str) -> None:
    content = {"B": 0.4, "T": 0.4, "M": 1.2, "default": 0.4}
    found = epic(bulk([0.3, 0.2, 0.3]), signature(), MARKERS, mrna_per_cell=content, solver=solver)
    assert found.mrna.loc["s1"].to_dict() == pytest.approx({"B": 0.3, "T": 0.2, "M": 0.3, OTHER: 0.2}, abs=1e-3)
    per_cell = {"B": 0.75, "T": 0.5, "M": 0.25, OTHER: 0.5}
    assert found.cells.loc["s1"].to_dict() == pytest.approx({k: v / 2 for k, v in per_cell.items()}, abs=2e-3)
    assert found.fit.loc["s1", "sum"] == pytest.approx(0.8, abs=1e-3)
    assert found.fit.loc["s1", "converged"]
    assert (found.provenance.genes_found, found.provenance.parameters["common_genes"]) == (24, 40)
    assert "Only 40 genes are common" in found.provenance.warnings[0]


@pytest.mark.parametrize("solver", ["exact", "r_compat"])
def test_without_other_cells_shares_add_up_to_one(solver: str) -> None:
    found = epic(bulk([0.3, 0.2, 0.4]), signature(), MARKERS, other_cells=False, solver=solver)
    assert found.mrna.columns.tolist() == TYPES
    assert found.mrna.sum(axis=1).to_numpy() == pytest.approx([1])


def test_a_sum_above_one_needs_leave() -> None:
    more = bulk([0.5, 0.4, 0.15])
    held = epic(more, signature(), MARKERS)
    free = epic(more, signature(), MARKERS, constrained_sum=False)
    assert held.mrna.loc["s1"].sum() == pytest.approx(1)
    assert free.mrna.loc["s1", TYPES].to_numpy() == pytest.approx([0.5, 0.4, 0.15])
    assert free.mrna.loc["s1", OTHER] == 0


def test_a_variable_gene_weighs_less_and_a_silent_one_nothing() -> None:
    measured, reference = bulk([0.3, 0.2, 0.3]), signature()
    measured.loc["G00"] *= 3
    spread = pd.DataFrame(10.0, index=GENES, columns=TYPES)
    spread.loc["G00"] = 1e6
    plain, weighted = (
        epic(measured, reference, MARKERS, variability=table).mrna.loc["s1", "B"] for table in (None, spread)
    )
    # Three times one gene changes what a million stands for, too.
    truth = epic(measured, reference, MARKERS[1:]).mrna.loc["s1", "B"]
    assert abs(weighted - truth) < 1e-4 < abs(plain - truth)
    reference.loc["G23"], spread.loc["G23"] = 0.0, 0.0
    assert np.isfinite(epic(measured, reference, MARKERS, variability=spread).mrna.to_numpy()).all()


def test_rows_of_one_gene_are_their_median_and_blank_genes_are_left_out() -> None:
    measured = bulk([0.3, 0.2, 0.3])
    doubled = pd.concat([measured, measured.loc[["G30"]], measured.loc[["G30"]] * 9, measured.loc[["G31"]] * np.nan])
    expected = epic(measured, signature(), MARKERS).mrna
    assert epic(doubled, signature(), MARKERS).mrna.to_numpy() == pytest.approx(expected.to_numpy())


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        (-bulk([0.3, 0.2, 0.3]), "below zero"),
        (np.log2(bulk([0.3, 0.2, 0.3]) + 1), "logarithms"),
        (bulk([0.3, 0.2, 0.3]).assign(s2=[np.nan, *[1.0] * 39]), "gene G00 in sample s2 is missing"),
        (bulk([0.3, 0.2, 0.3]).rename(index=str.lower), "Only 0 signature genes"),
        (bulk([0.3, 0.2, 0.3]).assign(s2=0.0), "s2 has no expression"),
    ],
)
def test_epic_refuses(measured: pd.DataFrame, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        epic(measured, signature(), MARKERS)


def test_epic_refuses_references_that_do_not_fit() -> None:
    measured = bulk([0.3, 0.2, 0.3])
    with pytest.raises(OmicsInputError, match="not 'fast'"):
        epic(measured, signature(), MARKERS, solver="fast")
    with pytest.raises(OmicsInputError, match="other genes or cell types"):
        epic(measured, signature(), MARKERS, variability=signature()[TYPES[:2]])
    with pytest.raises(OmicsInputError, match="The reference has the gene G00 in more than one row"):
        epic(measured, signature().rename(index={"G01": "G00"}), MARKERS)
    with pytest.raises(OmicsInputError, match="mRNA content of B is missing"):
        epic(measured, signature(), MARKERS, mrna_per_cell={"T": 0.4})


def test_the_simplex_finds_the_minimum_of_a_valley() -> None:
    found = nelder_mead(lambda x: float(100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2), np.array([-1.2, 1.0]))
    # What R's optim prints for this function and start.
    assert found.x == pytest.approx([1.000260, 1.000506], abs=1e-6)
    assert found.value == pytest.approx(8.825241e-08, rel=1e-6)
    assert found.converged


def test_a_barrier_keeps_the_search_inside() -> None:
    found = within_limits(
        lambda x: float(((x - 2) ** 2).sum()), np.array([0.4, 0.4]), np.array([[-1.0, -1.0]]), np.array([-1.0])
    )
    assert found.x == pytest.approx([0.5, 0.5], abs=1e-2)
    assert found.x.sum() < 1
