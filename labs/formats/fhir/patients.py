"""What a Patient says."""

from dataclasses import dataclass
from datetime import date, tzinfo

from labs.formats.fhir.elements import Identifier, expect_type, identifiers_of, objects_of, reference_of, text_of
from labs.formats.fhir.observations import date_of
from labs.formats.fhir.problems import Json, malformed, refused

PATIENT = "Patient"


@dataclass(frozen=True)
class PatientSent:
    """None is what was not sent."""

    identifiers: tuple[Identifier, ...]
    sex: str | None
    birth_date: date | None
    name: str | None
    site: str


def read_patient(resource: Json, zone: tzinfo) -> PatientSent:
    expect_type(resource, PATIENT)
    gender = text_of(resource, "gender", PATIENT)
    known = {"": None, "male": "M", "female": "F", "unknown": "U", "other": "U"}
    if gender not in known:
        raise refused(f"“{gender}” is no gender of FHIR.", f"{PATIENT}.gender", "code-invalid")
    born = date_of(resource, "birthDate", f"{PATIENT}.birthDate", zone)
    if born and born.precision != "day":
        raise refused("Give the whole date of birth.", f"{PATIENT}.birthDate")
    organization = reference_of(resource, "managingOrganization", PATIENT)
    if organization and organization.identifier is None:
        raise malformed("Name the site by identifier.", f"{PATIENT}.managingOrganization")
    return PatientSent(
        identifiers=tuple(identifiers_of(resource, PATIENT)),
        sex=known[gender],
        birth_date=born.first if born else None,
        name=_name(resource),
        site=organization.identifier.value if organization and organization.identifier else "",
    )


def _name(resource: Json) -> str | None:
    names = objects_of(resource, "name", PATIENT)
    if not names:
        return None
    name, place = names[0]
    if text := text_of(name, "text", place):
        return text
    given = name.get("given", [])
    if not isinstance(given, list) or not all(isinstance(part, str) for part in given):
        raise malformed("A list of names is expected.", f"{place}.given")
    return " ".join(part for part in (*given, text_of(name, "family", place)) if part)[:120]
