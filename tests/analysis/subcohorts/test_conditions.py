"""Which values a condition takes, and which conditions are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.subcohorts.conditions import ConditionError, condition, conditions

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(cut=NUMBERS, value=NUMBERS)
def test_every_number_is_above_or_at_most_and_never_both(cut: float, value: float) -> None:
    above = condition({"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [cut]})
    at_most = condition({"variable": "ihc:FAP@tumour", "operator": "at_most", "bounds": [cut]})
    assert above.holds(value) is (value > cut)
    assert above.holds(value) is not at_most.holds(value)


@given(ends=st.tuples(NUMBERS, NUMBERS).map(sorted), value=NUMBERS)
def test_between_has_both_ends(ends: list[float], value: float) -> None:
    found = condition({"variable": "baseline:age", "operator": "between", "bounds": ends})
    assert found.holds(value) is (ends[0] <= value <= ends[1])
    assert found.holds(ends[0])
    assert found.holds(ends[1])


@given(NUMBERS.flatmap(lambda low: st.tuples(st.just(low), NUMBERS)))
def test_what_was_stored_reads_back_as_the_same_condition(bounds: tuple[float, float]) -> None:
    found = condition({"variable": "blood:ALB", "operator": "between", "bounds": sorted(bounds)})
    assert condition(found.as_json()) == found


@pytest.mark.parametrize(
    ("value", "holds"), [("B", True), ("A", False), (2, True), (2.0, True), (2.5, False), (True, True), (None, False)]
)
def test_one_of_compares_what_is_written(value: object, holds: bool) -> None:
    found = condition({"variable": "baseline:bclc", "operator": "one_of", "bounds": ["B", "2", "yes"]})
    assert found.holds(value) is holds


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"operator": "above", "bounds": []}, "one number"),
        ({"operator": "above", "bounds": [True]}, "one number"),
        ({"operator": "above", "bounds": [float("nan")]}, "one number"),
        ({"operator": "between", "bounds": [3, 2]}, "first number is above"),
        ({"operator": "between", "bounds": [3]}, "two numbers"),
        ({"operator": "one_of", "bounds": ["", "B"]}, "at least one value"),
        ({"operator": "like", "bounds": ["B"]}, "comparison"),
    ],
)
def test_nonsense_is_refused_with_the_variable(item: dict[str, object], says: str) -> None:
    with pytest.raises(ConditionError, match=says) as caught:
        condition({"variable": "baseline:age"} | item)
    assert "baseline:age" in str(caught.value)


def test_no_condition_is_no_sub_cohort() -> None:
    with pytest.raises(ConditionError, match="whole cohort"):
        conditions([])
