"""Scores of sets in single samples: what must hold, and what is refused."""

from collections.abc import Callable

import numpy as np
import pytest

from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.set_scores import SetScores, combined_z, gsva, plage, ssgsea
from tests.analysis.omics.matrices import SAMPLES, noise, with_values

Method = Callable[..., SetScores]
METHODS: list[Method] = [gsva, ssgsea, combined_z, plage]
SETS = {"up": [f"g{i}" for i in range(10)], "other": [f"g{i}" for i in range(40, 60)], "elsewhere": ["x", "y"]}


@pytest.mark.parametrize("method", METHODS)
def test_a_set_that_is_higher_in_one_group_scores_higher_there(method: Method) -> None:
    found = method(noise(100, changed=10), SETS)
    assert (found.sets, found.size.tolist()) == (("up", "other"), [10, 20])
    assert found.values[0, 4:].min() > found.values[0, :4].max()
    assert abs(found.values[1, 4:].mean() - found.values[1, :4].mean()) < np.ptp(found.values[0]) / 2


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_genes_does_not_matter(method: Method) -> None:
    matrix = noise(60, changed=10)
    turned = ExpressionMatrix(matrix.genes[::-1], SAMPLES, matrix.values[::-1])
    assert method(turned, SETS).values == pytest.approx(method(matrix, SETS).values)


def test_single_sample_scores_rest_on_ranks_alone() -> None:
    matrix = noise(60)
    stretched = with_values(matrix, np.exp(matrix.values / 3))
    assert ssgsea(stretched, SETS).values == pytest.approx(ssgsea(matrix, SETS).values)
    whole = ssgsea(matrix, SETS, normalise=False)
    assert ssgsea(matrix, SETS).values * np.ptp(whole.values) == pytest.approx(whole.values)


def test_a_combined_z_worked_by_hand() -> None:
    matrix = ExpressionMatrix(list("abc"), list("xyz"), [[1, 2, 3], [4, 8, 12], [5, 0, 5]])
    found = combined_z(matrix, {"ab": ["a", "b"]})
    assert found.values == pytest.approx(np.sqrt(2) * np.array([[-1, 0, 1]]))


def test_a_kernel_of_its_own_for_counts() -> None:
    counts = np.random.default_rng(3).poisson(20, size=(50, 8))
    counts[:10, 4:] *= 3
    matrix = ExpressionMatrix([f"g{i}" for i in range(50)], SAMPLES, counts, COUNTS)
    for kernel in ("Poisson", "none"):
        scores = gsva(matrix, SETS, kernel=kernel).values[0]
        assert scores[4:].min() > scores[:4].max()
    with pytest.raises(OmicsInputError, match="takes counts"):
        gsva(noise(50), SETS, kernel="Poisson")
    with pytest.raises(OmicsInputError, match="kernel"):
        gsva(noise(50), SETS, kernel="uniform")


def test_constant_genes_are_left_out() -> None:
    values = noise(60).values.copy()
    values[:3] = 5
    found = combined_z(with_values(noise(60), values), SETS)
    assert found.size[0] == 7
    with pytest.raises(OmicsInputError, match="constant"):
        plage(with_values(noise(60), np.ones((60, 8))), SETS)


@pytest.mark.parametrize("method", [gsva, ssgsea])
def test_a_set_of_all_genes_has_nothing_to_stand_out_from(method: Method) -> None:
    matrix = noise(5)
    with pytest.raises(OmicsInputError, match="The set all holds every gene"):
        method(matrix, {"all": matrix.genes})


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_scored_is_refused(method: Method) -> None:
    with pytest.raises(OmicsInputError, match="No set has a gene"):
        method(noise(20), {"none": ["x"]})
    with pytest.raises(OmicsInputError, match="there is one"):
        method(noise(20, ["n1"]), SETS)
    values = noise(20).values.copy()
    values[3, 2] = np.nan
    with pytest.raises(OmicsInputError, match="gene g3 in sample n3 is missing"):
        method(with_values(noise(20), values), SETS)
