"""Resources as they are sent to our server, our own bundle of a message beside another converter's, and profiles."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from registry.people.roles import Role
from tests.interop.comparison import RELATIVE, Comparison
from tests.interop.fsh import read_shorthand
from tests.interop.reading import read_message
from tests.interop.site import site_options
from tests.labs.connectors.fhir.talking import elements, speaker
from tests.registry.people import person
from tests.shared_folders import folder

PLAIN = ("resourceType", "id", "status", "issued", "effectiveDateTime", "gender", "birthDate")
BESIDE = {"kind", "note", "validates_r4b", "invalid_because"}


def compare_resource(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    resource = json.loads(path.read_text("utf-8"))
    comparison.equal("validates_r4b", _is_valid(resource), entry["validates_r4b"])
    found = {name: resource.get(name) for name in PLAIN} | {
        "identifier": [[each.get("system", ""), each["value"]] for each in resource.get("identifier", [])],
        "code": _pairs(resource.get("code")),
        "valueCodeableConcept": _pairs(resource.get("valueCodeableConcept")),
        "results": len(resource.get("result", [])),
    }
    for key in sorted(entry.keys() - BESIDE):
        if key == "create":
            comparison.equal("create", _created(resource), entry["create"])
        elif key in found:
            comparison.equal(key, found[key], entry[key])
        else:
            comparison.unknown(key)


def _created(resource: dict[str, Any]) -> str:
    """What our server says, and why."""
    answer = speaker(person(Role.DATA_MANAGER, username="interop")).ask("POST", resource["resourceType"], resource)
    if answer.status_code < 400:
        return str(answer.status_code)
    named = [element.partition(".")[2] for element in elements(answer.json())]
    codes = [issue["code"] for issue in answer.json()["issue"]]
    return f"{answer.status_code} ({', '.join(named)} {', '.join(codes)})"


def _pairs(concept: dict[str, Any] | None) -> list[list[str]]:
    return [[each.get("system", ""), each["code"]] for each in (concept or {}).get("coding", [])]


def _is_valid(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError:
        return False
    return True


def compare_golden(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    golden = json.loads(path.read_text("utf-8"))
    comparison.equal("validates_r4b", _is_valid(golden), entry["validates_r4b"])
    kinds = [each["resource"]["resourceType"] for each in golden["entry"]]
    comparison.equal("types", {kind: kinds.count(kind) for kind in sorted(set(kinds))}, entry["types"])
    ours = _our_bundle(_message_of(path))
    comparison.equal("ours is valid", _is_valid(ours), True)
    found: dict[str, list[dict[str, Any]]] = {}
    for each in ours["entry"]:
        found.setdefault(each["resource"]["resourceType"], []).append(each["resource"])
    for key in sorted(entry.keys() - BESIDE - {"types"}):
        if key == "observations":
            _all(key, found["Observation"], entry[key], comparison, _observation)
        elif key == "reports":
            _all(key, found["DiagnosticReport"], entry[key], comparison, _report)
        elif key == "specimens":
            _all(key, found.get("Specimen", []), entry[key], comparison, _specimen)
        elif key == "patient":
            _all(key, found["Patient"], [entry[key]], comparison, _patient)
        else:
            comparison.unknown(key)


def _our_bundle(message: Path) -> dict[str, Any]:
    """Of the port that takes it: samples of converters are test messages."""
    for port in ("production", "validation"):
        said = read_message(message, *site_options(), "--port", port, "--identifiers", "--fhir")
        (bundle,) = said["summary"]["fhir"]
        if "entry" in bundle:
            return dict(bundle)
    raise LookupError(f"no port takes {message.name}")


def _message_of(path: Path) -> Path:
    stem = path.name.removesuffix("-expected.json")
    places = (folder("INTEROP"), folder("DATA") / "interop")
    return next(file for place in places for file in sorted((place / "hl7v2").glob(f"{stem}.*")))


def _all(place: str, found: list[Any], expected: list[Any], comparison: Comparison, told: Any) -> None:
    comparison.equal(f"number of {place}", len(found), len(expected))
    for number, (resource, wanted) in enumerate(zip(found, expected, strict=False)):
        said = told(resource)
        for key, value in wanted.items():
            where = f"{place} {number}, {key}"
            if key == "golden_status":
                continue  # what the other converter wrote
            if key not in said:
                comparison.unknown(where)
            elif key in ("effective", "collected") and said[key]:
                comparison.equal(where, datetime.fromisoformat(said[key]), datetime.fromisoformat(value))
            elif key == "value" and isinstance(value, int | float):
                comparison.close(where, said[key], value, relative=RELATIVE)
            else:
                comparison.equal(where, said[key], value)


def _observation(resource: dict[str, Any]) -> dict[str, Any]:
    quantity = resource.get("valueQuantity", {})
    coded = resource.get("valueCodeableConcept", {})
    return {
        "code": resource["code"]["coding"][0]["code"],
        "status": resource["status"],
        "value": quantity.get("value", resource.get("valueString", coded.get("text"))),
        "unit": quantity.get("unit"),
        "ucum": quantity.get("code", quantity.get("unit")),
        "comparator": quantity.get("comparator"),
        "effective": resource.get("effectiveDateTime"),
        "text": resource.get("valueString", coded.get("text")),
        "string": resource.get("valueString"),
        "coded": [each["code"] for each in coded.get("coding", [])],
    }


def _report(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": resource["code"]["coding"][0]["code"],
        "identifier": [each["value"] for each in resource.get("identifier", [])],
        "results": len(resource["result"]),
        "status": resource["status"],
    }


def _specimen(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "identifier": [each["value"] for each in resource.get("identifier", [])],
        "type": [each["code"] for each in resource.get("type", {}).get("coding", [])],
        "collected": resource.get("collection", {}).get("collectedDateTime"),
    }


def _patient(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "identifier": [each["value"] for each in resource.get("identifier", [])],
        "gender": resource.get("gender"),
        "birthDate": resource.get("birthDate"),
    }


def compare_profile(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    said = vars(read_shorthand(path.read_text("utf-8")))
    for key in sorted(entry.keys() - BESIDE):
        if key in said:
            comparison.equal(key, said[key], entry[key])
        else:
            comparison.unknown(key)


KINDS = {"fhir_resource": compare_resource, "fhir_golden_bundle": compare_golden, "fsh_profile": compare_profile}
