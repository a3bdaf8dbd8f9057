"""Whom or what a reference means: by id here, by a search, or by a number; and only what the asker may see."""

from typing import Any

from django.utils.translation import gettext as _

from labs.connectors.fhir.asking import Asker
from labs.connectors.fhir.conditions import local_key
from labs.connectors.fhir.families import family_named
from labs.connectors.fhir.searching import matching
from labs.formats.fhir.elements import Identifier, Reference
from labs.formats.fhir.problems import refused
from labs.formats.fhir.search import Asked


def referred(asker: Asker, reference: Reference | None, kind: str, place: str) -> Any:
    """The row. A Problem names the element; it does not tell what is not there from what is not to be seen."""
    if reference is None:
        raise refused(_("A reference to %s is needed.") % kind, place, "required")
    family = family_named(kind)
    if reference.target.startswith(f"{kind}?"):
        asker.may(kind, "s", family.reading)
        rows = list(matching(asker, family, reference.target.partition("?")[2])[:2])
    elif reference.target:
        key = local_key(asker, reference, kind)
        rows = list(family.keyed(family.rows(asker), [key])[:1]) if key and "/" in reference.target else []
    else:
        rows = list(matching(asker, family, [_numbered(reference)])[:2])
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise refused(_("More than one %s is meant.") % kind, place, "multiple-matches")
    raise refused(_("There is no such %s here, or it is not yours to see.") % kind, place, "not-found")


def _numbered(reference: Reference) -> Asked:
    number = reference.identifier or Identifier("", "")
    token = f"{_escaped(number.system)}|{_escaped(number.value)}" if number.system else _escaped(number.value)
    return Asked("identifier", "", (token,))


def _escaped(text: str) -> str:
    for sign in ("\\", ",", "|", "$"):
        text = text.replace(sign, f"\\{sign}")
    return text
