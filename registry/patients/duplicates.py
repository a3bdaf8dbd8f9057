"""Patients who may be the one that somebody is about to enter a second time."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.log.actors import Actor
from registry.patients.access import visible_patients
from registry.patients.models import Patient, PatientIdentity
from registry.patients.services import identity_read
from registry.people.models import User


@dataclass(frozen=True)
class Candidate:
    patient: Patient
    because: str | Promise


def duplicate_candidates(user: User, *, study_number: str, identity: dict[str, Any]) -> list[Candidate]:
    """By study number as it is spoken, record number, or name with date of birth. What matches is not shown, only whom.

    Comparing is reading: the identities that match are logged as read.
    """
    found: dict[int, Candidate] = {}
    spoken = _spoken(study_number)
    for patient in visible_patients(user).filter(study_number__iregex=_pattern(spoken)) if spoken else ():
        found[patient.pk] = Candidate(patient, _("the study number is written almost alike"))
    for patient, because in _by_identity(user, identity):
        identity_read(patient=patient, by=Actor.of(user), reason="compared with a new patient")
        found[patient.pk] = Candidate(patient, because)
    return sorted(found.values(), key=lambda candidate: candidate.patient.study_number)


def _by_identity(user: User, identity: dict[str, Any]) -> list[tuple[Patient, Promise]]:
    record, name, born = identity.get("record_number"), identity.get("name"), identity.get("birth_date")
    same_record = Q(record_number=record) if record else Q(pk__in=[])
    same_person = Q(name__iexact=name, birth_date=born) if name and born else Q(pk__in=[])
    rows = PatientIdentity.objects.filter(same_record | same_person, patient__in=visible_patients(user))
    return [
        (row.patient, _("the medical record number is the same"))
        if record and row.record_number == record
        else (row.patient, _("name and date of birth are the same"))
        for row in rows.select_related("patient")
    ]


def _spoken(study_number: str) -> list[str]:
    """Letters and numbers without leading zeros: RES-0001, res_1 and RES1 sound alike."""
    return [part.lstrip("0") or "0" for part in re.findall(r"[A-Za-z]+|\d+", study_number)]


def _pattern(spoken: list[str]) -> str:
    parts = [f"0*{part}" if part.isdigit() else part for part in spoken]
    return "^" + "[._-]*".join(parts) + "$"
