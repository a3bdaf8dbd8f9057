"""What is parsed and what is presented. Nothing is decided here: rules are those of the services."""

import math
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

T = TypeVar("T")
Field = serializers.Field


class FiniteField(serializers.FloatField):
    """A number; "nan" and "inf" are none, and neither are true and false."""

    default_error_messages = {"not_finite": _("Give a finite number.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:
            self.fail("not_finite")
        if not math.isfinite(value):
            self.fail("not_finite")
        return value


class WholeField(serializers.IntegerField):
    """A whole number: true is none, and a text of digits is a text."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Entry(serializers.Serializer[Any]):
    """What may be sent. A name that is not known is refused: a misspelt one would be lost in silence."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := sorted(str(name) for name in set(data) - set(self.fields))):
            raise serializers.ValidationError({name: [_("This is not known here.")] for name in unknown})
        return dict(super().to_internal_value(data))

    @classmethod
    def parsed(cls, data: Any, *, partial: bool = False) -> dict[str, Any]:
        entry = cls(data=data, partial=partial)
        entry.is_valid(raise_exception=True)
        return dict(entry.validated_data)


class ModelEntry(Entry, serializers.ModelSerializer[Any]):
    """Columns of a table, by their own rules; what needs the database to decide is left to the service."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.FloatField: FiniteField,
        models.PositiveSmallIntegerField: WholeField,
        models.PositiveIntegerField: WholeField,
    }

    def get_unique_together_validators(self) -> list[Any]:
        return []

    def get_unique_for_date_validators(self) -> list[Any]:
        return []

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        kwargs = super().include_extra_kwargs(kwargs, extra_kwargs)
        asked = ("UniqueValidator",)
        if "validators" in kwargs:
            kwargs["validators"] = [each for each in kwargs["validators"] if type(each).__name__ not in asked]
        return kwargs


class Reasoned(Entry):
    """A first entry needs no reason."""

    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text=_("Kept in the change log.")
    )


class OfVersion(Entry):
    version = WholeField(
        required=False, min_value=0, max_value=2**31 - 1, help_text=_("The version that you saw; or send If-Match.")
    )


class Seen(OfVersion):
    """A correction says which version it corrects, here or in If-Match, and why."""

    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text=_("Kept in the change log.")
    )


class Because(Seen):
    """For what takes something back: the reason is not optional."""

    reason = serializers.CharField(max_length=500, help_text=_("Kept in the change log."))


class Retired(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    retired_reason = serializers.CharField()


class Presented(serializers.ModelSerializer[Any]):
    """A row as it is shown; every field is read only."""

    def __init__(self, instance: Any = None, data: Any = empty, **kwargs: Any) -> None:
        super().__init__(instance, data, **kwargs)

    def get_fields(self) -> dict[str, Any]:
        fields = dict(super().get_fields())
        for field in fields.values():
            field.read_only = True
        return fields


class Problem(serializers.Serializer[Any]):
    field = serializers.CharField()
    row = serializers.IntegerField(required=False)
    message = serializers.CharField()


class ErrorContent(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    fields_ = Problem(many=True)
    id = serializers.CharField(help_text=_("Tell it to the administrator: the server's log has it."))

    def get_fields(self) -> dict[str, Any]:
        # `fields` is taken by the serializer itself.
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class Error(serializers.Serializer[Any]):
    error = ErrorContent()


def referred(name: str, find: Callable[[], T], message: Any) -> T:
    """What a field names; that it is not there, or not for this person to see, is an error of that field."""
    try:
        return find()
    except Http404:
        raise serializers.ValidationError({name: [message]}) from None
