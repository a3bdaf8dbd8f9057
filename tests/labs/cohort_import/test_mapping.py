from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.cohort_import.consistency import check_mapping
from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.mapping import Mapping, load_mapping, parse_mapping
from labs.cohort_import.reader import read_table
from tests.labs.cohort_import.tables import CLINIC_CSV, SMALL, clinic, small

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path for path in (ROOT / "docs" / "examples").glob("*.toml") if "-discovery" not in path.name)


def refusal_of(more: str, header: list[str] | None = None) -> str:
    with pytest.raises(ImportRefused) as refusal:
        check_mapping(small(more), header or ["id", "a", "b"], "data.csv")
    return str(refusal.value)


def test_the_clinic_s_mapping_is_consistent_with_its_file() -> None:
    mapping = clinic()
    check_mapping(mapping, read_table(CLINIC_CSV, mapping.file).header, "clinic.csv")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.name))
def test_every_example_is_a_valid_mapping(path: Path) -> None:
    assert load_mapping(path).cohort.code


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("", "The mapping needs the section [cohort]."),
        (SMALL.replace("[patient]", "[patients]"), "The mapping has an unknown key 'patients'"),
        (SMALL.replace('site = "clinic"\n', ""), "[cohort] needs the key 'site'."),
        (SMALL.replace("prefix", "praefix"), "[patient] has an unknown key 'praefix'; known are "),
        (SMALL.replace('"S-"', "7"), "[patient] prefix must be a text in quotes."),
        (SMALL.replace('"resection"', '"surgery"'), "[cohort] index_event = 'surgery' is none of resection, first_ici"),
        (SMALL + "[file]\ndecimal = ':'", "[file] decimal = ':' is none of ., ,."),
        (SMALL + "[times]\nendpoint = 'OS'", "times is a list of tables: write [[times]]."),
        (SMALL + "[[times]]\nendpoint = 'OS'", "[[times]] 1 needs the key 'event'."),
        (SMALL + "[baseline]\nage = 'Age'", "[baseline.age] must be a table."),
        (SMALL + "[[analyses]]\nslug = 1", "[[analyses]] 1 slug must be a text in quotes."),
        (SMALL + "[baseline.afp]\ncolumn = 'a'\nfactor = inf", "[baseline.afp] factor must be a number."),
        (
            SMALL + "[[eligibility]]\nkind = 'include'\ntext = 'x'\nvariable = 'age'\noperator = 'between'\n"
            "values = [2024-01-31, 80]",
            "[[eligibility]] 1 values holds only texts, numbers, true and false.",
        ),
        ("[cohort", "This is not valid TOML"),
        (SMALL.replace('"resection"', '"resection"\ndata_cut = "2024-01-31"'), "data_cut must be a date such as"),
        (SMALL.replace('"resection"', '"resection"\nsimulated = 1'), "[cohort] simulated must be true or false."),
    ],
)
def test_a_wrong_mapping_is_refused_by_the_name_of_its_key(document: str, sentence: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        parse_mapping(document.encode())
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("sex = 'Geschlecht'", "[patient] sex names the column 'Geschlecht', which data.csv does not have."),
        ("sex = 'a'\nsex_codes = { 1 = 'X' }", "[patient] sex_codes: 'X' is none of F, M, U."),
        ("number_rows = true", "[patient] needs either 'study_number' or 'number_rows'."),
        ("digits = 31", "[patient] digits must lie between 0 and 30."),
        ("[baseline.height]\ncolumn = 'a'", "[baseline]: 'height' is none of age, ecog"),
        ("[baseline.ecog]\ncolumn = 'a'\ncodes = { x = 0.5 }", "[baseline.ecog] codes: 0.5 is not a whole number."),
        ("[baseline.stage]\ncolumn = 'a'\ncodes = { 1 = 'V' }", "[baseline.stage] codes: 'V' is not one of I, II"),
        ("[baseline.mvi]\ncolumn = 'a'\ncodes = { 1 = 'yes' }", "[baseline.mvi] codes: 'yes' is not true or false."),
        ("[[times]]\nendpoint = 'PFS'\nmonths = 'a'\nevent = 'b'", "[[times]]: 'PFS' is none of OS."),
        ("[[times]]\nendpoint = 'OS'\nevent = 'b'", "[[times]] OS needs either 'months' or 'days'."),
        (
            "[[times]]\nendpoint = 'OS'\nmonths = 'a'\nevent = 'b'\nevent_value = '0'",
            "[[times]] OS has a value that means both event and censored.",
        ),
        (
            "[response]\ncolumn = 'a'\nresponder = ['1', '2']\nnon_responder = '2'\ndefinition = 'x'",
            "[response] has a value that means both responder and non-responder.",
        ),
        (
            "[[extra]]\ncolumn = 'a'\ncode = 'x'\nlabel = 'X'\ntype = 'category'",
            "[[extra]] x is coded and needs 'codes'.",
        ),
        (
            "[[extra]]\ncolumn = 'a'\ncode = 'x'\nlabel = 'X'\ntype = 'number'\ncodes = ['1']",
            "[[extra]] x is a number and takes no 'codes'.",
        ),
        (
            "[[extra]]\ncolumn = 'a'\ncode = 'a b'\nlabel = 'X'\ntype = 'number'",
            "[[extra]] a b code: letters, digits, dots, dashes and underscores only.",
        ),
        ("[[ihc]]\nmarker = 'M'\nspecimen = 'tumour'\ndensity = 'a'", "[[ihc]] 1 marker: 'M' is none of -."),
        (
            "[[markers]]\ncode = 'M'\nname = 'M'\nscale = 'score'\n"
            "[[ihc]]\nmarker = 'M'\nspecimen = 'blood'\ndensity = 'a'",
            "[[ihc]] 1 reads a tissue, not blood.\n[[ihc]] 1: a marker on the scale 'score' is given by the column "
            "'intensity' and one of 'percent' and 'extent'.",
        ),
        ("[specimens.bile]\ncollected = 'a'", "[specimens]: 'bile' is none of tumour"),
        (
            "[[blood]]\ncolumn = 'a'\nanalyte = 'ALB'\n[[blood]]\ncolumn = 'b'\nanalyte = 'ALB'",
            "[[blood]] declares 'ALB' 2 times.",
        ),
    ],
)
def test_sections_that_contradict_each_other_are_refused(more: str, sentence: str) -> None:
    assert sentence in refusal_of(more)


