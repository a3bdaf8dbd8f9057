"""What becomes a file of the bundle: columns, how many rows there are, and the rows one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from analysis.exports import columns as types
from analysis.exports.columns import OutColumn, Subject, Vanished
from analysis.exports.population import Population, members
from analysis.exports.profiles import (
    KEEP,
    RECODE,
    REFERENCES,
    SHIFT,
    TO_BAND,
    TO_DAYS,
    TO_SEX,
    Nature,
    Place,
    Profile,
    Treated,
    nature,
    treatment,
)
from analysis.exports.wish import Wish
from labs.revisions import Revision
from registry.export.tables import SIMULATED, Table, at, tables
from registry.models import Cohort, Enrolment, Patient, PatientIdentity
from registry.people.models import User

_CHUNK = 2000


class Dataset(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def columns(self) -> list[OutColumn]: ...

    @property
    def vanished(self) -> list[Vanished]: ...

    def count(self) -> int: ...

    def rows(self) -> Iterator[tuple[Any, ...]]: ...

    def why_empty(self) -> str: ...


@dataclass(frozen=True)
class Scope:
    """Who asks for what, and through which connection it is read."""

    user: User
    cohorts: list[Cohort]
    wish: Wish
    population: Population
    using: str

    @property
    def is_open(self) -> bool:
        return self.wish.profile == Profile.IDENTIFIED


def offered(profile: Profile) -> list[Table]:
    """The tables that a profile lets out at all."""
    if profile == Profile.IDENTIFIED:
        return tables()
    return [
        table
        for table in tables()
        if table.code in REFERENCES or (Patient in table.paths and table.model is not PatientIdentity)
    ]


class TableDataset:
    """A table of the database under a profile."""

    def __init__(self, table: Table, scope: Scope) -> None:
        self._table, self._scope = table, scope
        self.name = table.code.replace(".", "-")
        self.title = table.title
        self.columns: list[OutColumn] = []
        self.vanished: list[Vanished] = []
        self._taken: list[str] = []
        unwanted = scope.wish.left_out.get(table.code, ())
        for path in table.columns:
            if path not in unwanted:
                self._add(path)

    def _add(self, path: str) -> None:
        if path == SIMULATED:
            self.columns.append(OutColumn(path, types.BOOLEAN, _("of a simulated cohort"), _("the cohort")))
            self._taken.append(path)
            return
        place = _place(self._table.model, path)
        plain = _described(path, place, self._table)
        told = self._treatment(place)
        if told.how is None:
            self.vanished.append(Vanished(path, plain.label, str(told.words)))
            return
        self.columns.append(treated(plain, told, nature(place), self._scope.population))
        self._taken.append(path)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Columns that may be left out: where they are from, what they mean."""
        kept = zip(self._taken, (column.label for column in self.columns), strict=True)
        return [(path, label) for path, label in kept if path != SIMULATED]

    def _treatment(self, place: Place) -> Treated:
        wish = self._scope.wish
        return treatment(
            nature(place), wish.profile, is_shifted=wish.is_shifted, of_patient=Patient in self._table.paths
        )

    def count(self) -> int:
        return self._queryset().count()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        paths = self._table.paths
        subject = [at(paths[model], "pk") for model in (Patient, Enrolment) if model in paths]
        rows = self._queryset()
        if self._scope.wish.profile == Profile.ANONYMOUS:
            # In the order of their numbers, the first row would be that of the first patient in every export.
            rows = rows.order_by("?")
        changes = [(place, column.change) for place, column in enumerate(self.columns) if column.change]
        width = len(self.columns)
        for row in rows.values_list(*self._taken, *subject).iterator(chunk_size=_CHUNK):
            if not changes:
                yield row[:width]
                continue
            whose = Subject(row[width] if subject else None, row[width + 1] if len(subject) > 1 else None)
            cells = list(row[:width])
            for place, change in changes:
                cells[place] = change(cells[place], whose)
            yield tuple(cells)

    def why_empty(self) -> str:
        """Which of the filters, one after the other, left nothing."""
        stored = self._table.model._default_manager.using(self._scope.using)
        if not stored.exists():
            return _("nothing is stored in this table")
        seen = self._table.rows(self._scope.user).using(self._scope.using)
        if not seen.exists():
            return _("all its rows belong to other sites, withdrawn patients or reading rounds not yet closed")
        codes = ", ".join(self._scope.wish.cohorts)
        if not self._of_cohorts(seen).exists():
            return _("none of its rows belongs to the chosen cohorts (%(codes)s)") % {"codes": codes}
        if not self._valid(self._of_cohorts(seen)).exists():
            return _("all its rows of the chosen cohorts were withdrawn, corrected or marked as errors")
        if self._scope.population.is_part and not self._of_part(self._of_cohorts(seen)).exists():
            return _("none of its rows belongs to the sub-cohort")
        return _("everybody in it is in a group of fewer than %(k)s patients") % {"k": self._scope.wish.smallest_cell}

    def _queryset(self) -> QuerySet[Any]:
        rows = self._of_cohorts(self._table.rows(self._scope.user).using(self._scope.using))
        if self._scope.population.is_part:
            rows = self._of_part(rows)
        if self._scope.is_open:
            return rows
        rows = self._valid(rows)
        hidden = self._scope.population.left_out
        if hidden and Patient in self._table.paths:
            rows = rows.exclude(**{at(self._table.paths[Patient], "pk__in"): hidden})
        return rows

    def _of_cohorts(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        paths, chosen = self._table.paths, [cohort.pk for cohort in self._scope.cohorts]
        if Cohort in paths:
            way = paths[Cohort]
            of_none = Q(**{at(way, "isnull"): True}) if way else Q()
            rows = rows.filter(Q(**{at(way, "pk__in"): chosen}) | of_none if way else Q(pk__in=chosen))
        if Patient in paths and Enrolment not in paths:
            mine = Enrolment.objects.filter(
                patient=OuterRef(at(paths[Patient], "pk")), cohort__in=chosen, retired_reason=""
            )
            rows = rows.filter(Exists(mine))
        return rows

    def _of_part(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        paths, population = self._table.paths, self._scope.population
        if Enrolment in paths:
            return rows.filter(**{at(paths[Enrolment], "pk__in"): list(population.index)})
        if Patient in paths:
            return rows.filter(**{at(paths[Patient], "pk__in"): list(population.first)})
        return rows

    def _valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Without what was marked as an error, superseded or withdrawn: a profile hides the columns that say so."""
        model, paths, scope = self._table.model, self._table.paths, self._scope
        if issubclass(model, Revision):
            rows = rows.filter(successor__isnull=True, is_retracted=False)
        if any(field.name == "retired_reason" for field in model._meta.concrete_fields):
            rows = rows.filter(retired_reason="")
        known = members(scope.user, scope.cohorts, scope.wish)
        if Enrolment in paths:
            return rows.filter(**{at(paths[Enrolment], "pk__in"): known.values("pk")})
        if Patient in paths:
            return rows.filter(**{at(paths[Patient], "pk__in"): known.values("patient_id")})
        return rows


def _place(model: type[models.Model], path: str) -> Place:
    *steps, last = path.split("__")
    for step in steps:
        target = model._meta.get_field(step).related_model
        if not isinstance(target, type):
            raise LookupError(path)
        model = target
    found = next(field for field in model._meta.concrete_fields if last in (field.attname, field.name))
    return Place(model, found)


def _described(path: str, place: Place, table: Table) -> OutColumn:
    field = place.field
    levels = {str(value): str(label) for value, label in (field.flatchoices or ())}
    label = str(getattr(field, "verbose_name", path))
    if place.model is not table.model:
        label = f"{label} ({place.model._meta.verbose_name})"
    return OutColumn(path, _type(field), label, f"{place.model._meta.label_lower}.{field.name}", levels=levels)


def _type(field: Any) -> str:
    if field.is_relation:
        return _type(field.target_field)
    for kind, name in _TYPES:
        if isinstance(field, kind):
            return name
    return types.TEXT


# A moment is a date too, so it comes first.
_TYPES: tuple[tuple[Any, str], ...] = (
    (models.BooleanField, types.BOOLEAN),
    (models.IntegerField, types.INTEGER),
    (models.FloatField, types.NUMBER),
    (models.DateTimeField, types.MOMENT),
    (models.DateField, types.DATE),
)


def treated(column: OutColumn, told: Treated, kind: Nature, population: Population) -> OutColumn:
    if told.how == KEEP:
        return column
    changed = {
        RECODE: {"change": partial(_recode, population, kind), "type": types.TEXT},
        SHIFT: {"change": partial(_shift, population)},
        TO_DAYS: {
            "change": partial(_days, population),
            "type": types.INTEGER,
            "unit": "d",
            "name": f"{column.name}_days",
        },
        TO_BAND: {"change": partial(_band, population), "type": types.TEXT},
        TO_SEX: {"change": partial(_sex, population)},
    }[str(told.how)]
    made: OutColumn = replace(column, transformation=str(told.words), **changed)  # type: ignore[arg-type]  # by name
    return made


def _recode(population: Population, kind: Nature, value: Any, whose: Subject) -> Any:
    return None if value in (None, "") else population.secret.code(kind, value)


def _shift(population: Population, value: date | None, whose: Subject) -> date | None:
    return shifted(population, value, whose.patient)


def shifted(population: Population, day: date | None, patient: int | None) -> date | None:
    if day is None or patient is None:
        return None
    return date.fromordinal(day.toordinal() + population.secret.shift(patient))


def _days(population: Population, value: date | datetime | None, whose: Subject) -> int | None:
    zero = population.day_zero(whose.patient, whose.enrolment)
    if value is None or zero is None:
        return None
    return value.toordinal() - zero.toordinal()


def _band(population: Population, value: Any, whose: Subject) -> Any:
    return population.band_of(whose.patient, whose.enrolment) if value is not None else None


def _sex(population: Population, value: Any, whose: Subject) -> Any:
    return population.released.sex(whose.patient) if whose.patient is not None else None
