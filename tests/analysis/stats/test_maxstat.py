"""The best cutoff for survival, against its definition and against chance."""

import numpy as np
import pytest

from analysis.stats.errors import ConstantCovariateError, NoEventsError, ParameterError
from analysis.stats.maxstat import logrank_scores, maximally_selected
from tests.analysis.stats.remission import EVENT, ON_PLACEBO, TIME


def test_scores_of_four_patients_are_worked_by_hand() -> None:
    assert logrank_scores([1, 2, 3, 4], [1, 0, 1, 1]) == pytest.approx(
        [1 - 1 / 4, -1 / 4, 1 - 1 / 4 - 1 / 2, 1 - 1 / 4 - 1 / 2 - 1]
    )


def test_the_statistic_of_a_cut_is_its_permutation_z() -> None:
    rng = np.random.default_rng(3)
    marker = rng.normal(size=42)
    found = maximally_selected(TIME, EVENT, marker)
    scores = logrank_scores(TIME, EVENT)
    low = marker <= found.cutoff
    sums = [rng.permutation(scores)[: low.sum()].sum() for _ in range(4000)]
    assert found.statistic == pytest.approx(abs(scores[low].sum() - np.mean(sums)) / np.std(sums), rel=0.1)


def test_a_marker_with_two_values_has_one_cut_below_which_all_is_low() -> None:
    found = maximally_selected(TIME, EVENT, ON_PLACEBO)
    assert (found.cutoff, found.n_high) == (0, 21)
    assert found.cuts.tolist() == [0]


def test_the_cut_is_an_observed_value_that_leaves_enough_on_both_sides() -> None:
    marker = np.random.default_rng(8).integers(0, 12, 42)
    found = maximally_selected(TIME, EVENT, marker, minprop=0.25)
    assert set(found.cuts) <= set(marker)
    assert (found.below >= 10).all()
    assert (found.below <= 31).all()
    assert found.n_high == (marker > found.cutoff).sum()


def test_looking_at_all_cuts_raises_the_p() -> None:
    rng = np.random.default_rng(11)
    p = [maximally_selected(rng.exponential(size=80), np.ones(80), rng.normal(size=80)).p_lausen94 for _ in range(200)]
    # Both bounds are conservative: of markers without any effect no more than one in twenty may seem to have one.
    assert np.mean(np.array(p) < 0.05) < 0.08


def test_the_unit_of_the_marker_does_not_matter() -> None:
    marker = np.random.default_rng(5).gamma(2, size=42)
    one, other = maximally_selected(TIME, EVENT, marker), maximally_selected(TIME, EVENT, np.log(marker))
    assert other.cutoff == pytest.approx(np.log(one.cutoff))
    assert other.statistic == one.statistic


def test_what_has_no_cutoff_is_refused() -> None:
    with pytest.raises(ConstantCovariateError):
        maximally_selected(TIME, EVENT, [3] * 42)
    with pytest.raises(NoEventsError):
        maximally_selected(TIME, [0] * 42, range(42))
    with pytest.raises(ParameterError):
        maximally_selected(TIME, EVENT, range(42), minprop=0.5)
