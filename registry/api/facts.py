"""The dated facts of a patient: treatments, response assessments, follow-up contacts, outcome events."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from rest_framework import serializers

from registry.api.documentation import offer
from registry.api.endpoints import Collection, CorrectedItem, Retirement, expose
from registry.api.references import patient_named
from registry.api.serializers import Entry, ModelEntry, Reasoned, Seen
from registry.api.simulated import PresentedOfPatient, marked
from registry.clinical.kinds import KINDS, Kind
from registry.clinical.services import fact_retire, fact_update
from registry.cohorts.access import visible_cohorts
from registry.patients.access import visible_patients
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import CLINICAL, RECORDING

_PLURALS = {
    "treatment": "treatments",
    "assessment": "assessments",
    "follow-up": "follow-ups",
    "event": "outcome-events",
}


class FactFilters(Entry):
    patient = serializers.CharField(required=False, max_length=40, help_text="Study number.")
    cohort = serializers.CharField(required=False, max_length=40, help_text="Of the members of this cohort.")
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class _OfKind:
    kind: ClassVar[Kind]
    user: User

    def rows(self) -> QuerySet[Any]:
        rows = self.kind.model._default_manager.filter(retired_reason="", patient__in=visible_patients(self.user))
        return marked(rows).select_related("patient")


class Facts(_OfKind, Collection):
    reading = CLINICAL
    writing = RECORDING
    filters = FactFilters

    @property
    def day(self) -> str:
        return "start" if self.kind.slug == "treatment" else "day"

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return of_members(rows, self.user, asked, self.day)

    def add(self, given: dict[str, Any]) -> Any:
        patient = patient_named(self.user, given.pop("patient"))
        return self.kind.add(patient=patient, by=self.by, **given)


def of_members(rows: QuerySet[Any], user: User, asked: dict[str, Any], day: str) -> QuerySet[Any]:
    """By patient, by cohort and by time: rows that have a patient."""
    if code := asked.get("cohort"):
        mine = visible_cohorts(user).filter(code=code)
        rows = rows.filter(patient__in=Enrolment.objects.filter(cohort__in=mine, retired_reason="").values("patient"))
    columns = {"patient": "patient__study_number", "since": f"{day}__gte", "until": f"{day}__lte"}
    return rows.filter(**{columns[name]: asked[name] for name in columns if name in asked})


class OneFact(_OfKind, CorrectedItem):
    reading = CLINICAL
    writing = RECORDING

    def row(self) -> Any:
        return _found(self.rows(), self.kwargs["pk"])

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        return fact_update(fact=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredFact(_OfKind, Retirement):
    writing = RECORDING

    def row(self) -> Any:
        return _found(self.rows(), self.kwargs["pk"])

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        version = self.seen_version(given)
        return fact_retire(fact=row, expected_version=version, by=self.by, reason=given["reason"])


def _found(rows: QuerySet[Any], pk: int) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _views(kind: Kind) -> tuple[type[Facts], type[OneFact], type[RetiredFact]]:
    name, columns = kind.model.__name__, kind.form.columns()

    def made(base: type[Any], suffix: str, **more: Any) -> type[Any]:
        fields = (*columns, *more.pop("fields"))
        meta = type("Meta", (), {"model": kind.model, "fields": fields})
        bases = (base,) if base is PresentedOfPatient else (base, ModelEntry)
        return type(f"{name}{suffix}", bases, {"Meta": meta, **more})

    study_number = serializers.CharField(max_length=40, help_text="Study number.")
    presenter = made(PresentedOfPatient, "Presenter", fields=("id", "version", "patient", "simulated"))
    entry = made(Reasoned, "Entry", fields=("patient", "reason"), patient=study_number)
    changes = made(Seen, "Changes", fields=("version", "reason"))
    plural = _PLURALS[kind.slug]
    shared = {"kind": kind, "tag": plural, "presenter": presenter}
    orderings = {"id": "pk", "day": "start" if kind.slug == "treatment" else "day"}
    return (
        type(f"{name}s", (Facts,), shared | {"entry": entry, "orderings": orderings}),
        type(f"One{name}", (OneFact,), shared | {"changes": changes}),
        type(f"Retired{name}", (RetiredFact,), {"kind": kind, "tag": plural}),
    )


def fact_urls() -> Iterator[URLPattern]:
    for kind in KINDS.values():
        plural = _PLURALS[kind.slug]
        many, one, retired = _views(kind)
        offer(plural, many)
        yield path(f"{plural}/", expose(many), name=plural)
        yield path(f"{plural}/<int:pk>/", expose(one), name=f"{kind.slug}-one")
        yield path(f"{plural}/<int:pk>/retire/", expose(retired), name=f"{kind.slug}-retire")
