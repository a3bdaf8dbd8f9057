"""ABIS, quanTIseq and what they are made of: known mixtures come back, unusable input is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.abis import abis, huber_regression
from analysis.omics.errors import OmicsInputError
from analysis.omics.quantile_normalization import same_distribution
from analysis.omics.quantiseq import OTHER, quantiseq
from analysis.omics.shares import shares
from tests.analysis.omics.cells import GENES, TYPES, mixtures, signature

KNOWN = {"s1": [0.2, 0.3, 0.1], "s2": [0.0, 0.5, 0.4]}


def test_shares_within_the_limits_are_those_of_non_negative_least_squares() -> None:
    a = signature().to_numpy()
    assert shares(a, a @ [0.2, 0.3, 0.1]) == pytest.approx([0.2, 0.3, 0.1])


@pytest.mark.parametrize(("truth", "low", "high"), [([0.9, 0.8, 0.1], 0.0, 1.0), ([0.2, 0.3, 0.1], 0.99, 1.0)])
def test_shares_beyond_a_limit_are_the_best_on_it(truth: list[float], low: float, high: float) -> None:
    a = signature().to_numpy() / 100
    b = a @ truth
    found = shares(a, b, low=low, high=high)
    limit = high if sum(truth) > high else low
    assert found.sum() == pytest.approx(limit, abs=1e-12)
    least = np.linalg.norm(a @ found - b)
    grid = np.linspace(0, limit, 41)
    others = [(x, y, limit - x - y) for x in grid for y in grid if x + y <= limit]
    assert least <= min(np.linalg.norm(a @ np.array(other) - b) for other in others) + 1e-9


def test_shares_on_the_limit_can_leave_a_type_out() -> None:
    a = np.eye(3)
    assert shares(a, np.array([2.0, 1.5, -1.0])) == pytest.approx([0.75, 0.25, 0.0], abs=1e-12)


def test_quantile_normalisation_gives_every_column_the_same_values() -> None:
    found = same_distribution(np.array([[5.0, 4.0], [2.0, 1.0], [3.0, 4.0], [4.0, 2.0]]))
    # Targets are the means of the sorted columns; the two fours of the second one lie between the last two.
    assert found == pytest.approx(np.array([[4.5, 4.25], [1.5, 1.5], [2.5, 4.25], [4.0, 2.5]]), rel=1e-12)


def test_one_wild_gene_does_not_move_robust_shares() -> None:
    bulk = mixtures(KNOWN)
    bulk.loc["G30"] *= 100
    found = abis(bulk, signature())
    assert found.shares["s1"].to_numpy() == pytest.approx([20, 30, 10], abs=1e-3)
    assert found.shares.loc["B", "s2"] == pytest.approx(0, abs=1e-3)
    assert found.unsettled == ()
    assert (found.provenance.genes_found, found.provenance.genes_expected) == (40, 40)


def test_an_exact_fit_ends_at_once() -> None:
    coefficients, settled = huber_regression(np.eye(3)[[0, 1, 2, 0]], np.array([1.0, 2, 3, 1]))
    assert (coefficients.tolist(), settled) == ([1, 2, 3], True)


@pytest.mark.parametrize(
    ("bulk", "message"),
    [
        (-mixtures(KNOWN), "gene G00 in sample s1 is below zero"),
        (np.log2(mixtures(KNOWN) + 1), "logarithms"),
        (mixtures(KNOWN).mask(mixtures(KNOWN) < 10), "is missing"),
        (mixtures(KNOWN).rename(index={"G01": "G00"}), "the gene G00 in more than one row"),
        (mixtures(KNOWN).rename(index=str.lower), "Only 0 genes"),
    ],
)
def test_abis_refuses(bulk: pd.DataFrame, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        abis(bulk, signature())


def test_abis_refuses_a_signature_that_cannot_be_told_apart() -> None:
    doubled = signature().assign(N=signature()["B"] + signature()["T"])
    with pytest.raises(OmicsInputError, match="sum of others"):
        abis(mixtures(KNOWN), doubled)
    with pytest.raises(OmicsInputError, match="The signature has the gene G00 in more than one row"):
        abis(mixtures(KNOWN), signature().rename(index={"G01": "G00"}))


def million(bulk: pd.DataFrame) -> pd.DataFrame:
    """The same mixtures among so many other transcripts that a column adds up to a million."""
    rest = pd.DataFrame([1e6 - bulk.sum()], index=["REST"])
    return pd.concat([bulk, rest])


def test_quantiseq_finds_what_was_mixed_and_the_rest() -> None:
    found = quantiseq(million(mixtures(KNOWN)), signature())
    assert found.shares.loc["s1"].to_dict() == pytest.approx({"B": 0.2, "T": 0.3, "M": 0.1, OTHER: 0.4}, abs=1e-9)
    scaled = quantiseq(million(mixtures(KNOWN)), signature(), mrna={"B": 1, "T": 2, "M": 1}).shares.loc["s1"]
    # Per cell B 0.2, T 0.15, M 0.1, with the same sum of 0.6.
    assert scaled.to_dict() == pytest.approx({"B": 0.6 * 20 / 45, "T": 0.6 * 15 / 45, "M": 0.6 * 10 / 45, OTHER: 0.4})


def test_quantiseq_takes_logarithms_new_symbols_and_medians() -> None:
    plain = quantiseq(million(mixtures(KNOWN)), signature())
    logs = quantiseq(np.log2(million(mixtures(KNOWN))), signature())
    assert logs.shares.to_numpy() == pytest.approx(plain.shares.to_numpy())
    assert (plain.provenance.parameters["antilog"], logs.provenance.parameters["antilog"]) == (False, True)
    renamed = quantiseq(
        million(mixtures(KNOWN)).rename(index={"G05": "SQRDL"}), signature().rename(index={"G05": "SQOR"})
    )
    assert renamed.provenance.genes_found == 40
    without = quantiseq(million(mixtures(KNOWN)), signature(), without=["G00", "G01"])
    assert (without.provenance.genes_found, without.provenance.genes_expected) == (38, 38)
    dropped = quantiseq(million(mixtures(KNOWN)), signature(), known_symbols=GENES)
    assert dropped.shares.loc["s1", OTHER] == pytest.approx(0)


def test_few_regulatory_cells_are_averaged_with_a_fit_without_helper_cells() -> None:
    named = signature().rename(columns={"B": "Tregs", "T": "T.cells.CD4"})
    bulk = million(mixtures({"s1": [0.01, 0.3, 0.1]}))
    found = quantiseq(bulk, named).shares.loc["s1"]
    again = quantiseq(bulk, named.drop(columns="T.cells.CD4")).shares.loc["s1", "Tregs"]
    tregs = (0.01 + again) / 2
    helpers = max(0.0, 0.3 - (tregs + again) / 2)
    total = tregs + helpers + 0.1 + 0.59
    assert found[["Tregs", "T.cells.CD4"]].to_numpy() == pytest.approx(np.array([tregs, helpers]) / total)


@pytest.mark.parametrize(
    ("bulk", "mrna", "message"),
    [
        (-mixtures(KNOWN), None, "below zero"),
        (mixtures(KNOWN), dict.fromkeys(TYPES[:2], 1.0), "mRNA content of M"),
        (mixtures(KNOWN).rename(index=str.lower), None, "Only 0 genes"),
        (mixtures(KNOWN).assign(s3=0.0), None, "The sample s3 has no expression"),
    ],
)
def test_quantiseq_refuses(bulk: pd.DataFrame, mrna: dict[str, float] | None, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        quantiseq(bulk, signature(), mrna=mrna)
    with pytest.raises(OmicsInputError, match="none of the known symbols"):
        quantiseq(mixtures(KNOWN), signature(), known_symbols=["TP53"])
