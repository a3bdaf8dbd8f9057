"""Sub-cohorts, exports, schedules and mails through the interface."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.exports.services import run_waiting
from registry.clinical.services import extra_variable_set
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.labs.rounds.fixtures import reading
from tests.registry.api.asking import messages, program_of
from tests.registry.fixtures import BY, enrol

pytestmark = pytest.mark.django_db
HIGH = [{"variable": "ihc:FAP", "operator": "above", "bounds": [2]}]


def test_a_sub_cohort_is_defined_changed_and_retired(alice: User, charlie: User, pfs_by_fap: Analysis) -> None:
    program, base = program_of(alice), "cohorts/resection/parts/"
    bad = [{"variable": "ihc:FAP", "operator": "between", "bounds": [2]}]
    assert messages(program.refusal("POST", base, 400, code="high", name="FAP high", conditions=bad), "conditions")
    made = program.post(base, code="high", name="FAP high", conditions=HIGH)
    assert (made["conditions"], made["sentence"]) == (HIGH, "ihc:FAP@tumour > 2")
    program.refusal("POST", base, 400, code="high", name="again", conditions=HIGH)
    one = program.get(f"{base}high/")
    assert one["members"] and one["outside"]
    every = [{"variable": "ihc:FAP", "operator": "at_most", "bounds": [1000]}]
    wider = program.patch(f"{base}high/", version=1, conditions=every, reason="all of them")
    assert len(wider["members"]) > len(one["members"])
    program.refusal("PATCH", f"{base}high/", 409, version=1, conditions=HIGH, reason="late")
    assert [row["reason"] for row in program.get(f"{base}high/versions/")["results"]] == ["", "all of them"]
    assert program_of(charlie).ask("GET", f"{base}high/").status_code == 404
    program.post(f"{base}high/retire/", status=200, version=2, reason="not needed")
    assert program.get(base)["results"] == []


def test_an_analysis_is_defined_changed_retired_and_restored(alice: User, pfs_by_fap: Analysis) -> None:
    program, like = program_of(alice), program_of(alice).get("cohorts/resection/analyses/pfs-fap/")
    question = {"cohort": "resection", "kind": like["kind"], "title": "Again"}
    wrong: list[dict[str, Any]] = [{}, dict.fromkeys(like["parameters"], 7), {"x": [[]]}]
    for parameters in wrong:
        refused = program.refusal("POST", "analyses/", 400, **question, parameters=parameters)
        assert messages(refused, "parameters"), parameters
    made = program.post("analyses/", **question, parameters=like["parameters"])
    one = f"cohorts/resection/analyses/{made['slug']}/"
    assert (made["owner"], made["parameters"]) == ("alice", like["parameters"])
    changed = program.patch(one, version=1, title="Once more", reason="clearer")
    assert (changed["title"], changed["version"]) == ("Once more", 2)
    program.refusal("PATCH", one, 409, version=1, title="Late", reason="late")
    assert program.post(f"{one}retire/", status=200, version=2, reason="double")["retired_reason"] == "double"
    assert program.post(f"{one}restore/", status=200, version=3, reason="not so")["retired_reason"] == ""
    run_stale("test")
    run = program.get("cohorts/resection/analyses/pfs-fap/")["freshness"]["run"]
    for path, kind in (("rows/", "text/csv"), ("r-script/", "application/zip"), ("figures/km/svg/", "image/svg+xml")):
        assert program.ask("GET", f"runs/{run}/{path}")["Content-Type"].startswith(kind)


def test_who_reads_blind_sorts_nobody_by_what_is_read(a_cohort: Cohort) -> None:
    found = reading(a_cohort, patients=2)
    both = found.first
    role_grant(user=both, role=Role.INVESTIGATOR, by=BY)
    program = program_of(both)
    refused = program.refusal("POST", "cohorts/resection/parts/", 400, code="x", name="X", conditions=HIGH)
    assert messages(refused, "conditions")
    assert program.ask("GET", "exports/").json()["results"] == []
    program.refusal("POST", "exports/", 403, cohorts=["resection"], is_ready=True, purpose="p", recipient="r")


def test_an_export_is_asked_for_made_and_downloaded(
    alice: User, dora: User, enrolled: Enrolment, settings: Settings, tmp_path: Path
) -> None:
    settings.EXPORTS_ROOT = tmp_path
    program = program_of(alice)
    wish: dict[str, Any] = {
        "cohorts": ["resection"],
        "tables": ["registry.patient"],
        "purpose": "audit",
        "recipient": "Dr A",
    }
    assert program.refusal("POST", "exports/", 400, **wish, profile="identified")["fields"]
    program.refusal("POST", "exports/", 400, **wish | {"cohorts": ["nothing"]})
    job = program.post("exports/", **wish, profile="limited")
    one = f"exports/{job['id']}/"
    assert (job["state"], program.ask("GET", f"{one}bundle/").status_code) == ("waiting", 404)
    assert run_waiting() == 1
    done = program.get(one)
    assert (done["state"], done["can_be_downloaded"]) == ("done", True)
    file = program.ask("GET", f"{one}bundle/", Accept="application/zip")
    assert zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).namelist()
    assert Change.objects.filter(domain="export", actor_name="alice").count() == 2
    assert program_of(dora).ask("GET", f"{one}bundle/").status_code == 400
    assert program.get("exports/", state="done")["count"] == 1
    program.refusal("POST", f"{one}cancel/", 400)


def test_reports_come_when_an_administrator_says_and_to_whom(
    ada: User, alice: User, dora: User, a_cohort: Cohort
) -> None:
    path = "cohorts/resection/report-schedule/"
    assert program_of(dora).get(path)["version"] == 0
    program_of(dora).refusal("PATCH", path, 403, version=0, hour=7)
    saved = program_of(ada).patch(path, version=0, every="month", day=3, reason="monthly meeting")
    assert (saved["version"], saved["day"], saved["hour"], saved["weekday"]) == (1, 3, 6, 0)
    program_of(ada).refusal("PATCH", path, 409, version=0, hour=8)
    program_of(ada).refusal("PATCH", path, 400, version=1, hour=99)
    wanted: dict[str, Any] = {"weekly_report": True, "conclusion_alerts": False}
    program_of(dora).post("cohorts/resection/subscribers/", status=200, user="alice", **wanted)
    assert program_of(alice).get("cohorts/resection/my-mails/")["weekly_report"] is True
    program_of(alice).put("cohorts/resection/my-mails/", weekly_report=False, conclusion_alerts=False)
    assert program_of(dora).get("cohorts/resection/subscribers/")["results"] == []
    program_of(dora).refusal("POST", "cohorts/resection/subscribers/", 400, user="nobody", **wanted)


def test_who_is_due_and_the_variables_of_a_cohort(dora: User, alice: User, enrolled: Enrolment) -> None:
    program = program_of(dora)
    enrol(enrolled.cohort, "P-002", None)
    page = program.get("follow-up-due/", page_size=1)
    rows = page["results"] + program.get(page["next"])["results"]
    assert (page["count"], [row["state"] for row in rows]) == (2, ["no-day", "overdue"])
    program.post("follow-ups/", patient="P-001", day="2022-05-01", mode="visit")
    (due,) = program.get("follow-up-due/", state="overdue")["results"]
    assert (due["patient"], due["last_contact"]) == ("P-001", "2022-05-01")
    extra_variable_set(cohort=enrolled.cohort, code="hbv_dna", label="HBV DNA", type="number", unit="IU/mL", by=BY)
    assert [row["code"] for row in program.get("cohorts/resection/variables/")["results"]] == ["hbv_dna"]
    path = f"enrolments/{enrolled.pk}/variables/"
    assert program.put(path, rows=[{"variable": "hbv_dna", "number": 2000}])["values"][0]["number"] == 2000
    row = {"variable": "hbv_dna", "number": 100, "version": 1}
    assert program.put(path, rows=[row])["values"][0]["version"] == 2
    program.refusal("PUT", path, 409, rows=[row | {"number": 5}])
    assert program.refusal("PUT", path, 400, rows=[{"variable": "x"}])["fields"][0]["row"] == 1
    program_of(alice).refusal("PUT", path, 403, rows=[row])
