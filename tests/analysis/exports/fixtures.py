"""An export asked for and made, and its files read again."""

import csv
import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

from analysis.exports.models import ExportJob
from analysis.exports.plan import make_plan
from analysis.exports.profiles import Profile
from analysis.exports.services import export_request, run_waiting
from analysis.exports.wish import Wish
from labs.blood.services import blood_result_record
from labs.models import Analyte
from labs.specimens.services import specimen_create
from registry.clinical.services import (
    baseline_save,
    extra_value_set,
    extra_variable_set,
    follow_up_add,
    outcome_event_add,
    treatment_add,
)
from registry.log.recording import recording
from registry.models import Cohort
from registry.patients.services import identity_save
from registry.people.models import User
from tests.registry.fixtures import BY, RESECTED, enrol

# What must never be in an anonymous bundle, and most of it in a limited one neither.
PLANTED_NAME = "Zhang Planted"
PLANTED_WORDS = "planted-free-text"
STUDY = "STUDY-NR-"
SPECIMEN = "SPEC-CODE-"


PATIENTS = 14


def planted(cohort: Cohort, patients: int = PATIENTS) -> None:
    """Patients with names, notes, codes and dates that a search of the bundle would find."""
    analyte = Analyte.objects.get(code="ALB")
    with recording(BY):
        words = extra_variable_set(cohort=cohort, code="remark", label="remark", type="text", by=BY)
        for number in range(patients):
            day = RESECTED + timedelta(days=3 * number)
            enrolment = enrol(cohort, f"{STUDY}{number:03d}", index_date=day, sex="FM"[number % 2])
            patient = enrolment.patient
            identity_save(patient=patient, values={"name": PLANTED_NAME, "record_number": f"MRN-{number}"}, by=BY)
            baseline_save(enrolment=enrolment, values={"age": 45.0 + 2 * number, "cirrhosis": True}, by=BY)
            extra_value_set(enrolment=enrolment, variable=words, value=f"{PLANTED_WORDS} {number}", by=BY)
            treatment_add(patient=patient, kind="tace", agent=PLANTED_WORDS, start=day + timedelta(days=10), by=BY)
            follow_up_add(patient=patient, day=day + timedelta(days=90), note=f"={PLANTED_WORDS}", by=BY)
            outcome_event_add(patient=patient, kind="recurrence", day=day + timedelta(days=100 + number), by=BY)
            draw = specimen_create(
                patient=patient, code=f"{SPECIMEN}{number:03d}", kind="blood", collected=day - timedelta(days=1), by=BY
            )
            blood_result_record(specimen=draw, analyte=analyte, value=str(38 + number % 5), unit="g/L", by=BY)


TABLES = (
    "registry.patient",
    "registry.enrolment",
    "registry.baseline",
    "registry.treatment",
    "registry.followup",
    "registry.outcomeevent",
    "registry.extravalue",
    "labs.specimen",
    "labs.bloodresult",
)


def wish(cohort: Cohort, profile: Profile, **more: Any) -> Wish:
    given: dict[str, Any] = {"tables": TABLES, "is_ready": True, "purpose": "the paper", "recipient": "Dr Wu"}
    given["formats"] = ("csv",)
    return Wish(cohorts=(cohort.code,), profile=profile, **(given | more))


def made(user: User, asked: Wish) -> ExportJob:
    job = export_request(user=user, wish=asked, plan=make_plan(user, asked, "default"))
    run_waiting()
    job.refresh_from_db()
    return job


class Bundle:
    def __init__(self, job: ExportJob) -> None:
        assert job.state == "done", job.error
        with zipfile.ZipFile(job.path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    def rows(self, table: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[f"data/{table}.csv"].decode("utf-8-sig"))))

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.files["manifest.json"]))

    @property
    def dictionary(self) -> dict[tuple[str, str], dict[str, str]]:
        rows = csv.DictReader(io.StringIO(self.files["dictionary.csv"].decode("utf-8-sig")))
        return {(row["table"], row["column"]): row for row in rows}

    def text(self) -> str:
        """Everything in the bundle, unpacked: an Excel file is a ZIP itself, and Parquet is read as a table."""
        return "\n".join(_text(name, content) for name, content in self.files.items())


def _text(name: str, content: bytes) -> str:
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(part).decode() for part in book.namelist())
    if name.endswith(".parquet"):
        import pyarrow.parquet as pq

        return str(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8")


def days_of(rows: list[dict[str, str]], column: str) -> list[date]:
    return [date.fromisoformat(row[column]) for row in rows if row[column]]
