"""A result message as a bundle of FHIR, before any mapping: what was sent and nothing else. Names stay out."""

import re
import uuid
from decimal import Decimal

from labs.formats.fhir.problems import Json
from labs.formats.fhir.systems import (
    ABSENT,
    CATEGORY,
    FLAGS,
    GENDERS,
    IDENTIFIER_TYPE,
    INTERPRETATION,
    LOINC,
    LOINC_NAMES,
    OBSERVATION_STATUS,
    REPORT_STATUS,
    SPECIMEN_TYPE,
    STATUS_WITHOUT_VALUE,
    UCUM,
)
from labs.formats.fhir.times import instant, seconds
from labs.formats.messages.received import Coding, Observation, PatientSent, Received, Verdict
from labs.formats.messages.units import UNESCAPED_POWER

_QUANTITY = re.compile(r"(?P<sign><=|>=|<|>|=)?\s*(?P<number>[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?)")
_RANGE = re.compile(r"(?P<low>[+-]?\d+(\.\d+)?)\s*(-|--|_|to)\s*(?P<high>[+-]?\d+(\.\d+)?)")
_LIMIT = re.compile(r"(?P<sign><=?|>=?)\s*(?P<number>\d+(\.\d+)?)")
_SPACE = uuid.UUID("6f1b6c2e-6f5e-5a43-9a65-6d0c7c1e7d11")

Order = tuple[int, str, str, str]


def message_bundle(received: Received, *, with_identifiers: bool = True) -> Json:
    """Patients, specimens, observations, and a report for each order, tied to one another by urn:uuid.

    Of a message that is not accepted there is nothing in it.
    """
    writer = _Writer(received, with_identifiers=with_identifiers)
    entries = [writer.patient(place, sent) for place, sent in enumerate(received.patients)]
    specimens: dict[str, Json] = {}
    orders: dict[Order, list[Observation]] = {}
    for row in received.observations:
        if row.specimen_id or row.specimen_type:
            specimens.setdefault(writer.specimen_url(row), writer.specimen(row))
        orders.setdefault((row.patient, row.placer, row.filler, row.order.code), []).append(row)
    entries += specimens.values()
    entries += [writer.observation(row) for row in received.observations]
    entries += [writer.report(order, rows) for order, rows in orders.items()]
    bundle: Json = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    if received.verdict is not Verdict.AA:
        bundle.pop("entry")
    if received.control_id:
        bundle["identifier"] = {"value": received.control_id}
    if received.sent_at:
        bundle["timestamp"] = seconds(received.sent_at)
    return bundle


class _Writer:
    """The same message gives the same urls."""

    def __init__(self, received: Received, *, with_identifiers: bool) -> None:
        self._with_identifiers = with_identifiers
        self._name = f"{received.sender}|{received.control_id}|{received.key}"

    def _url(self, *parts: object) -> str:
        return f"urn:uuid:{uuid.uuid5(_SPACE, '|'.join((self._name, *map(str, parts))))}"

    def _entry(self, url: str, resource: Json) -> Json:
        return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}

    def _subject(self, place: int) -> Json:
        return {"reference": self._url("patient", place)}

    def specimen_url(self, row: Observation) -> str:
        return self._url("specimen", row.patient, row.specimen_id, row.specimen_type, row.collected_at)

    def patient(self, place: int, sent: PatientSent) -> Json:
        resource: Json = {"resourceType": "Patient"}
        numbers = [_identifier(number, authority) for number, authority in sent.ids]
        if sent.national_id:
            numbers.append(_typed("SB", sent.national_id))
        if numbers and self._with_identifiers:
            resource["identifier"] = numbers
        if sent.sex:
            resource["gender"] = GENDERS.get(sent.sex.upper(), "unknown")
        if sent.birth_date and self._with_identifiers:
            resource["birthDate"] = sent.birth_date.isoformat()
        return self._entry(self._url("patient", place), resource)

    def specimen(self, row: Observation) -> Json:
        resource: Json = {"resourceType": "Specimen", "subject": self._subject(row.patient)}
        if row.specimen_id:
            resource["identifier"] = [{"value": row.specimen_id}]
        if row.filler:
            resource["accessionIdentifier"] = {"value": row.filler}
        if row.specimen_type:
            resource["type"] = {"coding": [{"system": SPECIMEN_TYPE, "code": row.specimen_type}]}
        if row.collected_at:
            resource["collection"] = {"collectedDateTime": seconds(row.collected_at)}
        return self._entry(self.specimen_url(row), resource)

    def observation(self, row: Observation) -> Json:
        resource: Json = {
            "resourceType": "Observation",
            "identifier": [{"value": self._url("result", row.row, row.repeat).removeprefix("urn:uuid:")}],
            "status": OBSERVATION_STATUS.get(row.status, "unknown"),
            "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
            "code": {"coding": [_coding(coding) for coding in row.codings]},
            "subject": self._subject(row.patient),
        }
        if row.specimen_id or row.specimen_type:
            resource["specimen"] = {"reference": self.specimen_url(row)}
        if row.observed_at:
            resource["effectiveDateTime"] = seconds(row.observed_at)
        if row.issued_at:
            resource["issued"] = instant(row.issued_at)
        resource |= value_of(row) if resource["status"] not in STATUS_WITHOUT_VALUE else {}
        resource |= _around(row)
        if row.status == "X":
            resource["dataAbsentReason"] = {"coding": [{"system": ABSENT, "code": "not-performed"}]}
        return self._entry(self._url("result", row.row, row.repeat), resource)

    def report(self, order: Order, rows: list[Observation]) -> Json:
        patient, placer, filler, _code = order
        numbers = [("PLAC", placer), ("FILL", filler)]
        resource: Json = {
            "resourceType": "DiagnosticReport",
            "status": REPORT_STATUS.get(rows[0].order_status) or _status_by(rows),
            "code": {"coding": [_coding(rows[0].order)]} if rows[0].order.code else {"text": "Laboratory report"},
            "subject": self._subject(patient),
            "result": [{"reference": self._url("result", row.row, row.repeat)} for row in rows],
        }
        if identifiers := [_typed(kind, number) for kind, number in numbers if number]:
            resource["identifier"] = identifiers
        drawn = {self.specimen_url(row): None for row in rows if row.specimen_id or row.specimen_type}
        if drawn:
            resource["specimen"] = [{"reference": url} for url in drawn]
        if issued := max((row.issued_at for row in rows if row.issued_at), default=None):
            resource["issued"] = instant(issued)
        return self._entry(self._url("report", *order), resource)


