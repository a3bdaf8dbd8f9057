"""Bundles of FHIR as a laboratory's server answers a search: observations with their specimens and patients.

Every observation is a row. Identifiers name their authority by system; what has no number, order or specimen waits.
"""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from labs.formats.json_documents import document_of, member, members, moment_of, text_of
from labs.formats.messages.delimiters import PLAIN
from labs.formats.messages.keys import digest
from labs.formats.messages.received import Coding, Observation, PatientSent, Received, Standard, Verdict
from labs.formats.messages.senders import is_allowed
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site
from labs.formats.messages.times import day

STATUS = {
    "final": "F",
    "corrected": "C",
    "amended": "A",
    "preliminary": "P",
    "registered": "I",
    "cancelled": "X",
    "entered-in-error": "D",
}
SYSTEMS = {"http://loinc.org": "LN"}
SEX = {"male": "M", "female": "F"}
LABORATORY_NUMBER = ("/samp_labNo", "/sampleItem_labNo")
CONTROL = "QC"


def is_bundle(name: str, data: bytes) -> bool:
    document = document_of(data)
    return document is not None and document.get("resourceType") == "Bundle"


def read_bundle(name: str, data: bytes, site: Site) -> SentFile:
    return SentFile("fhir_bundle", (_Bundle(document_of(data) or {}, site).received(),), (data,))


@dataclass(frozen=True)
class _Bundle:
    document: dict[str, Any]
    site: Site

    def received(self) -> Received:
        resources = [member(entry.get("resource")) for entry in members(self.document.get("entry"))]
        sent = [each for each in resources if each.get("resourceType") == "Observation"]
        subjects = list(dict.fromkeys(_reference(each.get("subject")) for each in sent))
        rows = tuple(
            self._observation(number, subjects.index(_reference(each.get("subject"))), each)
            for number, each in enumerate(sent, start=1)
        )
        sender = f"FHIR|{self._host()}"
        found = Received(
            Verdict.AA,
            sender=sender,
            control_id=text_of(self.document.get("id")),
            type="Bundle",
            sent_at=moment_of(member(self.document.get("meta")).get("lastUpdated"), self.site.zone),
            encoding="utf-8",
            key=digest([sender, *(part for row, each in zip(rows, sent, strict=True) for part in _said(row, each))]),
            patients=tuple(self._patient(subject) for subject in subjects),
            observations=rows,
            specimens=tuple(dict.fromkeys(filter(None, (row.specimen_id for row in rows)))),
            counts={"Observation": len(rows)},
            standard=Standard.FHIR,
        )
        if not is_allowed(self.site, found.sender):
            return replace(found, verdict=Verdict.AR, reason="unknown_sender", text="This sender is not known here.")
        if not rows:
            return replace(found, verdict=Verdict.AE, reason="missing_obx", text="There is no Observation in it.")
        return found

    def _observation(self, number: int, group: int, sent: dict[str, Any]) -> Observation:
        specimen = self._found(sent.get("specimen"))
        orders = [self._found(each) for each in members(sent.get("basedOn"))]
        numbers = [*_identifiers(sent), *(pair for order in orders for pair in _identifiers(order))]
        laboratory = next((value for value, system in numbers if system.endswith(LABORATORY_NUMBER)), "")
        raw, unit = value_of(sent)
        collection = member(specimen.get("collection"))
        zone = self.site.zone
        return Observation(
            row=number,
            patient=group,
            codings=_codings(member(sent.get("code"))),
            value_type="",
            raw=raw,
            unit=unit,
            status=STATUS.get(text_of(sent.get("status")), text_of(sent.get("status"))),
            observed_at=moment_of(sent.get("effectiveDateTime") or sent.get("effectiveInstant"), zone),
            issued_at=moment_of(sent.get("issued") or member(sent.get("meta")).get("lastUpdated"), zone),
            filler=laboratory,
            specimen_id=self._specimen_number(sent.get("specimen"), specimen),
            specimen_type=text_of(member(specimen.get("type")).get("text")),
            collected_at=moment_of(collection.get("collectedDateTime"), zone),
            method=text_of(member(sent.get("method")).get("text")),
            is_control=_is_control(sent),
            delimiters=PLAIN,
        )

    def _specimen_number(self, reference: object, specimen: dict[str, Any]) -> str:
        named = [member(specimen.get("accessionIdentifier")), member(member(reference).get("identifier"))]
        own = [value for value, _system in _identifiers(specimen)]
        return next((text_of(each.get("value")) for each in named if text_of(each.get("value"))), "") or next(
            iter(own), ""
        )

    def _patient(self, subject: str) -> PatientSent:
        patient = self._resolved(subject)
        return PatientSent(
            ids=tuple(_identifiers(patient)),
            birth_date=day(text_of(patient.get("birthDate")).replace("-", "")),
            sex=SEX.get(text_of(patient.get("gender")), ""),
        )

    def _found(self, reference: object) -> dict[str, Any]:
        return self._resolved(_reference(reference))

    def _resolved(self, reference: str) -> dict[str, Any]:
        """By the full address of an entry, or by type and id."""
        if not reference:
            return {}
        for entry in members(self.document.get("entry")):
            resource = member(entry.get("resource"))
            own = f"{text_of(resource.get('resourceType'))}/{text_of(resource.get('id'))}"
            if text_of(entry.get("fullUrl")) == reference or reference == own or reference.endswith(f"/{own}"):
                return resource
        return {}

    def _host(self) -> str:
        links = members(self.document.get("link"))
        urls = [text_of(link.get("url")) for link in links if link.get("relation") == "self"]
        urls += [text_of(entry.get("fullUrl")) for entry in members(self.document.get("entry"))[:1]]
        for url in urls:
            try:
                host = urlsplit(url).hostname
            except ValueError:
                continue
            if host:
                return host
        return ""


