"""Whose a laboratory's result is: by the numbers that it sends, never by a name. Nobody sees an identity here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.patients.models import Patient, PatientIdentity, Sex


@dataclass(frozen=True)
class SentNumber:
    """A patient's number as a site knows it: its medical record number, or the study number."""

    site_id: int
    number: str
    is_study_number: bool = False


def patients_numbered(numbers: Iterable[SentNumber]) -> list[Patient]:
    """Everybody whom one of the numbers means exactly; more than one is for a person to decide."""
    found: dict[int, Patient] = {}
    named: dict[tuple[int, bool], set[str]] = {}
    for sent in numbers:
        if number := sent.number.strip():
            named.setdefault((sent.site_id, sent.is_study_number), set()).add(number)
    for (site, is_study_number), wanted in named.items():
        rows = Patient.objects.filter(retired_reason="", site_id=site)
        if is_study_number:
            rows = rows.filter(study_number__in=wanted)
        else:
            rows = rows.filter(identity__record_number__in=wanted, identity__retired_reason="")
        found |= {patient.pk: patient for patient in rows}
    return list(found.values())


def contradictions(
    *, patient: Patient, birth_date: date | None, sex: str, by: Actor, reason: str = ""
) -> tuple[str, ...]:
    """Which of birth date and sex are known on both sides and differ. To compare a birth date is to read it: logged."""
    found = []
    if sex in (Sex.FEMALE, Sex.MALE) and patient.sex in (Sex.FEMALE, Sex.MALE) and sex != patient.sex:
        found.append("sex")
    if birth_date is not None and _differs(patient, birth_date, by, reason):
        found.append("birth_date")
    return tuple(found)


def _differs(patient: Patient, birth_date: date, by: Actor, reason: str) -> bool:
    identity = PatientIdentity.objects.filter(patient=patient, birth_date__isnull=False).first()
    if identity is None:
        return False
    identity.patient = patient
    with recording(by, reason or "compared the birth date with a message") as log:
        log_fact(log, identity, Action.READ)
    return identity.birth_date != birth_date
