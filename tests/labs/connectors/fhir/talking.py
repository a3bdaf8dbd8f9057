"""A program that speaks FHIR, and resources as it would send them."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from fhir.resources.R4B import get_fhir_model_class

from registry.people.models import User
from registry.tokens.services import token_create
from tests.registry.fixtures import BY

ROOT = "/fhir/R4"
SYSTEM = "http://localhost:8000/fhir"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
LIS = "urn:lis"


@dataclass(frozen=True)
class Speaker:
    client: Client
    secret: str = ""

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = given.pop("Content-Type", "application/fhir+json")
        if self.secret:
            given["Authorization"] = f"Bearer {self.secret}"
        sent = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        path = path if path.startswith(("/fhir", "http")) else f"{ROOT}/{path}"
        return self.client.generic(method, path, sent, content_type, headers=given)

    def get(self, path: str, status: int = 200, /, **headers: str) -> Any:
        return checked(self.ask("GET", path, None, **headers), status)

    def post(self, path: str, body: Any, status: int = 201, /, **headers: str) -> Any:
        return checked(self.ask("POST", path, body, **headers), status)

    def put(self, path: str, body: Any, status: int = 200, /, **headers: str) -> Any:
        return checked(self.ask("PUT", path, body, **headers), status)

    def found(self, path: str, /, **headers: str) -> list[str]:
        """The ids of what fits, page by page."""
        ids: list[str] = []
        while path:
            bundle = self.get(path, **headers)
            entries = bundle.get("entry", [])
            ids += [each["resource"]["id"] for each in entries if each["search"]["mode"] == "match"]
            path = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
        return ids


def speaker(user: User, scopes: str = "") -> Speaker:
    return Speaker(Client(), token_create(owner=user, name="test", days=1, scopes=scopes, by=BY)[1])


def checked(answer: Any, status: int) -> Any:
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer.headers["Content-Type"].startswith(("application/fhir+json", "application/json"))
    body = json.loads(answer.content) if answer.content else {}
    if status >= 400:
        assert body["resourceType"] == "OperationOutcome"
    if body:
        valid(body)
    return body


def valid(resource: dict[str, Any]) -> None:
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def elements(outcome: dict[str, Any]) -> list[str]:
    return [each for issue in outcome["issue"] for each in issue.get("expression", [""])]


def patient(study_number: str, **more: Any) -> dict[str, Any]:
    number = {"system": f"{SYSTEM}/study-number", "value": study_number}
    return {"resourceType": "Patient", "identifier": [number], "gender": "female", **more}


def specimen(number: str, subject: str, day: str = "2022-03-01", **more: Any) -> dict[str, Any]:
    blood = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0487", "code": "BLD"}]}
    return {
        "resourceType": "Specimen",
        "identifier": [{"system": LIS, "value": number}],
        "type": blood,
        "subject": {"reference": subject},
        "collection": {"collectedDateTime": day},
        **more,
    }


def observation(number: str, value: Any = 41, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "resourceType": "Observation",
        "identifier": [{"system": LIS, "value": number}],
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "1751-7", "display": "Albumin"}]},
        "valueQuantity": {"value": value, "unit": "g/L", "system": UCUM, "code": "g/L"},
        **more,
    }
    return {name: part for name, part in given.items() if part is not None}


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Any = None, full_url: str = "", **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url:
        made["fullUrl"] = full_url
    return made
