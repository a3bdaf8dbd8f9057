"""Linear models and moderated t: worked cases, rules, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.omics.design import Design, factorial
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, TPM, ExpressionMatrix
from analysis.omics.linear_models import contrasts, fit_linear_models
from analysis.omics.moderated import moderate, p_beyond
from analysis.omics.top_table import top_table
from analysis.omics.variance_prior import fit_variance_prior, squeezed
from tests.analysis.omics.matrices import SAMPLES, groups, noise, with_values

FEW = settings(max_examples=15, deadline=None)


def test_variances_are_drawn_towards_the_prior() -> None:
    # limma::squeezeVar(c(0.5, 1.3, 7.8), df=3)
    variances, df = np.array([0.5, 1.3, 7.8]), np.full(3, 3.0)
    prior = fit_variance_prior(variances, df)
    assert (prior.df, prior.scale) == pytest.approx((2.830777, 1.676927), abs=1e-6)
    assert squeezed(variances, df, prior) == pytest.approx([1.071385, 1.482994, 4.827317], abs=1e-6)


def test_a_moderated_t_is_the_difference_over_its_error() -> None:
    matrix = noise(40, changed=2)
    moderated = moderate(fit_linear_models(matrix, groups()))
    table = top_table(moderated, "groupt")
    n, t = matrix.values[:, :4], matrix.values[:, 4:]
    pooled = (n.var(axis=1, ddof=1) + t.var(axis=1, ddof=1)) / 2
    posterior = (6 * pooled + moderated.prior.df * moderated.prior.scale) / (6 + moderated.prior.df)
    assert table.log_fold_change == pytest.approx(t.mean(axis=1) - n.mean(axis=1))
    assert table.t == pytest.approx(table.log_fold_change / np.sqrt(posterior / 2))
    assert table.upper - table.lower == pytest.approx(2 * (table.upper - table.log_fold_change))


def test_genes_that_differ_come_first() -> None:
    table = top_table(moderate(fit_linear_models(noise(300, changed=5), groups())), "groupt")
    assert set(np.argsort(table.p)[:5]) == set(range(5))
    assert table.log_odds[:5].min() > table.log_odds[5:].max()


def test_a_gene_without_one_group_has_no_fold_change_but_a_mean() -> None:
    values = noise(30).values.copy()
    values[3, 4:] = np.nan
    values[4] = np.nan
    table = top_table(moderate(fit_linear_models(with_values(noise(30), values), groups())), "groupt")
    assert np.isnan(table.log_fold_change[[3, 4]]).all()
    assert np.isnan(table.adjusted_p).sum() == 2
    assert table.mean_expression[3] == pytest.approx(values[3, :4].mean())
    assert np.isnan(table.mean_expression[4])


def test_a_contrast_of_a_gene_with_missing_values_is_that_of_its_own_samples() -> None:
    factors = {"group": [s[0] for s in SAMPLES], "batch": list("abababab")}
    design = factorial(factors, {"group": ["n", "t"], "batch": ["a", "b"]})
    means = Design(["n", "t", "batchb"], np.column_stack([1 - design.matrix[:, 1], design.matrix[:, 1:]]))
    values = noise(20).values.copy()
    values[2, [0, 5, 7]] = np.nan
    matrix = with_values(noise(20), values)
    direct = fit_linear_models(matrix, design)
    contrast = contrasts(fit_linear_models(matrix, means), {"t-n": {"t": 1, "n": -1}})
    assert contrast.coefficients[:, 0] == pytest.approx(direct.coefficients[:, 1])
    assert contrast.unscaled_sd[:, 0] == pytest.approx(direct.unscaled_sd[:, 1])


def test_a_weight_of_two_counts_a_sample_twice() -> None:
    matrix, weights = noise(5), np.ones((5, 8))
    weights[:, 0] = 2
    twice = ExpressionMatrix(matrix.genes, ["n0", *SAMPLES], np.column_stack([matrix.values[:, 0], matrix.values]))
    weighted = fit_linear_models(matrix, groups(), weights)
    plain = fit_linear_models(twice, groups(["n0", *SAMPLES]))
    assert weighted.coefficients == pytest.approx(plain.coefficients)
    assert weighted.unscaled_sd == pytest.approx(plain.unscaled_sd)


def test_an_outlying_variance_is_not_drawn_to_the_prior() -> None:
    values = noise(200, seed=4).values.copy()
    values[0] = 6 + 40 * (values[0] - 6)
    fit = fit_linear_models(with_values(noise(200), values), groups())
    prior = moderate(fit, robust=True).prior
    df = np.asarray(prior.df)
    assert df[0] < 0.2 * np.median(df)


def test_outliers_need_genes_that_vary() -> None:
    values = noise(30).values.copy()
    values[:20] = 5
    with pytest.raises(OmicsInputError, match="do not vary"):
        moderate(fit_linear_models(with_values(noise(30), values), groups()), robust=True)


def test_a_trend_gives_each_gene_its_prior() -> None:
    matrix = noise(200)
    level = np.linspace(0, 8, 200)[:, None]
    fit = fit_linear_models(with_values(matrix, level + (matrix.values - 6) * 2 ** (-level / 2)), groups())
    scale = np.asarray(moderate(fit, trend=True).prior.scale)
    assert scale[:20].min() > 10 * scale[-20:].max()


def test_no_threshold_is_the_plain_test() -> None:
    fit = fit_linear_models(noise(50), groups())
    assert p_beyond(fit, 0.0) == pytest.approx(moderate(fit).p)
    assert (p_beyond(fit, 0.5) >= p_beyond(fit, 0.1) - 1e-12).all()


@FEW
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50))
def test_the_unit_of_the_values_does_not_change_t(seed: int, scale: float, shift: float) -> None:
    matrix = noise(30, seed=seed)
    t = moderate(fit_linear_models(matrix, groups())).t[:, 1]
    moved = moderate(fit_linear_models(with_values(matrix, matrix.values * scale + shift), groups())).t[:, 1]
    assert moved == pytest.approx(t, rel=1e-6)


@FEW
@given(st.permutations(range(8)))
def test_the_order_of_the_samples_does_not_matter(order: list[int]) -> None:
    matrix, samples = noise(30), [SAMPLES[i] for i in order]
    moved = ExpressionMatrix(matrix.genes, samples, matrix.values[:, order])
    p = moderate(fit_linear_models(moved, groups(samples))).p
    assert p == pytest.approx(moderate(fit_linear_models(matrix, groups())).p)


@pytest.mark.parametrize(
    ("genes", "samples", "values", "unit", "told"),
    [
        (["a", "a"], ["s"], [[1], [2]], "log2", "gene a comes twice"),
        (["a", " "], ["s"], [[1], [2]], "log2", "gene in place 2 has no name"),
        (["a"], ["s", "s"], [[1, 2]], "log2", "sample s comes twice"),
        ([], ["s"], np.zeros((0, 1)), "log2", "There is no gene"),
        (["a"], ["s"], [[1, 2]], "log2", "shape 1 x 2"),
        (["a"], ["s"], [[np.inf]], "log2", "gene a in sample s is infinite"),
        (["a"], ["s"], [[-1]], "TPM", "gene a in sample s is below zero"),
        (["a"], ["s"], [[np.nan]], "counts", "gene a in sample s is missing"),
        (["a"], ["s"], [[0.5]], "counts", "gene a in sample s is not a whole number"),
        (["a"], ["s"], [[0.5]], "reads", "unit"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_refused(
    genes: list[str], samples: list[str], values: object, unit: str, told: str
) -> None:
    with pytest.raises(OmicsInputError, match=told):
        ExpressionMatrix(genes, samples, np.asarray(values, dtype=float), unit)


@pytest.mark.parametrize("unit", [TPM, COUNTS])
def test_a_linear_model_takes_logarithms_only(unit: str) -> None:
    with pytest.raises(OmicsInputError, match="takes log2"):
        fit_linear_models(ExpressionMatrix(["a"], SAMPLES, np.ones((1, 8)), unit), groups())


def test_one_sample_a_group_leaves_no_variance() -> None:
    with pytest.raises(OmicsInputError, match="nothing to estimate a variance from"):
        fit_linear_models(noise(3, ["n1", "t1"]), groups(["n1", "t1"]))


def test_a_batch_that_is_the_group_is_refused_by_name() -> None:
    same = [s[0] for s in SAMPLES]
    with pytest.raises(OmicsInputError, match="batcht is constant or a combination"):
        factorial({"group": same, "batch": same}, {"group": ["n", "t"], "batch": ["n", "t"]})


@pytest.mark.parametrize(("levels", "told"), [(["n"], "Sample 5"), (["n", "t", "x"], "No sample has the level x")])
def test_levels_are_those_of_the_samples(levels: list[str], told: str) -> None:
    with pytest.raises(OmicsInputError, match=told):
        factorial({"group": [s[0] for s in SAMPLES]}, {"group": levels})


def test_what_the_fit_does_not_have_is_refused_by_name() -> None:
    fit = fit_linear_models(noise(5), groups())
    with pytest.raises(OmicsInputError, match="no coefficient groupx"):
        top_table(moderate(fit), "groupx")
    with pytest.raises(OmicsInputError, match="coefficient groupx"):
        contrasts(fit, {"d": {"groupx": 1}})
    with pytest.raises(OmicsInputError, match="of nothing"):
        contrasts(fit, {"d": {"groupt": 0}})


def test_a_trend_needs_a_value_of_every_gene() -> None:
    values = noise(5).values.copy()
    values[2] = np.nan
    with pytest.raises(OmicsInputError, match="Gene g2 has no value"):
        moderate(fit_linear_models(with_values(noise(5), values), groups()), trend=True)


def test_genes_that_do_not_vary_at_all_still_give_numbers() -> None:
    values = noise(30).values.copy()
    values[7] = 5.0
    table = top_table(moderate(fit_linear_models(with_values(noise(30), values), groups())), "groupt")
    assert table.t[7] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(table.log_odds).all()
