"""The change log of one row, or of one patient, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise

from registry.log.models import Action, Change

# Whom a row is about stands above its history.
_NOT_SHOWN = {"version", "patient", "enrolment"}


@dataclass(frozen=True)
class Step:
    at: datetime
    who: str
    source: str
    action: str
    subject: str | Promise
    moved: list[tuple[str | Promise, Any, Any]]
    reason: str


def history_of(row: models.Model, changes: QuerySet[Change]) -> list[Step]:
    """Of the changes that somebody may see, those of one row."""
    return steps(changes.filter(subject_type=row._meta.model_name, subject_id=str(row.pk)))


def steps(changes: QuerySet[Change]) -> list[Step]:
    """Newest first; a fact that belongs to the streams of several cohorts was written once."""
    seen, found = set(), []
    for change in changes.order_by("-id"):
        key = (change.batch, change.subject_type, change.subject_id, change.action, change.new)
        if key not in seen:
            seen.add(key)
            found.append(_step(change))
    return found


def _step(change: Change) -> Step:
    names = _names(change.subject_type)
    moved = [(names.get(name, name), old, new) for name, old, new in _moved(change.old_values, change.new_values)]
    return Step(
        change.at,
        change.actor_name,
        change.source,
        str(Action(change.action).label),
        _table(change.subject_type),
        moved,
        change.reason,
    )


def _moved(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    names: Iterable[str] = sorted({*old, *new} - _NOT_SHOWN)
    for name in names:
        before, after = old.get(name), new.get(name)
        if not (before in (None, "") and after in (None, "")):
            yield name, worded(before), worded(after)


def worded(value: Any) -> Any:
    """Lists and tables of values as a line of words; everything else as it is."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {worded(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(str(worded(part)) for part in value)
    return value


def _table(subject_type: str) -> str | Promise:
    found = (model._meta.verbose_name for model in apps.get_models() if model._meta.model_name == subject_type)
    return next((name for name in found if name is not None), subject_type)


def _names(subject_type: str) -> dict[str, str | Promise]:
    """The words for a table's columns; a table that exists no more keeps the bare names."""
    for model in apps.get_models():
        if model._meta.model_name == subject_type:
            return {field.name: getattr(field, "verbose_name", field.name) for field in model._meta.concrete_fields}
    return {}
