"""Bundles: those that are asked for and those that are answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from labs.formats.fhir.elements import expect_type, object_of, objects_of, text_of, walk
from labs.formats.fhir.problems import Json, malformed

MOST_ENTRIES = 500
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Entry:
    """One request in a bundle. `place` is as Bundle.entry[2]."""

    place: str
    full_url: str
    method: str
    path: str
    query: str
    resource: Json
    conditions: Mapping[str, str]


def read_entries(bundle: Json, base: str) -> tuple[bool, list[Entry]]:
    """Whether all must succeed or none, and the requests in the order in which they stand."""
    expect_type(bundle, "Bundle")
    kind = text_of(bundle, "type", "Bundle")
    if kind not in ("transaction", "batch"):
        raise malformed(
            f"A bundle of type “{kind}” cannot be processed here: send a transaction or a batch.", "Bundle.type"
        )
    entries = [_entry(each, place, base) for each, place in objects_of(bundle, "entry", "Bundle", most=MOST_ENTRIES)]
    named = [entry.full_url for entry in entries if entry.full_url]
    if kind == "transaction" and len(named) != len(set(named)):
        raise malformed("Two entries have the same fullUrl.", "Bundle.entry")
    return kind == "transaction", entries


def _entry(entry: Json, place: str, base: str) -> Entry:
    request = object_of(entry, "request", place)
    method = text_of(request, "method", f"{place}.request").upper()
    if method not in _METHODS:
        raise malformed("Say in request.method what to do.", f"{place}.request.method")
    url = text_of(request, "url", f"{place}.request", longest=2000)
    path, _mark, query = url.removeprefix(base).partition("?")
    names = ("ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince")
    conditions = {name: text_of(request, name, f"{place}.request", longest=2000) for name in names}
    return Entry(
        place=place,
        full_url=text_of(entry, "fullUrl", place, longest=500),
        method=method,
        path=unquote(path).strip("/"),
        query=query,
        resource=object_of(entry, "resource", place),
        conditions={name: value for name, value in conditions.items() if value},
    )


def rewrite_references(resource: Json, known: Mapping[str, str]) -> None:
    """In place: what other entries of the bundle were called, as what they became."""
    for holder in walk(resource):
        target = holder.get("reference")
        if isinstance(target, str) and target in known:
            holder["reference"] = known[target]


def dangling(resource: Json) -> str:
    """The first reference to an entry that is not there."""
    targets = (holder.get("reference") for holder in walk(resource))
    return next((each for each in targets if isinstance(each, str) and each.startswith("urn:")), "")


def bundle(kind: str, entries: list[Json], *, links: Mapping[str, str] | None = None, total: int | None = None) -> Json:
    made: Json = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        made["total"] = total
    if links:
        made["link"] = [{"relation": relation, "url": url} for relation, url in links.items()]
    if entries:
        made["entry"] = entries
    return made


def found_entries(base: str, resources: Iterable[Json], mode: str) -> list[Json]:
    return [
        {"fullUrl": full_url(base, resource), "resource": resource, "search": {"mode": mode}} for resource in resources
    ]


def full_url(base: str, resource: Mapping[str, Any]) -> str:
    return f"{base}{resource['resourceType']}/{resource['id']}"
