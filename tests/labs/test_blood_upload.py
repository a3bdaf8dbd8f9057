"""A file of blood results on its way in: read, mapped, looked at, stored or refused."""

import io
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, seed
from hypothesis import strategies as st
from openpyxl import Workbook

from labs.blood.analytes import catalogue
from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_correct, blood_result_record, blood_result_retract
from labs.blood.upload.columns import OF, SKIP, AnalyteNames, Column, guess
from labs.blood.upload.models import PanelUpload
from labs.blood.upload.readings import read_rows
from labs.blood.upload.sheet import MAX_BYTES, Options, read_sheet
from labs.cohort_import.errors import ImportRefused
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.log.models import Change
from registry.models import Enrolment, Patient
from registry.people.roles import Role
from tests.registry.people import signed_in, site

NAMES = AnalyteNames.of(
    (code, row["name"], row["loinc"], [spelling.spelling for spelling in row["spellings"]])
    for code, row in catalogue().items()
)


@pytest.fixture
def technician(enrolment: Enrolment) -> Client:
    return signed_in(Role.TECHNICIAN)


def text(response: Any) -> str:
    content = response.getvalue() if response.streaming else response.content
    return str(content.decode())


def upload(client: Client, content: bytes | str, **options: str) -> Any:
    """The answer to an upload: the page that looks ahead, or the form with its refusal."""
    raw = content.encode() if isinstance(content, str) else content
    given = {"encoding": "utf-8", "decimal": ".", "day_format": "%Y-%m-%d"} | options
    return client.post("/blood/upload/", given | {"file": SimpleUploadedFile("panel.csv", raw)}, follow=True)


def store(client: Client, response: Any, **answer: str) -> Any:
    """Stores what `response` shows, with the ticks and the reason of `answer`."""
    seen = re.search(r'name="seen" value="(\w+)"', text(response))
    assert seen
    path = response.redirect_chain[-1][0] if response.redirect_chain else response.request["PATH_INFO"]
    return client.post(path, {"action": "store", "seen": seen[1]} | answer, follow=True)


def workbook(*rows: list[Any], merge: str = "") -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def results() -> set[str]:
    return {f"{row.specimen.code} {row}" for row in BloodResult.objects.current().select_related("specimen", "analyte")}


# Columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code", "unit"),
    [
        ("ALB (g/L)", "ALB", "g/L"),
        ("Albumin [g/dL]", "ALB", "g/dL"),
        ("albumin, g/L", "ALB", "g/L"),
        ("IL-6 (pg/mL)", "IL6", "pg/mL"),
        ("CD8+ T cells (cells/µL)", "CD8", "cells/µL"),
        ("Total bilirubin (µmol/L)", "TBIL", "µmol/L"),
        ("PIVKA-II", "PIVKA", ""),
        ("Lymphocytes, absolute", "LYM", ""),
        ("Lymphocytes, absolute (10⁹/L)", "LYM", "10⁹/L"),
        ("INR", "INR", ""),
        ("1751-7", "ALB", ""),
    ],
)
def test_a_header_tells_the_analyte_and_its_unit(header: str, code: str, unit: str) -> None:
    assert guess([header], NAMES) == [Column(header, OF + code, unit)]


@pytest.mark.parametrize("header", ["Remarks", "", "Name", "g/L", "(g/L)", "ALB ALB"])
def test_what_is_nobodys_name_is_left_out(header: str) -> None:
    assert guess([header], NAMES) == [Column(header, SKIP)]


@seed(44)
@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_header_is_guessed_without_failing(header: list[str]) -> None:
    assert [column.header for column in guess(header, NAMES)] == header


@seed(45)
@given(st.binary(max_size=200), st.sampled_from(["utf-8", "latin-1", "gb18030"]))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes, encoding: str) -> None:
    options = Options(encoding=encoding)
    try:
        table = read_sheet(content, options)
        read_rows(table, guess(table.header, NAMES), NAMES, options)
    except ImportRefused as refused:
        assert all(refused.sentences)


# Storing -----------------------------------------------------------------------------------------------------------


