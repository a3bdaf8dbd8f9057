"""Earlier versions of a row, out of the change log: what was changed is undone step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import CharField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from registry.log.facts import Fact
from registry.log.models import Action, Change


@dataclass(frozen=True)
class Step:
    version: int
    at: datetime


def with_updated(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with `logged_at`: when the log has their last change."""
    dated: QuerySet[Any] = rows.annotate(logged_at=last_logged(rows.model, "pk"))
    return dated


def last_logged(model: type[Model], way: str) -> Subquery:
    changes = Change.objects.filter(
        subject_type=model._meta.model_name, subject_id=Cast(OuterRef(way), CharField())
    ).exclude(action=Action.READ)
    return Subquery(changes.order_by("-id").values("at")[:1])


def steps(row: Fact) -> list[tuple[Step, Change]]:
    """Each version with the change that made it, newest first. A row of two cohorts has its change in both streams."""
    changes = Change.objects.filter(subject_type=row._meta.model_name, subject_id=str(row.pk)).order_by("-id")
    found: dict[int, tuple[Step, Change]] = {}
    for change in changes:
        version = change.new_values.get("version")
        if isinstance(version, int):
            found.setdefault(version, (Step(version, change.at), change))
    return [found[version] for version in sorted(found, reverse=True)]


def earlier_versions(row: Fact, columns: Sequence[str]) -> list[tuple[Step, dict[str, Any]]]:
    """The values of these columns in each version, newest first."""
    values = {name: getattr(row, name) for name in columns}
    found = []
    for step, change in steps(row):
        found.append((step, dict(values)))
        old = change.old_values
        values |= {name: _typed(row, name, old[name]) for name in columns if name in old}
    return found


def _typed(row: Fact, name: str, value: Any) -> Any:
    """The log holds what JSON can say."""
    is_day = isinstance(row._meta.get_field(name), models.DateField)
    return date.fromisoformat(value) if is_day and isinstance(value, str) and value else value
