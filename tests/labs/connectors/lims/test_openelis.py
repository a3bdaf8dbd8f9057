"""OpenELIS as a client sees it: searches of its FHIR server, and its entry for analysers."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_correct, blood_result_record
from labs.connectors.models import ConnectorState
from labs.connectors.services import pull_all, scores_post
from labs.inbox.mapping.services import authority_set, code_map
from labs.inbox.models import MessageRow, RawMessage
from labs.outbox.models import Outbox
from labs.outbox.services import outbox_deliver
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_create
from registry.models import Patient
from tests.labs.connectors.lims.stand_ins import OpenElisStandIn, running
from tests.labs.inbox.conftest import BY

SYSTEM = "https://openelis.example/pat_nationalId"


@pytest.fixture
def lab(settings: Settings) -> Iterator[OpenElisStandIn]:
    server = OpenElisStandIn()
    with running(server):
        settings.OPENELIS = {
            "site": f"{server.address}/oe",
            "fhir": f"{server.address}/fhir",
            "user": "lims",
            "password": "secret",
            "scores": {"PNI": "HEP-PNI"},
        }
        yield server


@pytest.fixture
def draw(known: Patient) -> Specimen:
    authority_set(name=SYSTEM, site=known.site, by=BY)
    for code, analyte in (("WBC", "WBC"), ("AFP", "AFP")):
        code_map(sender="FHIR|*", code=code, analyte=Analyte.objects.get(code=analyte), by=BY)
    return specimen_create(patient=known, code="B-1", kind=SpecimenKind.BLOOD, collected=date(2024, 3, 8), by=BY)


def observation(number: str, code: str, *, of: str = "p1", specimen: str = "s1", **said: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": number,
        "meta": {"lastUpdated": "2024-03-08T12:00:00Z"},
        "identifier": [{"system": "https://openelis.example/result_uuid", "value": f"uuid-{number}"}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "0-0"}, {"code": code, "display": code}]},
        "subject": {"reference": f"Patient/{of}"},
        "specimen": {"reference": f"Specimen/{specimen}"},
        "effectiveDateTime": "2024-03-08T08:00:00Z",
        **said,
    }


def patient(key: str, number: str, **said: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": key, "identifier": [{"system": SYSTEM, "value": number}], **said}


def save(draw: Specimen, **values: str) -> None:
    for code, value in values.items():
        analyte = Analyte.objects.get(code=code)
        blood_result_record(specimen=draw, analyte=analyte, value=value, unit=analyte.unit, accept_unusual=True, by=BY)


def specimen(key: str, number: str) -> dict[str, Any]:
    return {"resourceType": "Specimen", "id": key, "accessionIdentifier": {"value": number}}


def test_results_of_our_patients_come_in_and_no_others(lab: OpenElisStandIn, draw: Specimen) -> None:
    white = {"value": 5.20, "unit": "10*9/L"}
    lab.pages = [
        [
            observation("1", "WBC", valueQuantity=white),
            observation("2", "WBC", of="p2", specimen="s2", valueQuantity=white),
            patient("p1", "4711", gender="female", birthDate="1950-05-17"),
            patient("p2", "0815"),
            specimen("s1", "A100"),
            specimen("s2", "A200"),
        ],
        # Known by its specimen alone; the comparator stands in the text, as it would be dropped from a quantity.
        [
            observation("3", "AFP", of="p3", valueString="<1.5", specimen="s3"),
            observation("4", "AFP", of="p3", specimen="s3", status="entered-in-error"),
            specimen("s3", "B-1"),
        ],
    ]
    assert pull_all() == 2
    rows = [(row.code, row.outcome, row.reason, row.raw) for row in MessageRow.objects.order_by("message_id", "number")]
    assert rows == [
        ("WBC", "placed", "", "5.2"),
        ("AFP", "quarantined", "unit_unknown", "<1.5"),
        ("AFP", "ignored", "withdrawn", ""),
    ]
    (result,) = BloodResult.objects.current()
    assert (result.value, result.specimen.patient) == (5.2, draw.patient)
    kept = b"".join(bytes(raw.data) for raw in RawMessage.objects.all())
    assert b"4711" in kept
    assert b"0815" not in kept
    # The next page is asked for where the server is, not where it says that it is.
    assert [path.partition("?")[0] for _method, path, _body in lab.asked] == ["/fhir/Observation", "/fhir"]
    lab.pages[0][0] = observation(
        "1", "WBC", status="corrected", issued="2024-03-09T08:00:00Z", valueQuantity={**white, "value": 6}
    )
    assert pull_all() == 1
    assert [row.value for row in BloodResult.objects.current()] == [6.0]
    lab.failing = (500, "HAPI-0389: Failed to call access method")
    assert pull_all() == 0
    assert "HAPI-0389" in ConnectorState.objects.get().last_error


def test_scores_go_out_as_an_analysers_and_a_bound_as_text(lab: OpenElisStandIn, draw: Specimen) -> None:
    save(draw, ALB="41", LYM="1.5")
    second = specimen_create(
        patient=draw.patient, code="B-2", kind=SpecimenKind.BLOOD, collected=date(2024, 4, 8), by=BY
    )
    save(second, ALB="41", LYM="<0.5")
    assert scores_post() == 2
    assert scores_post() == 0
    assert outbox_deliver() == 2
    sent = {}
    for bundle in lab.taken:
        device, tube, value = (entry["resource"] for entry in bundle["entry"])
        assert value["specimen"]["reference"] == bundle["entry"][1]["fullUrl"]
        assert (device["resourceType"], value["code"]["coding"][0]["code"]) == ("Device", "HEP-PNI")
        sent[tube["identifier"][0]["value"]] = value.get("valueQuantity") or value["valueString"]
    assert sent == {"B-1": {"value": 48.5}, "B-2": "<43.5"}
    assert lab.headers[-1]["X-Analyzer-Id"] == "hepatica"
    # Another value of the same draw is another delivery; what OpenELIS refuses for good is given up at once.
    seen = BloodResult.objects.current().get(specimen=second, analyte__code="LYM")
    blood_result_correct(result=seen, value="<0.7", unit="10*9/L", accept_unusual=True, by=BY, reason="misread")
    lab.error_key = "analyzer.unknown"
    assert scores_post() == 1
    assert outbox_deliver() == 0
    dead = Outbox.objects.get(state=Outbox.State.DEAD)
    assert dead.last_error == "OpenELIS refuses it: 400 analyzer.unknown"
    lab.error_key, lab.failing = "", (503, "starting")
    Outbox.objects.filter(pk=dead.pk).update(state=Outbox.State.WAITING, next_attempt=timezone.now())
    assert outbox_deliver() == 0
    dead.refresh_from_db()
    assert (dead.state, dead.last_error) == (Outbox.State.WAITING, "Refused: 503 starting")