def test_one_row_per_draw_with_units_in_the_header(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "draw,ALB (g/dL),IL6 (pg/mL),HBsAg,Remarks\nB-0001,4.1,<1.5,negative,ok\n")
    assert "New results" in text(page)
    assert not BloodResult.objects.exists()
    assert "3 results stored." in text(store(technician, page))
    assert results() == {"B-0001 ALB 41 g/L", "B-0001 IL6 <1.5 pg/mL", "B-0001 HBSAG negative"}


def test_units_may_stand_in_a_row_under_the_header(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "draw;Albumin;Lymphocytes\n;g/dL;cells/µL\nB-0001;4.1;1234\n")
    store(technician, page)
    assert results() == {"B-0001 ALB 41 g/L", "B-0001 LYM 1.234 10⁹/L"}


def test_one_row_per_result(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "specimen,test,result,unit\nB-0001,Albumin,41,g/L\nB-0001,IL-6,≤2,pg/mL\n")
    store(technician, page)
    assert results() == {"B-0001 ALB 41 g/L", "B-0001 IL6 ≤2 pg/mL"}


def test_a_draw_is_found_by_patient_and_day(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "study number,date,ALB (g/L)\nICI-0001,08.03.2024,41\n", day_format="%d.%m.%Y")
    store(technician, page)
    assert results() == {"B-0001 ALB 41 g/L"}


def test_a_workbook_with_numbers_and_dates(technician: Client, draw: Specimen) -> None:
    content = workbook(["study_number", "collected", "ALB (g/L)"], ["ICI-0001", datetime(2024, 3, 8), 41.5])
    store(technician, upload(technician, content))
    assert results() == {"B-0001 ALB 41.5 g/L"}


def test_a_second_upload_changes_nothing(technician: Client, draw: Specimen) -> None:
    content = "draw,ALB (g/dL),CD8 (10^9/L)\nB-0001,4.1,0.31\n"
    store(technician, upload(technician, content))
    changes = Change.objects.count()
    # Another spelling of the same values is no change either.
    again = upload(technician, "draw,ALB (g/L),CD8 (/uL)\nB-0001,41.0,310\n")
    assert "Nothing to store" in text(again)
    assert "Nothing was changed" in text(store(technician, again))
    assert Change.objects.count() == changes


