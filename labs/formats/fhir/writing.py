"""Our rows as resources."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from labs.formats.fhir.elements import Identifier
from labs.formats.fhir.problems import Json
from labs.formats.fhir.specimens import STANDARD
from labs.formats.fhir.systems import (
    ABSENT,
    ACT_REASON,
    CATEGORY,
    GENDERS,
    IDENTIFIER_TYPE,
    LOINC,
    SNOMED,
    TAGS,
    UCUM,
)
from labs.formats.fhir.times import instant, partial_text, seconds

LABORATORY_REPORT = "11502-2"
# Canonical units that are no UCUM as they stand; "" where UCUM has none.
_UCUM = {"copies/mL": "{copies}/mL", "mut/Mb": "", "{index}": "{index}"}
_WORDS = {"negative": ("260385009", "Negative"), "positive": ("10828004", "Positive")}


@dataclass(frozen=True)
class Meta:
    id: str
    version: str
    updated: datetime | None
    is_simulated: bool = False
    # Something that others may see is left out here.
    is_subset: bool = False


@dataclass(frozen=True)
class When:
    """A day, a month or a year; or the moment, where it is known."""

    day: date | None
    precision: str = "day"
    moment: datetime | None = None

    def __str__(self) -> str:
        if self.moment is not None:
            return seconds(self.moment)
        return partial_text(self.day, self.precision) if self.day else ""


@dataclass(frozen=True)
class PatientShown:
    meta: Meta
    study_number: Identifier
    sex: str
    record_number: Identifier | None = None
    birth_date: date | None = None
    is_active: bool = True


@dataclass(frozen=True)
class SpecimenShown:
    meta: Meta
    code: Identifier
    others: tuple[Identifier, ...]
    accession: Identifier
    kind: Identifier
    kind_name: str
    patient: str
    collected: When
    note: str = ""


@dataclass(frozen=True)
class ObservationShown:
    meta: Meta
    identifiers: tuple[Identifier, ...]
    status: str
    loinc: str
    code: Identifier
    name: str
    patient: str
    specimen: str
    collected: When
    value: float | None
    unit: str
    unit_shown: str
    comparator: str
    word: Identifier | None
    note: str = ""


@dataclass(frozen=True)
class ReportShown:
    meta: Meta
    identifiers: tuple[Identifier, ...]
    status: str
    codes: tuple[Identifier, ...]
    name: str
    patient: str
    specimen: str
    collected: When
    orders: tuple[Identifier, ...]
    results: tuple[str, ...]


def patient_resource(shown: PatientShown) -> Json:
    identifiers = [_identifier(shown.study_number) | {"use": "official"}]
    if shown.record_number:
        kind = {"coding": [{"system": IDENTIFIER_TYPE, "code": "MR"}]}
        identifiers.append({"use": "usual", "type": kind} | _identifier(shown.record_number))
    found = _begin("Patient", shown.meta) | {
        "identifier": identifiers,
        "active": shown.is_active,
        "gender": GENDERS.get(shown.sex, "unknown"),
    }
    if shown.birth_date:
        found["birthDate"] = shown.birth_date.isoformat()
    return found


def specimen_resource(shown: SpecimenShown) -> Json:
    codings = [_coding(shown.kind)]
    if standard := STANDARD.get(shown.kind.value):
        codings.append({"system": standard[0], "code": standard[1]})
    found = _begin("Specimen", shown.meta) | {
        "identifier": [_identifier(each) for each in (shown.code, *shown.others)],
        "accessionIdentifier": _identifier(shown.accession),
        "status": "available",
        "type": {"coding": codings, "text": shown.kind_name},
        "subject": {"reference": f"Patient/{shown.patient}"},
    }
    if when := str(shown.collected):
        found["collection"] = {"collectedDateTime": when}
    if shown.note:
        found["note"] = [{"text": shown.note}]
    return found


def observation_resource(shown: ObservationShown) -> Json:
    codings = [{"system": LOINC, "code": shown.loinc}] if shown.loinc else []
    found = _begin("Observation", shown.meta) | {
        "identifier": [_identifier(each) for each in shown.identifiers],
        "status": shown.status,
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "code": {"coding": [*codings, _coding(shown.code)], "text": shown.name},
        "subject": {"reference": f"Patient/{shown.patient}"},
        "specimen": {"reference": f"Specimen/{shown.specimen}"},
    }
    if when := str(shown.collected):
        found["effectiveDateTime"] = when
    if shown.meta.updated:
        found["issued"] = instant(shown.meta.updated)
    # A value that was taken back must not be read by whoever overlooks the status; the version before has it.
    found |= _absent("error") if shown.status == "entered-in-error" else _value(shown)
    if shown.note:
        found["note"] = [{"text": shown.note}]
    return found


def report_resource(shown: ReportShown) -> Json:
    found = _begin("DiagnosticReport", shown.meta) | {
        "identifier": [_identifier(each) for each in shown.identifiers],
        "status": shown.status,
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}],
        "code": {"coding": [_coding(each) for each in shown.codes], "text": shown.name},
        "subject": {"reference": f"Patient/{shown.patient}"},
        "specimen": [{"reference": f"Specimen/{shown.specimen}"}],
    }
    if shown.orders:
        found["basedOn"] = [_order(each) for each in shown.orders]
    if when := str(shown.collected):
        found["effectiveDateTime"] = when
    if shown.meta.updated:
        found["issued"] = instant(shown.meta.updated)
    if shown.results:
        found["result"] = [{"reference": f"Observation/{each}"} for each in shown.results]
    return found


def _begin(kind: str, meta: Meta) -> Json:
    told: Json = {"versionId": meta.version}
    if meta.updated:
        told["lastUpdated"] = instant(meta.updated)
    tags = [{"system": ACT_REASON, "code": "HTEST", "display": "simulated data"}] if meta.is_simulated else []
    tags += [{"system": TAGS, "code": "SUBSETTED"}] if meta.is_subset else []
    if tags:
        told["tag"] = tags
    return {"resourceType": kind, "id": meta.id, "meta": told}


def _value(shown: ObservationShown) -> Json:
    if shown.word is not None:
        codings = [_coding(shown.word)]
        if known := _WORDS.get(shown.word.value):
            codings.append({"system": SNOMED, "code": known[0], "display": known[1]})
        return {"valueCodeableConcept": {"coding": codings, "text": shown.word.value}}
    if shown.value is None:
        return _absent("unknown")
    quantity: dict[str, Any] = {"value": _plain(shown.value)}
    if shown.comparator:
        quantity["comparator"] = shown.comparator
    if shown.unit_shown:
        quantity["unit"] = shown.unit_shown
    if code := _UCUM.get(shown.unit, shown.unit):
        quantity |= {"system": UCUM, "code": code}
    return {"valueQuantity": quantity}


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _absent(code: str) -> Json:
    return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": code}]}}


def _identifier(each: Identifier) -> Json:
    return {"system": each.system, "value": each.value} if each.system else {"value": each.value}


def _coding(each: Identifier) -> Json:
    return {"system": each.system, "code": each.value} if each.system else {"code": each.value}


def _order(each: Identifier) -> Json:
    """An order is known here by its reference only, or by its number."""
    is_reference = not each.system and "/" in each.value
    return {"reference": each.value} if is_reference else {"type": "ServiceRequest", "identifier": _identifier(each)}
