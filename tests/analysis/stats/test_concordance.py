"""Concordance against the definition, pair by pair."""

from itertools import combinations

import numpy as np
import pytest

from analysis.stats.concordance import concordance
from analysis.stats.errors import NoEventsError, ParameterError


def by_definition(time: list[float], event: list[int], score: list[float], entry: list[float]) -> list[float]:
    """Concordant, discordant, tied in score, tied in time, tied in both."""
    found = [0.0] * 5
    for i, j in combinations(range(len(time)), 2):
        a, b = sorted((i, j), key=lambda k: (time[k], not event[k]))
        if not event[a] or entry[b] >= time[a]:
            continue
        if time[a] == time[b] and event[b]:
            found[4 if score[a] == score[b] else 3] += 1
        else:
            found[0 if score[a] > score[b] else 1 if score[a] < score[b] else 2] += 1
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("late", [False, True])
def test_pairs_are_counted_as_defined(seed: int, late: bool) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    time, event = rng.integers(1, 12, n).astype(float), rng.integers(0, 2, n)
    event[0] = 1
    time[0] = 0.9
    score = rng.integers(0, 6, n).astype(float)
    entry = np.minimum(rng.integers(0, 8, n), time - 0.5) if late else np.zeros(n)
    found = concordance(time, event, score, entry=entry if late else None)
    counts = [found.concordant, found.discordant, found.tied_x, found.tied_y, found.tied_xy]
    assert counts == by_definition(time.tolist(), event.tolist(), score.tolist(), entry.tolist())


def test_the_standard_error_is_the_jackknife_of_small_weights() -> None:
    rng = np.random.default_rng(2)
    time, event, score = rng.exponential(size=300), rng.integers(0, 2, 300), rng.normal(size=300)
    whole = concordance(time, event, score)
    left_out = [concordance(np.delete(time, i), np.delete(event, i), np.delete(score, i)).c for i in range(len(time))]
    assert whole.se == pytest.approx(np.sqrt(np.sum((np.array(left_out) - whole.c) ** 2)), rel=0.02)


def test_unos_weights_are_one_without_censoring() -> None:
    rng = np.random.default_rng(3)
    time, score = rng.exponential(size=50), rng.normal(size=50)
    plain, weighted = (concordance(time, np.ones(50), score, weight=weight) for weight in ("n", "n/G2"))
    assert weighted.c == pytest.approx(plain.c)


def test_nobody_to_compare_is_refused() -> None:
    with pytest.raises(NoEventsError):
        concordance([1, 2], [0, 1], [1, 2])
    with pytest.raises(ParameterError):
        concordance([1, 2], [1, 1], [1, 2], entry=[0, 0], weight="n/G2")
