"""Bundles of FHIR: the part of an answer that is ours to have, and a derived score as OpenELIS takes it."""

import re
import uuid
from typing import Any

from labs.connectors.contract import Ask
from labs.formats.json_documents import member, members, text_of

NAMESPACE = uuid.UUID("6a0f5d3e-2b0c-4a55-8c1c-0d3cfae3b6a1")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
Resource = dict[str, Any]


def part_of(document: Resource, ask: Ask) -> Resource | None:
    """The observations of our specimens and patients with what they refer to; None where there is none."""
    entries = members(document.get("entry"))
    by_address = {address: entry for entry in entries for address in _addresses(entry)}
    kept: dict[int, Resource] = {}
    for entry in entries:
        resource = member(entry.get("resource"))
        if resource.get("resourceType") != "Observation":
            continue
        referred = [by_address[each] for each in _references(resource) if each in by_address]
        if _is_ours(resource, [member(each.get("resource")) for each in referred], ask):
            kept |= {id(each): each for each in (entry, *referred)}
    if not kept:
        return None
    return {**document, "entry": [entry for entry in entries if id(entry) in kept]}


def _is_ours(observation: Resource, referred: list[Resource], ask: Ask) -> bool:
    patients = [each for each in referred if each.get("resourceType") == "Patient"]
    others = [observation, *(each for each in referred if each.get("resourceType") != "Patient")]
    named = [member(member(observation.get("specimen")).get("identifier"))]
    named += [member(each.get("accessionIdentifier")) for each in others]
    codes = {text_of(each.get("value")) for each in named} | {number for each in others for number, _ in _numbers(each)}
    if ask.known(codes - {""}):
        return True
    return any(ask.knows_patient(numbers) for patient in patients if (numbers := _numbers(patient)))


def _numbers(resource: Resource) -> list[tuple[str, str]]:
    found = members(resource.get("identifier"))
    return [(text_of(each.get("value")), text_of(each.get("system"))) for each in found if text_of(each.get("value"))]


def _addresses(entry: Resource) -> set[str]:
    resource = member(entry.get("resource"))
    own = f"{text_of(resource.get('resourceType'))}/{text_of(resource.get('id'))}"
    return {text_of(entry.get("fullUrl")), own} - {"", "/"}


def _references(observation: Resource) -> list[str]:
    given = [observation.get("subject"), observation.get("specimen"), *members(observation.get("basedOn"))]
    found = [text_of(member(each).get("reference")) for each in given]
    # Absolute ones also by type and id, as the entry may have no address of its own.
    return [name for each in found if each for name in (each, "/".join(each.split("/")[-2:]))]


def bundle_of_score(payload: dict[str, Any], code: str, key: str, analyzer: str) -> Resource:
    """OpenELIS drops the comparator of a quantity: a bound goes as text, or `<0.5` would be stored as 0.5."""
    text = str(payload["text"])
    value = {"valueQuantity": {"value": float(text)}} if NUMBER.fullmatch(text) else {"valueString": text}
    device, specimen, observation = (f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{key}/{part}')}" for part in "dso")
    resources: list[tuple[str, Resource]] = [
        (device, {"resourceType": "Device", "deviceName": [{"name": analyzer, "type": "user-friendly-name"}]}),
        (specimen, {"resourceType": "Specimen", "identifier": [{"value": payload["specimen"]}]}),
        (
            observation,
            {
                "resourceType": "Observation",
                "identifier": [{"value": key}],
                "status": "final",
                "code": {"coding": [{"code": code, "display": payload["score"]}]},
                "specimen": {"reference": specimen},
                "device": {"reference": device},
                **({"effectiveDateTime": payload["collected"]} if payload["collected"] else {}),
                **value,
            },
        ),
    ]
    entries = [
        {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
        for url, resource in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "identifier": {"value": key}, "entry": entries}