def value_of(sent: dict[str, Any]) -> tuple[str, str]:
    """Value and unit as texts. Nothing where there is none, or one that is no single value."""
    if quantity := member(sent.get("valueQuantity")):
        text = f"{text_of(quantity.get('comparator'))}{text_of(quantity.get('value'))}"
        return text, text_of(quantity.get("unit")) or text_of(quantity.get("code"))
    if concept := member(sent.get("valueCodeableConcept")):
        coding = next(iter(members(concept.get("coding"))), {})
        said = (text_of(coding.get("code")), text_of(coding.get("display")) or text_of(concept.get("text")))
        return PLAIN.component.join(said), ""
    return text_of(sent.get("valueString")) or text_of(sent.get("valueInteger")), ""


def _codings(code: dict[str, Any]) -> tuple[Coding, ...]:
    text = text_of(code.get("text"))
    found = tuple(
        Coding(
            text_of(each.get("code")),
            text_of(each.get("display")) or text,
            SYSTEMS.get(text_of(each.get("system")), text_of(each.get("system"))),
        )
        for each in members(code.get("coding"))
        if text_of(each.get("code"))
    )
    return found or ((Coding(text, text),) if text else ())


def _identifiers(resource: dict[str, Any]) -> list[tuple[str, str]]:
    found = ((text_of(each.get("value")), text_of(each.get("system"))) for each in members(resource.get("identifier")))
    return [(value, system) for value, system in found if value]


def _reference(value: object) -> str:
    return text_of(member(value).get("reference"))


def _is_control(sent: dict[str, Any]) -> bool:
    return any(text_of(tag.get("code")) == CONTROL for tag in members(member(sent.get("meta")).get("tag")))


def _said(row: Observation, sent: dict[str, Any]) -> tuple[str, ...]:
    codes = "^".join(coding.code for coding in row.codings)
    times = (str(row.observed_at), str(row.issued_at))
    return (_reference(sent.get("subject")), row.specimen_id, row.filler, codes, row.raw, row.unit, row.status, *times)
