"""Agreement of readers, worked by hand or printed in the papers that proposed it."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped,unused-ignore]

from analysis.stats.errors import MissingValueError, ParameterError, TooFewGroupsError
from analysis.stats.icc import icc
from analysis.stats.kappa import cohen_kappa, cross_table, pabak

# Shrout & Fleiss, Psychol Bull 1979, table 2: six subjects, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_six_forms_are_as_shrout_and_fleiss_printed_them() -> None:
    found = icc(JUDGES)
    printed = {"ICC1": 0.17, "ICC2": 0.29, "ICC3": 0.71, "ICC1k": 0.44, "ICC2k": 0.62, "ICC3k": 0.91}
    assert {form.name: round(form.value, 2) for form in found.forms} == printed
    assert [round(value, 2) for value in (found.mean_squares.subjects, found.mean_squares.error)] == [11.24, 1.02]


def test_readers_who_agree_to_the_last_digit_have_a_reliability_of_one() -> None:
    found = icc([[1, 1], [2, 2], [5, 5]])
    assert [form.value for form in found.forms] == [1.0] * 6
    assert [form.p for form in found.forms] == [0.0] * 6


def test_a_reader_who_is_always_one_higher_is_consistent_but_does_not_agree() -> None:
    found = icc([[1, 2], [2, 3], [5, 6]])
    assert found["ICC3"].value == 1
    assert found["ICC2"].value < 1


def test_ratings_without_a_spread_or_with_a_gap_are_refused() -> None:
    with pytest.raises(TooFewGroupsError):
        icc([[1, 2], [1, 2]])
    with pytest.raises(TooFewGroupsError):
        icc([[1], [2]])
    with pytest.raises(MissingValueError, match="Rater 1 is missing or infinite for subject 0"):
        icc([[1.0, np.nan], [1.0, 2.0]])


def test_kappa_of_a_two_by_two_table_is_worked_by_hand() -> None:
    # Agreement 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    found = cohen_kappa([[20, 5], [10, 15]])
    assert (found.observed, found.expected) == (0.7, 0.5)
    assert found.value == pytest.approx(0.4)


def test_weights_do_not_matter_between_two_levels() -> None:
    values = [cohen_kappa([[20, 5], [10, 15]], weights=w) for w in ("unweighted", "linear", "quadratic")]
    assert values[0] == values[1] == values[2]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("ours", "theirs"), [("unweighted", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_scikit_learn_agrees(seed: int, ours: str, theirs: str | None) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    table = cross_table(a, b, range(4))
    assert cohen_kappa(table, weights=ours).value == pytest.approx(cohen_kappa_score(a, b, weights=theirs))


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    truth = np.array([[0.3, 0.1], [0.1, 0.5]])
    kappa = (0.8 - (0.4 * 0.4 + 0.6 * 0.6)) / (1 - (0.4 * 0.4 + 0.6 * 0.6))
    found = [cohen_kappa(rng.multinomial(200, truth.ravel()).reshape(2, 2)) for _ in range(300)]
    covered = np.mean([one.low <= kappa <= one.high for one in found])
    assert 0.9 < covered < 0.99


def test_full_agreement_on_one_level_has_no_kappa() -> None:
    assert np.isnan(cohen_kappa([[9, 0], [0, 0]]).value)
    assert cohen_kappa([[9, 0], [0, 3]]).value == 1


def test_the_adjusted_kappa_is_twice_the_agreement_less_one() -> None:
    assert pabak([[20, 5], [10, 15]]).value == pytest.approx(0.4)


def test_a_score_outside_the_scale_is_refused() -> None:
    with pytest.raises(ParameterError, match="holds 5 at position 1"):
        cross_table([1, 5], [1, 2], [1, 2])
    with pytest.raises(TooFewGroupsError):
        cohen_kappa([[1]])
    with pytest.raises(ParameterError):
        cohen_kappa([[1, -1], [0, 2]])
