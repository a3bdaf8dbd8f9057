"""What a token may do, in the words of SMART (v2): `system/Observation.rs system/patients.cruds`.

A scope names a family of addresses and what may be done there: c(reate), r(ead), u(pdate), d(elete), s(earch), in this
order. A family is a type of FHIR or the first part of an address of REST; `*` is every family. Scopes narrow what the
owner may do and never widen it; a token without any may do all that.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# A token acts for its owner, so there is no patient that a scope of the kind patient/ could be bound to.
_SCOPE = re.compile(r"(?:system|user)/(?P<family>\*|[A-Za-z][A-Za-z-]*)\.(?P<letters>(?=[cruds])c?r?u?d?s?)")
# What is called differently by the two interfaces.
_SAME = {"patients": "Patient", "specimens": "Specimen", "blood-results": "Observation"}


def checked_scopes(text: str) -> str:
    """The scopes, one space between two; ValidationError names the first that is none."""
    found = text.split()
    for scope in found:
        if not _SCOPE.fullmatch(scope):
            message = _("“%s” is no scope: write for example system/Observation.rs or system/patients.cruds.") % scope
            raise ValidationError({"scopes": message})
    return " ".join(dict.fromkeys(found))


def scopes_allow(scopes: str, family: str, letter: str) -> bool:
    """Whether these scopes let somebody do `letter` in the family."""
    names = {"*", family, _SAME.get(family, family)}
    matches = [found for scope in scopes.split() if (found := _SCOPE.fullmatch(scope))]
    return not scopes.strip() or any(found["family"] in names and letter in found["letters"] for found in matches)
