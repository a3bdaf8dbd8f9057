"""Pages by keyset: a page begins after the last row of the one before, whatever was stored in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import FieldError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

_SALT = "api.cursor"


@dataclass(frozen=True)
class Ordering:
    """A column, upwards or downwards; rows without a value come last, and equal ones by their number."""

    name: str
    column: str

    @property
    def is_downwards(self) -> bool:
        return self.name.startswith("-")

    @property
    def is_number(self) -> bool:
        return self.column == "pk"

    def terms(self) -> list[Any]:
        column = F(self.column)
        if self.is_number:
            return ["-pk" if self.is_downwards else "pk"]
        return [column.desc(nulls_last=True) if self.is_downwards else column.asc(nulls_last=True), "pk"]

    def after(self, value: Any, pk: Any) -> Q:
        way = "lt" if self.is_downwards else "gt"
        if self.is_number:
            return Q(**{f"pk__{way}": pk})
        nothing = Q(**{f"{self.column}__isnull": True})
        if value is None:
            return nothing & Q(pk__gt=pk)
        return Q(**{f"{self.column}__{way}": value}) | Q(**{self.column: value}, pk__gt=pk) | nothing

    def place_of(self, row: Model) -> list[Any]:
        value: Any = row
        for part in () if self.is_number else self.column.split("__"):
            value = getattr(value, part, None) if value is not None else None
        return [self.name, value if value is None or isinstance(value, int | float) else str(value), row.pk]


@dataclass(frozen=True)
class Pages:
    """One page of many rows: two queries whatever their number."""

    ordering: Ordering
    size: int
    cursor: str = ""

    def answer(self, rows: QuerySet[Any], request: Request, present: Callable[[Any], Any]) -> dict[str, Any]:
        count = rows.count()
        found = list(self._from_here(rows).order_by(*self.ordering.terms())[: self.size + 1])
        page, is_more = found[: self.size], len(found) > self.size
        here = request.build_absolute_uri()
        cursor = signing.dumps(self.ordering.place_of(page[-1]), salt=_SALT) if is_more else ""
        return {
            "count": count,
            "next": replace_query_param(here, "cursor", cursor) if cursor else None,
            "results": present(page),
        }

    def _from_here(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not self.cursor:
            return rows
        try:
            name, value, pk = signing.loads(self.cursor, salt=_SALT)
            if name != self.ordering.name:
                raise signing.BadSignature
            return rows.filter(self.ordering.after(value, pk))
        except (signing.BadSignature, FieldError, TypeError, ValueError):
            raise _no_cursor() from None


def page_of(
    rows: Sequence[Any],
    place: Callable[[Any], list[str]],
    request: Request,
    present: Callable[[Any], Any],
    *,
    size: int,
    cursor: str,
) -> dict[str, Any]:
    """The same of rows that no table holds; `place` is what they are in the order of."""
    last = _place_in(cursor) if cursor else None
    left = [row for row in sorted(rows, key=place) if last is None or place(row) > last]
    more = signing.dumps(place(left[size - 1]), salt=_SALT) if len(left) > size else ""
    return {
        "count": len(rows),
        "next": replace_query_param(request.build_absolute_uri(), "cursor", more) if more else None,
        "results": present(left[:size]),
    }


def _place_in(cursor: str) -> list[str]:
    try:
        found = signing.loads(cursor, salt=_SALT)
        if not (isinstance(found, list) and all(isinstance(part, str) for part in found)):
            raise signing.BadSignature
    except signing.BadSignature:
        raise _no_cursor() from None
    return found


def _no_cursor() -> serializers.ValidationError:
    message = _("This is no cursor of this list and this ordering: take it from “next”.")
    return serializers.ValidationError({"cursor": [message]})


# One class for each, so that the description has one component for each.
_PAGED: dict[Any, type[serializers.Serializer[Any]]] = {}


def paged(presenter: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """How a page of these rows is described."""
    if presenter not in _PAGED:
        _PAGED[presenter] = _paged(presenter)
    return _PAGED[presenter]


def _paged(presenter: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    fields = {
        "count": serializers.IntegerField(help_text=_("Of all rows that the filters leave.")),
        "next": serializers.URLField(allow_null=True, help_text=_("The address of the next page; null on the last.")),
        "results": presenter(many=True),
    }
    return type(f"PageOf{presenter.__name__}", (serializers.Serializer,), fields)
