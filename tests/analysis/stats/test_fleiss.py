"""Fleiss' kappa and the limits of agreement: worked examples, an independent implementation, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as theirs

from analysis.stats.bland_altman import bland_altman
from analysis.stats.complete_rows import complete_rows
from analysis.stats.errors import (
    LengthMismatchError,
    MissingValueError,
    ParameterError,
    StatsInputError,
    TooFewGroupsError,
)
from analysis.stats.fleiss import FleissKappa, fleiss_kappa
from tests.analysis.stats.test_properties import FAST

# Ten subjects put into five categories by fourteen readers: how many chose each.
COUNTS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]
READS = [[level for level, count in enumerate(row, start=1) for _ in range(count)] for row in COUNTS]
NAN = float("nan")
READ_BY_SOME: list[list[float | None]] = [[1, 2, 3], [None, 2, NAN], [4, 5, 6]]
TABLES = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=2, max_size=25)
)


def test_the_worked_example_of_fleiss() -> None:
    found = fleiss_kappa(READS)
    assert [round(number, 3) for number in (found.value, found.observed, found.expected)] == [0.210, 0.378, 0.213]
    assert (found.n_subjects, found.n_raters) == (10, 14)
    assert [round(category.share, 3) for category in found.categories] == [0.143, 0.2, 0.279, 0.15, 0.229]


def test_a_case_worked_by_hand() -> None:
    # Four subjects, three readers, levels 0 and 1, counts of 1: 3, 2, 0, 0. Share of 1 is 5/12, expected agreement
    # 74/144; observed (1 + 1/3 + 1 + 1) / 4. With two categories the null variance is 2 / (n k (k - 1)).
    found = fleiss_kappa([[1, 1, 1], [1, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert found.expected == pytest.approx(74 / 144)
    assert found.observed == pytest.approx(10 / 12)
    assert found.value == pytest.approx((10 / 12 - 74 / 144) / (70 / 144))
    assert found.se_null == pytest.approx((2 / 24) ** 0.5)
    # Both categories of two have the kappa of the whole.
    assert [category.value for category in found.categories] == pytest.approx([found.value] * 2)
    assert [category.p for category in found.categories] == pytest.approx([found.p] * 2)


@pytest.mark.parametrize("seed", range(3))
def test_statsmodels_agrees(seed: int) -> None:
    reads = np.random.default_rng(seed).integers(0, 4, (40, 5))
    assert fleiss_kappa(reads).value == pytest.approx(theirs(aggregate_raters(reads)[0]))


def test_the_standard_error_is_about_that_of_a_jackknife() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 80)
    reads = np.array([np.where(rng.random(4) < 0.7, level, rng.integers(0, 3, 4)) for level in truth])
    found = fleiss_kappa(reads)
    left_out = [fleiss_kappa(np.delete(reads, i, axis=0)).value for i in range(80)]
    jackknife = float(np.sqrt(79 / 80 * ((np.array(left_out) - np.mean(left_out)) ** 2).sum()))
    assert found.se == pytest.approx(jackknife, rel=0.02)
    assert found.low < found.value < found.high


def kappa_of(reads: object) -> FleissKappa | type[StatsInputError]:
    try:
        return fleiss_kappa(np.array(reads))
    except StatsInputError as error:
        return type(error)


@FAST
@given(TABLES, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(rows: list[list[int]], random: object) -> None:
    reads = np.array(rows)
    rng = np.random.default_rng(len(rows))
    subjects, readers = rng.permutation(len(reads)), rng.permutation(reads.shape[1])
    renamed = np.array([7.0, -2.0, 5.0, 0.5])[reads]
    found = kappa_of(reads)
    for other in (reads[subjects], reads[:, readers], renamed):
        again = kappa_of(other)
        if isinstance(found, FleissKappa):
            assert isinstance(again, FleissKappa)
            numbers = [(one.value, one.se, one.z, one.p) for one in (found, again)]
            assert numbers[0] == pytest.approx(numbers[1], rel=1e-9, abs=1e-12)
        else:
            assert again is found is TooFewGroupsError


@FAST
@given(st.lists(st.integers(0, 3), min_size=2, max_size=25), st.integers(2, 6))
def test_full_agreement_is_one_unless_there_is_one_category_only(said: list[int], k: int) -> None:
    found = kappa_of(np.tile(np.array(said)[:, None], (1, k)))
    if len(set(said)) == 1:
        assert found is TooFewGroupsError
    else:
        assert isinstance(found, FleissKappa)
        assert found.value == pytest.approx(1)
        assert [category.value for category in found.categories] == pytest.approx([1.0] * len(set(said)))


@FAST
@given(TABLES)
def test_kappa_is_never_below_its_least(rows: list[list[int]]) -> None:
    found = kappa_of(rows)
    if isinstance(found, FleissKappa):
        assert -1 / (found.n_raters - 1) - 1e-9 <= found.value <= 1
        assert found.low <= found.value <= found.high + 1e-12


def test_gaps_and_unknown_levels_are_refused() -> None:
    with pytest.raises(MissingValueError, match="Reader 1 did not read subject 0"):
        fleiss_kappa(np.array([[1, NAN, 2], [1, 1, 1]]))
    with pytest.raises(ParameterError, match="A read is 5"):
        fleiss_kappa([[1, 5], [1, 1]], levels=(0, 1))
    with pytest.raises(TooFewGroupsError, match="one and the same category"):
        fleiss_kappa([[1, 1], [1, 1]], levels=(0, 1))
    with pytest.raises(TooFewGroupsError):
        fleiss_kappa([[1], [2]])


def test_incomplete_rows_are_named_with_the_readers_that_they_lack() -> None:
    found = complete_rows(READ_BY_SOME)
    assert found.values.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert found.kept.tolist() == [0, 2]
    assert [(row.subject, row.lacking) for row in found.dropped] == [(1, (0, 2))]
    with pytest.raises(LengthMismatchError):
        complete_rows([1, 2])
    with pytest.raises(MissingValueError, match="infinite"):
        complete_rows([[1, float("inf")]])
    with pytest.raises(MissingValueError, match="not a number"):
        complete_rows(np.array([["1", "x"]]))


def sample(n: int, mean: float, sd: float) -> NDArray[np.float64]:
    """n values with exactly this mean and standard deviation."""
    values = np.arange(n, dtype=float)
    result: NDArray[np.float64] = mean + sd * (values - values.mean()) / values.std(ddof=1)
    return result


def test_limits_of_agreement_as_bland_and_altman_printed_them() -> None:
    # Their blood pressures: 85 subjects, mean difference -16.29 mmHg, standard deviation 19.61.
    difference = sample(85, -16.29, 19.61)
    base = np.full(85, 120.0)
    found = bland_altman(base + difference, base)
    assert [round(limit.value, 1) for limit in (found.lower, found.bias, found.upper)] == [-54.7, -16.3, 22.1]
    assert (round(found.bias.low, 1), round(found.bias.high, 1)) == (-20.5, -12.1)
    assert (round(found.lower.low, 1), round(found.lower.high, 1)) == (-62.0, -47.5)
    assert (round(found.upper.low, 1), round(found.upper.high, 1)) == (14.9, 29.4)


def test_limits_on_the_log_scale_are_ratios() -> None:
    y = np.array([4.0, 10, 22, 35, 60])
    found = bland_altman(2 * y, y, log=True)
    assert found.is_ratio
    assert [limit.value for limit in (found.bias, found.lower, found.upper)] == pytest.approx([2, 2, 2])
    assert found.points[0] == pytest.approx((2**0.5 * 4, 2))
    with pytest.raises(ParameterError, match="y is 0 at position 2"):
        bland_altman([1, 2, 3], [1, 2, 0], log=True)
    with pytest.raises(TooFewGroupsError):
        bland_altman([1, 2], [1, 3])


@FAST
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=3, max_size=30), st.booleans())
def test_swapping_the_readers_turns_the_limits_round(pairs: list[tuple[int, int]], log: bool) -> None:
    x, y = np.array(pairs, dtype=float).T
    found, swapped = bland_altman(x, y, log=log), bland_altman(y, x, log=log)
    turned = [1 / number if log else -number for number in (swapped.upper.high, swapped.bias.value, swapped.lower.low)]
    assert turned == pytest.approx([found.lower.low, found.bias.value, found.upper.high], rel=1e-9, abs=1e-9)
    assert found.lower.low <= found.lower.value <= found.bias.value <= found.upper.value <= found.upper.high
