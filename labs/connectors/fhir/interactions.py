"""Read, search, create and update, the same for every type and for every way in: an address or a bundle's entry."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from labs.connectors.fhir.asking import Answer, Asker, asked_version, version_headers
from labs.connectors.fhir.families import Family, Version
from labs.connectors.fhir.searching import matching, query_pairs, search
from labs.connectors.fhir.specimens import Withdrawn
from labs.formats.fhir.bundles import bundle, full_url
from labs.formats.fhir.elements import is_id, text_of
from labs.formats.fhir.problems import Issue, Json, Problem, malformed, operation_outcome
from registry.log.recording import recording

REASON = "received by FHIR"


def read(asker: Asker, family: Family, key: str, if_none_match: str = "") -> Answer:
    asker.may(family.type, "r", family.reading)
    row = family.find(asker, key)
    (resource,) = family.present(asker, [row])
    headers = version_headers(resource, family.updated(row))
    if if_none_match and asked_version(if_none_match) == resource["meta"]["versionId"]:
        return Answer(304, headers=headers)
    return Answer(200, resource, headers)


def vread(asker: Asker, family: Family, key: str, version: str) -> Answer:
    asker.may(family.type, "r", family.reading)
    for each in family.versions(asker, family.find(asker, key)):
        # Of a patient 3.1 is version 3, with the identity as it is now.
        if version in (_version(each), _version(each).partition(".")[0]):
            return Answer(200, each.resource, version_headers(each.resource, each.updated))
    raise Problem(404, Issue(_("There is no such version."), family.type))


def history(asker: Asker, family: Family, key: str) -> Answer:
    asker.may(family.type, "r", family.reading)
    versions = family.versions(asker, family.find(asker, key))
    entries = [_past(asker, family, each) for each in versions]
    links = {"self": f"{asker.base}{family.type}/{key}/_history"}
    return Answer(200, bundle("history", entries, links=links, total=len(entries)))


def _version(version: Version) -> str:
    return str(version.resource["meta"]["versionId"])


def _past(asker: Asker, family: Family, version: Version) -> Json:
    resource = version.resource
    is_first = version.method == "POST"
    url = family.type if is_first else f"{family.type}/{resource['id']}"
    response: Json = {"status": "201" if is_first else "200", "etag": f'W/"{resource["meta"]["versionId"]}"'}
    if "lastUpdated" in resource["meta"]:
        response["lastModified"] = resource["meta"]["lastUpdated"]
    return {
        "fullUrl": full_url(asker.base, resource),
        "resource": resource,
        "request": {"method": version.method, "url": url},
        "response": response,
    }


def find_all(asker: Asker, family: Family, pairs: Sequence[tuple[str, str]]) -> Answer:
    asker.may(family.type, "s", family.reading)
    return Answer(200, search(asker, family, pairs))


def create(asker: Asker, family: Family, resource: Json, condition: str = "") -> Answer:
    """`condition` is a search: what it finds is not made a second time."""
    asker.may(family.type, "c", family.writing)
    if condition:
        asker.may(family.type, "s", family.reading)
        found = list(matching(asker, family, condition)[:2])
        if len(found) > 1:
            raise Problem(412, Issue(_("The condition fits more than one."), family.type, "multiple-matches"))
        if found:
            return _shown(asker, family, found[0], 200)
    with recording(asker.by, REASON):
        try:
            written = family.create(asker, resource)
        except Withdrawn as gone:
            return _withdrawn(gone)
    return _shown(asker, family, written.row, 201 if written.is_new else 200)


def update(asker: Asker, family: Family, key: str, resource: Json, if_match: str = "") -> Answer:
    asker.may(family.type, "u", family.writing)
    if not is_id(key):
        raise malformed(_("This is no id of FHIR."), f"{family.type}.id")
    if (sent := text_of(resource, "id", family.type)) and sent != key:
        raise malformed(_("The id of the resource is not that of the address."), f"{family.type}.id")
    try:
        row = family.find(asker, key)
    except Problem as problem:
        if problem.status != 404:
            raise
        text = _("Ids are given out here: create it by POST.")
        raise Problem(405, Issue(text, f"{family.type}.id", "not-supported")) from None
    return _updated(asker, family, row, resource, if_match)


def conditional_update(asker: Asker, family: Family, resource: Json, condition: str, if_match: str = "") -> Answer:
    """PUT with a search: what it finds is brought up to date, what it does not find is made."""
    if not query_pairs(condition):
        raise malformed(_("Say by id or by a search which one is meant."), family.type)
    asker.may(family.type, "s", family.reading)
    found = list(matching(asker, family, condition)[:2])
    if len(found) > 1:
        raise Problem(412, Issue(_("The condition fits more than one."), family.type, "multiple-matches"))
    if not found:
        return create(asker, family, resource)
    asker.may(family.type, "u", family.writing)
    return _updated(asker, family, found[0], resource, if_match)


def _updated(asker: Asker, family: Family, row: Any, resource: Json, if_match: str) -> Answer:
    expected = asked_version(if_match)
    with recording(asker.by, REASON):
        if expected and expected != "*":
            (now,) = family.present(asker, [row])
            if now["meta"]["versionId"] != expected:
                text = _("Somebody changed it meanwhile: it is version %s now.") % now["meta"]["versionId"]
                raise Problem(412, Issue(text, family.type, "conflict"))
        try:
            written = family.update(asker, row, resource, expected if expected != "*" else "")
        except Withdrawn as gone:
            return _withdrawn(gone)
    return _shown(asker, family, written, 200)


def _shown(asker: Asker, family: Family, row: Any, status: int) -> Answer:
    (resource,) = family.present(asker, [row])
    place = f"{family.type}/{resource['id']}"
    headers = version_headers(resource, family.updated(row))
    headers["Location"] = f"{asker.base}{place}/_history/{resource['meta']['versionId']}"
    return Answer(status, resource, headers, about=place)


def _withdrawn(gone: Withdrawn) -> Answer:
    text = _("It is marked as entered in error.")
    return Answer(
        200, operation_outcome(200, [Issue(text, code="informational", severity="information")]), about=str(gone)
    )
