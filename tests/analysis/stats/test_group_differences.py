"""What the comparisons of groups rest on: standardised differences, shifts, many groups, counts; against R by hand."""

import numpy as np
import pytest

from analysis.stats.category_test import FISHER, PEARSON, YATES, compare_categories
from analysis.stats.errors import ParameterError, TooFewGroupsError
from analysis.stats.fisher import fisher_exact
from analysis.stats.group_test import compare_samples
from analysis.stats.location_shift import shift_of_pairs, shift_of_samples
from analysis.stats.many_group_test import ANOVA, KRUSKAL_WALLIS, compare_many
from analysis.stats.many_groups import anova, anova_from_summaries, welch_anova, welch_anova_from_summaries
from analysis.stats.rank_tests import mann_whitney_counts
from analysis.stats.smd import smd_of_counts, smd_of_means
from analysis.stats.t_tests import Summary, summarise

BELL = np.array([-1.5, -1.0, -0.7, -0.4, -0.1, 0.1, 0.4, 0.7, 1.0, 1.5])


def test_a_difference_of_means_is_in_units_of_the_mean_variance() -> None:
    one, other, third = Summary(20, 10, 3), Summary(50, 6, 5), Summary(9, 10, 3)
    assert smd_of_means([one, other]) == pytest.approx([4 / np.sqrt((9 + 25) / 2)])
    assert len(smd_of_means([one, other, third])) == 3
    assert smd_of_means([one, third]) == [0]
    assert smd_of_means([Summary(5, 1, 0), Summary(5, 1, 0)]) == [0]
    assert smd_of_means([Summary(5, 1, 0), Summary(5, 2, 0)]) == [np.inf]


def test_a_difference_of_two_levels_is_that_of_shares() -> None:
    p, q = 31 / 37, 20 / 27
    expected = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert smd_of_counts([[31, 6], [20, 7]]) == pytest.approx([expected])


def test_the_distance_of_many_levels_does_not_depend_on_their_order() -> None:
    table = np.array([[31, 5, 1], [20, 3, 4], [8, 8, 8]])
    assert smd_of_counts(table) == pytest.approx(smd_of_counts(table[:, [2, 0, 1]]))
    # sqrt(t(d) %*% MASS::ginv(S) %*% d), as tableone has it
    assert smd_of_counts(table) == pytest.approx([0.439329115655, 1.24959886612, 0.900115179587])


def test_a_singular_spread_has_its_generalised_inverse() -> None:
    assert smd_of_counts([[5, 0, 5, 0], [0, 5, 0, 9]]) == pytest.approx([1.47572957475])


def test_groups_that_share_no_level_have_no_distance() -> None:
    assert np.isnan(smd_of_counts([[5, 0], [0, 5]])[0])
    assert smd_of_counts([[5], [7]]) == [0]
    # Each varies, but not in what tells them apart: the root of a rounding error is no distance.
    assert np.isnan(smd_of_counts([[0, 5, 5, 0, 0], [0, 0, 0, 5, 5]])[0])


def test_a_small_difference_of_large_groups_is_small_and_not_unknown() -> None:
    share = np.array([0.5, 0.50001])
    expected = 1e-5 / np.sqrt((share * (1 - share)).mean())
    assert smd_of_counts([[50_000, 50_000], [50_001, 49_999]]) == pytest.approx([expected])


@pytest.mark.parametrize("table", [[[1, 2]], [[0, 0], [1, 2]], [[-1, 2], [1, 2]]])
def test_what_is_no_table_of_groups_is_refused(table: list[list[int]]) -> None:
    with pytest.raises((ParameterError, TooFewGroupsError)):
        smd_of_counts(table)


def test_exact_limits_of_a_shift_are_those_of_r() -> None:
    # wilcox.test(c(1.1, 2.3, 3.7, 4.2, 9.5), c(0.2, 0.9, 1.4, 2.8), conf.int = TRUE)
    shift = shift_of_samples([1.1, 2.3, 3.7, 4.2, 9.5], [0.2, 0.9, 1.4, 2.8])
    assert (shift.value, shift.low, shift.high) == pytest.approx((2.2, -0.5, 8.6))


def test_exact_limits_of_pairs_are_those_of_r() -> None:
    # wilcox.test(c(1.1, 2.3, 3.7, 4.2, 9.5, 7.25), c(0.2, 0.9, 1.5, 2.81, 3.1, 7.5), paired = TRUE, conf.int = TRUE)
    shift = shift_of_pairs([1.1, 2.3, 3.7, 4.2, 9.5, 7.25], [0.2, 0.9, 1.5, 2.81, 3.1, 7.5])
    assert (shift.value, shift.low, shift.high) == pytest.approx((1.4, -0.25, 6.4))


