"""Which baseline facts exist and what each may hold: read from the registry's table, so that no second list drifts."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from registry.clinical.models import Baseline


@dataclass(frozen=True)
class BaselineKind:
    is_whole: bool = False
    is_boolean: bool = False
    choices: tuple[str, ...] = ()

    def accepts(self, value: Any) -> bool:
        if self.is_boolean or self.choices:
            return value in self.choices if self.choices else isinstance(value, bool)
        return isinstance(value, int if self.is_whole else int | float) and not isinstance(value, bool)

    @property
    def words(self) -> str:
        if self.choices:
            return _("one of %s") % ", ".join(self.choices)
        if self.is_boolean:
            return _("true or false")
        return _("a whole number") if self.is_whole else _("a number")


def _kind(field: models.Field) -> BaselineKind:  # type: ignore[type-arg]  # whatever it holds
    if isinstance(field, models.BooleanField):
        return BaselineKind(is_boolean=True)
    if isinstance(field, models.CharField):
        return BaselineKind(choices=tuple(str(value) for value, _label in field.flatchoices if value))
    return BaselineKind(is_whole=isinstance(field, models.IntegerField))


BASELINE_FIELDS = {
    field.name: _kind(field) for field in Baseline._meta.concrete_fields if field.editable and not field.primary_key
}
