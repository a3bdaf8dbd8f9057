"""One measurement that comes by messages and by FHIR is one result, whichever came first."""

from datetime import date
from typing import Any

import pytest

from labs.blood.models import Analyte, BloodResult
from labs.connectors.fhir.models import ExternalNumber
from labs.inbox.mapping.services import authority_set, code_map
from labs.inbox.models import MessageRow
from labs.inbox.services import receive
from labs.specimens.models import Specimen
from registry.patients.models import Enrolment, Patient
from registry.people.models import User
from tests.labs.connectors.fhir.talking import Speaker, observation, speaker
from tests.labs.inbox.messages import oru
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db
TIME = "2024-03-08T08:00:00Z"


@pytest.fixture
def program(dora: User) -> Speaker:
    return speaker(dora)


@pytest.fixture
def subject(enrolled: Enrolment) -> Patient:
    patient = enrolled.patient
    authority_set(name="HOSP", site=patient.site, kind="study", by=BY)
    for sender in ("LAB|EAST", "HUB|EAST"):
        code_map(sender=sender, code="ALB", analyte=Analyte.objects.get(code="ALB"), by=BY)
    return patient


def by_message(subject: Patient, value: str = "41", unit: str = "g/L", **more: str) -> dict[str, int]:
    """Of an order that has not the number of any draw of FHIR."""
    more = {"pid": f"{subject.study_number}^^^HOSP", "born": "", "sex": "", "drawn": "202403080800+0000"} | more
    return receive(data=oru(("ALB", value, unit, more.pop("status", "F")), **more), by=BY).outcomes


def by_fhir(subject: Patient, number: str = "1", value: float = 41, **more: Any) -> dict[str, Any]:
    given = {"subject": {"reference": f"Patient/{subject.pk}"}, "effectiveDateTime": TIME} | more
    return observation(number, value, **given)


def now() -> list[tuple[float | None, int]]:
    return [(row.value, row.version) for row in BloodResult.objects.current().order_by("pk")]


def test_first_by_message_then_by_fhir(program: Speaker, subject: Patient) -> None:
    assert by_message(subject) == {"placed": 1}
    made = program.post("Observation", by_fhir(subject), 200)
    assert made["specimen"]["reference"] == f"Specimen/{Specimen.objects.get().pk}"
    # Only the day is known, and grams in decilitres: the same.
    less: dict[str, Any] = {"valueQuantity": {"value": 4.1, "unit": "g/dL"}, "effectiveDateTime": "2024-03-08"}
    program.post("Observation", by_fhir(subject, "2", **less), 200)
    assert (now(), Specimen.objects.count(), ExternalNumber.objects.count()) == ([(41.0, 1)], 1, 2)
    # Another moment or another value is another draw, as before.
    program.post("Observation", by_fhir(subject, "3", effectiveDateTime="2024-03-08T17:00:00Z"), 201)
    program.post("Observation", by_fhir(subject, "4", 44), 201)
    assert Specimen.objects.count() == 3
    # The message is corrected; what FHIR sends once more is no news, unless it names the version that it overrules.
    by_message(subject, "39", control="2", issued="20240309")
    assert program.post("Observation", by_fhir(subject), 200)["valueQuantity"]["value"] == 39
    assert (39.0, 2) in now()
    sent = by_fhir(subject)
    overruled = program.put(f"Observation/{made['id']}", sent, 200, If_Match='W/"2"')
    assert (overruled["valueQuantity"]["value"], (41.0, 3) in now()) == (41, True)


def test_first_by_fhir_then_by_message(program: Speaker, subject: Patient) -> None:
    program.post("Observation", by_fhir(subject), 201)
    assert by_message(subject) == {"ignored:unchanged": 1}
    row = MessageRow.objects.get()
    assert (row.result, row.state, row.is_revision) == (BloodResult.objects.get(), "none", False)
    # Again, and by a third way; each its own key.
    assert by_message(subject, control="2", issued="20240309") == {"ignored:unchanged": 1}
    assert by_message(subject, "4.1", "g/dL", sender="HUB|EAST", order="H-7") == {"ignored:unchanged": 1}
    assert (now(), Specimen.objects.count()) == ([(41.0, 1)], 1)
    # Preliminary is not final, another value is not the same, another order of one sender is another result.
    assert by_message(subject, status="P", sender="HUB|EAST", order="H-8", control="3") == {"placed": 1}
    assert by_message(subject, "43", order="B-1", control="4") == {"placed": 1}
    assert by_message(subject, order="B-2", control="5") == {"placed": 1}
    # Its correction is one of the measurement that both ways brought.
    assert by_message(subject, "40", control="6", issued="20240310") == {"placed": 1}
    result = BloodResult.objects.current().get(version=2)
    assert (result.value, result.supersedes) == (40.0, row.result)


def test_the_messages_of_two_senders_are_one_result_at_one_moment(subject: Patient) -> None:
    assert by_message(subject) == {"placed": 1}
    assert by_message(subject, sender="HUB|EAST", order="H-7") == {"ignored:unchanged": 1}
    assert by_message(subject, sender="HUB|EAST", order="H-8", drawn="202403081700+0000") == {"placed": 1}
    assert set(Specimen.objects.values_list("collected", flat=True)) == {date(2024, 3, 8)}
    assert len(now()) == 2
