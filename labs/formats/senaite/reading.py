"""Answers of SENAITE (senaite.jsonapi 1): samples with their analyses, to what an HL7 message becomes too.

An analysis is a row. Who the patient is says the client's number of the sample, which is the
code of our specimen. The rows of one keyword in one sample are versions of one result, ordered by when it was captured.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from labs.formats.json_documents import document_of, member, members, moment_of, text_of
from labs.formats.messages.delimiters import PLAIN
from labs.formats.messages.keys import digest
from labs.formats.messages.received import Coding, Observation, PatientSent, Received, Standard, Verdict
from labs.formats.messages.senders import is_allowed
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site

SAMPLE, ANALYSIS = "AnalysisRequest", "Analysis"
# Of an analysis, as the statuses of HL7 say it. What is published without a state of its own is final.
STATUS = {
    "": "F",
    "published": "F",
    "verified": "F",
    "to_be_verified": "P",
    "retracted": "X",
    "rejected": "X",
    "cancelled": "X",
}
PENDING, WITHDRAWN = "I", "D"
INVALID = "invalid"


def is_senaite(name: str, data: bytes) -> bool:
    return any(text_of(item.get("portal_type")) in {SAMPLE, ANALYSIS} for item in items_of(data))


def items_of(data: bytes) -> list[dict[str, Any]]:
    """What an answer lists; nothing where it is none."""
    document = document_of(data)
    return members(document.get("items")) if document else []


def read_senaite(name: str, data: bytes, site: Site) -> SentFile:
    """An answer is one message, whatever number of samples it lists: its bytes are kept as they came."""
    return SentFile("senaite_json", (_read(items_of(data), site),), (data,))


def _read(items: list[dict[str, Any]], site: Site) -> Received:
    samples = {_uid(item): item for item in items if text_of(item.get("portal_type")) == SAMPLE}
    analyses = [item for item in items if text_of(item.get("portal_type")) == ANALYSIS]
    parents = list(dict.fromkeys([*samples, *(text_of(item.get("parent_uid")) for item in analyses)]))
    rows = tuple(
        _observation(number, parents.index(parent), analysis, samples.get(parent, {}), site)
        for number, analysis in enumerate(analyses, start=1)
        for parent in [text_of(analysis.get("parent_uid"))]
    )
    found = Received(
        Verdict.AA,
        sender=f"SENAITE|{_host(items)}",
        control_id=next(iter(samples), ""),
        type=SAMPLE if samples else ANALYSIS,
        sent_at=max(filter(None, (moment_of(item.get("modified"), site.zone) for item in items)), default=None),
        encoding="utf-8",
        patients=tuple(PatientSent() for _parent in parents),
        observations=rows,
        specimens=tuple(filter(None, (_specimen(sample) for sample in samples.values()))),
        counts={SAMPLE: len(samples), ANALYSIS: len(analyses)},
        standard=Standard.SENAITE,
    )
    found = replace(found, key=_key(found))
    if not is_allowed(site, found.sender):
        return replace(found, verdict=Verdict.AR, reason="unknown_sender", text="This sender is not known here.")
    if not rows:
        return replace(found, verdict=Verdict.AE, reason="missing_obx", text="There is no analysis in it.")
    return found


def _observation(number: int, group: int, analysis: dict[str, Any], sample: dict[str, Any], site: Site) -> Observation:
    keyword, title = text_of(analysis.get("Keyword")), text_of(analysis.get("title"))
    specimen = _specimen(sample) or text_of(analysis.get("parent_id"))
    sampled = moment_of(sample.get("DateSampled"), site.zone)
    captured = moment_of(analysis.get("ResultCaptureDate"), site.zone)
    is_withdrawn = text_of(sample.get("review_state")) == INVALID
    return Observation(
        row=number,
        patient=group,
        codings=(Coding(keyword or text_of(analysis.get("id")), title),),
        value_type="",
        raw=result_of(analysis),
        unit=text_of(analysis.get("Unit")),
        status=WITHDRAWN if is_withdrawn else STATUS.get(text_of(analysis.get("review_state")), PENDING),
        observed_at=sampled,
        # Invalidated is said by the sample, later than any of its results was captured.
        issued_at=(moment_of(sample.get("modified"), site.zone) if is_withdrawn else None) or captured,
        filler=specimen,
        specimen_id=specimen,
        specimen_type=text_of(sample.get("SampleTypeTitle")),
        collected_at=sampled,
        method=text_of(member(analysis.get("Method")).get("title")),
        delimiters=PLAIN,
    )


def result_of(analysis: dict[str, Any]) -> str:
    """With the operand of a detection limit in front; of a choice its text, not its number."""
    result = text_of(analysis.get("Result"))
    for option in members(analysis.get("ResultOptions")):
        if result and text_of(option.get("ResultValue")) == result:
            return text_of(option.get("ResultText"))
    operand = text_of(analysis.get("DetectionLimitOperand"))
    return f"{operand}{result}" if result and not result.startswith(("<", ">")) else result


def _specimen(sample: dict[str, Any]) -> str:
    return text_of(sample.get("ClientSampleID"))


def _uid(item: dict[str, Any]) -> str:
    return text_of(item.get("uid"))


def _host(items: list[dict[str, Any]]) -> str:
    """Of the first address that an item gives of itself."""
    for item in items:
        try:
            host = urlsplit(text_of(item.get("api_url")) or text_of(item.get("url"))).hostname
        except ValueError:
            continue
        if host:
            return host
    return ""


def _key(found: Received) -> str:
    """Of what is read: SENAITE touches a sample for many reasons that change no result."""
    return digest(
        part
        for row in found.observations
        for part in (
            found.sender,
            row.specimen_id,
            row.codings[0].code,
            row.raw,
            row.unit,
            row.status,
            str(row.observed_at),
            str(row.issued_at),
        )
    )
