"""The only ways from a request to a patient. The answer to a stranger is the answer to a wrong number."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from registry.cohorts.access import visible_sites
from registry.patients.models import Enrolment, Patient
from registry.people.models import User


def visible_patients(user: User) -> QuerySet[Patient]:
    """Patients of the user's sites, and those whom another site enrolled in a cohort of the user's sites."""
    sites = visible_sites(user)
    enrolled_here = Enrolment.objects.filter(patient=OuterRef("pk"), cohort__site__in=sites, retired_reason="")
    return Patient.objects.filter(Q(site__in=sites) | Exists(enrolled_here), retired_reason="")


def access_patient(user: User, study_number: str) -> Patient:
    patient = visible_patients(user).select_related("site").filter(study_number=study_number).first()
    if patient is None:
        raise Http404
    return patient


def access_identity(user: User, study_number: str) -> Patient:
    """Who the patient is concerns the patient's own site only."""
    patient = access_patient(user, study_number)
    if not visible_sites(user).filter(pk=patient.site_id).exists():
        raise Http404
    return patient


def access_enrolment(user: User, cohort_code: str, study_number: str) -> Enrolment:
    enrolment = (
        Enrolment.objects.filter(retired_reason="", cohort__site__in=visible_sites(user))
        .select_related("patient__site", "cohort__site")
        .filter(cohort__code=cohort_code, patient__study_number=study_number)
        .first()
    )
    if enrolment is None:
        raise Http404
    return enrolment