def test_every_missing_column_is_named_at_once() -> None:
    text = refusal_of("sex = 'x'\n[baseline.age]\ncolumn = 'y'", ["id"])
    assert "[patient] sex names the column 'x'" in text
    assert "[baseline.age] column names the column 'y'" in text


def test_a_column_that_the_file_has_twice_cannot_be_meant() -> None:
    assert "which data.csv has 2 times" in refusal_of("", ["id", "id"])


def test_the_file_is_named_in_front_of_what_is_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("[cohort]\n")
    with pytest.raises(ImportRefused, match=r"^wrong\.toml: \[cohort\] needs the key 'code'\."):
        load_mapping(tmp_path / "wrong.toml")


def test_every_key_is_explained_in_the_user_s_guide() -> None:
    guide = (ROOT / "docs" / "user" / "importing.md").read_text(encoding="utf-8")
    missing = {name for name in _keys(Mapping) if f"`{name}`" not in guide}
    assert not missing


def _keys(kind: type[Any]) -> set[str]:
    names = set()
    for each in fields(kind):
        names.add(each.name)
        hint = get_type_hints(kind)[each.name]
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type) and is_dataclass(inner):
                names |= _keys(inner)
    return names


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_mapping_or_a_sentence(content: bytes) -> None:
    try:
        parse_mapping(SMALL.encode() + content)
    except ImportRefused as refusal:
        assert refusal.sentences