def test_pairs_that_tie_have_limits_too() -> None:
    x = np.arange(30.0)
    shift = shift_of_pairs(x + np.tile([1.0, 2.0, 3.0], 10), x)
    assert shift.low <= shift.value == 2 <= shift.high
    with pytest.raises(TooFewGroupsError):
        shift_of_pairs([1, 1, 2], [0, 0, 1])


def test_counts_that_are_kept_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        mann_whitney_counts(3, 4)[0] = 7


def test_summaries_give_the_f_of_the_values() -> None:
    groups = [BELL, BELL * 2 + 1, BELL[:7] + 3]
    summaries = [summarise(group, "group") for group in groups]
    assert vars(anova_from_summaries(summaries)) == pytest.approx(vars(anova(groups)))
    assert vars(welch_anova_from_summaries(summaries)) == pytest.approx(vars(welch_anova(groups)))
    for wrong in ([Summary(1, 2, 3), Summary(5, 2, 3)], [Summary(5, 2, 0), Summary(5, 3, 0)]):
        with pytest.raises(ParameterError):
            anova_from_summaries(wrong)
    with pytest.raises(ParameterError):
        welch_anova_from_summaries([Summary(5, 2, 0), Summary(5, 3, 1)])
    with pytest.raises(TooFewGroupsError):
        anova_from_summaries([Summary(5, 2, 1)])


def test_normal_groups_that_vary_alike_have_the_analysis_of_variance() -> None:
    found = compare_many([BELL, BELL + 1, BELL + 2], names=("a", "b", "c"))
    assert (found.test, found.df, found.df2) == (ANOVA, 2, 27)
    assert [(pair.a, pair.b) for pair in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [check.what for check in found.checks] == [*(f"normality of {name}" for name in "abc"), "equal variances"]


def test_skewed_groups_are_ranked_and_so_are_tiny_ones() -> None:
    found = compare_many([BELL, np.exp(4 * BELL), BELL], names=("a", "b", "c"))
    assert found.test == KRUSKAL_WALLIS
    assert "normality of b does not hold" in found.why
    tiny = compare_many([BELL, [1, 2], BELL], names=("a", "b", "c"))
    assert tiny.why.startswith("A group of 2 is too small")


def test_pairs_that_hold_one_value_leave_the_whole_test() -> None:
    found = compare_many([[1, 1, 1], [1, 1, 1], [1, 2, 9]], names=("a", "b", "c"))
    assert found.pairs == ()
    assert 0 < found.p < 1


def test_groups_are_called_by_their_names() -> None:
    assert "normality of low holds" in compare_samples(BELL, BELL + 1, names=("low", "high")).why.lower()


@pytest.mark.parametrize(
    ("table", "test"),
    [
        ([[31, 6], [20, 7]], YATES),
        ([[12, 1], [9, 4]], FISHER),
        ([[30, 20, 10], [20, 20, 20]], PEARSON),
        ([[30, 20, 1], [20, 20, 0]], FISHER),
        # One of eight expected counts is below five, and none below one.
        ([[33, 63, 60, 10], [9, 20, 22, 3]], PEARSON),
    ],
)
def test_small_expected_counts_take_the_exact_test(table: list[list[int]], test: str) -> None:
    found = compare_categories(table)
    assert found.test == test
    assert found.why.endswith(f"{test}.")
    assert (found.yates is None) == (np.shape(table) != (2, 2))
    assert found.least_expected == pytest.approx(found.pearson.expected.min())


def test_a_table_too_large_to_go_through_keeps_chi_square_and_says_so() -> None:
    table = np.random.default_rng(2).integers(0, 12, (5, 8)) + 1
    with pytest.raises(ParameterError, match="too large"):
        fisher_exact(table)
    table[0] = 0
    table[0, 0] = 3
    found = compare_categories(table)
    assert (found.test, found.fisher) == (PEARSON, None)
    assert "too large" in found.no_fisher
    assert "no exact test can be made" in found.why


@pytest.mark.parametrize(
    ("table", "p"),
    [
        # fisher.test(matrix(..., byrow = TRUE), workspace = 2e8)$p.value
        ([[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8]], 0.160140492046),
        ([[12, 20, 18], [25, 10, 15], [14, 22, 14]], 0.0258473134448),
        ([[1, 0, 2, 0, 3, 1], [0, 4, 1, 2, 0, 1]], 0.0362082362082),
        ([[4, 1], [0, 6], [7, 2], [3, 3], [2, 2]], 0.0244146863617),
    ],
)
def test_larger_tables_have_the_exact_p_of_r(table: list[list[int]], p: float) -> None:
    assert fisher_exact(table).p == pytest.approx(p, rel=1e-8)
    assert fisher_exact(np.transpose(table)).p == pytest.approx(p, rel=1e-8)
