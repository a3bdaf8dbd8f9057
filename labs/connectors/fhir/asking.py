"""Who asks, what the token may, and how the answer is wanted. Each part of a bundle is asked by the same asker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.http import http_date
from django.utils.translation import gettext as _

from labs.formats.fhir.problems import Issue, Json, Problem
from registry.log.actors import Actor
from registry.people.models import User
from registry.people.roles import Role
from registry.tokens.models import ApiToken

SOURCE = "fhir"


@dataclass(frozen=True)
class Asker:
    """`base` is the address of the server, with the slash at its end."""

    user: User
    base: str
    token: ApiToken | None = None
    prefer: str = ""

    @property
    def by(self) -> Actor:
        return Actor.of(self.user, SOURCE)

    def may(self, kind: str, letter: str, roles: Sequence[Role]) -> None:
        if not self.user.has_role(*roles):
            raise Problem(403, Issue(_("Your roles do not allow this.")))
        if self.token is not None and not self.token.allows(kind, letter):
            raise Problem(403, Issue(_("The scopes of this token do not allow this.")))


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # What the answer is about, as Patient/12.
    about: str = ""


def version_headers(resource: Mapping[str, Any], updated: datetime | None) -> dict[str, str]:
    headers = {"ETag": f'W/"{resource["meta"]["versionId"]}"'}
    if updated is not None:
        headers["Last-Modified"] = http_date(updated.timestamp())
    return headers


def asked_version(header: str) -> str:
    """The version in `W/"3"`, or in what clients make of it."""
    return header.strip().removeprefix("W/").strip('" ')
