"""CIBERSORT: a known mixture comes back, modes follow from the weights, unusable input is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.cibersort import cibersort, null_mixtures, regression
from analysis.omics.errors import OmicsInputError
from tests.analysis.omics.cells import GENES, TYPES, mixtures, signature

KNOWN = {"s1": [0.2, 0.5, 0.3], "s2": [0.0, 0.6, 0.4]}


def test_shares_of_a_mixture_come_back() -> None:
    found = cibersort(mixtures(KNOWN), signature())
    assert found.shares().loc["s1"].to_numpy() == pytest.approx(KNOWN["s1"], abs=5e-3)
    assert found.shares().loc["s2"].to_numpy() == pytest.approx(KNOWN["s2"], abs=5e-3)
    assert found.fit["p"].isna().all()
    assert found.fit["correlation"].min() > 0.999
    assert (found.provenance.genes_found, found.provenance.warnings) == (40, ())


def test_scores_are_shares_times_the_level_of_the_sample() -> None:
    bulk = mixtures(KNOWN)
    found = cibersort(bulk, signature())
    level = bulk.median() / np.median(bulk.to_numpy())
    expected = found.shares().mul(level, axis=0)
    assert found.shares("sig.score").to_numpy() == pytest.approx(expected.to_numpy())
    assert found.shares("no.sumto1").equals(found.weights)
    assert found.shares().sum(axis=1).to_numpy() == pytest.approx([1, 1])
    with pytest.raises(OmicsInputError, match="not 'half'"):
        found.shares("half")


def test_logarithms_are_undone_and_genes_may_be_in_any_order() -> None:
    plain = cibersort(mixtures(KNOWN), signature())
    logs = cibersort(np.log2(mixtures(KNOWN).iloc[::-1]), signature().sample(frac=1, random_state=1))
    assert logs.provenance.parameters["antilog"] is True
    assert logs.weights.to_numpy() == pytest.approx(plain.weights.to_numpy(), abs=1e-3)


def test_the_p_value_is_the_place_among_random_mixtures() -> None:
    steps: list[tuple[int, int]] = []
    found = cibersort(
        mixtures(KNOWN), signature(), permutations=10, told=lambda done, total: steps.append((done, total))
    )
    assert found.fit["p"].tolist() == [0, 0]
    assert steps == [(done, 12) for done in range(1, 13)]
    first, second = null_mixtures(mixtures(KNOWN).to_numpy(), 2, seed=7)
    assert len(first) == len(set(first)) == len(GENES)
    assert {*first, *second} <= set(mixtures(KNOWN).to_numpy().ravel())
    assert not np.array_equal(first, second)


def test_a_mixture_with_no_positive_weight_has_no_shares() -> None:
    x = np.column_stack([np.linspace(-1, 1, 20), np.linspace(-1, 1, 20) ** 3])
    assert np.isnan(regression(x, -x.sum(axis=1)).weights).all()


def test_few_genes_of_the_signature_are_told() -> None:
    found = cibersort(mixtures(KNOWN).iloc[:18], signature())
    assert found.provenance.warnings == ("Only 18 of 40 genes of the signature are in the expression.",)


@pytest.mark.parametrize(
    ("bulk", "wishes", "message"),
    [
        (-mixtures(KNOWN), {}, "below zero"),
        (mixtures(KNOWN).mask(mixtures(KNOWN) < 20), {}, "is missing"),
        (mixtures(KNOWN).rename(index={"G01": "G00"}), {}, "the gene G00 in more than one row"),
        (mixtures(KNOWN).assign(s3=60.0), {}, "s3 has the same value"),
        (mixtures(KNOWN).rename(index=str.lower), {}, "Only 0 genes"),
        (mixtures(KNOWN), {"permutations": -1}, "0 or more"),
    ],
)
def test_cibersort_refuses(bulk: pd.DataFrame, wishes: dict[str, int], message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        cibersort(bulk, signature()[TYPES], **wishes)  # type: ignore[arg-type]
