"""Derived outcomes of a whole cohort in a fixed number of queries, through whichever connection the frame is read."""

from dataclasses import dataclass

from django.db.models import Q

from registry.cohorts.endpoints import cohort_endpoints
from registry.cohorts.models import Cohort, Endpoint, EventKind, IndexEvent
from registry.outcomes.derive import History, Imported, derive, recurrence_timing
from registry.outcomes.facts import Facts, load_facts
from registry.patients.members import cohort_enrolments
from registry.patients.models import Enrolment

# As the sentence says it; the sentences are part of stored results and stay in one language.
_START_NAMES = {
    IndexEvent.RESECTION: "resection",
    IndexEvent.FIRST_ICI: "first ICI dose",
    IndexEvent.DIAGNOSIS: "diagnosis",
}


@dataclass(frozen=True)
class Outcome:
    enrolment_id: int
    study_number: str
    endpoint: str
    months: float | None
    event: bool | None
    sentence: str
    is_imported: bool
    is_uncertain: bool
    undefined_reason: str
    undefined_kind: str


@dataclass(frozen=True)
class RecurrenceTiming:
    enrolment_id: int
    study_number: str
    group: str | None
    sentence: str


def derived_outcomes(cohort: Cohort, endpoint_code: str, using: str = "default") -> list[Outcome]:
    """One outcome per patient who was not withdrawn, by study number; empty when the cohort has no such endpoint."""
    endpoint = cohort_endpoints(cohort, using).filter(code=endpoint_code).first()
    if endpoint is None:
        return []
    facts = cohort_facts(cohort, using)
    return [_outcome(enrolment, endpoint, facts, cohort) for enrolment in cohort_enrolments(cohort, using)]


def patient_outcomes(enrolment: Enrolment) -> list[Outcome]:
    """All endpoints of one patient of a cohort."""
    facts = _patient_facts(enrolment)
    return [_outcome(enrolment, endpoint, facts, enrolment.cohort) for endpoint in cohort_endpoints(enrolment.cohort)]


def recurrence_timings(cohort: Cohort, using: str = "default") -> list[RecurrenceTiming]:
    """Early, late or neither for every patient who was not withdrawn."""
    codes, facts = _recurrence_codes(cohort, using), cohort_facts(cohort, using)
    return [_timing(enrolment, codes, facts, cohort) for enrolment in cohort_enrolments(cohort, using)]


def patient_recurrence_timing(enrolment: Enrolment) -> RecurrenceTiming:
    codes = _recurrence_codes(enrolment.cohort, "default")
    return _timing(enrolment, codes, _patient_facts(enrolment), enrolment.cohort)


def _recurrence_codes(cohort: Cohort, using: str) -> list[str]:
    """Endpoints whose imported months are months to a recurrence and to nothing else."""
    return [
        endpoint.code for endpoint in cohort_endpoints(cohort, using) if endpoint.event_kinds == [EventKind.RECURRENCE]
    ]


def cohort_facts(cohort: Cohort, using: str) -> Facts:
    return load_facts(Q(patient__enrolments__cohort_id=cohort.pk), Q(enrolment__cohort_id=cohort.pk), using)


def _patient_facts(enrolment: Enrolment) -> Facts:
    return load_facts(Q(patient_id=enrolment.patient_id), Q(enrolment_id=enrolment.pk), "default")


def _history(enrolment: Enrolment, facts: Facts, cohort: Cohort, imported: Imported | None) -> History:
    return History(
        start=enrolment.index_date,
        start_name=_START_NAMES[IndexEvent(cohort.index_event)],
        events=tuple(facts.events.get(enrolment.patient_id, ())),
        contacts=tuple(facts.contacts.get(enrolment.patient_id, ())),
        cut=cohort.data_cut,
        imported=imported,
        is_later_line=cohort.index_event == IndexEvent.FIRST_ICI,
    )


def _outcome(enrolment: Enrolment, endpoint: Endpoint, facts: Facts, cohort: Cohort) -> Outcome:
    history = _history(enrolment, facts, cohort, facts.imported.get((enrolment.pk, endpoint.code)))
    derived = derive(endpoint.code, endpoint.event_kinds, history)
    return Outcome(
        enrolment_id=enrolment.pk,
        study_number=enrolment.patient.study_number,
        endpoint=endpoint.code,
        months=derived.months,
        event=derived.event,
        sentence=derived.sentence,
        is_imported=derived.is_imported,
        is_uncertain=derived.is_uncertain,
        undefined_reason=derived.undefined_reason,
        undefined_kind=derived.undefined_kind,
    )


def _timing(enrolment: Enrolment, codes: list[str], facts: Facts, cohort: Cohort) -> RecurrenceTiming:
    times = (facts.imported.get((enrolment.pk, code)) for code in codes)
    history = _history(enrolment, facts, cohort, next((time for time in times if time), None))
    recurrence = derive("Time to recurrence", [EventKind.RECURRENCE], history)
    timing = recurrence_timing(recurrence, cohort.early_recurrence_months)
    return RecurrenceTiming(enrolment.pk, enrolment.patient.study_number, timing.group, timing.sentence)
