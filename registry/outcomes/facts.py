"""The dated facts that outcomes are derived from, by patient."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from registry.clinical.models import Assessment, FollowUp, ImportedTime, OutcomeEvent
from registry.outcomes.derive import Contact, Event, Imported

# As the sentence says it; sentences are part of stored results and stay in one language.
_CONTACT_NAMES = {
    FollowUp.Mode.VISIT: "clinic visit",
    FollowUp.Mode.TELEPHONE: "telephone call",
    FollowUp.Mode.RECORD: "record review",
}
_VALID = Q(retired_reason="")


@dataclass(frozen=True)
class Facts:
    events: dict[int, list[Event]]
    contacts: dict[int, list[Contact]]
    # (enrolment, endpoint)
    imported: dict[tuple[int, str], Imported]


def load_facts(of_patients: Q, of_enrolments: Q, using: str) -> Facts:
    return Facts(_events(of_patients, using), _contacts(of_patients, using), _imported(of_enrolments, using))


def _events(of_patients: Q, using: str) -> dict[int, list[Event]]:
    found = defaultdict(list)
    rows = OutcomeEvent.objects.using(using).filter(of_patients, _VALID)
    for patient_id, kind, day, precision, method in rows.values_list(
        "patient_id", "kind", "day", "precision", "method"
    ):
        found[patient_id].append(Event(kind, day, precision, method))
    return found


def _contacts(of_patients: Q, using: str) -> dict[int, list[Contact]]:
    """Contacts, and the images: who was assessed was there."""
    found = defaultdict(list)
    follow_ups = FollowUp.objects.using(using).filter(of_patients, _VALID)
    for patient_id, day, mode in follow_ups.values_list("patient_id", "day", "mode"):
        found[patient_id].append(Contact(day, _CONTACT_NAMES[FollowUp.Mode(mode)]))
    for patient_id, day in Assessment.objects.using(using).filter(of_patients, _VALID).values_list("patient_id", "day"):
        found[patient_id].append(Contact(day, "response assessment"))
    return found


def _imported(of_enrolments: Q, using: str) -> dict[tuple[int, str], Imported]:
    rows = ImportedTime.objects.using(using).filter(of_enrolments, _VALID)
    return {
        (enrolment_id, endpoint): Imported(months, is_event)
        for enrolment_id, endpoint, months, is_event in rows.values_list(
            "enrolment_id", "endpoint", "months", "is_event"
        )
    }
