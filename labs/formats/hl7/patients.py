"""The patient of a PID segment: identifiers, and what may contradict the record. The name is not read."""

from datetime import date

from labs.formats.hl7.segments import Segment
from labs.formats.messages.received import PatientSent
from labs.formats.messages.times import day

SEX = {"M": "M", "MALE": "M", "1": "M", "F": "F", "FEMALE": "F", "2": "F"}


def patient_of(pid: Segment) -> PatientSent:
    return PatientSent(
        ids=tuple((parts[0], _authority(pid, parts)) for parts in _identifiers(pid) if parts[0].strip()),
        second_id=pid.component(2),
        birth_date=_birth_date(pid),
        sex=SEX.get(pid.component(8).upper(), ""),
        national_id=pid.component(19),
    )


def _identifiers(pid: Segment) -> list[list[str]]:
    field = pid.field(3)
    return [one.split(pid.delimiters.component) for one in pid.delimiters.repetitions(field) if one]


def _authority(pid: Segment, parts: list[str]) -> str:
    """PID-3.4, of which only the name counts: the rest says of what kind it is."""
    return pid.delimiters.subcomponents(parts[3])[0] if len(parts) > 3 else ""


def _birth_date(pid: Segment) -> date | None:
    """PID-7, or PID-6 where a sender that has no maiden names puts it one place early."""
    return day(pid.component(7)) or day(pid.component(6))
