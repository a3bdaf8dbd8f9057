from datetime import date
from typing import Any

from labs.specimens.models import Specimen, Timing
from registry.log.actors import Actor
from registry.log.facts import create, retire, update
from registry.patients.models import Patient


def specimen_create(
    *,
    patient: Patient,
    code: str,
    kind: str,
    collected: date | None = None,
    timing: str = Timing.DATED,
    precision: str = "day",
    by: Actor,
    reason: str = "",
) -> Specimen:
    specimen = Specimen(patient=patient, code=code, kind=kind, collected=collected, timing=timing, precision=precision)
    return create(specimen, by=by, reason=reason)


def specimen_correct(
    *, specimen: Specimen, changes: dict[str, Any], expected_version: int, by: Actor, reason: str
) -> Specimen:
    return update(specimen, changes, expected_version=expected_version, by=by, reason=reason)


def specimen_retire(*, specimen: Specimen, expected_version: int, by: Actor, reason: str) -> Specimen:
    return retire(specimen, expected_version=expected_version, by=by, reason=reason)
