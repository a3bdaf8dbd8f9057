"""Whose a laboratory's result is: by the numbers that it sends, never by a name. Nobody sees an identity here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F

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


def patients_by_number(numbers: Iterable[SentNumber]) -> dict[SentNumber, list[Patient]]:
    """Whom each of the numbers means exactly."""
    found: dict[SentNumber, list[Patient]] = {sent: [] for sent in numbers}
    named: dict[tuple[int, bool], dict[str, list[SentNumber]]] = {}
    for sent in found:
        if number := sent.number.strip():
            named.setdefault((sent.site_id, sent.is_study_number), {}).setdefault(number, []).append(sent)
    for (site, is_study_number), wanted in named.items():
        rows = Patient.objects.filter(retired_reason="", site_id=site)
        if is_study_number:
            rows = rows.filter(study_number__in=wanted).annotate(sent=F("study_number"))
        else:
            rows = rows.filter(identity__record_number__in=wanted, identity__retired_reason="")
            rows = rows.annotate(sent=F("identity__record_number"))
        for patient in rows:
            for each in wanted[patient.sent]:
                found[each].append(patient)
    return found


def patients_numbered(numbers: Iterable[SentNumber]) -> list[Patient]:
    """Everybody whom one of the numbers means; more than one is for a person to decide."""
    found = patients_by_number(numbers).values()
    return list({patient.pk: patient for patients in found for patient in patients}.values())


class Identities:
    """For the length of one transaction: what is known of these patients, asked at once. Each comparison is logged."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._known: dict[int, PatientIdentity | None] = {}

    def foresee(self, patients: Iterable[Patient]) -> None:
        missing = {patient.pk: patient for patient in patients if patient.pk not in self._known}
        if not missing:
            return
        self._known |= dict.fromkeys(missing)
        for row in PatientIdentity.objects.filter(patient__in=missing):
            row.patient = missing[row.patient_id]
            self._known[row.patient_id] = row

    def contradictions(self, patient: Patient, *, birth_date: date | None, sex: str) -> tuple[str, ...]:
        """Which of birth date and sex are known on both sides and differ. To compare a birth date is to read it."""
        found = []
        if sex in (Sex.FEMALE, Sex.MALE) and patient.sex in (Sex.FEMALE, Sex.MALE) and sex != patient.sex:
            found.append("sex")
        if birth_date is not None and self._differs(patient, birth_date):
            found.append("birth_date")
        return tuple(found)

    def _differs(self, patient: Patient, birth_date: date) -> bool:
        self.foresee([patient])
        identity = self._known[patient.pk]
        if identity is None or identity.birth_date is None:
            return False
        with recording(self._by, "compared the birth date with a message") as log:
            log_fact(log, identity, Action.READ)
        return identity.birth_date != birth_date
