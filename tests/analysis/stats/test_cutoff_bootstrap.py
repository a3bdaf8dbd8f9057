"""Cutoffs chosen again in resamples, against choosing each by itself; and R's own random numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.stats.cutoff_bootstrap import bootstrap_logrank_cutoff, bootstrap_youden_cutoff
from analysis.stats.errors import ConstantCovariateError, ParameterError, StatsInputError
from analysis.stats.maxstat import maximally_selected
from analysis.stats.r_random import RRandom
from analysis.stats.roc import roc, youden

FAST = settings(max_examples=40, deadline=None, derandomize=True)
Rows = list[tuple[int, bool, int]]
ROWS = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 5)), min_size=8, max_size=30)


def columns(rows: Rows) -> list[Any]:
    return [np.array(column) for column in zip(*rows, strict=True)]


def samples(n: int, times: int, seed: int) -> list[Any]:
    """The rows of each resample, as a reader of the documentation would draw them."""
    random = RRandom(seed)
    return [np.floor(n * random.uniform(n)).astype(int) for _ in range(times)]


def test_numbers_are_those_of_r() -> None:
    # set.seed(1); runif(3) and set.seed(2024); runif(2) in R 4.2.
    assert RRandom(1).uniform(3) == pytest.approx([0.2655087, 0.3721239, 0.5728534], abs=1e-7)
    assert RRandom(2024).uniform(2) == pytest.approx([0.8369425, 0.3208675], abs=1e-7)
    one = RRandom(7)
    assert np.concatenate((one.uniform(700), one.uniform(700))).tolist() == RRandom(7).uniform(1400).tolist()
    for seed in (-1, 2**31):
        with pytest.raises(ParameterError):
            RRandom(seed)


def test_a_resample_is_as_large_as_the_sample() -> None:
    drawn = RRandom(3).resamples(17, 50)
    assert drawn.shape == (50, 17)
    assert (drawn.sum(axis=1) == 17).all()
    assert drawn[4].tolist() == np.bincount(samples(17, 5, 3)[4], minlength=17).tolist()


@FAST
@given(ROWS, st.sampled_from([0.05, 0.1, 0.3]), st.integers(0, 10**6))
def test_each_resample_chooses_as_it_would_alone(rows: Rows, minprop: float, seed: int) -> None:
    time, event, marker = columns(rows)
    alone = []
    for drawn in samples(len(rows), 20, seed):
        try:
            alone.append(maximally_selected(time[drawn], event[drawn], marker[drawn], minprop=minprop).cutoff)
        except StatsInputError:
            continue
    assume(alone)
    found = bootstrap_logrank_cutoff(time, event, marker, minprop=minprop, resamples=20, seed=seed)
    assert found.cutoffs.tolist() == alone
    assert found.low in alone
    assert found.high in alone
    assert found.low <= found.high
    assert found.share(alone[0]) == alone.count(alone[0]) / 20


@FAST
@given(ROWS, st.sampled_from(["<", ">"]), st.integers(0, 10**6))
def test_each_resample_has_a_youden_cutoff_that_no_other_beats(rows: Rows, direction: str, seed: int) -> None:
    _, outcome, marker = columns(rows)
    best = []
    for drawn in samples(len(rows), 20, seed):
        truth = outcome[drawn]
        if truth.any() and not truth.all():
            index = youden(roc(truth, marker[drawn], direction=direction)).youden
            if index > 1e-9:
                best.append((truth, marker[drawn], index))
    assume(best)
    found = bootstrap_youden_cutoff(outcome, marker, direction, resamples=20, seed=seed)
    assert len(found.cutoffs) == len(best)
    for cutoff, (truth, values, index) in zip(found.cutoffs, best, strict=True):
        positive = values > cutoff if direction == "<" else values <= cutoff
        assert cutoff in values
        assert positive[truth].mean() - positive[~truth].mean() == pytest.approx(index)


@FAST
@given(ROWS, st.integers(0, 1000))
def test_the_unit_of_the_marker_moves_the_cutoffs_by_that_unit(rows: Rows, seed: int) -> None:
    time, event, marker = columns(rows)
    assume(event.any() and len(set(marker)) > 2)
    try:
        one = bootstrap_logrank_cutoff(time, event, marker, resamples=20, seed=seed)
    except ConstantCovariateError:
        return
    other = bootstrap_logrank_cutoff(time, event, 8.0 * marker, resamples=20, seed=seed)
    assert other.cutoffs.tolist() == (8 * one.cutoffs).tolist()
    assert (other.low, other.high) == (8 * one.low, 8 * one.high)


def test_a_sharp_split_is_found_again_and_noise_is_not() -> None:
    random = np.random.default_rng(2)
    marker = random.permutation(200)
    event = np.ones(200)
    sharp = bootstrap_logrank_cutoff(np.where(marker > 99, 1.0, 9.0) + random.random(200), event, marker)
    noise = bootstrap_logrank_cutoff(random.random(200), event, marker)
    assert sharp.high - sharp.low < 20
    assert noise.high - noise.low > 100


def test_resamples_drawn_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    time, event, marker = random.exponential(size=50), random.random(50) < 0.7, random.normal(size=50)
    at_once = bootstrap_logrank_cutoff(time, event, marker, resamples=40)
    monkeypatch.setattr("analysis.stats.cutoff_bootstrap._AT_ONCE", 350)
    assert bootstrap_logrank_cutoff(time, event, marker, resamples=40).cutoffs.tolist() == at_once.cutoffs.tolist()


def test_bad_wishes_are_typed_errors() -> None:
    time, event, marker = [1.0, 2, 3, 4], [1, 0, 1, 1], [1.0, 2, 3, 4]
    wishes: list[dict[str, Any]] = [{"minprop": 0.5}, {"resamples": 0}, {"seed": -1}, {"conf_level": 1}]
    for wrong in wishes:
        with pytest.raises(ParameterError):
            bootstrap_logrank_cutoff(time, event, marker, **wrong)
    with pytest.raises(ConstantCovariateError):
        bootstrap_logrank_cutoff(time, event, [2, 2, 2, 2])
    with pytest.raises(ConstantCovariateError):
        bootstrap_logrank_cutoff(time, [0] * 4, marker)
    with pytest.raises(ConstantCovariateError):
        bootstrap_youden_cutoff([1, 1, 1, 1], marker, "<")
    with pytest.raises(ParameterError):
        bootstrap_youden_cutoff(event, marker, "auto")
