from datetime import date
from typing import Any

from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.recording import recording
from registry.patients.models import Patient
from registry.patients.services import enrolment_create, identity_save, patient_create
from registry.people.models import Site


def patient_register(
    *,
    study_number: str,
    site: Site,
    sex: str,
    identity: dict[str, Any],
    cohort: Cohort | None,
    index_date: date | None,
    by: Actor,
    reason: str = "",
) -> Patient:
    """A new patient with identity and first enrolment: all of it or nothing."""
    with recording(by, reason):
        patient = patient_create(study_number=study_number, site=site, sex=sex, by=by, reason=reason)
        if any(identity.values()):
            identity_save(patient=patient, values=identity, by=by, reason=reason)
        if cohort is not None:
            enrolment_create(patient=patient, cohort=cohort, index_date=index_date, by=by, reason=reason)
    return patient
