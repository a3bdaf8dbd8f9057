"""Whom to call: the cohort's interval after the last sign of a patient."""

import calendar
from dataclasses import dataclass
from datetime import date

from registry.cohorts.models import Cohort, EventKind
from registry.outcomes.facts import Facts
from registry.outcomes.selectors import cohort_facts
from registry.patients.models import Enrolment
from registry.patients.selectors import cohort_enrolments


@dataclass(frozen=True)
class FollowUpDue:
    study_number: str
    last_contact: date
    due: date
    # negative while there is time
    overdue_days: int

    @property
    def is_overdue(self) -> bool:
        return self.overdue_days > 0


def follow_up_due(cohort: Cohort, today: date) -> list[FollowUpDue]:
    """Everybody in follow-up, the longest overdue first. Death and withdrawal end it; who has no date has none due."""
    facts = cohort_facts(cohort, "default")
    rows = cohort_enrolments(cohort).exclude(eligibility=Enrolment.Eligibility.INELIGIBLE)
    found = (_due(enrolment, facts, cohort.follow_up_months, today) for enrolment in rows)
    return sorted((due for due in found if due), key=lambda due: (due.due, due.study_number))


def _due(enrolment: Enrolment, facts: Facts, interval: int, today: date) -> FollowUpDue | None:
    events = facts.events.get(enrolment.patient_id, [])
    if any(event.kind == EventKind.DEATH for event in events):
        return None
    contacts = facts.contacts.get(enrolment.patient_id, [])
    seen = [*(event.day for event in events), *(contact.day for contact in contacts)]
    known = [*seen, *([enrolment.index_date] if enrolment.index_date else [])]
    if not known:
        return None
    due = months_later(max(known), interval)
    return FollowUpDue(enrolment.patient.study_number, max(known), due, (today - due).days)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day: three months after 30 November is 28 or 29 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
