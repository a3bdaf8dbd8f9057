"""For each variable of a cohort: of how many patients it is known. Withdrawn patients are not counted at all."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet

from registry.clinical.models import Baseline, ExtraValue, ExtraVariable
from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment, Patient, Sex


@dataclass(frozen=True)
class Completeness:
    label: str
    known: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.known

    @property
    def percent(self) -> int:
        return round(100 * self.known / self.total) if self.total else 0


def completeness(cohort: Cohort, *, is_eligible: bool = False) -> list[Completeness]:
    """`is_eligible`: only of those whom analyses are about."""
    members = Enrolment.objects.filter(cohort=cohort, withdrawn_on=None, retired_reason="")
    if is_eligible:
        members = members.filter(eligibility=Enrolment.Eligibility.ELIGIBLE)
    total = members.count()
    dated = members.filter(index_date__isnull=False).count()
    index = Completeness(str(cohort.get_index_event_display()), dated, total)
    sexes = members.exclude(patient__sex=Sex.UNKNOWN).count()
    sex = Completeness(str(Patient._meta.get_field("sex").verbose_name), sexes, total)
    return [index, sex, *_baseline(members, total), *_extra(cohort, members, total)]


def _baseline(members: QuerySet[Enrolment], total: int) -> list[Completeness]:
    fields = [field for field in Baseline._meta.concrete_fields if field.editable and not field.primary_key]
    counts = {field.name: Count("pk", filter=_is_known(field)) for field in fields}
    rows = Baseline.objects.filter(enrolment__in=members, retired_reason="")
    found = rows.aggregate(**counts)
    return [Completeness(str(field.verbose_name), found[field.name], total) for field in fields]


def _is_known(field: "models.Field[Any, Any]") -> Q:
    return Q(**{f"{field.name}__isnull": False}) if field.null else ~Q(**{field.name: ""})


def _extra(cohort: Cohort, members: QuerySet[Enrolment], total: int) -> list[Completeness]:
    rows = ExtraValue.objects.filter(enrolment__in=members, retired_reason="").order_by()
    counts = dict(rows.values_list("variable").annotate(n=Count("pk")))
    variables = ExtraVariable.objects.filter(cohort=cohort, retired_reason="")
    return [Completeness(variable.label, counts.get(variable.pk, 0), total) for variable in variables]
