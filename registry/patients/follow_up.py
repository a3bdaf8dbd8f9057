"""Whose follow-up is overdue. A contact is whatever proves that somebody saw, heard or read of the patient."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from registry.clinical.models import Assessment, FollowUp, OutcomeEvent
from registry.cohorts.models import Cohort, EventKind
from registry.patients.models import Enrolment


@dataclass(frozen=True)
class Overdue:
    due: date
    as_of: date

    @property
    def days(self) -> int:
        return (self.as_of - self.due).days


def overdue(enrolment: Enrolment, last_contact: date | None, died: bool) -> Overdue | None:
    """Counted from the last contact or the index event, whichever is later, up to today or the cohort's data cut."""
    known = [day for day in (last_contact, enrolment.index_date) if day]
    is_followed = not (died or enrolment.withdrawn_on or enrolment.eligibility == Enrolment.Eligibility.INELIGIBLE)
    if not is_followed or not known or max(known) >= _limit(enrolment.cohort):
        return None
    return Overdue(months_later(max(known), enrolment.cohort.follow_up_months), reference_day(enrolment.cohort))


def reference_day(cohort: Cohort) -> date:
    today = timezone.localdate()
    return min(today, cohort.data_cut) if cohort.data_cut else today


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the last one of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _limit(cohort: Cohort) -> date:
    """The first day of a last contact that is not overdue yet."""
    reference = reference_day(cohort)
    limit = months_later(reference, -cohort.follow_up_months)
    # Three months before 31 May is 28 February, but three months after that day is 28 May already.
    while months_later(limit, cohort.follow_up_months) < reference:
        limit += timedelta(days=1)
    return limit


def overdue_condition(cohorts: list[Cohort]) -> Q:
    """The same rule over patients in the database: the list of patients filters by it."""
    condition = Q(pk__in=[])
    for cohort in cohorts:
        condition |= Q(Exists(_overdue_enrolments(cohort)))
    return condition


def _overdue_enrolments(cohort: Cohort) -> QuerySet[Enrolment]:
    limit = _limit(cohort)
    of_patient = Q(patient=OuterRef("patient"), retired_reason="")
    heard_ever = Q(index_date__isnull=False)
    rows = Enrolment.objects.filter(patient=OuterRef("pk"), cohort=cohort, withdrawn_on=None, retired_reason="")
    rows = rows.exclude(index_date__gte=limit).exclude(eligibility=Enrolment.Eligibility.INELIGIBLE)
    for contacts in (FollowUp.objects, Assessment.objects, OutcomeEvent.objects):
        rows = rows.exclude(Exists(contacts.filter(of_patient, day__gte=limit)))
        heard_ever |= Q(Exists(contacts.filter(of_patient)))
    return rows.filter(heard_ever).exclude(Exists(OutcomeEvent.objects.filter(of_patient, kind=EventKind.DEATH)))