def value_of(row: Observation) -> Json:
    """By what it says, not by what OBX-2 promises; nothing is invented for what is empty."""
    raw = row.raw.strip()
    if not raw or raw == '""':
        return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "unknown"}]}}
    parts = row.delimiters.components(raw)
    if row.value_type in ("CE", "CWE", "CNE"):
        return {"valueCodeableConcept": _coded(parts)}
    unit = _unit(row)
    if row.value_type == "SN" and len(parts) > 1:
        return _structured(list(parts), unit)
    text = row.delimiters.unescape(raw)
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return {"valueString": text}
    return {"valueQuantity": _quantity(found["number"], unit, found["sign"] or "")}


def _coded(parts: tuple[str, ...]) -> Json:
    code, text, system = (*parts, "", "", "")[:3]
    coding: Json = {"system": LOINC} if system in LOINC_NAMES else {}
    coding |= {name: part for name, part in (("code", code), ("display", text)) if part}
    return {"coding": [coding], "text": text or code} if code else {"text": text}


def _unit(row: Observation) -> Json:
    """As it was sent; what the sender calls UCUM is a code as well."""
    if not row.unit.strip():
        return {}
    code, text, system = (*row.delimiters.components(row.unit), "", "", "")[:3]
    if system.upper() == "UCUM" and code:
        return {"unit": text or code, "system": UCUM, "code": code}
    whole = _unit_text(row)
    return {"unit": whole} if whole else {}


def _unit_text(row: Observation) -> str:
    """A power that was sent without escaping its ^ is no second component."""
    if UNESCAPED_POWER.match(row.unit.strip()):
        return row.delimiters.unescape(row.unit.strip())
    parts = (*row.delimiters.components(row.unit.strip()), "")
    return parts[0] or parts[1]


def _structured(parts: list[str], unit: Json) -> Json:
    sign, first, between, second = [*parts, "", "", ""][:4]
    if not first and _QUANTITY.fullmatch(sign):
        sign, first = "", sign
    if not _QUANTITY.fullmatch(first) or (second and not _QUANTITY.fullmatch(second)):
        return {"valueString": "".join(part for part in (sign, first, between, second) if part)}
    if between == "-" and second:
        return {"valueRange": {"low": _quantity(first, unit), "high": _quantity(second, unit)}}
    if between in (":", "/") and second:
        return {"valueRatio": {"numerator": _quantity(first, unit), "denominator": _quantity(second, {})}}
    return {"valueQuantity": _quantity(first, unit, sign)}


def _quantity(number: str, unit: Json, sign: str = "") -> Json:
    value = Decimal(number)
    quantity: Json = {"value": int(value) if value == value.to_integral_value() else float(value)}
    if sign in ("<", "<=", ">", ">="):
        quantity["comparator"] = sign
    return quantity | unit


def _around(row: Observation) -> Json:
    """Flags, reference range, notes, device and method."""
    found: Json = {}
    if row.flags:
        known = row.flags.upper() in FLAGS
        coding = {"coding": [{"system": INTERPRETATION, "code": row.flags.upper()}]}
        found["interpretation"] = [coding if known else {"text": row.flags}]
    if row.reference_range:
        found["referenceRange"] = [_range(row.reference_range, _unit(row))]
    if row.notes:
        found["note"] = [{"text": row.notes}]
    if row.device:
        found["device"] = {"display": row.device}
    if row.method:
        found["method"] = {"text": row.method}
    return found


def _range(text: str, unit: Json) -> Json:
    plain = text.strip().strip("()")
    if found := _RANGE.fullmatch(plain):
        low, high = Decimal(found["low"]), Decimal(found["high"])
        if low <= high:
            return {"low": _quantity(found["low"], unit), "high": _quantity(found["high"], unit), "text": text}
    if found := _LIMIT.fullmatch(plain):
        return {"high" if found["sign"][0] == "<" else "low": _quantity(found["number"], unit), "text": text}
    return {"text": text}


def _coding(coding: Coding) -> Json:
    found: Json = {"system": LOINC} if coding.system in LOINC_NAMES else {}
    found["code"] = coding.code
    if coding.text:
        found["display"] = coding.text
    return found


def _identifier(number: str, authority: str) -> Json:
    """An authority is a name of the sender's house, no address."""
    found: Json = {"value": number}
    if authority:
        found["assigner"] = {"display": authority}
    return found


def _typed(kind: str, number: str) -> Json:
    return {"type": {"coding": [{"system": IDENTIFIER_TYPE, "code": kind}]}, "value": number}


def _status_by(rows: list[Observation]) -> str:
    """Where the order has none of its own."""
    statuses = {OBSERVATION_STATUS.get(row.status, "unknown") for row in rows}
    if statuses == {"registered"}:
        return "registered"
    if "registered" in statuses:
        return "partial"
    for status in ("preliminary", "corrected", "amended", "final", "cancelled", "entered-in-error"):
        if status in statuses:
            return status
    return "unknown"
