from hypothesis import example, given
from hypothesis import strategies as st

from analysis.stats.printing import exact, p_equation, p_number, significant


@given(st.floats(0, 1))
@example(0.0)
@example(0.04996)
@example(0.0500001)
def test_a_printed_p_is_plain_and_lies_on_the_side_of_005_that_it_is_on(p: float) -> None:
    printed = p_number(p)
    assert "e" not in printed
    assert float(printed.removeprefix("< ")) >= p or not printed.startswith("<")
    if not printed.startswith("<"):
        assert (float(printed) < 0.05) == (p < 0.05)


def test_p_in_words() -> None:
    assert [p_equation(p) for p in (0, 5.138e-05, 0.00012, 0.0496, 0.05, 0.4, 1)] == [
        "p < 0.0001",
        "p < 0.0001",
        "p = 0.00012",
        "p = 0.0496",
        "p = 0.05",
        "p = 0.40",
        "p = 1.00",
    ]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=5, allow_nan=False))
def test_a_typed_number_is_shown_as_it_was_typed(typed: object) -> None:
    value = float(typed)  # type: ignore[arg-type]  # a decimal
    assert float(exact(value)) == value
    assert "e" not in exact(value)


def test_significant_digits_are_plain_ones() -> None:
    numbers = (33534.4, 0.00001553, 1234567.25, 0.99996, -2.5, 0, 1e-9, float("inf"))
    assert [significant(number) for number in numbers] == [
        "33534",
        "0.00001553",
        "1234567",
        "1",
        "-2.5",
        "0",
        "1e-09",
        "inf",
    ]
