from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry.clinical.models import Baseline
from registry.cohorts.eligibility import evaluate
from registry.cohorts.models import Cohort, EligibilityRule
from registry.log.actors import Actor
from registry.log.facts import create, log_fact, update, update_locked
from registry.log.locking import hold_rules
from registry.log.models import Action
from registry.log.recording import forget, is_recording, known_once, recording
from registry.patients.models import Enrolment, Patient, PatientIdentity, Sex, forget_cohorts
from registry.people.models import Site


def patient_create(*, study_number: str, site: Site, by: Actor, sex: str = Sex.UNKNOWN, reason: str = "") -> Patient:
    return create(Patient(study_number=study_number, site=site, sex=sex), by=by, reason=reason)


def patient_update(
    *, patient: Patient, changes: dict[str, Any], expected_version: int | None, by: Actor, reason: str = ""
) -> Patient:
    return update(patient, changes, expected_version=expected_version, by=by, reason=reason)


def identity_save(
    *, patient: Patient, values: dict[str, Any], expected_version: int | None = None, by: Actor, reason: str = ""
) -> PatientIdentity:
    """Name, record number, birth date and telephone; 0 expects that nothing was recorded yet."""
    with recording(by, reason):
        known = PatientIdentity.objects.filter(patient=patient).first()
        if known is None:
            identity = PatientIdentity(patient=patient, site_id=patient.site_id, **values)
            return create(identity, by=by, reason=reason)
        known.patient = patient
        return update(known, values, expected_version=expected_version, by=by, reason=reason)


def identity_read(*, patient: Patient, by: Actor, reason: str = "") -> PatientIdentity | None:
    """The identity, at the price of a row in the log that says who looked."""
    with recording(by, reason) as log:
        identity = PatientIdentity.objects.filter(patient=patient).first()
        if identity is not None:
            identity.patient = patient
            log_fact(log, identity, Action.READ)
    return identity


def identities_read(*, patients: Sequence[Patient], by: Actor, reason: str = "") -> dict[int, PatientIdentity]:
    """The identities by patient, each at the same price; read together, so that a list is one write."""
    with recording(by, reason) as log:
        known = {patient.pk: patient for patient in patients}
        found = {row.patient_id: row for row in PatientIdentity.objects.filter(patient__in=known)}
        for key, identity in found.items():
            identity.patient = known[key]
            log_fact(log, identity, Action.READ)
    return found


def enrolment_create(
    *, patient: Patient, cohort: Cohort, by: Actor, index_date: date | None = None, reason: str = ""
) -> Enrolment:
    with recording(by, reason):
        # Waits for writes about this patient that do not know of this cohort's streams.
        Patient.objects.select_for_update().get(pk=patient.pk)
        verdict = evaluate(rules_held(cohort.pk), {})
        enrolment = create(
            Enrolment(
                patient=patient,
                cohort=cohort,
                index_date=index_date,
                eligibility=verdict.status.value,
                reasons=verdict.as_json(),
            ),
            by=by,
            reason=reason,
        )
        forget_cohorts(patient.pk)
    return enrolment


def enrolment_set_index_date(
    *, enrolment: Enrolment, index_date: date | None, expected_version: int | None, by: Actor, reason: str = ""
) -> Enrolment:
    with recording(by, reason):
        rules_held(enrolment.cohort_id)
        return update(enrolment, {"index_date": index_date}, expected_version=expected_version, by=by, reason=reason)


def enrolment_withdraw(
    *, enrolment: Enrolment, on: date, why: str, by: Actor, expected_version: int | None = None, reason: str = ""
) -> Enrolment:
    """From now on no frame, list of results or export has this patient; what was recorded stays in the log."""
    if not why.strip():
        raise ValidationError({"withdrawal_reason": _("Say why the patient is withdrawn.")})
    changes = {"withdrawn_on": on, "withdrawal_reason": why.strip()}
    with recording(by, reason or why.strip()):
        rules_held(enrolment.cohort_id)
        return update(enrolment, changes, expected_version=expected_version, by=by, reason=reason)


def eligibility_refresh(
    *, enrolment: Enrolment, baseline: Baseline | None = None, by: Actor, reason: str = ""
) -> Enrolment:
    """Judges an enrolment by the rules and the baseline as they are; writes only when the result moved.

    `baseline` saves a query to a caller that has just written it.
    """
    with recording(by, reason):
        rules = rules_held(enrolment.cohort_id)
        stored = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
        stored.patient, stored.cohort = enrolment.patient, enrolment.cohort
        verdict = evaluate(rules, _baseline_values(stored, baseline))
        changes = {"eligibility": verdict.status.value, "reasons": verdict.as_json()}
        return update_locked(stored, changes, by=by, reason=reason)


def _baseline_values(enrolment: Enrolment, written: Baseline | None) -> dict[str, Any]:
    baseline = written or Baseline.objects.filter(enrolment=enrolment).first()
    return baseline.values() if baseline else {}


def forget_rules(cohort_id: int) -> None:
    forget(_rules_key(cohort_id))


def rules_held(cohort_id: int) -> list[EligibilityRule]:
    """The criteria, which stay as they are until the end of the transaction."""
    return known_once(_rules_key(cohort_id), lambda: _held_rules(cohort_id))


def _rules_key(cohort_id: int) -> tuple[str, int]:
    return ("rules of a cohort", cohort_id)


def _held_rules(cohort_id: int) -> list[EligibilityRule]:
    if is_recording():
        hold_rules(cohort_id)
    return list(EligibilityRule.objects.filter(cohort_id=cohort_id, retired_reason="").order_by("order", "pk"))
