import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.blood.indices import IndexInput, IndexRefused, pni, prognostic_nutritional_index

albumin = st.floats(5, 90)
lymphocytes = st.floats(0, 500)


def test_pni_is_albumin_plus_five_times_the_lymphocytes() -> None:
    assert prognostic_nutritional_index(41.2, "g/L", 1.3, "10*9/L") == pytest.approx(47.7)


def test_the_inputs_are_kept() -> None:
    index = pni(IndexInput(41.2, "g/L"), IndexInput(1.3, "10*9/L"))
    assert dict(index.inputs)["albumin"] == IndexInput(41.2, "g/L")


@pytest.mark.parametrize(("first", "second"), [("g/dL", "10*9/L"), ("g/L", "/uL"), ("", "10*9/L"), ("g/L", "")])
def test_another_unit_is_refused_not_converted(first: str, second: str) -> None:
    with pytest.raises(IndexRefused, match="The index is defined for"):
        prognostic_nutritional_index(4.1, first, 1.3, second)


@pytest.mark.parametrize(
    ("first", "second", "joint"),
    [("", "", ""), ("<", "", "<"), ("", ">", ">"), ("<", "<", "<"), ("<=", "", "<="), (">=", ">=", ">=")],
)
def test_a_bound_of_an_input_bounds_the_index(first: str, second: str, joint: str) -> None:
    assert pni(IndexInput(40, "g/L", first), IndexInput(1, "10*9/L", second)).comparator == joint


def test_opposite_bounds_are_refused() -> None:
    with pytest.raises(IndexRefused, match="no bound"):
        pni(IndexInput(40, "g/L", "<"), IndexInput(1, "10*9/L", ">"))


@given(albumin, lymphocytes, st.floats(0.001, 50))
def test_more_of_either_input_is_a_higher_index(alb: float, lym: float, more: float) -> None:
    base = prognostic_nutritional_index(alb, "g/L", lym, "10*9/L")
    assert prognostic_nutritional_index(alb + more, "g/L", lym, "10*9/L") > base
    assert prognostic_nutritional_index(alb, "g/L", lym + more, "10*9/L") > base
