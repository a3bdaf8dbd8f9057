"""Reads of a library: scaling, filtering, voom, quantile normalisation, and the smooth trend beneath."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.omics.count_normalization import enough_reads, tmm_factors
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.lowess import lowess
from analysis.omics.natural_spline import natural_spline, spline_knots
from analysis.omics.quantile_normalization import quantile_normalized
from analysis.omics.voom import voom
from tests.analysis.omics.matrices import SAMPLES, groups, noise


def reads(genes: int = 60, *, seed: int = 1) -> ExpressionMatrix:
    random = np.random.default_rng(seed)
    mean = 10 ** random.uniform(1, 3, size=(genes, 1))
    values = random.negative_binomial(5, 5 / (5 + mean), size=(genes, 8))
    return ExpressionMatrix([f"g{i}" for i in range(genes)], SAMPLES, values, COUNTS)


def test_a_deeper_library_needs_no_factor() -> None:
    column = np.array([100.0, 40, 7, 3, 900])
    values = np.column_stack([column, 3 * column, 10 * column])
    assert tmm_factors(ExpressionMatrix(list("abcde"), ["x", "y", "z"], values, COUNTS)) == pytest.approx([1, 1, 1])


def test_one_gene_that_takes_half_of_the_reads_makes_the_others_comparable() -> None:
    base = np.full(50, 100.0)
    odd = base.copy()
    odd[0] = 5000
    genes = [f"g{i}" for i in range(50)]
    factors = tmm_factors(ExpressionMatrix(genes, ["x", "y"], np.column_stack([base, odd]), COUNTS))
    sizes = np.array([base.sum(), odd.sum()]) * factors
    assert sizes[0] == pytest.approx(sizes[1])


def test_a_gene_is_kept_for_enough_reads_in_one_group() -> None:
    values = np.full((4, 8), 1000.0)
    values[1] = 0
    values[2] = [50] * 4 + [0] * 4
    values[3] = [0, 0, 0, 0, 0, 0, 0, 9000]
    matrix = ExpressionMatrix(["all", "none", "group", "one"], SAMPLES, values, COUNTS)
    assert enough_reads(matrix, groups()).tolist() == [True, False, True, False]


def test_a_sample_without_reads_is_refused_by_name() -> None:
    values = np.ones((3, 8))
    values[:, 2] = 0
    with pytest.raises(OmicsInputError, match="Sample n3 has no reads"):
        voom(ExpressionMatrix(list("abc"), SAMPLES, values, COUNTS), groups())


def test_voom_trusts_many_reads_more_than_few() -> None:
    made = voom(reads(), groups())
    level = reads().values.mean(axis=1)
    few, many = level < np.quantile(level, 0.2), level > np.quantile(level, 0.8)
    assert made.weights[many].min() > made.weights[few].max()


def test_voom_needs_counts() -> None:
    with pytest.raises(OmicsInputError, match="takes counts"):
        voom(noise(5), groups())


def test_normalised_samples_have_one_distribution() -> None:
    matrix = noise(50)
    normalised = quantile_normalized(matrix)
    columns = np.sort(normalised.values, axis=0)
    assert columns == pytest.approx(np.repeat(np.sort(matrix.values, axis=0).mean(axis=1)[:, None], 8, axis=1))
    assert (normalised.values.argsort(axis=0) == matrix.values.argsort(axis=0)).all()


def test_missing_values_stay_missing_when_normalised() -> None:
    values = noise(20).values.copy()
    values[3, 0] = np.nan
    normalised = quantile_normalized(ExpressionMatrix(noise(20).genes, SAMPLES, values))
    assert np.argwhere(np.isnan(normalised.values)).tolist() == [[3, 0]]


def test_a_sample_with_one_value_is_not_normalised() -> None:
    values = noise(3).values.copy()
    values[1:, 1] = np.nan
    with pytest.raises(OmicsInputError, match="Sample n2"):
        quantile_normalized(ExpressionMatrix(noise(3).genes, SAMPLES, values))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-100, 100), min_size=6, max_size=40, unique=True), st.floats(-5, 5))
def test_points_on_a_line_stay_on_it(places: list[int], slope: float) -> None:
    x = np.sort(np.array(places, dtype=float))
    assert lowess(x, 2 + slope * x, span=0.9, robust_steps=0) == pytest.approx(2 + slope * x, abs=1e-6)


def test_one_point_far_off_does_not_bend_a_robust_line() -> None:
    x = np.arange(30.0)
    y = x.copy()
    y[15] = 300
    assert lowess(x, y, span=0.9)[[0, 14, 29]] == pytest.approx([0, 14, 29], abs=0.5)
    assert lowess(x, y, span=0.9, robust_steps=0)[14] > 20


def test_a_natural_spline_is_straight_beyond_its_borders() -> None:
    x = np.linspace(0, 1, 30)
    knots = spline_knots(x, 4)
    basis = natural_spline(np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]), knots)
    assert basis.shape == (6, 4)
    assert np.diff(basis[:3], n=2, axis=0) == pytest.approx(np.zeros((1, 4)), abs=1e-9)
    assert np.diff(basis[3:], n=2, axis=0) == pytest.approx(np.zeros((1, 4)), abs=1e-9)
