"""Writers that start at the same moment, each a process of its own, on both databases."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import pytest

from tests.services.processes import wait_for
from tests.services.stack import Stack

pytestmark = pytest.mark.services

WRITERS = 4
FACTS = 10

SETUP = """
from registry.cohorts.services import cohort_create
from registry.patients.services import enrolment_create, patient_create
from tests.registry import people
from tests.registry.fixtures import BY, make_cohort

patient = patient_create(study_number="P-001", site=people.site(), by=BY)
for code in ("one", "two"):
    enrolment_create(patient=patient, cohort=make_cohort(patient.site, code), by=BY)
"""

WRITER = """
from datetime import date, timedelta
from pathlib import Path

from registry.clinical.services import follow_up_add, treatment_add
from registry.log.facts import StaleWrite
from registry.log.recording import recording
from registry.log.sealing import seal_pending
from registry.patients.models import Patient
from registry.patients.services import patient_update
from tests.registry.fixtures import BY

patient = Patient.objects.get(study_number="P-001")
day = date(2022, 1, 1) + timedelta(days={facts} * {number})
Path("{folder}/ready-{number}").touch()
open("{folder}/gate").read()  # until the test lets everybody go

for offset in range({facts}):
    treatment_add(patient=patient, kind="tace", start=day + timedelta(days=offset), by=BY)
seal_pending()
with recording(BY):
    for offset in range({facts}):
        treatment_add(patient=patient, kind="haic", start=day + timedelta(days=offset), by=BY)
        follow_up_add(patient=patient, day=day + timedelta(days=offset), by=BY)
try:
    patient_update(patient=patient, changes={{"sex": "FM"[{number} % 2]}}, expected_version=1, by=BY)
    print("saved")
except StaleWrite as refused:
    print(refused.messages[0])
"""


def write_together(stack: Stack) -> list[str]:
    gate = stack.folder / "gate"
    os.mkfifo(gate)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [
            pool.submit(stack.python, WRITER.format(folder=stack.folder, number=number, facts=FACTS))
            for number in range(WRITERS)
        ]
        with Path(gate).open("w"):
            wait_for(lambda: len(list(stack.folder.glob("ready-*"))) == WRITERS, "all writers are ready", 120)
        return [writer.result().strip() for writer in writers]


def test_streams_have_no_gaps_and_one_of_many_saves_of_a_form_wins(stack: Stack) -> None:
    stack.python(SETUP)
    answers = write_together(stack)
    assert answers.count("saved") == 1
    stale = [answer for answer in answers if answer != "saved"]
    assert all("system:tests changed this at" in answer and "sex: U → " in answer for answer in stale)

    changes = stack.rows("SELECT cohort_id, domain, version FROM registry_change WHERE cohort_id IS NOT NULL")
    streams = {
        (cohort, domain): version
        for cohort, domain, version in stack.rows("SELECT cohort_id, domain, version FROM registry_stream")
    }
    for key, group in groupby(sorted(changes), key=lambda row: row[:2]):
        versions = [version for _, _, version in group]
        assert versions == list(range(1, streams[key] + 1)), key
    written = [domain for _, domain, _ in changes]
    assert written.count("treatments") == 2 * WRITERS * 2 * FACTS  # two cohorts; one by one and as a batch
    assert written.count("outcomes") == 2 * WRITERS * FACTS
    assert "all sealed and unchanged" in stack.manage("verify_log")
