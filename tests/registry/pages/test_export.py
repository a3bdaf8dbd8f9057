"""Tables as files: whole, safe to open in a spreadsheet, written down before they leave."""

import csv
import io
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.test import Client

from registry.clinical.services import baseline_save, follow_up_add
from registry.cohorts.models import Cohort
from registry.cohorts.services import cohort_update
from registry.export.tables import tables
from registry.export.writing import csv_lines, safe, xlsx_file
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient
from registry.patients.services import enrolment_withdraw, identity_save
from registry.people.models import Site, User
from registry.people.roles import Role
from tests.registry.fixtures import BY, enrol, make_cohort
from tests.registry.people import client_of, signed_in, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(ada: User) -> Client:
    return client_of(ada)


def exported(client: Client, table: str, **more: str) -> Any:
    given = {"table": table, "file_format": "csv", "purpose": "yearly audit"}
    return client.post("/export/", given | more)


def rows_of(answer: Any) -> list[dict[str, str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_every_table_of_every_app_is_offered(client: Client) -> None:
    codes = {table.code for table in tables()}
    assert {"registry.patient", "registry.change", "labs.specimen", "labs.bloodresult", "analysis.result"} <= codes
    page = client.get("/export/").content.decode()
    assert all(f'value="{code}"' in page for code in codes)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_export(role: Role, enrolled: Enrolment) -> None:
    assert exported(signed_in(role), "registry.patient").status_code == 403


def test_a_file_names_what_its_keys_stand_for(client: Client, enrolled: Enrolment) -> None:
    baseline_save(enrolment=enrolled, values={"age": 61.5}, by=BY)
    answer = exported(client, "registry.baseline")
    (row,) = rows_of(answer)
    assert row["enrolment__patient__study_number"] == "P-001"
    assert row["enrolment__cohort__code"] == "resection"
    assert row["age"] == "61.5"
    assert row["cirrhosis"] == ""
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="registry-baseline-')


def test_a_file_of_reads_names_the_slide_and_the_marker(client: Client) -> None:
    reads = next(table for table in tables() if table.code == "labs.read")
    assert {"stain__specimen__code", "stain__marker__code"} <= set(reads.columns)


def test_tables_are_named_in_words(client: Client) -> None:
    titles = {table.title for table in tables()}
    assert {"Identities", "Spellings of units", "Stored facts", "Fold changes by qPCR"} <= titles


def test_a_csv_begins_with_the_mark_that_excel_reads_chinese_by(client: Client, enrolled: Enrolment) -> None:
    content = b"".join(exported(client, "registry.patient").streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")


def test_who_exports_what_and_why_is_in_the_log_before_the_first_byte(client: Client, enrolled: Enrolment) -> None:
    answer = exported(client, "registry.patient")
    change = Change.objects.latest("id")
    assert (change.action, change.domain, change.actor_name) == ("read", "export", "ada")
    assert (change.subject_code, change.reason) == ("registry.patient", "yearly audit")
    assert change.new_values == {"format": "csv", "rows": 1}
    assert len(rows_of(answer)) == 1


def test_no_purpose_no_file(client: Client, enrolled: Enrolment) -> None:
    answer = exported(client, "registry.patient", purpose="")
    assert "No file was made" in answer.content.decode()
    assert not Change.objects.filter(domain="export").exists()


def test_an_empty_table_is_an_error_with_its_reason(client: Client, a_cohort: Cohort) -> None:
    assert "This table has no rows." in exported(client, "registry.patient").content.decode()
    assert not Change.objects.filter(domain="export").exists()


def test_identifiers_need_a_tick(client: Client, a_patient: Patient) -> None:
    identity_save(patient=a_patient, values={"name": "王芳"}, by=BY)
    assert "tick that you need them" in exported(client, "registry.patientidentity").content.decode()
    (row,) = rows_of(exported(client, "registry.patientidentity", with_identifiers="on"))
    assert row["name"] == "王芳"


def test_no_other_table_has_an_identifier(client: Client, a_patient: Patient) -> None:
    identity_save(patient=a_patient, values={"name": "Wang Fang", "record_number": "MRN-77"}, by=BY)
    for table in tables():
        if not table.has_identifiers:
            answer = exported(client, table.code)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert b"Wang Fang" not in content, table.code
            assert b"MRN-77" not in content, table.code


def test_no_table_has_a_password(client: Client) -> None:
    assert all("password" not in table.columns for table in tables())


def test_simulated_rows_are_marked(client: Client, a_site: Site, enrolled: Enrolment) -> None:
    simulated = enrol(make_cohort(a_site, "demo", is_simulated=True), "SIM-1")
    for enrolment in (enrolled, simulated):
        follow_up_add(patient=enrolment.patient, day=date(2023, 1, 1), by=BY)
    marks = {
        row["patient__study_number"]: row["is_simulated_data"] for row in rows_of(exported(client, "registry.followup"))
    }
    assert marks == {"P-001": "False", "SIM-1": "True"}
    cohorts = {row["code"]: row["is_simulated_data"] for row in rows_of(exported(client, "registry.cohort"))}
    assert cohorts == {"resection": "False", "demo": "True"}


def test_a_withdrawn_patient_is_in_no_export_but_that_of_enrolments(client: Client, a_cohort: Cohort) -> None:
    stays, leaves = enrol(a_cohort, "P-1"), enrol(a_cohort, "P-2")
    for enrolment in (stays, leaves):
        follow_up_add(patient=enrolment.patient, day=date(2023, 1, 1), by=BY)
        baseline_save(enrolment=enrolment, values={"age": 60.0}, by=BY)
    enrolment_withdraw(enrolment=leaves, on=date(2023, 2, 1), why="asked to leave", by=BY)
    assert [row["study_number"] for row in rows_of(exported(client, "registry.patient"))] == ["P-1"]
    assert [row["patient__study_number"] for row in rows_of(exported(client, "registry.followup"))] == ["P-1"]
    assert len(rows_of(exported(client, "registry.baseline"))) == 1
    assert len(rows_of(exported(client, "registry.enrolment"))) == 2


def test_an_administrator_of_one_site_exports_that_site(a_cohort: Cohort, enrolled: Enrolment) -> None:
    far = make_cohort(site("FAR"), "far")
    enrol(far, "F-1")
    client = signed_in(Role.ADMINISTRATOR, sites=[far.site])
    assert [row["study_number"] for row in rows_of(exported(client, "registry.patient"))] == ["F-1"]
    assert [row["code"] for row in rows_of(exported(client, "registry.cohort"))] == ["far"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("+1.5e3", "+1.5e3"),
        ("a=b", "a=b"),
        (-5, -5),
        (1.25, 1.25),
        (True, True),
        (None, None),
        (date(2023, 1, 2), "2023-01-02"),
        (datetime(2023, 1, 2, 3, 4), "2023-01-02T03:04:00"),
        (["=1"], '["=1"]'),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(value: Any, cell: Any) -> None:
    assert safe(value) == cell


def test_an_excel_file_holds_the_same_rows_with_numbers_as_numbers(client: Client, enrolled: Enrolment) -> None:
    baseline_save(enrolment=enrolled, values={"age": 61.5}, by=BY)
    follow_up_add(patient=enrolled.patient, day=date(2023, 1, 1), note="=HYPERLINK(1)", by=BY)
    answer = exported(client, "registry.baseline", file_format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, row = list(sheet.values)
    assert dict(zip(head, row, strict=True))["age"] == 61.5
    answer = exported(client, "registry.followup", file_format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, row = list(sheet.values)
    assert dict(zip(head, row, strict=True))["note"] == "'=HYPERLINK(1)"
    assert all(cell.data_type != "f" for line in sheet.rows for cell in line)


def test_a_value_too_long_for_excel_is_said_in_time(client: Client, a_cohort: Cohort) -> None:
    changes = {"description": "x" * 40_000}
    cohort_update(cohort=a_cohort, changes=changes, expected_version=a_cohort.version, by=BY)
    answer = exported(client, "registry.cohort", file_format="xlsx")
    assert "take CSV" in answer.content.decode()
    assert not Change.objects.filter(domain="export").exists()


def many(number: int) -> Iterator[tuple[Any, ...]]:
    return ((index, "text of some length " * 5, index / 7) for index in range(number))


def peak(write: Callable[[], object]) -> int:
    tracemalloc.start()
    write()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_a_long_csv_takes_no_more_memory_than_a_short_one() -> None:
    def write(number: int) -> None:
        deque(csv_lines(["a", "b", "c"], many(number)), maxlen=0)

    assert peak(lambda: write(10_000)) < 2 * peak(lambda: write(100)) + 50_000


def test_a_long_excel_file_is_written_to_disk_and_not_to_memory() -> None:
    def write(number: int) -> None:
        xlsx_file("many", ["a", "b", "c"], many(number)).close()

    write(1)  # what openpyxl loads once
    # One more row in memory would be some hundred bytes; 3,000 of them a megabyte.
    assert peak(lambda: write(3_000)) < peak(lambda: write(300)) + 300_000
