"""What an Observation of a laboratory says: who, which draw, which codes, the value in every way it was given."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from labs.formats.fhir.elements import (
    Identifier,
    Reference,
    expect_type,
    identifiers_of,
    object_of,
    objects_of,
    reference_of,
    text_of,
)
from labs.formats.fhir.problems import Json, malformed, refused
from labs.formats.fhir.systems import COMPARATORS, OBSERVATION_STATUS, OBSERVATION_STATUSES, SNOMED, UCUM
from labs.formats.fhir.times import PartialDate, read_date
from labs.formats.messages.received import Coding, Observation
from labs.formats.messages.times import YEARS

PLACE = "Observation"
_KINDS = ("valueQuantity", "valueString", "valueCodeableConcept", "valueInteger")
_CODES = {status: code for code, status in reversed(OBSERVATION_STATUS.items())}
# What SNOMED calls the two words that analytes have.
_SNOMED_WORDS = {"260385009": "negative", "10828004": "positive"}


@dataclass(frozen=True)
class ObservationSent:
    """`observation` is the same as a message of HL7 would have brought it.

    `units` are the unit as a code of UCUM and as text, whichever were sent; `texts` the value in each wording.
    """

    identifiers: tuple[Identifier, ...]
    status: str
    codings: tuple[Coding, ...]
    subject: Reference | None
    specimen: Reference | None
    effective: PartialDate | None
    units: tuple[str, ...]
    texts: tuple[str, ...]
    kind: str
    observation: Observation


def read_observation(resource: Json, zone: tzinfo) -> ObservationSent:
    expect_type(resource, PLACE)
    identifiers = tuple(identifiers_of(resource, PLACE))
    if not identifiers:
        text = "Give the result's own identifier: by it a result that is sent again is known."
        raise refused(text, f"{PLACE}.identifier", "required")
    if resource.get("component"):
        raise refused("Send each part as an observation of its own.", f"{PLACE}.component", "not-supported")
    status = _status(resource)
    codings = _codings(object_of(resource, "code", PLACE))
    kind, texts, units = _value(resource)
    effective = _effective(resource, zone)
    raw = texts[0] if texts else ""
    observation = Observation(
        row=1,
        patient=0,
        codings=codings,
        value_type={"valueQuantity": "NM", "valueInteger": "NM", "valueCodeableConcept": "CWE"}.get(kind, "ST"),
        raw=raw,
        unit=units[0] if units else "",
        status=_CODES.get(status, ""),
        observed_at=effective.moment if effective else None,
        is_control=_is_control(resource),
        notes="\n".join(
            text_of(note, "text", place, longest=5000) for note, place in objects_of(resource, "note", PLACE)
        ),
    )
    return ObservationSent(
        identifiers=identifiers,
        status=status,
        codings=codings,
        subject=reference_of(resource, "subject", PLACE),
        specimen=reference_of(resource, "specimen", PLACE),
        effective=effective,
        units=units,
        texts=texts,
        kind=kind,
        observation=observation,
    )


def with_text(sent: ObservationSent, text: str, unit: str) -> ObservationSent:
    return replace(sent, observation=replace(sent.observation, raw=text, unit=unit))


def _status(resource: Json) -> str:
    status = text_of(resource, "status", PLACE)
    if status not in OBSERVATION_STATUSES:
        known = ", ".join(OBSERVATION_STATUSES)
        raise refused(f"“{status}” is no status; known: {known}.", f"{PLACE}.status", "code-invalid")
    return status


def _is_control(resource: Json) -> bool:
    """As OpenELIS and its analysers mark what is no patient's."""
    tags = objects_of(object_of(resource, "meta", PLACE), "tag", f"{PLACE}.meta")
    return any(text_of(tag, "code", place) == "QC" for tag, place in tags)


def _codings(concept: Json) -> tuple[Coding, ...]:
    place = f"{PLACE}.code"
    found = []
    for coding, where in objects_of(concept, "coding", place):
        code = text_of(coding, "code", where, longest=80)
        if code:
            display, system = text_of(coding, "display", where), text_of(coding, "system", where)
            found.append(Coding(code, display, system))
    text = text_of(concept, "text", place)
    if not found:
        raise refused("Say by a code what was measured.", place, "required")
    return tuple(replace(coding, text=coding.text or text) for coding in found)


def _value(resource: Json) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    given = sorted(name for name in resource if name.startswith("value"))
    if len(given) > 1:
        raise malformed(f"One value is expected, {' and '.join(given)} were sent.", f"{PLACE}.value")
    if not given:
        return "", (), ()
    (kind,) = given
    if kind not in _KINDS:
        text = f"{kind} is not stored here: send valueQuantity, valueString or valueCodeableConcept."
        raise refused(text, f"{PLACE}.value", "not-supported")
    if kind == "valueQuantity":
        text, units = _quantity(object_of(resource, kind, PLACE))
        return kind, (text,), units
    if kind == "valueCodeableConcept":
        return kind, _words(object_of(resource, kind, PLACE)), ()
    if kind == "valueInteger":
        return kind, (_number(resource[kind]),), ()
    text = text_of(resource, kind, PLACE)
    if not text:
        raise malformed("The value is empty.", f"{PLACE}.value")
    return kind, (text,), ()


def _quantity(quantity: Json) -> tuple[str, tuple[str, ...]]:
    place = f"{PLACE}.value"
    comparator = text_of(quantity, "comparator", place)
    if comparator and comparator not in COMPARATORS:
        raise refused(f"“{comparator}” is no comparator.", f"{place}.comparator", "code-invalid")
    if "value" not in quantity:
        raise refused("A quantity has a value.", f"{place}.value", "required")
    unit, code = text_of(quantity, "unit", place, longest=30), text_of(quantity, "code", place, longest=30)
    is_ucum = text_of(quantity, "system", place) == UCUM
    units = [code] if code and is_ucum else []
    units += [unit or code] if unit or not units else []
    return comparator + _number(quantity["value"]), tuple(dict.fromkeys(units))


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise malformed("A number is expected.", f"{PLACE}.value")
    return str(value)


def _words(concept: Json) -> tuple[str, ...]:
    place = f"{PLACE}.value"
    found = []
    for coding, where in objects_of(concept, "coding", place):
        code, display = text_of(coding, "code", where), text_of(coding, "display", where)
        found += [_SNOMED_WORDS.get(code, "")] if text_of(coding, "system", where) == SNOMED else [code]
        found += [display]
    found += [text_of(concept, "text", place)]
    words = tuple(dict.fromkeys(word for word in found if word))
    if not words:
        raise malformed("The value says nothing.", place)
    return words


def _effective(resource: Json, zone: tzinfo) -> PartialDate | None:
    if "effectivePeriod" in resource or "effectiveTiming" in resource or "effectiveInstant" in resource:
        name = next(name for name in ("effectivePeriod", "effectiveTiming", "effectiveInstant") if name in resource)
        if name != "effectiveInstant":
            raise refused("Give the moment as effectiveDateTime.", f"{PLACE}.effective", "not-supported")
        return date_of(resource, name, f"{PLACE}.effective", zone)
    return date_of(resource, "effectiveDateTime", f"{PLACE}.effective", zone)


def date_of(holder: Json, name: str, place: str, zone: tzinfo) -> PartialDate | None:
    text = text_of(holder, name, place.rpartition(".")[0] or place)
    if not text:
        return None
    try:
        found = read_date(text, zone)
    except ValueError:
        raise malformed(f"“{text}” is no date of FHIR.", place) from None
    if found.first.year not in YEARS:
        raise refused(f"“{text}” is no date of a laboratory.", place, "value")
    return found
