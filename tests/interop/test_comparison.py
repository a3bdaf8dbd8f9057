"""The comparison itself can fail."""

import pytest

from tests.interop.comparison import Comparison, leaves


def test_equal_counts_leaves_and_names_the_place() -> None:
    comparison = Comparison()
    comparison.equal("runs", {"a": 1, "b": [2, 3]}, {"a": 1, "b": [2, 4]})
    assert comparison.compared == 3
    assert comparison.differences[0].startswith("runs: ")


@pytest.mark.parametrize(("found", "expected", "is_close"), [(1.0000001, 1.0, True), (1.1, 1.0, False)])
def test_numbers_are_close_within_the_tolerance(found: float, expected: float, is_close: bool) -> None:
    comparison = Comparison()
    comparison.close("Cq", found, expected, absolute=1e-6)
    assert (not comparison.differences) is is_close


@pytest.mark.parametrize(("found", "expected"), [(None, 1.0), (1.0, None), ("no well", None)])
def test_nothing_is_not_close_to_a_number(found: object, expected: object) -> None:
    comparison = Comparison()
    comparison.close("Cq", found, expected, absolute=1e9)
    assert comparison.differences


def test_what_is_not_below_or_not_known_is_a_difference() -> None:
    comparison = Comparison()
    comparison.below("difference", None, 1e-6)
    comparison.below("difference", 1e-6, 1e-6)
    comparison.unknown("new key")
    assert len(comparison.differences) == 3


def test_an_empty_list_is_one_value() -> None:
    assert leaves([]) == leaves({}) == leaves("x") == 1
