"""Transactions, which are stored whole or not at all, and batches, whose entries each stand alone."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from labs.connectors.fhir.asking import Answer, Asker
from labs.connectors.fhir.errors import logged, told
from labs.connectors.fhir.families import Family, family_named
from labs.connectors.fhir.interactions import conditional_update, create, find_all, history, read, update, vread
from labs.connectors.fhir.searching import query_pairs
from labs.formats.fhir.bundles import Entry, bundle, dangling, read_entries, rewrite_references
from labs.formats.fhir.elements import type_of
from labs.formats.fhir.problems import Issue, Json, Problem, malformed, operation_outcome, refused
from registry.log.again import twice
from registry.log.recording import recording

# What others refer to comes first; reads see what was written.
_ORDER = ("Patient", "Specimen", "Observation", "DiagnosticReport")
_URL = "request.url"
_METHODS = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}


def process(asker: Asker, sent: Json) -> Answer:
    is_transaction, entries = read_entries(sent, asker.base)
    if is_transaction:
        # Its references are rewritten in place, and at a second try other ids are given out.
        return twice(lambda: Answer(200, bundle("transaction-response", _transaction(asker, deepcopy(entries)))))
    return Answer(200, bundle("batch-response", [_alone(asker, entry) for entry in entries]))


def _transaction(asker: Asker, entries: list[Entry]) -> list[Json]:
    answers: dict[str, Json] = {}
    known: dict[str, str] = {}
    with recording(asker.by, "received by FHIR"):
        for entry in sorted(entries, key=_rank):
            rewrite_references(entry.resource, known)
            answer = _placed(entry, lambda entry=entry: _whole(asker, entry))  # type: ignore[misc]  # bound at once
            if entry.full_url and answer.about:
                known[entry.full_url] = answer.about
            answers[entry.place] = _response(answer)
    return [answers[entry.place] for entry in entries]


def _rank(entry: Entry) -> tuple[int, int]:
    kind = entry.resource.get("resourceType")
    return _METHODS[entry.method], _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _whole(asker: Asker, entry: Entry) -> Answer:
    if missing := dangling(entry.resource):
        raise refused(_("No entry of this bundle is %s.") % missing[:80], type_of(entry.resource), "not-found")
    return _asked(asker, entry)


def _placed(entry: Entry, ask: Callable[[], Answer]) -> Answer:
    """A refusal names the element as it stands in the bundle."""
    try:
        return ask()
    except Exception as error:
        status, issues = told(error, str(entry.resource.get("resourceType", "")))
        if status == 500:
            raise
        raise Problem(status, *issues).below(entry.place) from error


def _alone(asker: Asker, entry: Entry) -> Json:
    try:
        return _response(_placed(entry, lambda: twice(lambda: _asked(asker, entry))))
    except Problem as problem:
        return _refused(problem)
    except Exception as error:
        # Entries before it are stored: whoever sent them is told.
        number = logged(error, entry.method, "an entry of a batch")
        return _refused(Problem(500, *told(error)[1]).below(entry.place), number)


def _refused(problem: Problem, number: str = "") -> Json:
    outcome = operation_outcome(problem.status, problem.issues, number)
    return {"response": {"status": str(problem.status), "outcome": outcome}}


def _response(answer: Answer) -> Json:
    told: Json = {"status": str(answer.status)}
    names = {"Location": "location", "ETag": "etag"}
    told |= {ours: answer.headers[name] for name, ours in names.items() if name in answer.headers}
    if answer.body is not None and "lastUpdated" in answer.body.get("meta", {}):
        told["lastModified"] = answer.body["meta"]["lastUpdated"]
    found: dict[str, Any] = {"response": told}
    if answer.body is not None:
        found["resource"] = answer.body
    return found


def _asked(asker: Asker, entry: Entry) -> Answer:
    parts = entry.path.split("/")
    family = family_named(parts[0], _URL)
    if entry.method in ("GET", "HEAD"):
        return _read(asker, family, entry, parts)
    if entry.method == "POST" and len(parts) == 1:
        return create(asker, family, entry.resource, entry.conditions.get("ifNoneExist", "") or entry.query)
    if entry.method == "PUT" and len(parts) == 2:
        return update(asker, family, parts[1], entry.resource, entry.conditions.get("ifMatch", ""))
    if entry.method == "PUT" and len(parts) == 1:
        return conditional_update(asker, family, entry.resource, entry.query, entry.conditions.get("ifMatch", ""))
    raise Problem(405, Issue(_("%s is not offered there.") % entry.method, "request.method", "not-supported"))


def _read(asker: Asker, family: Family, entry: Entry, parts: list[str]) -> Answer:
    match parts[1:]:
        case []:
            return find_all(asker, family, query_pairs(entry.query))
        case [key]:
            return read(asker, family, key, entry.conditions.get("ifNoneMatch", ""))
        case [key, "_history"]:
            return history(asker, family, key)
        case [key, "_history", version]:
            return vread(asker, family, key, version)
    raise malformed(_("This address is not known: %s.") % entry.path[:80], _URL)