def test_a_changed_value_becomes_a_revision_with_a_reason(technician: Client, draw: Specimen, by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    page = upload(technician, "draw,ALB (g/L)\nB-0001,44\n")
    assert "Corrections of stored results" in text(page)
    refused = store(technician, page)
    assert "Say why the stored values are corrected." in text(refused)
    assert BloodResult.objects.count() == 1
    store(technician, page, reason="wrong column in the first file")
    (second,) = BloodResult.objects.current()
    assert (second.value, second.supersedes, second.correction_reason) == (
        44.0,
        first,
        "wrong column in the first file",
    )


def test_one_refused_value_refuses_all_and_names_row_column_value_and_rule(technician: Client, draw: Specimen) -> None:
    content = "draw,ALB (g/L),HGB (g/L),CREA (mmol/L)\nB-0001,41,,\nB-0001x,,,\n,40,,\nB-0002,40,,\nB-0001,,13.4,90\n"
    page = upload(technician, content)
    shown = text(page)
    assert "is impossible for Haemoglobin" in shown
    assert "is no unit of Creatinine" in shown
    assert "The row does not say which draw it belongs to." in shown
    assert "There is no such draw" in shown
    assert "Nothing was stored:" in text(store(technician, page))
    assert not BloodResult.objects.exists()
    assert "1 result stored." in text(store(technician, page, valid_rows_only="on"))
    assert results() == {"B-0001 ALB 41 g/L"}


def test_an_unusual_value_needs_its_own_tick(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "draw,ALB (g/L)\nB-0001,12\n")
    assert "12 g/L is unusual for Albumin" in text(page)
    assert "Nothing was stored:" in text(store(technician, page))
    store(technician, page, **{"ok-2-ALB": "on"})
    result = BloodResult.objects.get()
    assert (result.is_unusual_accepted, result.unusual_by) == (True, "range")


def test_a_value_that_moved_too_far_needs_a_tick_within_the_file_too(
    technician: Client, draw: Specimen, patient: Patient, by: Actor
) -> None:
    specimen_create(patient=patient, code="B-0002", kind="blood", collected=date(2024, 4, 8), by=by)
    page = upload(technician, "draw,HGB (g/L)\nB-0002,140\nB-0001,60\n")
    assert "Haemoglobin went from 60 (B-0001 of 2024-03-08) to 140 g/L, more than 2-fold" in text(page)
    assert 'name="ok-2-HGB"' in text(page)
    store(technician, page, **{"ok-2-HGB": "on"})
    assert BloodResult.objects.get(specimen__code="B-0002").unusual_by == "change"
    assert BloodResult.objects.get(specimen__code="B-0001").unusual_by == ""


def test_a_draw_is_registered_only_when_asked_for(technician: Client, patient: Patient) -> None:
    content = "draw,study_number,collected,ALB (g/L),PLT (10^9/L)\nB-0009,ICI-0001,2024-05-01,41,180\n"
    assert "let the upload register draws" in text(upload(technician, content))
    page = upload(technician, content, registers_draws="on")
    assert "Draws to be registered" in text(page)
    assert "2 results stored, 1 draw registered." in text(store(technician, page))
    draw = Specimen.objects.get(code="B-0009")
    assert (draw.patient, draw.collected, draw.kind) == (patient, date(2024, 5, 1), "blood")
    assert results() == {"B-0009 ALB 41 g/L", "B-0009 PLT 180 10⁹/L"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("B-0001,ICI-0002,2024-03-08,41", "is a draw of another patient"),
        ("B-0001,ICI-0001,2024-03-09,41", "was drawn on 2024-03-08, not on 2024-03-09"),
        ("T-0001,ICI-0001,,41", "is no blood draw"),
        ("B-0009,nobody,2024-05-01,41", "must give a known study number"),
        ("B-0009,ICI-0001,2999-05-01,41", "The date lies in the future."),
        ("B 9,ICI-0001,2024-05-01,41", "Letters, digits, dots, dashes only."),
        ("B-0001,ICI-0001,8.3.2024,41", "A date such as 2024-01-31 is expected."),
        ('B-0001,ICI-0001,,"4,1"', "has a comma"),
        ("B-0001,ICI-0001,,=1+1", "is no number"),
        ("B-0001,ICI-0001,,#DIV/0!", "is no number"),
        ("B-0001,ICI-0001,,41\nB-0001,ICI-0001,,42", "more than once"),
    ],
)
def test_a_row_that_contradicts_what_is_known_is_refused(
    technician: Client, draw: Specimen, tumour: Specimen, row: str, message: str
) -> None:
    content = f"draw,study_number,collected,ALB (g/L)\n{row}\n"
    page = upload(technician, content, registers_draws="on")
    assert message in text(page).replace("&#x27;", "'")
    store(technician, page)
    assert not BloodResult.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        ("draw,ALB (g/L)\nB-1,41\n".encode("utf-16"), "The file is UTF-16"),
        ("draw,ALB (g/L),备注\nB-1,41,溶血\n".encode("gb18030"), "Line 1 is not UTF-8 text"),
        (b"draw,ALB (g/L)\nB-1,4\x001\n", "NUL byte"),
        (b"draw,ALB (g/L),ALB (g/L)\nB-1,41,42\n", "Two columns are called"),
        (b"PK\x03\x04 this is no workbook", "The workbook cannot be read"),
        (b"x" * (MAX_BYTES + 1), "The file is larger than 5 MB."),
        (workbook(["draw", "ALB (g/L)"], ["B-1", 41], ["", 42], merge="A2:A3"), "The cells A2:A3 are merged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(technician: Client, content: bytes, message: str) -> None:
    assert message in text(upload(technician, content))
    assert not PanelUpload.objects.exists()


def test_a_file_in_another_encoding_is_read_when_it_is_chosen(technician: Client, draw: Specimen) -> None:
    content = "draw,白蛋白,备注\nB-0001,41,溶血\n".encode("gb18030")
    page = upload(technician, content, encoding="gb18030")
    assert "No column (draw, 白蛋白, 备注 in row 1) holds values of an analyte." in text(page)
    path = page.redirect_chain[-1][0]
    columns = {"role-0": "draw", "role-1": "of:ALB", "unit-1": "g/L", "role-2": "skip"}
    page = technician.post(path, {"action": "columns"} | columns, follow=True)
    store(technician, page)
    assert results() == {"B-0001 ALB 41 g/L"}


def test_decimal_commas_are_read_from_a_file_that_says_so(technician: Client, draw: Specimen) -> None:
    store(technician, upload(technician, "draw;ALB (g/dL)\nB-0001;4,1\n", decimal=","))
    assert results() == {"B-0001 ALB 41 g/L"}


def test_a_formula_that_was_never_calculated_is_no_blank(technician: Client, draw: Specimen) -> None:
    page = upload(technician, workbook(["draw", "ALB (g/L)"], ["B-0001", "=40+1"]))
    assert "A formula without a calculated value" in text(page)


def test_a_retracted_result_does_not_come_back_by_an_upload(technician: Client, draw: Specimen, by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    blood_result_retract(result=first, by=by, reason="wrong tube")
    page = upload(technician, "draw,ALB (g/L)\nB-0001,41\n")
    assert "was retracted (wrong tube)" in text(page)


def test_what_somebody_stored_in_between_stops_the_save(technician: Client, draw: Specimen, by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    page = upload(technician, "draw,ALB (g/L)\nB-0001,44\n")
    blood_result_correct(result=first, value="43", unit="g/L", by=by, reason="read again")
    assert "in between" in text(store(technician, page, reason="typing error"))
    assert results() == {"B-0001 ALB 43 g/L"}


def test_the_bytes_are_gone_once_they_are_stored(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "draw,ALB (g/L)\nB-0001,41\n")
    store(technician, page)
    row = PanelUpload.objects.get()
    assert (bytes(row.content), row.stored_at is not None) == (b"", True)
    assert technician.get(page.redirect_chain[-1][0]).status_code == 404


def test_an_upload_is_hidden_from_other_sites_and_their_draws_are_unknown(technician: Client, draw: Specimen) -> None:
    page = upload(technician, "draw,ALB (g/L)\nB-0001,41\n")
    stranger = signed_in(Role.TECHNICIAN, username="far", sites=[site("FAR")])
    assert stranger.get(page.redirect_chain[-1][0]).status_code == 404
    assert "There is no such draw" in text(upload(stranger, "draw,ALB (g/L)\nB-0001,41\n"))


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_an_empty_table_is_understood_when_it_comes_back(technician: Client, draw: Specimen, layout: str) -> None:
    header = text(technician.get(f"/blood/upload/{layout}.csv")).lstrip("\ufeff").strip()
    columns = (
        guess(header.split(","), NAMES)
        if layout == "long"
        else guess(read_sheet(header.encode(), Options()).header, NAMES)
    )
    assert SKIP not in {column.role for column in columns}
    for column in columns:
        assert not column.unit or NAMES.is_unit(column.analyte, column.unit)


def test_the_panel_asks_about_a_value_that_moved_too_far(
    technician: Client, draw: Specimen, patient: Patient, by: Actor
) -> None:
    blood_result_record(specimen=draw, analyte=analytes()["HGB"], value="60", unit="g/L", by=by)
    later = specimen_create(patient=patient, code="B-0002", kind="blood", collected=date(2024, 4, 8), by=by)
    answer = {"HGB-value": "140", "HGB-unit": "g/L"}
    page = text(technician.post(f"/blood/{later.pk}/", answer))
    assert "more than 2-fold" in page
    technician.post(f"/blood/{later.pk}/", answer | {"HGB-accept_unusual": "on"})
    assert BloodResult.objects.get(specimen=later).unusual_by == "change"
    assert "changed a lot, confirmed" in text(technician.get(f"/specimens/{later.pk}/"))
    assert "change" in Change.objects.filter(subject_code="B-0002 HGB").get().new_values["unusual_by"]


def test_a_draw_long_ago_or_a_bound_says_nothing_about_a_change(draw: Specimen, patient: Patient, by: Actor) -> None:
    known = analytes()
    blood_result_record(specimen=draw, analyte=known["HGB"], value="60", unit="g/L", by=by)
    late = specimen_create(patient=patient, code="B-0002", kind="blood", collected=date(2024, 9, 1), by=by)
    assert blood_result_record(specimen=late, analyte=known["HGB"], value="140", unit="g/L", by=by).unusual_by == ""
    soon = specimen_create(patient=patient, code="B-0003", kind="blood", collected=date(2024, 3, 20), by=by)
    assert blood_result_record(specimen=soon, analyte=known["HGB"], value="<130", unit="g/L", by=by).unusual_by == ""
