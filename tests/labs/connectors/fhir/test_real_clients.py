"""Four clients that others wrote, and a second validator, against the running server."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient as ClientPatient
from fhirclient.models.specimen import Specimen as ClientSpecimen
from fhirpy import SyncFHIRClient
from pytest_django.live_server_helper import LiveServer

from registry.patients.models import Enrolment
from registry.people.models import User
from registry.tokens.services import token_create
from tests.labs.connectors.fhir.messages import message_bundles
from tests.labs.connectors.fhir.talking import LIS, LOINC, SYSTEM, UCUM, observation, specimen
from tests.registry.fixtures import BY
from tests.services.absent import absent

PACKAGES = ("fhir-kit-client@2.0.3", "@medplum/core@4.5.2", "fhir@4.12.0")
SCRIPT = Path(__file__).with_name("clients.mjs")


@pytest.fixture
def secret(dora: User, enrolled: Enrolment) -> str:
    return token_create(owner=dora, name="client", days=1, scopes="system/*.crus", by=BY)[1]


@pytest.mark.one_database
def test_real_clients_search_create_and_read(
    live_server: LiveServer, secret: str, tmp_path: Path, enrolled: Enrolment
) -> None:
    by_fhirclient(live_server.url, secret)
    by_fhirpy(live_server.url, secret, enrolled.patient.pk)
    by_node(live_server.url, secret, _installed(tmp_path))


def by_fhirclient(url: str, secret: str) -> None:
    client = FHIRClient(settings={"app_id": "test", "api_base": f"{url}/fhir/R4"})
    # Its connection would stay open, and the test's server wait for more.
    with client.server.session as session:
        session.headers["Authorization"] = f"Bearer {secret}"
        client.prepare()
        _ask_by_fhirclient(client.server)


def _ask_by_fhirclient(server: Any) -> None:
    asked = {"identifier": f"{SYSTEM}/study-number|P-001"}
    (patient,) = ClientPatient.where(asked).perform_resources(server)
    drawn = ClientSpecimen(specimen("S-9", f"Patient/{patient.id}"))
    made = ClientSpecimen(drawn.create(server))
    sent = Observation(observation("C-1", 40.5, specimen={"reference": f"Specimen/{made.id}"}))
    kept = Observation(sent.create(server))
    read = Observation.read(kept.id, server)
    assert (read.valueQuantity.value, read.valueQuantity.code, read.status) == (40.5, "g/L", "final")
    read.valueQuantity.value = 40
    assert read.update(server)["meta"]["versionId"] == "2"
    found = Observation.where({"code": f"{LOINC}|1751-7", "date": "ge2022-01-01"}).perform_resources(server)
    assert [each.id for each in found] == [kept.id]


def by_fhirpy(url: str, secret: str, patient: int) -> None:
    client = SyncFHIRClient(f"{url}/fhir/R4", authorization=f"Bearer {secret}")
    crp: dict[str, Any] = observation(
        "Y-1",
        5,
        code={"coding": [{"system": LOINC, "code": "1988-5"}]},
        valueQuantity={"value": 5, "unit": "mg/L", "system": UCUM, "code": "mg/L"},
        subject={"reference": f"Patient/{patient}"},
        effectiveDateTime="2022-03-02T08:00:00+08:00",
    )
    del crp["resourceType"]
    searched = client.resources("Observation").search(identifier=f"{LIS}|Y-1")
    made, is_new = searched.get_or_create(client.resource("Observation", **crp))
    again, is_new_again = searched.get_or_create(client.resource("Observation", **crp))
    assert (made.id == again.id, is_new, is_new_again) == (True, True, False)
    made["valueQuantity"]["value"] = 6
    made.save()
    assert client.reference("Observation", made.id).to_resource()["valueQuantity"]["value"] == 6
    patients = client.resources("Patient").search(_id=str(patient))
    first = patients.first()
    assert first is not None
    assert (patients.count(), first["gender"]) == (1, "female")
    assert len(client.resources("Observation").limit(1).fetch_all()) == 2


def by_node(url: str, secret: str, folder: Path) -> None:
    bundles = folder / "bundles.json"
    bundles.write_text(json.dumps(message_bundles()), "utf-8")
    settings = {"BUNDLES": str(bundles), "SERVER": url, "TOKEN": secret, "SYSTEM": SYSTEM}
    ran = subprocess.run(
        ["node", shutil.copy(SCRIPT, folder)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "kitStatement": "4.0.1",
        "kitTransaction": ["201", "201"],
        "kitRead": 41,
        "kitHistory": 1,
        "kitRefusal": [422, "Observation.value"],
        "medplumOnce": True,
        "medplumUpdate": ["2", "corrected"],
        "medplumSearch": 2,
        "medplumReport": "corrected",
        "medplumBatch": ["404", "200"],
        "invalid": [],
    }


def _installed(folder: Path) -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        absent("node and npm are not installed")
    command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if ran.returncode:
        absent(f"npm cannot install the clients: {ran.stderr[-300:]}")
    return folder
