from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param


@dataclass(frozen=True)
class Pages:
    """One page of many rows: two queries whatever their number. A page beyond the last is empty."""

    number: int
    size: int

    def answer(self, rows: QuerySet[Any], request: Request, present: Callable[[Any], Any]) -> dict[str, Any]:
        count = rows.count()
        start = (self.number - 1) * self.size
        here = request.build_absolute_uri()
        return {
            "count": count,
            "next": replace_query_param(here, "page", self.number + 1) if start + self.size < count else None,
            "previous": self._previous(here) if self.number > 1 else None,
            "results": present(list(rows[start : start + self.size])),
        }

    def _previous(self, here: str) -> str:
        before = self.number - 1
        return replace_query_param(here, "page", before) if before > 1 else remove_query_param(here, "page")


# One class for each, so that the description has one component for each.
_PAGED: dict[Any, type[serializers.Serializer[Any]]] = {}


def paged(presenter: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """How a page of these rows is described."""
    if presenter not in _PAGED:
        _PAGED[presenter] = _paged(presenter)
    return _PAGED[presenter]


def _paged(presenter: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    fields = {
        "count": serializers.IntegerField(),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": presenter(many=True),
    }
    return type(f"PageOf{presenter.__name__}", (serializers.Serializer,), fields)
