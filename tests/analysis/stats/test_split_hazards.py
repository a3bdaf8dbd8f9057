"""Hazard ratios of many cutoffs at once, against fitting each of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats.cox import cox
from analysis.stats.errors import NoEventsError, StatsInputError
from analysis.stats.split_hazards import split_hazards

FAST = settings(max_examples=60, deadline=None, derandomize=True)
ROWS = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 4)), min_size=4, max_size=40)


@FAST
@given(ROWS)
def test_each_ratio_is_that_of_a_cox_model(rows: list[tuple[int, bool, int]]) -> None:
    time, event, marker = (np.array(column) for column in zip(*rows, strict=True))
    if not event.any():
        return
    found = split_hazards(time, event, marker, [-1, 0, 1, 2, 3, 4])
    for cut, *numbers in zip(found.cuts, found.hr, found.low, found.high, strict=True):
        expected = ratio(time, event, marker > cut)
        if expected is None:
            assert np.isnan(numbers).all()
        else:
            assert numbers == pytest.approx(expected, rel=1e-6)


def ratio(time: Any, event: Any, high: Any) -> list[float] | None:
    try:
        fit = cox(time, event, high.astype(float), names=["high"])
    except StatsInputError:
        return None
    return [float(fit.hr[0]), float(fit.low[0]), float(fit.high[0])]


def test_cutoffs_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    time, event, marker = random.exponential(size=60).round(1), random.random(60) < 0.6, random.normal(size=60)
    at_once = split_hazards(time, event, marker, np.sort(marker))
    monkeypatch.setattr("analysis.stats.split_hazards._AT_ONCE", 200)
    assert split_hazards(time, event, marker, np.sort(marker)).hr == pytest.approx(at_once.hr, nan_ok=True)


def test_nobody_with_the_event_is_refused() -> None:
    with pytest.raises(NoEventsError):
        split_hazards([1, 2], [0, 0], [1, 2], [1])
