"""The runner itself: what it must understand, and what it must not let pass."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.parity.expressions import ExpressionError, evaluate, truth
from tests.parity.places import Glob, look_up, split
from tests.parity.recipes import UnknownKeyError
from tests.parity.rules import RuleError, Rules, Tolerance, agree
from tests.parity.tables import Table, read_table
from tests.parity.test_reference_files import run

RULES: dict[str, Any] = {
    "default": {"rel": 1e-8, "abs": 1e-10},
    "not_compared": [{"kind": "*", "path": "**/note", "reason": "words"}],
    "tolerance": [{"kind": "*", "path": "**/p_value", "rel": 0, "abs": 1e-8, "why": "p"}],
}
# Two cases above one control of three: (1 + 1 + 0 + 1 + 0 + 1) / 6 pairs in order.
DOCUMENT: dict[str, Any] = {
    "_meta": {
        "kind": "roc",
        "input": "data/small.csv",
        "recipe": {
            "outcome": "state",
            "levels": ["well", "ill"],
            "positive": "ill",
            "constants": {"middle": "median(x)"},
            "analyses": {"single/x": {"marker": "x", "direction": "<"}},
        },
    },
    "middle": 3,
    "single": {
        "x": {"n_cases": 2, "auc": 2 / 3, "note": "words", "curve": {"sensitivities": [1, 1, 0.5, 0.5, 0.5, 0]}}
    },
}
TABLE = "state,x\nwell,1\nill,2\nwell,3\nwell,4\nill,5\n"


@pytest.fixture
def small(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Writes a document with its table and rules, as they lie in the reference folder."""

    def write(document: dict[str, Any]) -> Path:
        for name, text in {
            "data/small.csv": TABLE,
            "NOT_COMPARED.json": json.dumps(RULES),
            "expected/small.json": json.dumps(document),
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "expected" / "small.json"

    return write


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with another value at a place."""
    document = json.loads(json.dumps(DOCUMENT))
    *parents, last = path.split("/")
    look_up(document, tuple(parents))[last] = value
    return dict(document)


def test_a_document_worked_by_hand_is_met(small: Callable[[dict[str, Any]], Path]) -> None:
    _, tally = run(small(DOCUMENT))
    assert tally.problems() == ""
    assert (tally.compared, tally.not_compared) == (9, 1)


def test_one_changed_digit_fails(small: Callable[[dict[str, Any]], Path]) -> None:
    _, tally = run(small(changed("single/x/auc", 0.6667)))
    assert "single/x/auc" in tally.problems()


def test_a_value_that_is_not_computed_is_unknown(small: Callable[[dict[str, Any]], Path]) -> None:
    _, tally = run(small(changed("single/x/gini", 0.3)))
    assert tally.unknown == ["nothing is computed at single/x/gini"]


def test_a_shorter_array_than_the_answer_fails(small: Callable[[dict[str, Any]], Path]) -> None:
    _, tally = run(small(changed("single/x/curve/sensitivities", [1, 1])))
    assert "has 2 values, computed 6" in tally.problems()


def test_a_recipe_key_that_the_kind_does_not_know_fails(small: Callable[[dict[str, Any]], Path]) -> None:
    with pytest.raises(UnknownKeyError, match="smoothing"):
        run(small(changed("_meta/recipe/smoothing", True)))


def test_one_changed_digit_in_a_copy_of_a_reference_file_fails(hepatica_reference: Path, tmp_path: Path) -> None:
    source = hepatica_reference / "stats"
    for name in ("data/kidney.csv", "expected/km_kidney.json", "NOT_COMPARED.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source / name, tmp_path / name)
    path = tmp_path / "expected" / "km_kidney.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    test = document["by_group"]["sex"]["logrank"]
    # 8.30832… becomes 8.30833…
    test["chisq"] += 1e-5
    path.write_text(json.dumps(document), encoding="utf-8")
    _, tally = run(path)
    assert len(tally.wrong) == 1
    assert "logrank/chisq" in tally.wrong[0]


@pytest.mark.parametrize(
    ("glob", "place", "covered"),
    [
        ("_meta/**", "_meta/recipe/time", True),
        ("**/p", "p", True),
        ("**/p", "a/b/p", True),
        ("**/p", "a/bp", False),
        ("a/*/c", "a/b/c", True),
        ("a/*/c", "a/b/b/c", False),
        ("cv_*/lambda_*", "cv_tight/lambda_min", True),
        ("values/*/[1-3]", "values/7/3", True),
        ("values/*/[1-3]", "values/7/4", False),
        ("rho0.5", "rho0x5", False),
    ],
)
def test_a_glob_covers_places(glob: str, place: str, covered: bool) -> None:
    assert Glob(glob).covers(place) is covered


def test_a_slash_in_a_key_is_part_of_the_key() -> None:
    assert split("a~1b/c~0d") == ("a/b", "c~d")


@pytest.mark.parametrize(
    ("expected", "computed", "same"),
    [
        (1.0, 1.0 + 1e-9, True),
        (1.0, 1.0 + 1e-7, False),
        ("NA", None, True),
        ("NaN", 0.0, False),
        ("NA", 1.0, True),
        ("Inf", float("inf"), True),
        ("-Inf", float("inf"), False),
        ("0.50", 0.5, True),
        ("T1", "T2", False),
        (True, True, True),
        (True, 1.0, False),
        (1.0, float("nan"), False),
    ],
)
def test_values_agree_by_the_rules(expected: Any, computed: Any, same: bool) -> None:
    assert agree(expected, computed, Tolerance(1e-8, 1e-10, 1.0)) is same


def test_a_tolerance_of_an_unknown_sort_is_refused() -> None:
    rules = {**RULES, "tolerance": [{"kind": "*", "path": "a", "between": 3}]}
    with pytest.raises(RuleError, match="between"):
        Rules(rules, "km", {}).tolerance(("a",))


def table(**columns: list[Any]) -> Table:
    made = {
        name: np.array(values, dtype=object if any(isinstance(value, str) for value in values) else np.float64)
        for name, values in columns.items()
    }
    return Table(made, np.arange(1.0, len(next(iter(made.values()))) + 1))


NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x + 2 * y", [9, NAN, 15]),
        ("-(x - y) / 2", [1.5, NAN, 1.5]),
        ("x > 1 & y > 4", [0, NAN, 1]),
        ("x > 2 & y > 4", [0, 0, 1]),
        ("x < 3 | y > 100", [1, 1, 0]),
        ("~(x == 2)", [1, 0, 1]),
        ("s == 'b'", [0, 1, NAN]),
        ("isin(s, ['a', 'c'])", [1, 0, NAN]),
        ("notna(s)", [1, 1, 0]),
        ("ifelse(x > 1, 10, 20)", [20, 10, 10]),
        ("pmin(x, 2)", [1, 2, 2]),
        ("pmax(x, y)", [4, NAN, 6]),
        ("x > median(x)", [0, 0, 1]),
        ("quantile7(x, 1/4)", [1.5, 1.5, 1.5]),
        ("rownumber() <= 2", [1, 1, 0]),
        ("exp(log(x))", [1, 2, 3]),
        ("`odd name` - 1e0", [6, 7, 8]),
    ],
)
def test_an_expression_works_on_whole_columns(text: str, value: list[float]) -> None:
    columns = table(x=[1, 2, 3], y=[4, NAN, 6], s=["a", "b", None], **{"odd name": [7, 8, 9]})
    assert evaluate(text, columns) == pytest.approx(value, nan_ok=True)


def test_cut_is_closed_on_the_right_and_takes_in_the_lowest_edge() -> None:
    columns = table(x=[0, 1, 1.5, 2, 2.5])
    assert evaluate("cut(x, [0, 1, 2], ['low', 'high'])", columns).tolist() == ["low", "low", "high", "high", None]


def test_a_list_gives_its_values() -> None:
    assert evaluate("[quantile7(x, 0), median(x)]", table(x=[1, 2, 4])) == [1, 2]


def test_a_row_stays_only_if_the_expression_is_true() -> None:
    assert truth("y > 4", table(y=[4, NAN, 6])).tolist() == [False, False, True]


def test_total_adds_up_the_samples_of_the_matrix() -> None:
    assert evaluate("total() >= 5", table(a=[1, 4], b=[2, 4]), ["a", "b"]).tolist() == [0, 1]


@pytest.mark.parametrize("text", ["x +", "x ** 2", "nothere", "power(x, 2)", "(x", "x y", "x $ 1"])
def test_what_is_not_an_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, table(x=[1, 2]))


def test_a_column_is_numeric_if_every_cell_that_is_not_blank_reads_as_a_number(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b,c\n"1",x,\n,2,3.5\n', encoding="utf-8")
    read = read_table(tmp_path / "t.csv")
    assert read.columns["a"] == pytest.approx([1, NAN], nan_ok=True)
    assert read.columns["b"].tolist() == ["x", "2"]
    assert read.columns["c"] == pytest.approx([NAN, 3.5], nan_ok=True)
