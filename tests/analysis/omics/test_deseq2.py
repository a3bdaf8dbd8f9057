"""Differential counts: what is found, what must hold, a second opinion, and what is refused."""

import numpy as np
import pytest

from analysis.omics.count_outliers import trimmed_mean
from analysis.omics.count_tests import differential_counts
from analysis.omics.deseq2 import CountFit, fit_differential_counts
from analysis.omics.design import Design, factorial
from analysis.omics.dispersion_trend import fit_trend, prior_variance
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import COUNTS, ExpressionMatrix
from analysis.omics.independent_filtering import independent_filtering
from analysis.omics.local_trend import LocalCurve
from analysis.omics.size_factors import size_factors
from analysis.omics.variance_stabilizing import variance_stabilized
from analysis.stats.arrays import FloatArray
from tests.analysis.omics.matrices import SAMPLES, groups, noise

MANY = [*(f"n{i}" for i in range(8)), *(f"t{i}" for i in range(8))]


def reads(
    genes: int = 150, samples: list[str] = SAMPLES, *, changed: int = 10, depth: FloatArray | None = None
) -> ExpressionMatrix:
    """Negative binomial counts with dispersion 0.1 + 1 / mean; the first genes are eightfold in the samples t."""
    random = np.random.default_rng(5)
    mean = np.repeat(10 ** random.uniform(1, 3.5, size=(genes, 1)), len(samples), axis=1)
    mean[:changed, [sample[0] == "t" for sample in samples]] *= 8
    size = 1 / (0.1 + 1 / mean)
    mean *= np.ones(len(samples)) if depth is None else depth
    values = random.negative_binomial(size, size / (size + mean))
    return ExpressionMatrix([f"g{i}" for i in range(genes)], samples, values, COUNTS)


def with_count(matrix: ExpressionMatrix, gene: int, sample: int, count: float) -> ExpressionMatrix:
    values = matrix.values.copy()
    values[gene, sample] = count
    return ExpressionMatrix(matrix.genes, matrix.samples, values, COUNTS)


def fitted(matrix: ExpressionMatrix) -> CountFit:
    return fit_differential_counts(matrix, groups(list(matrix.samples)))


def test_genes_that_differ_are_found_in_their_direction() -> None:
    table = differential_counts(fitted(reads()), {"groupt": 1})
    found = np.flatnonzero((table.adjusted_p < 0.05) & (table.log_fold_change > 1))
    assert set(range(10)) <= set(found.tolist())
    assert len(found) <= 13
    assert table.log_fold_change[:10] == pytest.approx(np.full(10, 3), abs=1.2)


def test_turning_the_contrast_round_turns_the_sign_alone() -> None:
    fit = fitted(reads())
    forth, back = (differential_counts(fit, {"groupt": sign}) for sign in (1.0, -1.0))
    assert back.log_fold_change == pytest.approx(-forth.log_fold_change)
    assert back.p == pytest.approx(forth.p)


def test_deeper_libraries_change_the_factors_not_the_fold_changes() -> None:
    depth = np.array([1.0, 2, 1, 3, 1, 0.5, 2, 1])
    fit = fitted(reads(depth=depth))
    assert fit.size_factors / fit.size_factors[0] == pytest.approx(depth / depth[0], rel=0.2)
    table = differential_counts(fit, {"groupt": 1})
    assert np.median(table.log_fold_change[10:]) == pytest.approx(0, abs=0.15)


def test_a_gene_without_reads_has_no_p() -> None:
    matrix = reads()
    values = matrix.values.copy()
    values[20] = 0
    table = differential_counts(fitted(ExpressionMatrix(matrix.genes, SAMPLES, values, COUNTS)), {"groupt": 1})
    assert table.mean[20] == 0
    assert np.isnan([table.p[20], table.log_fold_change[20], table.adjusted_p[20]]).all()
    assert np.isfinite(np.delete(table.p, 20)).all()


def test_a_group_without_reads_has_a_finite_fold_change() -> None:
    matrix = reads()
    values = matrix.values.copy()
    values[20] = [0, 0, 0, 0, 500, 600, 700, 800]
    table = differential_counts(fitted(ExpressionMatrix(matrix.genes, SAMPLES, values, COUNTS)), {"groupt": 1})
    assert 5 < table.log_fold_change[20] < 30
    assert table.p[20] < 1e-6


def test_an_outlier_among_few_replicates_takes_the_p_away() -> None:
    fit = fitted(with_count(reads(), 30, 2, 100_000))
    assert np.flatnonzero(fit.outlying).tolist() == [30]
    table = differential_counts(fit, {"groupt": 1})
    assert np.isnan(table.p[30])
    assert np.isfinite(table.log_fold_change[30])


