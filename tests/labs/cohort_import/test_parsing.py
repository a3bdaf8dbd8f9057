from datetime import date

import pytest

from labs.cohort_import.errors import RowError
from labs.cohort_import.mapping import parse_mapping
from labs.cohort_import.parsing import Parsed, parse
from labs.cohort_import.reader import parse_table
from tests.labs.cohort_import.tables import SMALL, small


def read(text: str, more: str = "") -> Parsed:
    mapping = small(more)
    return parse(parse_table(text.encode(), mapping.file), mapping)


def errors(text: str, more: str) -> list[tuple[int, str, str, str]]:
    return [(error.row, error.column, error.value, error.rule) for error in read(text, more).errors]


AGE = "[baseline.age]\ncolumn = 'age'\n"
TIME = "[[times]]\nendpoint = 'OS'\nmonths = 't'\nevent = 'd'\n"


def test_study_numbers_get_their_prefix_and_zeros() -> None:
    assert [record.study_number for record in read("id\n7\n12\n", "digits = 3").records] == ["S-007", "S-012"]


def test_rows_are_numbered_where_the_file_numbers_nobody() -> None:
    mapping = parse_mapping(SMALL.replace('study_number = "id"', "number_rows = true").encode())
    parsed = parse(parse_table(b"age\n57\n58\n", mapping.file), mapping)
    assert [record.study_number for record in parsed.records] == ["S-1", "S-2"]


def test_a_blank_study_number_is_an_error_and_no_patient() -> None:
    parsed = read("id,age\n,57\n2,58\n", AGE)
    assert [record.line for record in parsed.records] == [3]
    assert parsed.errors == [RowError(2, "id", "", "The study number is blank.")]


def test_a_study_number_that_stands_twice_is_an_error_on_both_rows() -> None:
    rule = "The study number stands on the rows 2, 4."
    assert errors("id\n1\n2\n1\n", "") == [(2, "id", "S-1", rule), (4, "id", "S-1", rule)]


def test_all_errors_of_all_rows_are_told() -> None:
    found = errors("id,age,t,d\n1,old,x,1\n2,57,3,maybe\n", AGE + TIME)
    assert found == [
        (2, "age", "old", "A number is expected (decimal sign '.')."),
        (2, "t", "x", "A number is expected (decimal sign '.')."),
        (3, "d", "maybe", "None of the known codes 1, 0."),
    ]


@pytest.mark.parametrize("text", ["57.5", "57,5"])
def test_the_decimal_sign_is_what_the_mapping_declares(text: str) -> None:
    sign = "," if "," in text else "."
    parsed = read(f"id;age\n1;{text}\n", f"{AGE}[file]\ndecimal = '{sign}'\n")
    assert parsed.records[0].baseline == {"age": 57.5}


@pytest.mark.parametrize(("text", "sign"), [("1.234", ","), ("1,234", "."), ("nan", "."), ("1e999", "."), ("٣", ".")])
def test_what_may_mean_something_else_is_no_number(text: str, sign: str) -> None:
    [error] = errors(f"id;age\n1;{text}\n", f"{AGE}[file]\ndecimal = '{sign}'\n")
    assert error[:3] == (2, "age", text)


def test_days_become_months_of_a_year_s_twelfth() -> None:
    parsed = read("id,t,d\n1,365.25,1\n", TIME.replace("months", "days"))
    assert [(time.months, time.is_event) for time in parsed.records[0].times] == [(12.0, True)]


def test_who_has_had_no_event_was_followed_until_the_last_contact() -> None:
    parsed = read("id,t,d,last\n1,,0,6\n2,3,0,6\n3,,1,6\n4,x,0,6\n5,,0,\n6,,0,7\n", TIME + "last_contact = 'last'\n")
    assert [[time.months for time in record.times] for record in parsed.records] == [[6.0], [3.0], [], [], [], [7.0]]
    assert [record.times[0].column for record in parsed.records if record.times] == ["last", "t", "last"]
    assert [(error.row, error.column) for error in parsed.errors] == [(4, "t"), (5, "t"), (6, "last")]


def test_half_a_time_is_an_error_and_none_is_none() -> None:
    parsed = read("id,t,d\n1,5,\n2,,1\n3,,\n", TIME)
    assert [record.times for record in parsed.records] == [[], [], []]
    assert [(error.row, error.column, error.rule) for error in parsed.errors] == [
        (2, "d", "Blank, although 't' is filled."),
        (3, "t", "Blank, although 'd' is filled."),
    ]


def test_a_mark_for_blank_is_a_value_where_the_codes_say_so() -> None:
    more = (
        "[file]\nblank = ['', 'None']\n"
        "[[extra]]\ncolumn = 'vi'\ncode = 'vi'\nlabel = 'VI'\ntype = 'category'\ncodes = ['None', 'Micro']\n"
        "[[extra]]\ncolumn = 'note'\ncode = 'note'\nlabel = 'Note'\ntype = 'text'\n"
    )
    assert read("id,vi,note\n1,None,None\n2,,x\n", more).records[0].extras == {"vi": "None"}


def test_one_and_one_point_zero_are_the_same_code() -> None:
    parsed = read("id,t,d\n1,5,1.0\n2,6,0.0\n", TIME)
    assert [record.times[0].is_event for record in parsed.records] == [True, False]


def test_a_yes_or_no_without_codes_is_true_or_false() -> None:
    more = "[baseline.mvi]\ncolumn = 'mvi'\n"
    assert read("id,mvi\n1,true\n2,FALSE\n", more).records[1].baseline == {"mvi": False}
    assert errors("id,mvi\n1,1\n", more) == [(2, "mvi", "1", "None of the known codes true, false, TRUE, FALSE.")]


def test_a_whole_number_is_whole_and_a_factor_converts() -> None:
    more = "[baseline.ecog]\ncolumn = 'e'\n[baseline.tumour_size_cm]\ncolumn = 'mm'\nfactor = 0.1\n"
    parsed = read("id,e,mm\n1,1,35\n2,1.5,\n", more)
    assert parsed.records[0].baseline == {"ecog": 1, "tumour_size_cm": pytest.approx(3.5)}
    assert [error.rule for error in parsed.errors] == ["A whole number is expected."]


def test_a_date_is_read_in_its_declared_form_only() -> None:
    more = "index_date = 'day'\nformat = '%d.%m.%Y'\n"
    parsed = read("id,day\n1,03.02.2021\n2,2021-02-03\n", more)
    assert parsed.records[0].index_date == date(2021, 2, 3)
    assert [error.rule for error in parsed.errors] == ["A date such as 31.01.2024 is expected."]


def test_what_identifies_people_is_not_shown_even_when_it_is_wrong() -> None:
    more = "[identity]\nname = 'name'\nbirth_date = 'born'\n"
    assert errors("id,name,born\n1,Anna,yesterday\n", more) == [
        (2, "born", "(withheld)", "A date such as 2024-01-31 is expected.")
    ]


def test_a_draw_without_its_date_is_an_error_only_when_something_was_measured() -> None:
    more = "[specimens.blood]\ncollected = 'day'\n[[blood]]\ncolumn = 'alb'\nanalyte = 'ALB'\nunit = 'g/L'\n"
    assert errors("id,day,alb\n1,,40\n2,,\n", more) == [(2, "day", "", "Blank, although 'alb' was measured.")]
