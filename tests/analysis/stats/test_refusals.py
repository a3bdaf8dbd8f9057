"""Bad input is a typed error with one sentence, never a number."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.stats.concordance import concordance
from analysis.stats.cox import cox
from analysis.stats.errors import (
    EmptyInputError,
    EventCodeError,
    LengthMismatchError,
    MissingValueError,
    NegativeTimeError,
    ParameterError,
    StatsInputError,
)
from analysis.stats.follow_up import prodlim_reverse, reverse_kaplan_meier
from analysis.stats.logrank import logrank, logrank_pairwise, logrank_trend
from analysis.stats.roc import operating_point, roc
from analysis.stats.survival import kaplan_meier

TIME, EVENT, X = [1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 1.0, 0.0], [1.0, 3.0, 2.0, 4.0]
OF_TIME: dict[str, Callable[[Any, Any], Any]] = {
    "kaplan_meier": kaplan_meier,
    "reverse_kaplan_meier": reverse_kaplan_meier,
    "prodlim_reverse": prodlim_reverse,
    "logrank": lambda time, event: logrank(time, event, [1, 1, 2, 2]),
    "logrank_trend": lambda time, event: logrank_trend(time, event, [1, 1, 2, 2]),
    "logrank_pairwise": lambda time, event: logrank_pairwise(time, event, [1, 1, 2, 2]),
    "cox": lambda time, event: cox(time, event, X, names=["x"]),
    "concordance": lambda time, event: concordance(time, event, X),
}


@pytest.mark.parametrize("name", OF_TIME)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None])
def test_a_missing_or_infinite_time_is_refused(name: str, bad: float | None) -> None:
    with pytest.raises(MissingValueError, match="time"):
        OF_TIME[name]([1.0, bad, 3.0, 4.0], EVENT)


@pytest.mark.parametrize("name", OF_TIME)
def test_a_missing_event_is_refused(name: str) -> None:
    with pytest.raises(MissingValueError, match="event"):
        OF_TIME[name](TIME, [1, np.nan, 0, 1])


@pytest.mark.parametrize("name", OF_TIME)
def test_a_negative_time_is_refused(name: str) -> None:
    with pytest.raises(NegativeTimeError, match="position 0"):
        OF_TIME[name]([-1, 2, 3, 4], EVENT)


@pytest.mark.parametrize("name", OF_TIME)
def test_another_code_than_0_and_1_is_refused(name: str) -> None:
    with pytest.raises(EventCodeError, match="position 3 holds 2"):
        OF_TIME[name](TIME, [0, 1, 1, 2])


@pytest.mark.parametrize("name", OF_TIME)
def test_columns_of_different_length_are_refused(name: str) -> None:
    with pytest.raises(LengthMismatchError):
        OF_TIME[name](TIME, [1, 0, 1])


def test_no_rows_are_refused() -> None:
    with pytest.raises(EmptyInputError):
        kaplan_meier([], [])
    with pytest.raises(EmptyInputError):
        roc([], [])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_missing_covariate_is_refused_by_name_and_row(bad: float) -> None:
    with pytest.raises(MissingValueError, match="albumin is missing or infinite at position 2"):
        cox(TIME, EVENT, [1, 2, bad, 4], names=["albumin"])


def test_a_missing_group_is_refused() -> None:
    with pytest.raises(MissingValueError, match="group is missing at position 1"):
        logrank(TIME, EVENT, np.array(["a", None, "b", "b"]))
    with pytest.raises(MissingValueError, match="group"):
        logrank(TIME, EVENT, [1, np.nan, 2, 2])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_missing_marker_or_score_is_refused(bad: float) -> None:
    with pytest.raises(MissingValueError):
        roc(EVENT, [1, 2, bad, 4])
    with pytest.raises(MissingValueError):
        operating_point(EVENT, [1, 2, bad, 4], 2, "<")
    with pytest.raises(MissingValueError):
        concordance(TIME, EVENT, [1, 2, bad, 4])


def test_text_where_numbers_belong_is_refused() -> None:
    with pytest.raises(MissingValueError, match="not a number"):
        kaplan_meier(["1", "two"], [1, 0])
    with pytest.raises(MissingValueError, match="not a number"):
        cox(TIME, EVENT, ["a", "b", "c", "d"], names=["x"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: kaplan_meier(TIME, EVENT, conf_type="loglog"),
        lambda: kaplan_meier(TIME, EVENT, conf_level=1.0),
        lambda: kaplan_meier(TIME, EVENT).rmst(0),
        lambda: cox(TIME, EVENT, X, names=["x"], ties="best"),
        lambda: cox(TIME, EVENT, X, names=["x", "y"]),
        lambda: roc(EVENT, X, direction="up"),
        lambda: concordance(TIME, EVENT, X, weight="best"),
    ],
)
def test_an_unknown_option_is_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ParameterError):
        call()


def test_every_refusal_is_a_value_error_of_one_type() -> None:
    for error in StatsInputError.__subclasses__():
        assert issubclass(error, ValueError)
        assert error.__doc__
