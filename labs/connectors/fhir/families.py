"""What each type of resource has to say for itself; how it is read, searched and written is the same for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from labs.connectors.fhir.asking import Asker
from labs.formats.fhir.capability import Offered
from labs.formats.fhir.problems import Issue, Json, Problem
from registry.people.roles import Role

# What one value of a search parameter asks of a row.
Condition = Callable[[Asker, str], Q]


@dataclass(frozen=True)
class Parameter:
    kind: str
    condition: Condition


@dataclass(frozen=True)
class Version:
    resource: Json
    updated: datetime | None
    # POST for the first, PUT after it
    method: str


@dataclass(frozen=True)
class Written:
    row: Any
    is_new: bool


class Family:
    """One type. `rows` are those that the asker may see, and no way leads past it."""

    type: ClassVar[str]
    reading: ClassVar[tuple[Role, ...]]
    writing: ClassVar[tuple[Role, ...]]
    parameters: ClassVar[Mapping[str, Parameter]]
    # name of ?_sort= → column; the first is what happens unasked
    sorts: ClassVar[Mapping[str, str]]
    # Observation:subject → the family behind it and the way to its row's key
    includes: ClassVar[Mapping[str, tuple[str, str]]] = {}
    # what a service calls a column → the element
    elements: ClassVar[Mapping[str, str]] = {}

    def rows(self, asker: Asker) -> QuerySet[Any]:
        raise NotImplementedError  # abstract: the access functions of the pages

    def usual(self, rows: QuerySet[Any], names: set[str]) -> QuerySet[Any]:
        """What a search leaves out unless it asks for it by one of these parameters."""
        return rows

    def keyed(self, rows: QuerySet[Any], ids: Sequence[str]) -> QuerySet[Any]:
        numbers = [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 19]
        return rows.filter(pk__in=numbers)

    def id_of(self, row: Any) -> str:
        return str(row.pk)

    def gone(self, asker: Asker, key: str) -> bool:
        """Whether there was such a thing and it was marked as entered in error."""
        return False

    def find(self, asker: Asker, key: str) -> Any:
        row = self.keyed(self.rows(asker), [key]).first()
        if row is not None:
            return row
        if self.gone(asker, key):
            raise Problem(410, Issue(_("This was marked as entered in error."), self.type))
        raise Problem(404, Issue(_("There is no such thing here, or it is not yours to see."), self.type))

    def present(self, asker: Asker, rows: Sequence[Any], *, is_search: bool = False) -> list[Json]:
        raise NotImplementedError  # abstract: one query for what all rows need

    def updated(self, row: Any) -> datetime | None:
        raise NotImplementedError  # abstract: when the row became what it is

    def versions(self, asker: Asker, row: Any) -> list[Version]:
        """Newest first."""
        raise NotImplementedError  # abstract: from revisions, or from the change log

    def create(self, asker: Asker, resource: Json) -> Written:
        raise NotImplementedError  # abstract: one service

    def update(self, asker: Asker, row: Any, resource: Json, expected: str) -> Any:
        raise NotImplementedError  # abstract: one service; `expected` is "" when any version will do

    def offered(self) -> Offered:
        kinds = {name: parameter.kind for name, parameter in self.parameters.items()}
        return Offered(self.type, kinds, tuple(self.includes))


_families: dict[str, Family] = {}


def add_family(family: Family) -> None:
    _families[family.type] = family


def families() -> list[Family]:
    return list(_families.values())


def family_named(name: str, expression: str = "") -> Family:
    if name not in _families:
        text = _("%(type)s is not offered here; there are %(known)s.")
        known = ", ".join(_families)
        raise Problem(404, Issue(text % {"type": name[:64], "known": known}, expression, "not-supported"))
    return _families[name]


def nothing() -> Q:
    return Q(pk__in=[])
