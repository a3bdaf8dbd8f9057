from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.blood.analytes import catalogue
from labs.blood.units import normalised
from labs.blood.values import ParsedValue, ValueRefused, parse_value


@pytest.mark.parametrize(
    ("entered", "comparator", "number"),
    [
        ("12.5", "", "12.5"),
        ("<0.5", "<", "0.5"),
        ("< 0.5", "<", "0.5"),
        ("<=7", "<=", "7"),
        ("≤7", "<=", "7"),
        (" >100 ", ">", "100"),
        ("≥ 100", ">=", "100"),
        ("2.3E4", "", "23000"),
        ("-1", "", "-1"),
        (".5", "", "0.5"),
    ],
)
def test_a_number_is_read_with_its_comparator(entered: str, comparator: str, number: str) -> None:
    assert parse_value(entered) == ParsedValue(comparator, Decimal(number))


@pytest.mark.parametrize(
    "entered",
    ["", "  ", "1:40", "?7", "....", "***.**", "1 000", "1_000", "١٢", "nan", "inf", "< ", "5 mg", "<>5", "1e9999"],
)
def test_what_is_no_number_is_refused(entered: str) -> None:
    with pytest.raises(ValueRefused):
        parse_value(entered)


def test_a_comma_is_refused_with_the_rule_that_would_allow_it() -> None:
    with pytest.raises(ValueRefused, match="declared to write decimal commas"):
        parse_value("12,5")


def test_a_source_declared_to_write_commas_is_read_by_them() -> None:
    assert parse_value("12,5", decimal_comma=True).number == Decimal("12.5")


def test_a_point_from_such_a_source_is_refused() -> None:
    with pytest.raises(ValueRefused, match="thousands or decimals"):
        parse_value("1.200", decimal_comma=True)


def test_a_word_of_the_analyte_is_its_code_in_any_language_and_case() -> None:
    words = {"negative": ["négatif"], "positive": ["positif"]}
    assert parse_value("NÉGATIF", words) == ParsedValue(word="negative")
    assert parse_value("positive", words) == ParsedValue(word="positive")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_any_number_is_read_back_exactly(number: Decimal) -> None:
    assert parse_value(f"{number:f}").number == number


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        parsed = parse_value(text)
    except ValueRefused as refusal:
        assert str(refusal).endswith((".", "?"))
    else:
        assert parsed.number is not None
        assert parsed.number.is_finite()


@pytest.mark.parametrize(
    "spelling", ["µmol/L", "μmol/l", "umol/L", "mcmol/l", "?mol/L", "Î¼mol/l", "Âµmol/L", " UMOL / L "]
)
def test_all_forms_of_micro_are_one_spelling(spelling: str) -> None:
    assert normalised(spelling) == "umol/l"


def test_escaped_and_raised_powers_are_one_spelling() -> None:
    assert normalised("10\\S\\9/L") == normalised("10⁹/L") == normalised("10^9/l")
    assert normalised("x1000/mm³") == normalised("x1000/mm3")


def test_no_analyte_has_two_meanings_for_one_spelling() -> None:
    for code, entry in catalogue().items():
        keys = [(normalised(row.spelling), row.only_with_loinc) for row in entry["spellings"]]
        assert len(keys) == len(set(keys)), code


def test_each_analyte_takes_its_own_canonical_unit_as_it_is() -> None:
    for code, entry in catalogue().items():
        own = [row.factor for row in entry["spellings"] if row.spelling == entry["unit"]]
        assert own == [1.0], code
        assert entry["possible_low"] <= (entry["usual_low"] or entry["possible_low"]), code
        assert (entry["usual_high"] or entry["possible_high"]) <= entry["possible_high"], code
