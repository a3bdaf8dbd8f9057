from dataclasses import dataclass

from django.db.models import Count, Q

from registry.clinical.models import Baseline, ExtraVariable
from registry.cohorts.models import Cohort
from registry.patients.members import cohort_enrolments


@dataclass(frozen=True)
class Completeness:
    """For how many of the patients in a cohort a variable is known."""

    code: str
    label: str
    known: int
    patients: int


def baseline_completeness(cohort: Cohort) -> list[Completeness]:
    staying = cohort_enrolments(cohort).order_by()
    fields = [field for field in Baseline._meta.concrete_fields if field.editable and not field.primary_key]
    known = Baseline.objects.filter(enrolment__in=staying, retired_reason="").aggregate(
        **{field.name: Count("pk", filter=_is_known(field.name, field.empty_strings_allowed)) for field in fields}
    )
    patients = staying.count()
    return [
        Completeness(f"baseline:{field.name}", str(field.verbose_name), known[field.name], patients) for field in fields
    ]


def extra_completeness(cohort: Cohort) -> list[Completeness]:
    staying = cohort_enrolments(cohort).order_by()
    of_those = Q(extra_values__enrolment__in=staying, extra_values__retired_reason="")
    variables = ExtraVariable.objects.filter(cohort=cohort, retired_reason="").order_by("code")
    patients = staying.count()
    return [
        Completeness(f"extra:{variable.code}", variable.label, variable.known, patients)
        for variable in variables.annotate(known=Count("extra_values", filter=of_those))
    ]


def _is_known(name: str, is_text: bool) -> Q:
    return ~Q(**{name: ""}) if is_text else Q(**{f"{name}__isnull": False})
