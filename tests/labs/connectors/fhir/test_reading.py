"""What is read and searched, by whom, and how the answer looks."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_correct, blood_result_record, blood_result_retract
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create, specimen_retire
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient
from registry.patients.services import identity_save, patient_update
from registry.people.models import User
from tests.labs.connectors.fhir.talking import LOINC, SYSTEM, Speaker, checked, elements, speaker
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db

WHO = {"name": "Wang Fang", "record_number": "MR-77", "birth_date": date(1960, 5, 4), "phone": ""}


@pytest.fixture
def known(enrolled: Enrolment) -> Patient:
    identity_save(patient=enrolled.patient, values=WHO, by=BY)
    return enrolled.patient


@pytest.fixture
def draw(known: Patient) -> Specimen:
    return specimen_create(patient=known, code="B-1", kind="blood", collected=date(2022, 3, 1), by=BY)


@pytest.fixture
def albumin(draw: Specimen) -> BloodResult:
    first = blood_result_record(specimen=draw, analyte=_analyte("ALB"), value="4.0", unit="g/dL", by=BY)
    return blood_result_correct(result=first, value="41", unit="g/L", reason="misread", by=BY)


def _analyte(code: str) -> Analyte:
    return Analyte.objects.get(code=code)


def _reads() -> int:
    return Change.objects.filter(action="read", subject_type="patientidentity", source="fhir").count()


def test_the_statement_is_open_and_nothing_else_is(draw: Specimen, bob: User, charlie: User, dora: User) -> None:
    nobody = Speaker(Client())
    for path in ("metadata", "/fhir/metadata"):
        statement = nobody.get(path)
        assert (statement["fhirVersion"], statement["implementation"]["url"]) == ("4.0.1", "http://testserver/fhir/R4/")
        types = {each["type"] for each in statement["rest"][0]["resource"]}
        assert types == {"Patient", "Specimen", "Observation", "DiagnosticReport"}
    for path in ("Patient", f"Patient/{draw.patient_id}", "Observation?patient=1"):
        assert nobody.ask("GET", path).headers["WWW-Authenticate"] == "Bearer"
        assert nobody.get(path, 401)["issue"][0]["code"] == "login"
        assert speaker(bob).get(path, 403)["issue"][0]["code"] == "forbidden"
    assert speaker(charlie).get(f"Patient/{draw.patient_id}", 404)["issue"][0]["code"] == "not-found"
    assert speaker(charlie).found("Specimen") == []
    assert Client().get("/fhir/R4/Medication/1").json()["issue"][0]["code"] == "not-found"
    assert Client(raise_request_exception=False).get("/fhir/R4/Patient", headers={"Host": "evil"}).status_code == 400
    # A page of the same browser may ask as well.
    assert checked(client_of(dora).get("/fhir/R4/Patient"), 200)["total"] == 1
    assert speaker(dora).ask("DELETE", f"Patient/{draw.patient_id}").status_code == 405


def test_who_a_patient_is_is_for_few_and_logged(known: Patient, alice: User, dora: User) -> None:
    data_manager, investigator = speaker(dora), speaker(alice)
    path = f"Patient/{known.pk}"
    whole = data_manager.get(path)
    numbers = {each["system"]: each["value"] for each in whole["identifier"]}
    assert numbers == {f"{SYSTEM}/study-number": "P-001", f"{SYSTEM}/record-number/HEB": "MR-77"}
    assert (whole["birthDate"], whole["gender"], whole["meta"]["versionId"]) == ("1960-05-04", "female", "1.1")
    assert ("name" in whole, _reads()) == (False, 1)
    little = investigator.get(path)
    assert ("birthDate" in little, len(little["identifier"]), _reads()) == (False, 1, 1)
    # A list tells of nobody who that is, and says so.
    (listed,) = data_manager.get("Patient")["entry"]
    assert listed["resource"]["meta"]["tag"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    ]
    assert _reads() == 1
    by_number = f"Patient?identifier={SYSTEM}/record-number/HEB|MR-77"
    for asked in (by_number, by_number.replace("|", "%7C"), "Patient?identifier=MR-77", "Patient?birthdate=lt1961"):
        assert data_manager.get(asked)["entry"][0]["resource"]["birthDate"] == "1960-05-04"
    assert _reads() == 5
    assert investigator.found(by_number) == investigator.found("Patient?identifier=MR-77") == []
    assert investigator.get("Patient?birthdate=1960", 403)["issue"][0]["expression"] == ["birthdate"]
    assert investigator.found(f"Patient?identifier={SYSTEM}/study-number%7CP-001&gender=female") == [str(known.pk)]
    assert investigator.found("Patient?gender:not=female") == []


def test_results_are_searched_by_everything_that_is_said_of_them(albumin: BloodResult, tom: User) -> None:
    program, draw = speaker(tom), albumin.specimen
    blood_result_record(specimen=draw, analyte=_analyte("AFP"), value="<1.5", unit="ng/mL", by=BY)
    hbsag = blood_result_record(specimen=draw, analyte=_analyte("HBSAG"), value="positive", by=BY)
    blood_result_retract(result=hbsag, reason="another tube", by=BY)
    key = f"{draw.pk}-{albumin.analyte_id}"
    for asked in (
        f"patient={draw.patient_id}&code={LOINC}|1751-7",
        f"subject=Patient/{draw.patient_id}&code=1751-7",
        f"subject:Patient={draw.patient_id}&code={SYSTEM}/analyte%7CALB",
        f"patient=http://testserver/fhir/R4/Patient/{draw.patient_id}&code=ALB&date=ge2022-03-01&date=le2022-03-01",
        "status=corrected&date=2022-03&category=laboratory",
        f"specimen=Specimen/{draw.pk}&code=ALB,CRP&date=gt2022-02-28T10:00:00%2B08:00",
        f"identifier={SYSTEM}/blood-result|B-1/ALB&_lastUpdated=gt2020-01-01",
        f"_id={key}",
        "_lastUpdated=le9999-12-31&date=lt9999&code=ALB",
        "_lastUpdated=lt9999-12-31T23:59:59-14:00&_lastUpdated=gt1000-01-01T00:00:00%2B14:00&date=sa1000&code=ALB",
        f"code={LOINC}|&code=ALB&identifier={SYSTEM}/blood-result|",
    ):
        assert program.found(f"Observation?{asked}") == [key], asked
    for nothing in (
        *("date=lt2022-03-01", "category=vital-signs", "patient=Specimen/1", "code=urn:x|ALB", "status=x"),
        *("code=urn:x|", "identifier=urn:x|", "_lastUpdated=9999"),
    ):
        assert program.found(f"Observation?{nothing}") == [], nothing
    for of_a_system in (
        f"Specimen?identifier={SYSTEM}/specimen|",
        f"DiagnosticReport?identifier={SYSTEM}/blood-report|",
    ):
        assert program.found(of_a_system) == [str(draw.pk)]
    assert program.found(f"DiagnosticReport?code={LOINC}|") == [str(draw.pk)]
    assert len(program.found("Observation?_count=1&_sort=-date,code")) == 2
    assert program.get("Observation?_count=0&_totalMethod=count")["total"] == 2
    error = program.get("Observation?status=entered-in-error")["entry"][0]["resource"]
    assert ("valueCodeableConcept" in error, error["dataAbsentReason"]["coding"][0]["code"]) == (False, "error")
    (limit,) = program.get("Observation?code=AFP&_include=Observation:specimen")["entry"][:1]
    assert limit["resource"]["valueQuantity"] == {
        "value": 1.5, "comparator": "<", "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"
    }  # fmt: skip
    included = program.get("Observation?_include=Observation:specimen")["entry"]
    assert [each["search"]["mode"] for each in included] == ["match", "match", "include"]
    posted = program.post(
        "Observation/_search", "code=ALB&_count=5", 200, Content_Type="application/x-www-form-urlencoded"
    )
    assert posted["total"] == 1
    assert program.get("Observation?nmae=x", 400)["issue"][0]["code"] == "not-supported"
    lenient = program.get("Observation?nmae=x&code=ALB", Prefer="handling=lenient")
    assert [each["search"]["mode"] for each in lenient["entry"]] == ["match", "outcome"]
    assert "nmae" not in lenient["link"][0]["url"]
    for bad in ("date=yesterday", "_sort=mood", "_count=many", "_include=Observation:device", "code:text=x"):
        assert program.get(f"Observation?{bad}", 400)
    # One condition for each: neither a database nor its compiler takes any number of them.
    codes, form = ",".join(["ALB", *map(str, range(199))]), {"Content_Type": "application/x-www-form-urlencoded"}
    assert program.post("Observation/_search", f"code={codes}", 200, **form)["total"] == 1
    told = program.post("Observation/_search", f"code={codes}&code=ALB", 400, **form)
    assert told["issue"][0]["code"] == "too-costly"


def test_versions_are_the_revisions_and_the_log(albumin: BloodResult, alice: User) -> None:
    program, draw = speaker(alice), albumin.specimen
    place = f"Observation/{draw.pk}-{albumin.analyte_id}"
    answer = program.ask("GET", place)
    now = checked(answer, 200)
    assert (answer.headers["ETag"], "Last-Modified" in answer.headers) == ('W/"2"', True)
    assert (now["status"], now["valueQuantity"]["value"], now["effectiveDateTime"]) == ("corrected", 41, "2022-03-01")
    assert program.ask("GET", place, If_None_Match='W/"2"').status_code == 304
    first = program.get(f"{place}/_history/1")
    assert (first["status"], first["valueQuantity"]["value"]) == ("final", 40)
    assert first["note"][0]["text"].endswith("4.0 g/dL")
    assert [each["resource"]["meta"]["versionId"] for each in program.get(f"{place}/_history")["entry"]] == ["2", "1"]
    assert program.get(f"{place}/_history/3", 404)
    # A patient's and a specimen's earlier versions are in the change log.
    patient_update(patient=Patient.objects.get(), changes={"sex": "M"}, expected_version=1, by=BY)
    genders = [each["resource"]["gender"] for each in program.get(f"Patient/{draw.patient_id}/_history")["entry"]]
    assert (genders, program.get(f"Patient/{draw.patient_id}/_history/1")["gender"]) == (["male", "female"], "female")
    report = program.get(f"DiagnosticReport/{draw.pk}")
    assert (report["status"], report["result"]) == ("corrected", [{"reference": place}])
    states = [each["resource"]["status"] for each in program.get(f"DiagnosticReport/{draw.pk}/_history")["entry"]]
    assert states == ["corrected", "final"]
    for asked in ("status=corrected", "code=11502-2", f"patient={draw.patient_id}&date=2022", "identifier=B-1"):
        assert program.found(f"DiagnosticReport?{asked}") == [str(draw.pk)]
    with_results = program.get("DiagnosticReport?_include=DiagnosticReport:result")["entry"]
    assert [each["resource"]["resourceType"] for each in with_results] == ["DiagnosticReport", "Observation"]
    for place, status in (
        ("Specimen/0", 404),
        ("Observation/1", 404),
        ("Patient/x-y", 404),
        ("Specimen/_history", 404),
    ):
        program.get(place, status)
    other = specimen_create(patient=draw.patient, code="B-2", kind="blood", collected=date(2022, 3, 2), by=BY)
    specimen_retire(specimen=other, expected_version=1, reason="entered twice", by=BY)
    assert program.get(f"Specimen/{other.pk}", 410)["issue"][0]["code"] == "deleted"


@pytest.mark.parametrize(
    ("accept", "query", "status"),
    [
        ("application/fhir+json, */*;q=0.1", "", 200),
        ("application/json", "", 200),
        ("application/fhir+xml;q=1.0, application/fhir+json;q=0.5", "", 200),
        ("application/fhir+json; fhirVersion=4.0", "", 200),
        ("*/*", "_format=json", 200),
        ("text/html", "_format=application/fhir+json", 200),
        ("application/fhir+xml", "", 406),
        ("application/fhir+json", "_format=xml", 406),
        ("application/fhir+json;q=0", "", 406),
        ("application/fhir+json; fhirVersion=3.0", "", 406),
    ],
)
def test_json_is_what_is_spoken_here(tom: User, accept: str, query: str, status: int) -> None:
    answer = speaker(tom).ask("GET", f"Specimen?{query}", Accept=accept)
    body = checked(answer, status)
    assert (body["resourceType"] == "Bundle") is (status == 200)
    assert answer.headers["Content-Type"].startswith(
        "application/json" if accept == "application/json" else "application/"
    )


def test_simulated_patients_are_marked_as_test_data(albumin: BloodResult, alice: User) -> None:
    cohort = Enrolment.objects.get().cohort
    type(cohort).objects.update(is_simulated=True)
    for path in ("Patient", "Specimen", "Observation", "DiagnosticReport"):
        (found,) = speaker(alice).get(path)["entry"]
        assert found["resource"]["meta"]["tag"][0]["code"] == "HTEST"


def test_an_unknown_method_or_body_is_told_as_an_outcome(dora: User) -> None:
    program = speaker(dora)
    wrong: list[tuple[Any, str, int]] = [
        ("<Patient/>", "application/fhir+xml", 415),
        ("{", "application/fhir+json", 400),
        ('{"resourceType": "Patient", "x": NaN}', "application/fhir+json", 400),
        ('{"resourceType": "Patient", "active": true, "active": false}', "application/json", 400),
        ("[]", "application/json", 400),
        ('{"resourceType": "\\ud800"}', "application/json", 400),
        ('{"a\\udfff": 1}', "application/json", 400),
        (f'{{"resourceType": "{"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}"}}', "application/json", 413),
        ('{"resourceType": "Observation"}', "application/json", 400),
        ('{"resourceType": "Patient", "modifierExtension": []}', "application/json", 422),
    ]
    for body, content_type, status in wrong:
        assert elements(program.post("Patient", body, status, Content_Type=content_type))
    for address in ("Device/1", "Device", "Patient/", "Patient/1/$everything"):
        told = program.ask("GET", address)
        assert checked(told, 404)["issue"][0]["diagnostics"] == "There is no such address."
        assert told.headers["Content-Type"] == "application/fhir+json"
    assert program.ask("PATCH", "Patient/1", {}).status_code == 405