def test_an_outlier_among_many_replicates_is_replaced() -> None:
    plain = reads(samples=MANY)
    fit = fitted(with_count(plain, 30, 2, 100_000))
    assert 30 in np.flatnonzero(fit.was_replaced)
    assert not fit.outlying.any()
    table = differential_counts(fit, {"groupt": 1})
    assert fit.mean[30] < 2 * (plain.values / size_factors(plain))[30].mean()
    assert abs(table.log_fold_change[30]) < 1.5


def test_a_gene_of_one_outlier_is_empty_once_that_is_replaced() -> None:
    matrix = reads(samples=MANY)
    values = matrix.values.copy()
    values[30] = 0
    values[30, 3] = 200
    table = differential_counts(fitted(ExpressionMatrix(matrix.genes, MANY, values, COUNTS)), {"groupt": 1})
    assert (table.mean[30], table.log_fold_change[30], table.p[30]) == (0, 0, 1)


def test_a_contrast_of_two_groups_looks_at_their_samples_alone() -> None:
    samples = [*SAMPLES, "x1", "x2", "x3"]
    three = factorial({"group": [s[0] for s in samples]}, {"group": ["x", "n", "t"]})
    matrix = reads(samples=samples)
    values = matrix.values.copy()
    values[20] = [0] * 8 + [30, 40, 50]
    fit = fit_differential_counts(ExpressionMatrix(matrix.genes, samples, values, COUNTS), three)
    two = np.array([s[0] != "x" for s in samples])
    table = differential_counts(fit, {"groupt": 1, "groupn": -1}, compared=two)
    assert (table.log_fold_change[20], table.p[20]) == (0, 1)
    assert table.log_fold_change[:10].min() > 1.5


def test_a_covariate_that_is_a_number_is_allowed_for() -> None:
    age = np.linspace(-1, 1, 16)[np.random.default_rng(1).permutation(16)]
    plain = groups(MANY)
    model = Design([*plain.columns, "age"], np.column_stack([plain.matrix, age]))
    table = differential_counts(fit_differential_counts(reads(samples=MANY), model), {"groupt": 1})
    assert table.p[:10].max() < 0.01


def test_dispersions_are_drawn_towards_the_trend() -> None:
    fit = fitted(reads(400))
    apart = np.abs(np.log(fit.own_dispersion / fit.trend))
    drawn = np.abs(np.log(fit.dispersion / fit.trend))
    assert np.median(drawn) < 0.7 * np.median(apart)
    assert fit.prior.trend.asymptotic == pytest.approx(0.1, abs=0.04)


def test_without_a_trend_all_genes_share_one_dispersion_to_be_drawn_to() -> None:
    fit = fit_differential_counts(reads(), groups(), trend="mean")
    assert len(np.unique(fit.trend)) == 1


def test_a_local_trend_follows_a_curve_that_is_no_formula() -> None:
    fit = fit_differential_counts(reads(400), groups(), trend="local")
    plain = fitted(reads(400))
    assert np.log(fit.trend) == pytest.approx(np.log(plain.trend), abs=0.4)


def test_where_no_formula_fits_the_trend_is_local() -> None:
    mean = np.geomspace(1, 1000, 60)
    # Dispersions that grow with the mean, which no sum of a constant and 1 / mean does.
    found = fit_trend(mean, 0.01 * mean**0.7)
    assert found.kind == "local"
    assert found.at(mean) == pytest.approx(0.01 * mean**0.7, rel=0.01)
    assert fit_trend(mean[:5], 0.01 * mean[:5]).kind == "mean"


def test_a_local_curve_keeps_a_parabola_and_goes_on_straight() -> None:
    x = np.linspace(-3, 5, 80)
    curve = LocalCurve(x, 1 + x - x**2 / 4, np.linspace(1, 2, 80))
    assert curve(x) == pytest.approx(1 + x - x**2 / 4, abs=1e-9)
    assert np.diff(curve(np.array([5.0, 6.0, 7.0]))) == pytest.approx([-1.5, -1.5])


def test_stabilised_counts_have_one_spread_and_grow_with_the_counts() -> None:
    matrix = reads(400, changed=0)
    for trend in ("parametric", "mean"):
        values = variance_stabilized(fit_differential_counts(matrix, groups(), trend=trend)).values
        assert (values[:, 0].argsort() == matrix.values[:, 0].argsort(kind="stable")).mean() > 0.5
    spread = variance_stabilized(fitted(matrix)).values.std(axis=1)
    few = matrix.values.mean(axis=1) < np.median(matrix.values.mean(axis=1))
    assert np.median(spread[few]) == pytest.approx(np.median(spread[~few]), rel=0.25)
    with pytest.raises(OmicsInputError, match="parametric"):
        variance_stabilized(fit_differential_counts(matrix, groups(), trend="local"))


