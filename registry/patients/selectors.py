"""What the pages of patients show, in a fixed number of queries whatever the number of patients."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet, Subquery

from registry.clinical.models import Assessment, Baseline, ExtraValue, FollowUp, OutcomeEvent, ReportedResponse
from registry.cohorts.access import visible_cohorts, visible_sites
from registry.cohorts.eligibility import Finding, findings_from
from registry.cohorts.models import EventKind
from registry.forms import shown
from registry.outcomes.selectors import Outcome, RecurrenceTiming, patient_outcomes, patient_recurrence_timing
from registry.patients.access import visible_patients
from registry.patients.follow_up import Overdue, overdue, overdue_condition
from registry.patients.models import Enrolment, Patient
from registry.people.models import User


@dataclass(frozen=True)
class Membership:
    """A patient in one cohort, with everything that the patient page says about it."""

    enrolment: Enrolment
    findings: list[Finding]
    baseline: list[tuple[str, str]]
    response: ReportedResponse | None
    extra: list[tuple[str, str]]
    outcomes: list[Outcome]
    timing: RecurrenceTiming | None
    overdue: Overdue | None


def patient_list(user: User, chosen: dict[str, Any]) -> QuerySet[Patient]:
    cohorts = visible_cohorts(user)
    memberships = Enrolment.objects.filter(cohort__in=cohorts, retired_reason="").select_related("cohort")
    patients = visible_patients(user).select_related("site")
    patients = _chosen_facts(_chosen_cohort(patients, chosen, memberships), chosen)
    if chosen.get("overdue"):
        patients = patients.filter(overdue_condition([chosen["cohort"]] if chosen.get("cohort") else list(cohorts)))
    return patients.prefetch_related(
        Prefetch("enrolments", memberships.order_by("cohort__code"), to_attr="memberships"),
        Prefetch("outcome_events", OutcomeEvent.objects.filter(retired_reason=""), to_attr="events"),
    ).annotate(last_visit=_last(FollowUp), last_image=_last(Assessment))


def _chosen_cohort(
    patients: QuerySet[Patient], chosen: dict[str, Any], memberships: QuerySet[Enrolment]
) -> QuerySet[Patient]:
    if not (chosen.get("cohort") or chosen.get("eligibility")):
        return patients
    rows = memberships.filter(patient=OuterRef("pk"))
    if chosen.get("cohort"):
        rows = rows.filter(cohort=chosen["cohort"])
    if chosen.get("eligibility"):
        rows = rows.filter(eligibility=chosen["eligibility"])
    return patients.filter(Exists(rows))


def _chosen_facts(patients: QuerySet[Patient], chosen: dict[str, Any]) -> QuerySet[Patient]:
    if chosen.get("q"):
        patients = patients.filter(study_number__icontains=chosen["q"].strip())
    if chosen.get("sex"):
        patients = patients.filter(sex=chosen["sex"])
    if chosen.get("event"):
        has_event = Exists(OutcomeEvent.objects.filter(patient=OuterRef("pk"), retired_reason=""))
        patients = patients.filter(has_event if chosen["event"] == "yes" else ~has_event)
    return patients


def _last(kind: Any) -> Any:
    rows = kind.objects.filter(patient=OuterRef("pk"), retired_reason="").order_by()
    return Subquery(rows.values("patient").annotate(last=Max("day")).values("last"))


def last_contact(patient: Patient) -> date | None:
    """The last day on which anybody saw, heard or read of the patient."""
    days = [
        kind.objects.filter(patient=patient, retired_reason="").aggregate(last=Max("day"))["last"]
        for kind in (FollowUp, Assessment, OutcomeEvent)
    ]
    return max((day for day in days if day), default=None)


def memberships(user: User, patient: Patient) -> list[Membership]:
    rows = Enrolment.objects.filter(patient=patient, cohort__site__in=visible_sites(user), retired_reason="")
    died = OutcomeEvent.objects.filter(patient=patient, kind=EventKind.DEATH, retired_reason="").exists()
    last = last_contact(patient)
    ordered = rows.select_related("cohort", "patient").order_by("index_date", "cohort__code")
    return [_membership(enrolment, last, died) for enrolment in ordered]


def _membership(enrolment: Enrolment, last: date | None, died: bool) -> Membership:
    is_member = enrolment.withdrawn_on is None
    return Membership(
        enrolment=enrolment,
        findings=findings_from(enrolment.reasons),
        baseline=baseline_words(Baseline.objects.filter(enrolment=enrolment).first()),
        response=ReportedResponse.objects.filter(enrolment=enrolment, retired_reason="").first(),
        extra=_extra_words(enrolment),
        # A withdrawn patient has no results any more, not even here.
        outcomes=patient_outcomes(enrolment) if is_member else [],
        timing=patient_recurrence_timing(enrolment) if is_member else None,
        overdue=overdue(enrolment, last, died),
    )


def baseline_words(baseline: Baseline | None) -> list[tuple[str, str]]:
    """Name and value of what is known; what is not known is left out."""
    if baseline is None:
        return []
    fields = [field for field in baseline._meta.concrete_fields if field.editable and not field.primary_key]
    known = [field for field in fields if getattr(baseline, field.name) not in (None, "")]
    return [(str(field.verbose_name), shown(baseline, field.name)) for field in known]


def _extra_words(enrolment: Enrolment) -> list[tuple[str, str]]:
    rows = ExtraValue.objects.filter(enrolment=enrolment, retired_reason="").select_related("variable")
    return [(value.variable.label, _extra_value(value)) for value in rows.order_by("variable__code")]


def _extra_value(value: ExtraValue) -> str:
    variable = value.variable
    if value.number is not None:
        return f"{value.number:g} {variable.unit}".strip()
    return str(variable.levels.get(value.text, value.text))
