"""Tests of means, ranks, spread and counts, worked by hand or printed in the study."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from analysis.stats.contingency import chi_square_test, mcnemar, odds_ratio
from analysis.stats.correlation import kendall, pearson, spearman
from analysis.stats.errors import MissingValueError, ParameterError, StatsInputError, TooFewGroupsError
from analysis.stats.fisher import fisher_exact, fisher_p
from analysis.stats.kolmogorov import kolmogorov_smirnov, smirnov_tail
from analysis.stats.many_groups import anova, kruskal_wallis, pairwise_mann_whitney, tukey, welch_anova
from analysis.stats.multiplicity import adjust
from analysis.stats.normality import anderson_darling, lilliefors, shapiro_wilk
from analysis.stats.rank_tests import hodges_lehmann, mann_whitney, signed_rank
from analysis.stats.spread import bartlett, fligner_killeen, levene, variance_ratio
from analysis.stats.t_tests import Summary, paired_t_test, t_test, t_test_from_summary

RESPONDERS, OTHERS = 37, 27


@pytest.mark.parametrize(
    ("responders", "others", "student", "welch"),
    [
        ((44.61, 6.07), (40.39, 5.60), 0.00615, 0.00565),
        ((0.32, 0.17), (0.20, 0.11), 0.00212, 0.00111),
        ((18.14, 14.40), (47.84, 45.78), 0.00044, 0.00282),
    ],
    ids=["PNI", "CD8", "IL-6"],
)
def test_printed_means_give_the_p_that_was_recomputed_from_them(
    responders: tuple[float, float], others: tuple[float, float], student: float, welch: float
) -> None:
    x, y = Summary(RESPONDERS, *responders), Summary(OTHERS, *others)
    assert round(t_test_from_summary(x, y, equal_var=True).p, 5) == student
    assert round(t_test_from_summary(x, y).p, 5) == welch


@pytest.mark.parametrize(
    ("table", "yates", "pearson_p"),
    [
        ([[31, 6], [20, 7]], 0.5229, 0.3403),
        ([[20, 17], [11, 16]], 0.4241, 0.2926),
        ([[27, 10], [13, 14]], 0.0776, 0.0428),
        ([[16, 21], [7, 20]], 0.2452, 0.1539),
        ([[11, 26], [3, 24]], 0.1407, 0.0752),
    ],
    ids=["sex", "AFP", "Child-Pugh", "BCLC", "PIVKA-II"],
)
def test_printed_counts_give_the_p_that_was_recomputed_from_them(
    table: list[list[int]], yates: float, pearson_p: float
) -> None:
    assert round(chi_square_test(table).p, 4) == yates
    assert round(chi_square_test(table, yates=False).p, 4) == pearson_p


def test_the_exact_test_of_pivka_is_the_printed_one() -> None:
    assert round(fisher_exact([[11, 26], [3, 24]]).p, 4) == 0.1247


def test_the_printed_hepatitis_p_is_not_what_its_counts_give() -> None:
    assert round(chi_square_test([[31, 5, 1], [24, 3, 0]]).p, 3) == 0.654


def test_the_lady_tasting_tea() -> None:
    # Fisher, The Design of Experiments: 3 of 4 cups right has P = 17/70 one-sided.
    test = fisher_exact([[3, 1], [1, 3]], alternative="greater")
    assert test.p == pytest.approx(17 / 70)
    assert test.high == np.inf
    assert fisher_exact([[3, 1], [1, 3]]).odds_ratio == pytest.approx(6.408309, rel=1e-5)


def test_the_p_alone_is_that_of_the_whole_test() -> None:
    for table in ([[3, 1], [1, 3]], [[11, 26], [3, 24]], [[4, 0], [1, 3]], [[0, 5], [7, 40]]):
        assert fisher_p(table) == fisher_exact(table).p
    with pytest.raises(ParameterError):
        fisher_p([[1, 2, 3], [4, 5, 6]])


def test_the_tail_of_smirnovs_distance_counts_orders_of_the_tied_sample() -> None:
    x, y = np.array([1, 2, 2, 5]), np.array([2, 3, 4, 4, 6])
    pooled = np.concatenate((x, y))
    seen = [
        max(
            abs((pooled[list(chosen)] <= cut).mean() - (np.delete(pooled, list(chosen)) <= cut).mean())
            for cut in set(pooled.tolist())
        )
        for chosen in combinations(range(9), 4)
    ]
    for distance in (0.0, 0.35, 0.55, 0.75, 1.0):
        expected = np.mean([found >= distance - 1e-9 for found in seen])
        assert smirnov_tail(distance, x, y).p == pytest.approx(expected)
    own = kolmogorov_smirnov(x, y)
    assert smirnov_tail(own.statistic, x, y) == own
    assert smirnov_tail(0.3, x, y, exact_below=20).method == "asymptotic"
    with pytest.raises(ParameterError):
        smirnov_tail(1.2, x, y)


def test_an_empty_cell_gives_an_infinite_odds_ratio_with_a_lower_limit() -> None:
    test = fisher_exact([[4, 0], [1, 3]])
    assert test.odds_ratio == np.inf
    assert test.high == np.inf
    assert test.low is not None
    assert test.low > 0
    assert odds_ratio([[4, 0], [1, 3]]) == np.inf


def test_a_larger_table_is_gone_through_whichever_way_it_lies() -> None:
    table = np.array([[3, 1, 0], [1, 2, 2]])
    columns = np.repeat([0, 1, 2], table.sum(axis=0))
    # Every way to tell the nine patients apart into rows of 4 and 5 is as likely.
    found = Counter(
        tuple(np.bincount(columns[list(chosen)], minlength=3)) for chosen in combinations(range(9), int(table[0].sum()))
    )
    seen = found[tuple(table[0])]
    share = sum(count for count in found.values() if count <= seen) / sum(found.values())
    assert fisher_exact(table).p == pytest.approx(share)
    assert fisher_exact(table.T).p == pytest.approx(share)
    larger = np.array([[3, 1, 0], [1, 2, 2], [0, 1, 4]])
    assert fisher_exact(larger).p == pytest.approx(fisher_exact(larger.T[::-1]).p)


def test_mcnemar_looks_at_the_pairs_that_differ() -> None:
    assert mcnemar([[50, 5], [15, 30]]).chi2 == pytest.approx((10 - 1) ** 2 / 20)
    assert mcnemar([[50, 5], [15, 30]], correct=False).chi2 == pytest.approx(100 / 20)
    with pytest.raises(ParameterError):
        mcnemar([[5, 0], [0, 5]])


def test_ranks_of_five_are_compared_exactly() -> None:
    # x holds the two highest of five: one of ten orders, twice.
    test = mann_whitney([4, 5], [1, 2, 3])
    assert (test.statistic, test.method) == (6, "exact")
    assert test.p == pytest.approx(0.2)


def test_signed_ranks_of_four_are_compared_exactly() -> None:
    test = signed_rank([2, 4, 6, 8], [1, 2, 3, 4])
    assert (test.statistic, test.method) == (10, "exact")
    assert test.p == pytest.approx(2 / 16)


def test_ties_and_zeros_turn_to_the_normal_approximation() -> None:
    assert mann_whitney([1, 2], [2, 3]).method == "normal"
    assert signed_rank([1, 2, 5], [1, 1, 1]).method == "normal"
    with pytest.raises(ParameterError):
        mann_whitney([1, 2], [2, 3], method="exact")


@pytest.mark.parametrize("seed", range(4))
def test_scipy_ranks_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=12), rng.normal(0.5, size=9)
    assert mann_whitney(x, y).p == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue)
    assert signed_rank(x[:9], y).p == pytest.approx(stats.wilcoxon(x[:9], y, method="exact").pvalue)
    a, b = np.round(x), np.round(y)
    assert mann_whitney(a, b).p == pytest.approx(stats.mannwhitneyu(a, b, method="asymptotic").pvalue)
    assert kolmogorov_smirnov(x, y).p == pytest.approx(stats.ks_2samp(x, y, method="exact").pvalue)


def test_the_shift_is_the_median_of_all_differences() -> None:
    x, y = np.arange(10.0) + 3, np.arange(10.0)
    shift = hodges_lehmann(x, y)
    assert shift.value == 3
    assert shift.low < 3 < shift.high
    with pytest.raises(TooFewGroupsError):
        hodges_lehmann([1.0], [2.0])


def test_a_paired_test_is_a_test_of_the_differences() -> None:
    test = paired_t_test([5, 7, 9], [4, 5, 6])
    # Differences 1, 2, 3: mean 2, standard error 1/sqrt(3).
    assert test.statistic == pytest.approx(2 * 3**0.5)
    assert (test.low, test.high) == pytest.approx((2 - 4.302652729911275 / 3**0.5, 2 + 4.302652729911275 / 3**0.5))


def test_one_sided_intervals_are_open_on_one_side() -> None:
    x, y = [1.0, 2, 3], [2.0, 4, 3]
    less, greater = (t_test(x, y, alternative=alternative) for alternative in ("less", "greater"))
    assert (less.low, greater.high) == (-np.inf, np.inf)
    assert less.p + greater.p == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_scipy_compares_groups_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = [rng.normal(shift, 1 + shift, size=size) for shift, size in ((0, 8), (0.5, 12), (1, 10))]
    assert anova(groups).p == pytest.approx(stats.f_oneway(*groups).pvalue)
    assert welch_anova(groups).p == pytest.approx(stats.f_oneway(*groups, equal_var=False).pvalue)
    assert kruskal_wallis(groups).p == pytest.approx(stats.kruskal(*groups).pvalue)
    assert levene(groups).p == pytest.approx(stats.levene(*groups, center="median").pvalue)
    assert bartlett(groups).p == pytest.approx(stats.bartlett(*groups).pvalue)
    assert fligner_killeen(groups).p == pytest.approx(stats.fligner(*groups).pvalue)
    honest = stats.tukey_hsd(*groups)
    for pair in tukey(groups):
        assert pair.p == pytest.approx(honest.pvalue[pair.b, pair.a], abs=1e-9)


def test_two_groups_of_an_anova_are_students_test() -> None:
    x, y = [1.0, 2, 4, 3], [2.0, 5, 6]
    assert anova([x, y]).f == pytest.approx(t_test(x, y, equal_var=True).statistic ** 2)
    assert welch_anova([x, y]).f == pytest.approx(t_test(x, y).statistic ** 2)
    assert variance_ratio(x, y).ratio == pytest.approx(np.var(x, ddof=1) / np.var(y, ddof=1))
    assert pairwise_mann_whitney([x, y])[0, 1] == pytest.approx(mann_whitney(x, y).p)


def test_the_family_wise_adjustments_are_as_worked_by_hand() -> None:
    p = [0.01, 0.02, 0.03, 0.04]
    assert adjust(p, "bonferroni") == pytest.approx([0.04, 0.08, 0.12, 0.16])
    assert adjust(p, "holm") == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert adjust(p, "hochberg") == pytest.approx([0.04, 0.04, 0.04, 0.04])
    assert adjust(p, "hommel") == pytest.approx([0.04, 0.04, 0.04, 0.04])
    assert adjust(p, "BY") == pytest.approx([0.04 * 25 / 12] * 4)
    with pytest.raises(ParameterError):
        adjust([1.5], "holm")


def test_normality_tests_tell_a_normal_sample_from_a_skewed_one() -> None:
    normal = stats.norm.ppf((np.arange(1, 41) - 0.5) / 40)
    for test in (shapiro_wilk, lilliefors, anderson_darling):
        assert test(normal).p > 0.5
        assert test(np.exp(2 * normal)).p < 0.001
        with pytest.raises(TooFewGroupsError):
            test([1, 2])
        with pytest.raises(ParameterError):
            test([3] * 10)


def test_correlations_of_a_line_are_one() -> None:
    x = np.arange(8.0)
    for function in (pearson, spearman, kendall):
        assert function(x, 2 * x + 1).value == pytest.approx(1)
        assert function(x, -x).value == pytest.approx(-1)


def test_spearman_of_five_counts_permutations() -> None:
    # 1 2 3 5 4 has S = 2: five of the 120 permutations are as far from the middle or further, on either side.
    test = spearman([1, 2, 3, 4, 5], [1, 2, 3, 5, 4])
    assert test.statistic == pytest.approx(2)
    assert test.p == pytest.approx(2 * 5 / 120)


def test_the_series_for_spearman_is_close_to_the_t_approximation() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    for sign in (1, -1):
        y = sign * x + rng.normal(size=60) * 3
        assert spearman(x, y).p == pytest.approx(spearman(x, y, exact=False).p, rel=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_scipy_correlates_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    assert pearson(x, y).p == pytest.approx(stats.pearsonr(x, y).pvalue)
    assert spearman(np.round(x), np.round(y)).p == pytest.approx(stats.spearmanr(np.round(x), np.round(y)).pvalue)
    assert kendall(x, y).p == pytest.approx(stats.kendalltau(x, y).pvalue)
    assert kendall(np.round(x), np.round(y)).p == pytest.approx(
        stats.kendalltau(np.round(x), np.round(y), method="asymptotic").pvalue
    )


@pytest.mark.parametrize("function", [t_test, mann_whitney, paired_t_test, signed_rank, kolmogorov_smirnov, pearson])
def test_a_missing_value_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(MissingValueError):
        function([1, np.nan, 3], [1, 2, 3])


def test_values_that_do_not_vary_are_refused() -> None:
    for call in (
        lambda: t_test([1, 1], [1, 1]),
        lambda: mann_whitney([1, 1], [1, 1]),
        lambda: signed_rank([1, 2], [1, 2]),
        lambda: anova([[1, 1], [2, 2]]),
        lambda: kruskal_wallis([[1, 1], [1]]),
        lambda: variance_ratio([1, 1], [1, 2]),
        lambda: pearson([1, 1, 1], [1, 2, 3]),
        lambda: chi_square_test([[0, 0], [1, 2]]),
        lambda: chi_square_test([[0.5, 1.0], [1.0, 2.0]]),
        lambda: fisher_exact([[1, 2]]),
    ):
        with pytest.raises(StatsInputError):
            call()
