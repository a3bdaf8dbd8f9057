"""The CapabilityStatement: what may be asked of this server, from the same tables by which it answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labs.formats.fhir.problems import Json

PUBLISHED = "2026-01-01"
_DEFINITION = "http://hl7.org/fhir/SearchParameter/"


@dataclass(frozen=True)
class Offered:
    """`parameters`: name → kind, of the search; `includes` as Observation:subject."""

    type: str
    parameters: Mapping[str, str]
    includes: tuple[str, ...] = ()


def capability_statement(base: str, software_version: str, offered: Iterable[Offered]) -> Json:
    rest: Json = {
        "mode": "server",
        "documentation": "The same services, roles, sites and change log as the pages and the REST interface.",
        "security": {
            "cors": False,
            "description": "Authorization: Bearer with a token of the page “API tokens”, which may be narrowed by "
            "scopes in the words of SMART v2, as system/Observation.cruds.",
        },
        "resource": [_resource(each) for each in offered],
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
        "searchParam": [
            {"name": "_id", "type": "token", "definition": f"{_DEFINITION}Resource-id"},
            {"name": "_lastUpdated", "type": "date", "definition": f"{_DEFINITION}Resource-lastUpdated"},
        ],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "publisher": "Hepatica",
        "kind": "instance",
        "software": {"name": "Hepatica", "version": software_version},
        "implementation": {"description": "A registry of hepatocellular carcinoma", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }


def _resource(each: Offered) -> Json:
    codes = ("read", "vread", "history-instance", "search-type", "create", "update")
    told: Json = {
        "type": each.type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{each.type}",
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": True,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical", "local"],
        "searchParam": [{"name": name, "type": kind} for name, kind in each.parameters.items()],
    }
    if each.includes:
        told["searchInclude"] = list(each.includes)
    return told
