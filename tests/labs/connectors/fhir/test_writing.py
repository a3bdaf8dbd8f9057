"""What is created and updated: one resource for one identifier, versions, conditions, bundles, scopes."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_correct, blood_result_record
from labs.connectors.fhir import observations
from labs.connectors.fhir.models import ExternalNumber
from labs.connectors.fhir.patients import Patients
from labs.connectors.fhir.services import place_observation
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient, PatientIdentity
from registry.people.models import User
from tests.labs.connectors.fhir.talking import (
    LIS,
    LOINC,
    SYSTEM,
    UCUM,
    Speaker,
    bundle,
    checked,
    elements,
    entry,
    observation,
    patient,
    speaker,
    specimen,
)
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(dora: User) -> Speaker:
    return speaker(dora)


@pytest.fixture
def draw(enrolled: Enrolment) -> Specimen:
    return specimen_create(patient=enrolled.patient, code="B-1", kind="blood", collected=date(2022, 3, 1), by=BY)


def of(draw: Specimen) -> dict[str, Any]:
    return {"specimen": {"reference": f"Specimen/{draw.pk}"}}


def test_a_patient_is_registered_once(program: Speaker, a_cohort: object) -> None:
    record = {"system": f"{SYSTEM}/record-number/HEB", "value": "MR-1"}
    sent = patient("P-9", birthDate="1960-05-04", name=[{"family": "Li", "given": ["Na"]}])
    sent["identifier"].append(record)
    answer = program.ask("POST", "Patient", sent)
    made = checked(answer, 201)
    assert answer.headers["Location"] == f"http://testserver/fhir/R4/Patient/{made['id']}/_history/1.1"
    assert answer.headers["ETag"] == 'W/"1.1"'
    identity = PatientIdentity.objects.get()
    assert (identity.name, identity.record_number, "name" in made) == ("Na Li", "MR-1", False)
    assert program.post("Patient", sent, 409)["issue"][0]["code"] == "duplicate"
    assert elements(program.post("Patient", patient("P-10") | {"identifier": [record]}, 422)) == ["Patient.identifier"]
    # Both ways to say "unless there is one".
    for path, header in (("Patient", f"identifier={SYSTEM}/study-number|P-9"), ("Patient?identifier=P-9", "")):
        headers = {"If_None_Exist": header} if header else {}
        assert program.post(path, patient("P-9"), 200, **headers)["id"] == made["id"]
    assert program.post("Patient?identifier=P-11", patient("P-11"), 201)["gender"] == "female"
    assert program.post("Patient?gender=female", patient("P-12"), 412)
    assert program.post("Patient?mood=x", patient("P-12"), 400)
    # Only of the version that was seen, and what is not sent stays.
    place = f"Patient/{made['id']}"
    changed = program.put(place, patient("P-9", id=made["id"], gender="male"), 200, If_Match='W/"1.1"')
    assert (changed["gender"], changed["birthDate"], changed["meta"]["versionId"]) == ("male", "1960-05-04", "2.1")
    program.put(place, patient("P-9", gender="female"), 412, If_Match='W/"1.1"')
    program.put(place, patient("P-8"), 422)
    program.put(place, patient("P-9", id="1000"), 400)
    program.put("Patient/999999", patient("P-9"), 405)
    program.put("Patient?identifier=P-9", patient("P-9", gender="female"))
    assert elements(program.post("Patient", patient("P-13", birthDate="1960-13-01"), 400)) == ["Patient.birthDate"]
    assert elements(program.post("Patient", patient("P 13"), 422)) == ["Patient.identifier"]
    assert set(Change.objects.filter(actor_name="dora", subject_type="patient").values_list("source", flat=True)) == {
        "fhir"
    }


@pytest.mark.parametrize(
    "condition", ["identifier=", "identifier=urn:lis|", "identifier=urn:lis|S-1&code=", "_count=1", "%%", "x=1"]
)
def test_a_condition_that_says_nothing_means_nobody(program: Speaker, draw: Specimen, condition: str) -> None:
    """There is one specimen, and one patient: it must not be them by accident."""
    sent = specimen("S-1", f"Patient/{draw.patient_id}")
    program.post("Specimen", sent, 400, If_None_Exist=condition)
    program.post(f"Specimen?{condition}", sent, 400)
    program.put(f"Specimen?{condition}", sent, 400)
    whole = bundle("transaction", entry("POST", "Specimen", sent, ifNoneExist=condition))
    assert elements(program.post("", whole, 400))[0].startswith("Bundle.entry[0]")
    program.post("Specimen", specimen("S-1", f"Patient?{condition}"), 400)
    assert Specimen.objects.get() == draw


def test_a_specimen_is_found_by_the_numbers_of_others(program: Speaker, enrolled: Enrolment) -> None:
    whose = f"Patient/{enrolled.patient.pk}"
    accession = {"system": LIS, "value": "A-7"}
    made = program.post("Specimen", specimen("S-1", whose, "2022-03-01T23:30:00Z", accessionIdentifier=accession))
    assert made["accessionIdentifier"] == {"value": "A-7"}
    again = program.post("Specimen", specimen("S-1", whose, "2022-03"), 200)
    assert (again["id"], again["collection"]["collectedDateTime"], again["meta"]["versionId"]) == (
        made["id"],
        "2022-03",
        "2",
    )
    for asked in (f"identifier={LIS}|S-1", "accession=A-7", "identifier=S-1", "type=BLD", "collected=2022-03-01"):
        assert program.found(f"Specimen?{asked}") == [made["id"]], asked
    tissue = {"type": {"coding": [{"system": "http://snomed.info/sct", "code": "119376003"}]}}
    refusals = {
        422: [
            (specimen("S-2", whose, "") | {"collection": {}}, "Specimen.collection.collected"),
            (specimen("S-2", "Patient/999999"), "Specimen.subject"),
            (specimen("S-2", "http://elsewhere/Patient/1"), "Specimen.subject"),
            (specimen("S-2", whose) | tissue, "Specimen.type"),
            (specimen("", whose), "Specimen.identifier"),
            (specimen("S 2", whose), "Specimen.identifier"),
            (specimen("S-2", whose, "2999-01-01"), "Specimen.collection.collected"),
        ],
        400: [(specimen("S-2", whose, "2022-02-30"), "Specimen.collection.collected")],
    }
    for status, cases in refusals.items():
        for sent, element in cases:
            assert elements(program.post("Specimen", sent, status)) == [element]
    other = Patient.objects.create(study_number="P-2", site=enrolled.patient.site)
    assert program.post("Specimen", specimen("S-1", f"Patient/{other.pk}"), 409)
    program.post("Specimen", specimen("S-1", whose, status="entered-in-error"), 200)
    assert program.get(f"Specimen/{made['id']}", 410)
    # An answer may get lost: the same withdrawal once more is none.
    program.post("Specimen", specimen("S-1", whose, status="entered-in-error"), 200)
    program.post("Specimen", specimen("S-1", whose), 409)


def test_one_identifier_is_one_result_through_all_its_versions(program: Speaker, draw: Specimen, tom: User) -> None:
    bench = speaker(tom)
    first = bench.post("Observation", observation("R-1", 40, status="preliminary", **of(draw)))
    assert (first["status"], list(BloodResult.objects.for_analysis())) == ("preliminary", [])
    final = bench.post("Observation", observation("R-1", 40, **of(draw)), 200)
    same = bench.post("Observation", observation("R-1", 40, **of(draw)), 200)
    other = bench.post(
        "Observation", observation("R-1", 4.2, valueQuantity={"value": 4.2, "unit": "g/dL"}, **of(draw)), 200
    )
    assert [each["id"] for each in (final, same, other)] == [first["id"]] * 3
    assert [each["meta"]["versionId"] for each in (final, same, other)] == ["2", "2", "3"]
    assert [each["status"] for each in (final, other)] == ["final", "corrected"]
    assert (other["valueQuantity"]["value"], other["note"][0]["text"]) == (42, "As entered: 4.2 g/dL")
    assert {"system": LIS, "value": "R-1"} in other["identifier"]
    assert (BloodResult.objects.count(), ExternalNumber.objects.count()) == (3, 1)
    # Somebody else's number for the same analyte of the same draw: only with the same value.
    assert bench.post("Observation", observation("R-2", 42, **of(draw)), 200)["id"] == first["id"]
    assert bench.post("Observation", observation("R-3", 50, **of(draw)), 409)["issue"][0]["code"] == "duplicate"
    assert bench.post(
        "Observation",
        observation(
            "R-1",
            42,
            code={"coding": [{"system": LOINC, "code": "1988-5"}]},
            valueQuantity={"value": 5, "unit": "mg/L"},
        ),
        409,
    )
    place = f"Observation/{first['id']}"
    assert bench.put(place, observation("R-1", 43), 412, If_Match='W/"2"')
    assert bench.put(place, observation("R-1", 43), 200, If_Match='W/"3"')["valueQuantity"]["value"] == 43
    withdrawn = bench.post("Observation", observation("R-1", status="entered-in-error", valueQuantity=None), 200)
    assert (withdrawn["status"], program.found("Observation")) == ("entered-in-error", [])
    assert bench.post("Observation", observation("R-1", 44), 200)["status"] == "final"
    # What a person entered is not written over by accident.
    newest = BloodResult.objects.current().get()
    blood_result_correct(result=newest, value="45", unit="g/L", reason="typed wrong", by=BY)
    assert bench.post("Observation", observation("R-1", 46), 409)["issue"][0]["code"] == "conflict"
    assert bench.put(place, observation("R-1", 46), 409)
    assert bench.put(place, observation("R-1", 46), 200, If_Match='W/"7"')["status"] == "corrected"
    assert len(bench.get(f"{place}/_history")["entry"]) == 8


def test_a_result_without_a_specimen_belongs_to_the_draw_of_its_time(program: Speaker, enrolled: Enrolment) -> None:
    whose = {"subject": {"reference": f"Patient/{enrolled.patient.pk}"}, "effectiveDateTime": "2022-04-01T07:30:00Z"}
    first = program.post("Observation", observation("R-1", **whose))
    assert first["effectiveDateTime"] == "2022-04-01T07:30:00+00:00"
    crp = {"code": {"coding": [{"system": LOINC, "code": "1988-5"}]}, "valueQuantity": {"value": 5, "unit": "mg/L"}}
    logical = {"subject": {"identifier": {"system": f"{SYSTEM}/study-number", "value": "P-001"}}}
    program.post("Observation", observation("R-2", **(whose | crp | logical)))
    assert Specimen.objects.get().blood_results.count() == 2
    words = {
        "code": {"coding": [{"system": f"{SYSTEM}/analyte", "code": "HBSAG"}]},
        "valueQuantity": None,
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "10828004"}]},
    }
    made = program.post("Observation", observation("R-3", **(whose | words)))
    assert made["valueCodeableConcept"]["text"] == "positive"


def test_what_cannot_be_placed_names_the_element_and_stores_nothing(program: Speaker, draw: Specimen) -> None:
    def coded(*codings: dict[str, str]) -> dict[str, Any]:
        return {"code": {"coding": list(codings)}}

    def quantity(value: Any, **more: str) -> dict[str, Any]:
        return {"valueQuantity": {"value": value, **more}}

    Analyte.objects.filter(code="ALB").update(name_words=["albumin"])
    before = Change.objects.exclude(subject_type="apitoken").count()
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"identifier": []}, 422, "Observation.identifier"),
        ({"identifier": [{"value": str(number)} for number in range(201)]}, 422, "Observation.identifier"),
        ({"meta": {"tag": [{"code": "QC"}]}}, 422, "Observation.meta.tag"),
        ({"component": [{"valueString": "x"}]}, 422, "Observation.component"),
        ({"status": "bogus"}, 422, "Observation.status"),
        ({"status": "registered"}, 422, "Observation.status"),
        ({"status": "cancelled", "valueQuantity": None}, 422, "Observation.status"),
        ({"status": "entered-in-error"}, 422, "Observation.identifier"),
        (coded({"system": LOINC, "code": "6790-2", "display": "WBC"}), 422, "Observation.code"),
        # The code of a device does not agree with the name beside it.
        (coded({"system": LOINC, "code": "1751-7", "display": "Calcitonin"}), 422, "Observation.code"),
        (coded({"system": LOINC, "code": "1751-7"}, {"system": LOINC, "code": "1988-5"}), 422, "Observation.code"),
        ({"code": {"text": "albumin"}}, 422, "Observation.code"),
        (quantity(41, unit="furlong"), 422, "Observation.value.unit"),
        (quantity(41, unit="g/dL", system=UCUM, code="g/L"), 422, "Observation.value.unit"),
        (quantity(4100, unit="g/L"), 422, "Observation.value"),
        (quantity(41, unit="g/L", comparator="~"), 422, "Observation.value.comparator"),
        (quantity("41", unit="g/L"), 400, "Observation.value"),
        ({"valueString": "41"}, 400, "Observation.value"),
        ({"valueQuantity": None, "valueString": "turbid"}, 422, "Observation.value"),
        ({"valueQuantity": None}, 422, "Observation.value"),
        ({"valueQuantity": None, "valueRange": {}}, 422, "Observation.value"),
        ({"effectiveDateTime": "2022-03-09"}, 422, "Observation.effective"),
        ({"effectiveDateTime": "9.3.2022"}, 400, "Observation.effective"),
        ({"effectiveDateTime": "9999-12-31T23:59:59Z"}, 422, "Observation.effective"),
        ({"effectiveDateTime": "1022-03-01"}, 422, "Observation.effective"),
        ({"subject": {"reference": "Patient/999999"}}, 422, "Observation.subject"),
        ({"specimen": {"reference": "Specimen/999999"}}, 422, "Observation.specimen"),
        ({"specimen": None, "subject": {"reference": f"Patient/{draw.patient_id}"}}, 422, "Observation.effective"),
        (
            {"specimen": None, "effectiveDateTime": "2999-01-01"}
            | {"subject": {"identifier": {"system": f"{SYSTEM}/study-number", "value": "P-001"}}},
            422,
            "Observation.effective",
        ),
    ]
    for more, status, element in cases:
        refused = program.post("Observation", observation("R-1", **(of(draw) | more)), status)
        assert elements(refused) == [element], (more, refused)
    assert (BloodResult.objects.count(), Change.objects.exclude(subject_type="apitoken").count()) == (0, before)
    report = {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "panel"}}
    assert elements(program.post("DiagnosticReport", report, 422)) == ["DiagnosticReport.identifier"]
    numbered = report | {"identifier": [{"value": "A-1"}]}
    assert elements(program.post("DiagnosticReport", numbered, 422)) == ["DiagnosticReport.result"]
    assert elements(program.post("DiagnosticReport", numbered | {"status": "cancelled"}, 422)) == [
        "DiagnosticReport.status"
    ]


def _panel(*, unit: str = "g/L") -> dict[str, Any]:
    """As a laboratory sends it: a known patient, its own specimen, two results, the report, in no good order."""
    report = {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": LIS, "value": "A-1"}],
        "basedOn": [{"reference": "ServiceRequest/42"}],
        "status": "partial",
        "code": {"coding": [{"system": LOINC, "code": "24362-6"}]},
        "subject": {"reference": "urn:uuid:p"},
        "result": [{"reference": "urn:uuid:o1"}, {"reference": "urn:uuid:o2"}],
    }
    whose = {"subject": {"reference": "urn:uuid:p"}, "specimen": {"reference": "urn:uuid:s"}}
    crp = {"code": {"coding": [{"system": LOINC, "code": "1988-5"}]}, "valueQuantity": {"value": 5, "unit": "mg/L"}}
    albumin = observation("R-1", valueQuantity={"value": 41, "unit": unit}, **whose)
    known = f"identifier={SYSTEM}/study-number|P-001"
    return bundle(
        "transaction",
        entry("POST", "DiagnosticReport", report, "urn:uuid:r"),
        entry("POST", "Observation", albumin, "urn:uuid:o1"),
        entry("POST", "Observation", observation("R-2", **(whose | crp)), "urn:uuid:o2"),
        entry("POST", "Specimen", specimen("S-1", "urn:uuid:p"), "urn:uuid:s"),
        entry("POST", "Patient", patient("P-001"), "urn:uuid:p", ifNoneExist=known),
        entry("GET", "Observation?code=CRP"),
    )


def test_a_transaction_is_stored_whole_or_not_at_all(program: Speaker, a_patient: Patient) -> None:
    before = Change.objects.count()
    refused = program.post("/fhir/R4", _panel(unit="furlong"), 422)
    assert elements(refused) == ["Bundle.entry[1].resource.value.unit"]
    assert (Specimen.objects.count(), BloodResult.objects.count(), Change.objects.count()) == (0, 0, before)
    for path, statuses in (("/fhir/R4/", ["201"] * 4 + ["200"] * 2), ("/fhir/R4", ["200"] * 6)):
        answered = program.post(path, _panel(), 200)["entry"]
        assert [each["response"]["status"] for each in answered] == statuses
    report = program.get(answered[0]["response"]["location"].removeprefix("http://testserver"))
    assert (report["status"], len(report["result"]), report["basedOn"]) == (
        "partial",
        2,
        [{"reference": "ServiceRequest/42"}],
    )
    assert report["subject"]["reference"] == f"Patient/{a_patient.pk}"
    assert answered[5]["resource"]["total"] == 1
    for asked in (f"identifier={LIS}|A-1", "based-on=ServiceRequest/42", f"code={LOINC}|24362-6", "status=partial"):
        assert program.found(f"DiagnosticReport?{asked}") == [report["id"]], asked
    final = report | {"status": "final"}
    assert program.put(f"DiagnosticReport/{report['id']}", final, 200)["meta"]["versionId"] == "4"
    assert (BloodResult.objects.count(), Specimen.objects.count(), Patient.objects.count()) == (2, 1, 1)
    lost = bundle("transaction", entry("POST", "Observation", observation("R-9", specimen={"reference": "urn:uuid:x"})))
    assert elements(program.post("", lost, 422)) == ["Bundle.entry[0].resource"]
    for kind in ("collection", "document"):
        assert program.post("", bundle(kind), 400)
    unknown = bundle("transaction", entry("POST", "Device", {"resourceType": "Device"}))
    refused = program.post("", unknown, 404)
    assert (refused["issue"][0]["code"], elements(refused)) == ("not-supported", ["Bundle.entry[0].request.url"])


def test_entries_of_a_batch_stand_alone(program: Speaker, draw: Specimen) -> None:
    answered = program.post(
        "",
        bundle(
            "batch",
            entry("POST", "Observation", observation("R-1", valueQuantity={"value": 41, "unit": "?"}, **of(draw))),
            entry("POST", "Observation", observation("R-1", **of(draw))),
            entry("GET", f"Specimen/{draw.pk}"),
            entry("GET", "Patient/999999"),
            entry("DELETE", f"Patient/{draw.patient_id}"),
            entry("PUT", "Patient?identifier=P-001", patient("P-001", gender="male")),
            entry("GET", f"Patient/{draw.patient_id}/_history/1"),
        ),
        200,
    )["entry"]
    assert [each["response"]["status"] for each in answered] == ["422", "201", "200", "404", "405", "200", "200"]
    assert elements(answered[0]["response"]["outcome"]) == ["Bundle.entry[0].resource.value.unit"]
    assert elements(answered[4]["response"]["outcome"]) == ["Bundle.entry[4].request.method"]


def test_an_entry_that_falls_over_leaves_the_others_of_its_batch(
    program: Speaker, draw: Specimen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError("Wang Fang")

    monkeypatch.setattr(Patients, "versions", broken)
    sent = entry("POST", "Observation", observation("R-1", **of(draw)))
    history = entry("GET", f"Patient/{draw.patient_id}/_history")
    program.post("", bundle("transaction", sent, history), 500)
    answered = program.post("", bundle("batch", sent, history), 200)["entry"]
    assert [each["response"]["status"] for each in answered] == ["201", "500"]
    outcome = answered[1]["response"]["outcome"]
    assert outcome["id"] and "Fang" not in str(outcome)


class GaveWay(Exception):
    """What PostgreSQL says to one of two that wait for each other."""

    sqlstate = "40P01"


def test_a_write_that_met_another_one_is_tried_once_more(
    program: Speaker, draw: Specimen, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_observation
    met: list[Exception | None] = [GaveWay(), None, IntegrityError(), None, GaveWay(), GaveWay()]

    def meeting(**given: Any) -> Any:
        placed, error = place(**given), met.pop(0)
        if isinstance(error, GaveWay):
            raise OperationalError("deadlock detected") from error
        if error is not None:
            raise error
        return placed

    monkeypatch.setattr(observations, "place_observation", meeting)
    tube = entry("POST", "Specimen", specimen("S-1", f"Patient/{draw.patient_id}"), "urn:uuid:s")
    result = observation("R-1", specimen={"reference": "urn:uuid:s"})
    answered = program.post("", bundle("transaction", tube, entry("POST", "Observation", result)), 200)["entry"]
    assert [each["response"]["status"] for each in answered] == ["201", "201"]
    assert answered[1]["resource"]["specimen"]["reference"] == f"Specimen/{answered[0]['resource']['id']}"
    assert program.post("Observation", observation("R-2", **of(draw)))["meta"]["versionId"] == "1"
    program.post("Observation", observation("R-2", 42, **of(draw)), 500)
    assert (met, BloodResult.objects.count()) == ([], 2)


def test_scopes_and_preferences_narrow_the_answer(draw: Specimen, dora: User, alice: User) -> None:
    narrow = speaker(dora, "system/Observation.cs system/Patient.r")
    sent = observation("R-1", **of(draw))
    answer = narrow.ask("POST", "Observation", sent, Prefer="return=minimal")
    assert (answer.status_code, answer.content, "Location" in answer.headers) == (201, b"", True)
    told = narrow.post("Observation", sent, 200, Prefer="return=OperationOutcome")
    assert told["resourceType"] == "OperationOutcome"
    place = answer.headers["Location"].split("/_history")[0].removeprefix("http://testserver")
    assert narrow.found("Observation") == [place.rsplit("/", 1)[1]]
    for method, path in (("GET", place), ("PUT", place), ("GET", "Patient"), ("GET", "Specimen"), ("POST", "Specimen")):
        refused = checked(narrow.ask(method, path, {"resourceType": "Observation"}), 403)
        assert "scopes" in refused["issue"][0]["diagnostics"]
    within = narrow.post("", bundle("batch", entry("GET", "Specimen"), entry("GET", f"Patient/{draw.patient_id}")), 200)
    assert [each["response"]["status"] for each in within["entry"]] == ["403", "200"]
    reader = speaker(alice)
    assert checked(reader.ask("POST", "Observation", sent), 403)
    assert reader.found("Observation?code=ALB")


def test_results_that_a_person_entered_can_be_claimed_with_the_same_value(program: Speaker, draw: Specimen) -> None:
    blood_result_record(specimen=draw, analyte=Analyte.objects.get(code="ALB"), value="41", unit="g/L", by=BY)
    assert program.post("Observation", observation("R-1", **of(draw)), 200)["meta"]["versionId"] == "1"
    assert program.found(f"Observation?identifier={LIS}|R-1") == program.found("Observation?identifier=B-1/ALB")
