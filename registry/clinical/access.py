from typing import TypeVar

from django.http import Http404

from registry.cohorts.access import visible_sites
from registry.patients.access import access_patient
from registry.patients.models import EnrolmentFact, PatientFact
from registry.people.models import User

P = TypeVar("P", bound=PatientFact)
E = TypeVar("E", bound=EnrolmentFact)


def access_patient_fact(user: User, kind: type[P], study_number: str, pk: int) -> P:
    """A fact of a patient whom the user may see; the number of another patient's fact is a wrong number."""
    patient = access_patient(user, study_number)
    fact = kind._default_manager.filter(pk=pk, patient=patient, retired_reason="").first()
    if fact is None:
        raise Http404
    fact.patient = patient
    return fact


def access_enrolment_fact(user: User, kind: type[E], study_number: str, pk: int) -> E:
    patient = access_patient(user, study_number)
    facts = kind._default_manager.filter(enrolment__patient=patient, retired_reason="")
    fact = facts.filter(pk=pk, enrolment__cohort__site__in=visible_sites(user)).first()
    if fact is None:
        raise Http404
    return fact
