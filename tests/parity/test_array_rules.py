"""Tolerances of whole arrays: each lets pass what it should, and no more."""

from typing import Any

import pytest

from tests.parity.comparison import Tally, compare
from tests.parity.rules import RuleError, Rules

DEFAULT = {"rel": 1e-8, "abs": 1e-10}


def tally(entry: dict[str, Any], expected: dict[str, Any], answer: dict[str, Any]) -> Tally:
    rules = {"default": DEFAULT, "not_compared": [], "tolerance": [{"kind": "rnaseq", **entry}]}
    return compare(expected, answer, Rules(rules, "rnaseq", {}))


FOLD = {"path": "D*/r/log2FoldChange/*", "abs": 0.01, "rows": "D*/baseMean > 10"}


@pytest.mark.parametrize(
    ("found", "wrong"), [([1.005, 9.0, 3.0], 0), ([1.02, 2.0, 3.0], 1), ([1.0, 2.0], 0), ([1.0, 2.0, 4.0], 1)]
)
def test_only_the_rows_that_count_are_compared(found: list[float], wrong: int) -> None:
    expected = {"D1": {"baseMean": [11, 10, 500], "r": {"log2FoldChange": [1.0, 2.0, 3.0]}}}
    answer = {"D1": {"baseMean": [11, 10, 500], "r": {"log2FoldChange": found}}}
    outcome = tally(FOLD, expected, answer)
    assert len(outcome.wrong) == wrong
    if len(found) == 3:
        assert (outcome.compared, outcome.not_compared, outcome.unknown) == (5, 1, [])
    else:
        assert outcome.unknown == ["D1/r/log2FoldChange: an array of another length is computed"]


@pytest.mark.parametrize(("changed", "wrong"), [(1, 0), (2, 2)])
def test_a_share_of_the_values_must_agree(changed: int, wrong: int) -> None:
    expected = {"mean": [float(i) for i in range(100)]}
    answer = {"mean": [value + (value < changed) for value in expected["mean"]]}
    outcome = tally({"path": "mean/*", "rel": 1e-8, "share": 0.99}, expected, answer)
    assert (outcome.compared, len(outcome.wrong)) == (100, wrong)


@pytest.mark.parametrize(("second", "wrong"), [(0.04, 0), (0.06, 1), ("NA", 1)])
def test_the_significant_set_must_be_the_same(second: Any, wrong: int) -> None:
    change = [2.0, -2.0, 0.5]
    expected = {"r": {"log2FoldChange": change, "padj": [0.01, 0.02, 0.001]}}
    answer = {"r": {"log2FoldChange": change, "padj": [0.03, second, 0.9]}}
    outcome = tally({"path": "r/padj/*", "jaccard": 0.97}, expected, answer)
    assert (outcome.compared, len(outcome.wrong)) == (6, wrong)


def test_a_row_may_have_the_other_sign_but_all_of_it() -> None:
    expected = {"v": [[1.0, -2.0], [3.0, 4.0]]}
    entry = {"path": "v/*/*", "rel": 1e-6, "sign_free_by_row": True}
    assert tally(entry, expected, {"v": [[-1.0, 2.0], [3.0, 4.0]]}).wrong == []
    assert len(tally(entry, expected, {"v": [[1.0, 2.0], [-3.0, -4.0]]}).wrong) == 1


def test_two_rules_for_one_array_are_not_understood() -> None:
    with pytest.raises(RuleError):
        tally({"path": "v/*", "share": 0.5, "jaccard": 0.5}, {"v": [1.0]}, {"v": [1.0]})
