"""The dated facts of a patient as lanes of the timeline and as one chronological list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry.clinical.models import Assessment, FollowUp, OutcomeEvent, Precision, Treatment
from registry.cohorts.models import EventKind
from registry.extensions import Lane, Mark
from registry.outcomes.derive import DAYS_PER_MONTH
from registry.outcomes.selectors import Outcome
from registry.patients.follow_up import Overdue
from registry.patients.models import Enrolment, Patient


@dataclass(frozen=True)
class Entry:
    lane: str | Promise
    mark: Mark


def clinical_lanes(patient: Patient) -> list[Lane]:
    treatments = Treatment.objects.filter(patient=patient, retired_reason="")
    assessments = Assessment.objects.filter(patient=patient, retired_reason="")
    contacts = FollowUp.objects.filter(patient=patient, retired_reason="")
    events = list(OutcomeEvent.objects.filter(patient=patient, retired_reason=""))
    tumour = [event for event in events if event.kind != EventKind.DEATH]
    deaths = [event for event in events if event.kind == EventKind.DEATH]
    return [
        Lane(_("Therapy"), [_treatment(patient, treatment) for treatment in treatments]),
        Lane(_("Imaging"), [_assessment(patient, assessment) for assessment in assessments]),
        Lane(_("Recurrence"), [_event(patient, event) for event in tumour]),
        Lane(_("Death"), [_event(patient, event) for event in deaths]),
        Lane(_("Contacts"), [_contact(patient, contact) for contact in contacts]),
    ]


def _treatment(patient: Patient, treatment: Treatment) -> Mark:
    name = treatment.agent or treatment.get_kind_display()
    label = f"{treatment.get_kind_display()}: {treatment.agent}" if treatment.agent else name
    uncertain = treatment.start_precision != Precision.DAY
    return _mark(patient, "treatment", treatment, treatment.start, label, name, end=treatment.end, uncertain=uncertain)


def _assessment(patient: Patient, assessment: Assessment) -> Mark:
    method = f" ({assessment.method})" if assessment.method else ""
    label = f"mRECIST {assessment.get_mrecist_display()}{method}"
    return _mark(patient, "assessment", assessment, assessment.day, label, assessment.mrecist)


def _event(patient: Patient, event: OutcomeEvent) -> Mark:
    method = f" ({event.method})" if event.method else ""
    label = f"{event.get_kind_display()}{method}"
    uncertain = event.precision != Precision.DAY
    return _mark(patient, "event", event, event.day, label, "", is_event=True, uncertain=uncertain)


def _contact(patient: Patient, contact: FollowUp) -> Mark:
    note = f": {contact.note}" if contact.note else ""
    return _mark(patient, "follow-up", contact, contact.day, f"{contact.get_mode_display()}{note}", "")


def _mark(
    patient: Patient,
    slug: str,
    fact: Any,
    day: date,
    label: str,
    caption: str,
    *,
    end: date | None = None,
    is_event: bool = False,
    uncertain: bool = False,
) -> Mark:
    address = [patient.study_number, fact.pk]
    return Mark(
        day=day,
        label=label,
        caption=str(caption),
        end=end,
        is_event=is_event,
        is_uncertain=uncertain,
        url=reverse(f"registry:{slug}-correct", args=address),
        history_url=reverse(f"registry:{slug}-history", args=address),
    )


def brackets(enrolment: Enrolment, outcomes: Iterable[Outcome]) -> list[Lane]:
    """Each derived time as a bracket from the index event, with its sentence."""
    if enrolment.index_date is None:
        return []
    return [
        Lane(
            outcome.endpoint,
            [
                Mark(
                    day=enrolment.index_date,
                    end=enrolment.index_date + timedelta(days=round(outcome.months * DAYS_PER_MONTH)),
                    label=outcome.sentence,
                    caption=_("%(months).1f months") % {"months": outcome.months},
                    is_uncertain=outcome.is_uncertain,
                )
            ],
        )
        for outcome in outcomes
        if outcome.months is not None
    ]


def overdue_lane(overdue: Overdue | None) -> list[Lane]:
    if overdue is None:
        return []
    words = _("overdue %(days)s d") % {"days": overdue.days}
    return [Lane(_("Overdue"), [Mark(day=overdue.due, end=overdue.as_of, label=words, caption=words)])]


def chronological(lanes: Iterable[Lane]) -> list[Entry]:
    entries = [Entry(lane.label, mark) for lane in lanes for mark in lane.marks]
    return sorted(entries, key=lambda entry: (entry.mark.day, str(entry.lane)))
