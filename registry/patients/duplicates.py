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
from registry.patients.resemblance import SIMILAR, similarity
from registry.patients.services import identity_read
from registry.people.models import User


@dataclass(frozen=True)
class Candidate:
    patient: Patient
    because: str | Promise


def duplicate_candidates(user: User, *, study_number: str, identity: dict[str, Any]) -> list[Candidate]:
    """By study number as it is spoken, record number, or a name that is alike. What matches is not shown, only whom.

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


def _by_identity(user: User, identity: dict[str, Any]) -> list[tuple[Patient, str | Promise]]:
    """The same record number; or the same date of birth or telephone with a name that is alike; or the very name."""
    alike = Q(pk__in=[])
    for column in ("record_number", "birth_date", "phone"):
        alike |= Q(**{column: identity[column]}) if identity.get(column) else Q()
    alike |= Q(name__iexact=identity["name"]) if identity.get("name") else Q()
    rows = PatientIdentity.objects.filter(alike, patient__in=visible_patients(user), retired_reason="")
    compared = ((row.patient, _because(row, identity)) for row in rows.select_related("patient"))
    return [(patient, because) for patient, because in compared if because]


def _because(row: PatientIdentity, identity: dict[str, Any]) -> str | Promise:
    def same(column: str) -> bool:
        return bool(identity.get(column)) and getattr(row, column) == identity[column]

    alike = similarity(row.name, identity.get("name") or "")
    if same("record_number"):
        return _("the medical record number is the same")
    if alike == 1.0:
        return _("name and date of birth are the same") if same("birth_date") else _("the name is the same")
    if alike >= SIMILAR and same("birth_date"):
        return _("the name is alike and the date of birth is the same")
    if alike >= SIMILAR and same("phone"):
        return _("the name is alike and the telephone is the same")
    return ""


def _spoken(study_number: str) -> list[str]:
    """Letters and numbers without leading zeros: RES-0001, res_1 and RES1 sound alike."""
    return [part.lstrip("0") or "0" for part in re.findall(r"[A-Za-z]+|\d+", study_number)]


def _pattern(spoken: list[str]) -> str:
    parts = [f"0*{part}" if part.isdigit() else part for part in spoken]
    return "^" + "[._-]*".join(parts) + "$"
