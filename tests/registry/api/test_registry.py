"""Reading and writing clinical facts through the interface."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient
from registry.people.models import User
from tests.registry.api.asking import Program, messages, program_of
from tests.registry.fixtures import enrol

pytestmark = pytest.mark.django_db

SAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "treatments": ({"kind": "tace", "start": "2022-04-01"}, {"agent": "doxorubicin"}),
    "assessments": ({"day": "2022-06-01", "mrecist": "SD", "method": "MRI"}, {"mrecist": "PR"}),
    "follow-ups": ({"day": "2022-06-01", "mode": "visit"}, {"note": "well"}),
    "outcome-events": ({"kind": "recurrence", "day": "2023-01-01"}, {"day": "2023-01-02"}),
}


@pytest.fixture
def program(dora: User) -> Program:
    return program_of(dora)


def rows_since(last: int) -> list[Change]:
    return list(Change.objects.filter(id__gt=last).order_by("id"))


def newest_row() -> int:
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


@pytest.mark.parametrize("path", SAMPLES)
def test_a_fact_is_recorded_corrected_and_retired(program: Program, enrolled: Enrolment, path: str) -> None:
    entry, change = SAMPLES[path]
    last = newest_row()
    made = program.post(f"{path}/", patient="P-001", **entry)
    assert {name: made[name] for name in entry} == entry
    assert (made["patient"], made["version"], made["simulated"]) == ("P-001", 1, False)
    one = f"{path}/{made['id']}/"
    corrected = program.patch(one, version=1, reason="read anew", **change)
    assert corrected == made | change | {"version": 2}
    assert program.get(f"{path}/", patient="P-001")["results"] == [corrected]
    retired = program.post(f"{one}retire/", status=200, version=2, reason="another patient's")
    assert retired["retired_reason"] == "another patient's"
    assert program.get(f"{path}/")["count"] == 0
    assert program.ask("GET", one).status_code == 404
    rows = rows_since(last)
    assert [(row.action, row.actor_name, row.source) for row in rows] == [
        ("create", "dora", "api"),
        ("update", "dora", "api"),
        ("retire", "dora", "api"),
    ]


@pytest.mark.parametrize("path", SAMPLES)
def test_a_stale_correction_says_what_the_other_changed(program: Program, enrolled: Enrolment, path: str) -> None:
    entry, change = SAMPLES[path]
    made = program.post(f"{path}/", patient="P-001", **entry)
    one = f"{path}/{made['id']}/"
    program.patch(one, version=1, **change)
    error = program.refusal("PATCH", one, 409, version=1, **entry)
    assert error["code"] == "changed_meanwhile"
    (name,) = change
    assert "dora: " in messages(error, name)
    assert program.refusal("PATCH", one, 400, **change)["fields"][0]["field"] == "version"
    assert program.refusal("POST", f"{one}retire/", 409, version=1, reason="wrong")["code"] == "changed_meanwhile"
    assert program.refusal("POST", f"{one}retire/", 400, version=2)["fields"][0]["field"] == "reason"


def test_the_version_may_come_as_if_match(program: Program, enrolled: Enrolment) -> None:
    made = program.post("treatments/", patient="P-001", **SAMPLES["treatments"][0])
    one = f"treatments/{made['id']}/"
    etag = program.ask("GET", one).headers["ETag"]
    assert program.ask("PATCH", one, {"agent": "a"}, **{"If-Match": etag}).status_code == 200
    assert program.ask("PATCH", one, {"agent": "b"}, **{"If-Match": etag}).status_code == 409


def test_every_field_at_fault_is_named(program: Program, a_patient: Patient) -> None:
    error = program.refusal("POST", "treatments/", 400, patient="P-001", kind="magic", start="yesterday", dose=3)
    assert {field["field"] for field in error["fields"]} == {"dose"}
    error = program.refusal("POST", "treatments/", 400, patient="P-001", kind="magic", start="yesterday")
    assert {field["field"] for field in error["fields"]} == {"kind", "start"}
    error = program.refusal("POST", "treatments/", 400, patient="P-999", kind="tace", start="2022-01-01")
    assert messages(error, "patient") == "There is no patient with this study number."
    error = program.refusal("POST", "treatments/", 400, patient="P-001", kind="tace", start="2999-01-01")
    assert "future" in messages(error, "start")
    error = program.refusal(
        "POST", "treatments/", 400, patient="P-001", kind="tace", start="2022-01-02", end="2022-01-01"
    )
    assert messages(error) == "The end lies before the start."


def test_patients_are_registered_with_their_first_cohort(program: Program, a_cohort: Cohort) -> None:
    body: dict[str, Any] = {
        "study_number": "N-1",
        "site": "HEB",
        "sex": "F",
        "cohort": "resection",
        "index_date": "2022-03-05",
    }
    made = program.post("patients/", **body, identity={"name": "Wang Fang", "record_number": "4711"})
    assert (made["study_number"], made["cohorts"]) == ("N-1", ["resection"])
    error = program.refusal("POST", "patients/", 400, study_number="n1", site="HEB")
    assert "N-1: the study number is written almost alike" in messages(error, "is_somebody_else")
    program.post("patients/", study_number="n1", site="HEB", is_somebody_else=True)
    assert program.refusal("POST", "patients/", 400, study_number="N-1", site="HEB")["fields"]
    assert program.refusal("POST", "patients/", 400, study_number="N-2", site="FAR")["fields"][0]["field"] == "site"
    assert program.get("patients/", cohort="resection")["count"] == 1
    corrected = program.patch("patients/N-1/", sex="M", version=1, reason="typo")
    assert (corrected["sex"], corrected["version"]) == ("M", 2)


def test_who_a_patient_is_is_for_few_and_every_reading_is_logged(
    program: Program, alice: User, a_patient: Patient
) -> None:
    assert program.get("patients/P-001/identity/")["version"] == 0
    saved = program.put("patients/P-001/identity/", name="Wang Fang", birth_date="1960-01-01", version=0)
    assert saved["name"] == "Wang Fang"
    last = newest_row()
    program.get("patients/P-001/identity/")
    assert [(row.action, row.source) for row in rows_since(last)] == [("read", "api")]
    assert program_of(alice).ask("GET", "patients/P-001/identity/").status_code == 403
    assert "Wang" not in str(program.get("patients/")) + str(program.get("patients/P-001/"))
    stale = program.refusal("PUT", "patients/P-001/identity/", 409, name="Li", version=0)
    assert "Wang" not in str(stale)


def test_an_enrolment_and_what_belongs_to_it(program: Program, a_cohort: Cohort, a_patient: Patient) -> None:
    made = program.post("enrolments/", patient="P-001", cohort="resection", index_date="2022-03-05")
    one = f"enrolments/{made['id']}/"
    again = program.refusal("POST", "enrolments/", 400, patient="P-001", cohort="resection")
    assert "already enrolled" in messages(again)
    assert program.patch(one, version=1, index_date="2022-03-06", reason="x")["index_date"] == "2022-03-06"
    assert program.get(f"{one}baseline/")["version"] == 0
    saved = program.put(f"{one}baseline/", age=61.5, afp=12, version=0)
    assert (saved["age"], saved["afp"], saved["version"]) == (61.5, 12.0, 1)
    assert program.put(f"{one}baseline/", ecog=1, version=1)["age"] == 61.5
    program.refusal("PUT", f"{one}baseline/", 409, ecog=2, version=1)
    program.put(f"{one}response/", is_responder=True, definition="RECIST 1.1", version=0)
    program.put(f"{one}response/", is_responder=False, definition="RECIST 1.1", version=1)
    assert program.get(f"{one}response/")["is_responder"] is False
    program.post("outcome-events/", patient="P-001", kind="death", day="2023-03-06")
    outcomes = {row["endpoint"]: row for row in program.ask("GET", f"{one}outcomes/").json()}
    assert outcomes["OS"]["event"] is True
    assert outcomes["OS"]["months"] == pytest.approx(12, abs=0.1)
    version = program.get(one)["version"]
    left = program.post(
        f"{one}withdraw/", status=200, version=version, withdrawn_on="2023-01-01", withdrawal_reason="moved away"
    )
    assert left["withdrawn_on"] == "2023-01-01"


def test_a_cohort_shows_its_definition_and_takes_a_new_data_cut(program: Program, a_cohort: Cohort) -> None:
    shown = program.get("cohorts/resection/")
    assert [endpoint["code"] for endpoint in shown["endpoints"]] == ["OS", "PFS"]
    changed = program.patch("cohorts/resection/", version=shown["version"], data_cut="2024-06-30", reason="new cut")
    assert changed["data_cut"] == "2024-06-30"
    assert program.get("cohorts/")["results"][0]["members"] == 0


def test_pages_filters_and_orderings(program: Program, a_cohort: Cohort) -> None:
    for number in range(5):
        enrol(a_cohort, f"P-{number}")
    page = program.get("patients/", page_size=2, ordering="-study_number")
    assert [row["study_number"] for row in page["results"]] == ["P-4", "P-3"]
    assert page["count"] == 5
    enrol(a_cohort, "P-9")  # a row before the place where somebody is moves no other
    following = program.get(page["next"])
    assert [row["study_number"] for row in following["results"]] == ["P-2", "P-1"]
    assert [row["study_number"] for row in program.get(following["next"])["results"]] == ["P-0"]
    cursor = page["next"].split("cursor=")[1].split("&")[0]
    stolen = (f"ordering=id&cursor={cursor}", "cursor=x", f"cursor={cursor[:-1]}")
    for query in (*stolen, "page=1", "page_size=1000", "ordering=password", "sex=X", "unknown=1", "cursor=%00"):
        assert program.ask("GET", f"patients/?{query}").status_code == 400, query


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_walk_meets_every_row_once_also_those_without_a_value(program: Program, a_cohort: Cohort, sign: str) -> None:
    days = [date(2022, 3, 1), None, date(2022, 3, 1), date(2021, 1, 1), None]
    for number, day in enumerate(days):
        Enrolment.objects.filter(pk=enrol(a_cohort, f"P-{number}").pk).update(index_date=day)
    found, page = [], program.get("enrolments/", page_size=2, ordering=f"{sign}index_date")
    while True:
        found += [row["patient"] for row in page["results"]]
        if page["next"] is None:
            break
        page = program.get(page["next"])
    dated = ["P-0", "P-2", "P-3"] if sign else ["P-3", "P-0", "P-2"]
    assert found == [*dated, "P-1", "P-4"]


@pytest.mark.parametrize("path", ["patients/", "enrolments/", "treatments/", "cohorts/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(program: Program, a_cohort: Cohort, path: str) -> None:
    def asked() -> int:
        program.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            program.get(path)
        return len(queries)

    def more(start: int) -> None:
        for number in range(start, start + 3):
            enrol(a_cohort, f"P-{number}")
            program.post("treatments/", patient=f"P-{number}", kind="tace", start="2022-04-01")

    more(0)
    few = asked()
    more(10)
    assert asked() == few


def test_a_stranger_gets_the_answer_to_a_wrong_number(charlie: User, dora: User, enrolled: Enrolment) -> None:
    made = program_of(dora).post("treatments/", patient="P-001", kind="tace", start="2022-04-01")
    stranger = program_of(charlie)
    for path in ("patients/P-001/", f"treatments/{made['id']}/", f"enrolments/{enrolled.pk}/", "cohorts/resection/"):
        assert stranger.refusal("GET", path, 404)["fields"] == []
    for path in ("patients/", "treatments/", "enrolments/", "cohorts/"):
        assert stranger.get(path)["count"] == 0
    assert stranger.refusal("POST", "treatments/", 400, patient="P-001", kind="tace", start="2022-04-02")