def test_few_degrees_of_freedom_still_give_a_prior() -> None:
    fit = fitted(reads(400, ["n1", "n2", "t1", "t2"]))
    assert 0.25 <= fit.prior.variance < 3


def test_the_prior_variance_of_few_samples_is_that_of_what_was_drawn() -> None:
    random = np.random.default_rng(3)
    seen = np.exp(np.log(random.chisquare(2, 20_000) / 2) + random.normal(0, np.sqrt(2), 20_000))
    assert prior_variance(seen, np.ones(20_000), 2) == pytest.approx(2, abs=0.35)


def test_zeros_everywhere_leave_size_factors_of_the_positive_counts() -> None:
    values = np.array([[0, 10, 20], [5, 0, 10], [7, 14, 0.0], [0, 0, 0]])
    factors = size_factors(ExpressionMatrix(list("abcd"), list("xyz"), values, COUNTS))
    assert factors[1] > factors[0]
    assert factors[2] > factors[0]


def test_the_filter_leaves_out_genes_with_few_reads() -> None:
    mean = np.arange(1.0, 1001.0)
    p = np.where(np.arange(1000) > 700, 0.05, np.random.default_rng(1).uniform(size=1000))
    filtered = independent_filtering(mean, p, 0.1)
    assert filtered.threshold > 300
    assert np.isnan(filtered.adjusted_p).tolist() == (mean < filtered.threshold).tolist()
    few = independent_filtering(mean, np.full(1000, 0.5), 0.1)
    assert few.threshold == 1
    assert not np.isnan(few.adjusted_p).any()


def test_a_trimmed_mean_leaves_the_ends_out() -> None:
    assert trimmed_mean(np.array([[100.0, 1, 2, 3, -50]]), 0.2).tolist() == [2]


def test_pydeseq2_finds_the_same() -> None:
    import pandas as pd
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.default_inference import DefaultInference
    from pydeseq2.ds import DeseqStats

    matrix = reads(60)
    frame = pd.DataFrame(matrix.values.T.astype(int), index=SAMPLES, columns=matrix.genes)
    samples = pd.DataFrame({"group": [s[0] for s in SAMPLES]}, index=SAMPLES)
    inference = DefaultInference(n_cpus=1)
    theirs = DeseqDataSet(counts=frame, metadata=samples, design="~group", quiet=True, inference=inference)
    theirs.deseq2()
    tested = DeseqStats(theirs, contrast=["group", "t", "n"], quiet=True, inference=inference)
    tested.summary()
    table = differential_counts(fitted(matrix), {"groupt": 1})
    assert table.log_fold_change == pytest.approx(tested.results_df["log2FoldChange"].to_numpy(), abs=0.05)
    ours, others = table.adjusted_p < 0.05, tested.results_df["padj"].to_numpy() < 0.05
    assert (ours != others).sum() <= 1


@pytest.mark.parametrize(
    ("samples", "told"), [(["n1", "t1"], "no replicates"), (["n1", "n2", "t1"], "The design has 8 rows for 3 samples")]
)
def test_a_design_that_cannot_be_fitted_is_refused(samples: list[str], told: str) -> None:
    model = groups(samples) if len(samples) == 2 else groups()
    with pytest.raises(OmicsInputError, match=told):
        fit_differential_counts(reads(samples=samples), model)


def test_what_is_no_question_is_refused() -> None:
    fit = fitted(reads())
    with pytest.raises(OmicsInputError, match="no coefficient groupx"):
        differential_counts(fit, {"groupx": 1})
    with pytest.raises(OmicsInputError, match="of nothing"):
        differential_counts(fit, {})
    with pytest.raises(OmicsInputError, match="level of p"):
        differential_counts(fit, {"groupt": 1}, alpha=0.0)
    with pytest.raises(OmicsInputError, match="5 samples are said"):
        differential_counts(fit, {"groupt": 1}, compared=np.ones(5, dtype=bool))
    with pytest.raises(OmicsInputError, match="takes counts"):
        fit_differential_counts(noise(10), groups())
    with pytest.raises(OmicsInputError, match="trend"):
        fit_differential_counts(reads(), groups(), trend="cubic")


def test_counts_that_do_not_vary_have_no_trend() -> None:
    with pytest.raises(OmicsInputError, match="Poisson"):
        fit_trend(np.ones(5), np.full(5, 1e-8))
