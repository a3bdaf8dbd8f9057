"""Every table that an administrator may take out of the house, as columns and rows.

An app adds its tables in its ready(): `add_app_tables("labs")`. Columns come from the models, so that a new column is
in the export without anybody remembering it; secrets and packed bytes never are.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.utils.text import capfirst

from registry.cohorts.access import visible_sites
from registry.cohorts.models import Cohort
from registry.extensions import hidden_from
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient, PatientIdentity
from registry.people.models import User

_apps: list[str] = []
_CHUNK = 2000
SIMULATED = "is_simulated_data"
_SECRET_COLUMNS = {"password", "digest"}
# What people call the row that a foreign key points to, so that a table can be read without the others.
_CODES = ("study_number", "code", "slug", "username")
# Their rows tell of a withdrawal, which is no longer data about the patient.
_WITH_WITHDRAWN = (Enrolment, Change)


def add_app_tables(label: str) -> None:
    if label not in _apps:
        _apps.append(label)


@dataclass(frozen=True)
class Table:
    model: type[models.Model]

    @property
    def code(self) -> str:
        return self.model._meta.label_lower

    @property
    def title(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    @property
    def app(self) -> str:
        return str(apps.get_app_config(self.model._meta.app_label).verbose_name)

    @property
    def has_identifiers(self) -> bool:
        return self.model is PatientIdentity

    @cached_property
    def paths(self) -> dict[type[models.Model], str]:
        return _paths(self.model)

    @cached_property
    def columns(self) -> list[str]:
        return [*_columns(self.model), SIMULATED]

    def rows(self, user: User) -> QuerySet[Any]:
        rows = _without_hidden(self.model._default_manager.all().order_by("pk"), user)
        rows = _of_sites(rows, self.paths, user)
        if self.model not in _WITH_WITHDRAWN:
            rows = _without_withdrawn(rows, self.paths)
        marked: QuerySet[Any] = rows.annotate(**{SIMULATED: _is_simulated(self.paths)})
        return marked

    def values(self, user: User) -> Iterator[tuple[Any, ...]]:
        return self.rows(user).values_list(*self.columns).iterator(chunk_size=_CHUNK)


def tables() -> list[Table]:
    found = [Table(model) for label in _apps for model in apps.get_app_config(label).get_models(True)]
    return [table for table in found if table.columns != [SIMULATED]]


def table_named(code: str) -> Table | None:
    return next((table for table in tables() if table.code == code), None)


def _columns(model: type[models.Model]) -> Iterable[str]:
    for field in model._meta.concrete_fields:
        if _is_secret(field):
            continue
        yield field.attname
        if field.is_relation:
            yield from _codes(field)


def _is_secret(field: Any) -> bool:
    secret = {*_SECRET_COLUMNS, *getattr(field.model, "unexported_values", ())}
    return field.name in secret or isinstance(field, models.BinaryField)


def _codes(field: Any) -> Iterable[str]:
    """The code of the row pointed to; for one without a code (an enrolment, a stain) those of what it points to."""
    target = field.related_model
    if code := _code_of(target):
        yield f"{field.name}__{code}"
    else:
        known = {field.model, *(other.related_model for other in field.model._meta.concrete_fields)}
        for further in target._meta.concrete_fields:
            if further.is_relation and further.related_model not in known and (code := _code_of(further.related_model)):
                yield f"{field.name}__{further.name}__{code}"


def _code_of(model: type[models.Model]) -> str | None:
    names = {column.name for column in model._meta.concrete_fields}
    return next((code for code in _CODES if code in names), None)


def _paths(model: type[models.Model]) -> dict[type[models.Model], str]:
    """The shortest way along foreign keys from a row to its cohort, enrolment and patient."""
    return _ways(model, (Cohort, Enrolment, Patient))


def way_to(model: type[models.Model], target: type[models.Model]) -> str | None:
    """The shortest way along foreign keys from a row to one of `target`: empty for a row of it, None without a way."""
    return _ways(model, (target,)).get(target)


def _ways(model: type[models.Model], targets: tuple[type[models.Model], ...]) -> dict[type[models.Model], str]:
    found: dict[type[models.Model], str] = {}
    todo: deque[tuple[type[models.Model], str]] = deque([(model, "")])
    seen = {model}
    while todo:
        here, path = todo.popleft()
        if here in targets:
            found[here] = path
        for field in here._meta.concrete_fields:
            target = field.related_model
            if field.is_relation and isinstance(target, type) and target not in seen:
                seen.add(target)
                todo.append((target, f"{path}__{field.name}" if path else field.name))
    return found


def at(path: str, name: str) -> str:
    return f"{path}__{name}" if path else name


def _of_sites(rows: QuerySet[Any], paths: dict[type[models.Model], str], user: User) -> QuerySet[Any]:
    if not user.sites.exists():
        return rows
    sites = visible_sites(user)
    if Patient in paths:
        return rows.filter(**{at(paths[Patient], "site__in"): sites})
    if Cohort in paths:
        return rows.filter(**{at(paths[Cohort], "site__in"): sites})
    return rows


def _without_hidden(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    hidden = hidden_from(user)
    if hidden.no_export:
        return rows.none()
    if rows.model is Change:
        rows = rows.exclude(domain__in=hidden.domains)
    return rows.exclude(hidden.rows[rows.model]) if rows.model in hidden.rows else rows


def _without_withdrawn(rows: QuerySet[Any], paths: dict[type[models.Model], str]) -> QuerySet[Any]:
    """Nobody who left: a membership that ended, a patient whose every membership did."""
    if Enrolment in paths:
        rows = rows.filter(**{at(paths[Enrolment], "withdrawn_on"): None})
    if Patient in paths:
        mine = Enrolment.objects.filter(patient=OuterRef(at(paths[Patient], "pk")), retired_reason="")
        rows = rows.filter(~Exists(mine) | Exists(mine.filter(withdrawn_on=None)))
    return rows


def _is_simulated(paths: dict[type[models.Model], str]) -> Any:
    """True where the row belongs to a simulated cohort; nothing where it belongs to no cohort at all."""
    if Patient in paths:
        mine = Enrolment.objects.filter(patient=OuterRef(at(paths[Patient], "pk")))
        return Exists(mine.filter(cohort__is_simulated=True))
    if Cohort in paths:
        return F(at(paths[Cohort], "is_simulated"))
    return Value(None, output_field=models.BooleanField(null=True))
