"""A message checked in the order of interop.md 1.3: the first failure decides the acknowledgement."""

from collections import Counter
from dataclasses import dataclass, replace

from labs.formats.hl7.charset import Decoded, NotDecoded, decode
from labs.formats.hl7.files import BOM
from labs.formats.hl7.header import Header, MalformedHeader, read_header
from labs.formats.hl7.orders import Body, read_body
from labs.formats.hl7.segments import is_segment, lines_of, segment_of
from labs.formats.messages.keys import digest
from labs.formats.messages.received import Received, Verdict
from labs.formats.messages.senders import Settings, is_allowed, settings_of
from labs.formats.messages.site import Site
from labs.formats.messages.times import moment

INFERRED = "ORU^R01"
# What a message is that does not say so.
PRODUCTION = "P"


@dataclass(frozen=True)
class _Refusal:
    verdict: Verdict
    reason: str
    text: str


def read_message(raw: bytes, site: Site) -> Received:
    """One message, without its frame. Whatever the bytes are, there is an answer."""
    rough = raw.removeprefix(BOM).decode("latin-1")
    lines = lines_of(rough)
    try:
        header = read_header(lines[0] if lines else "")
    except MalformedHeader as error:
        return Received(Verdict.AE, "malformed_msh", str(error))
    header = replace(header, encoding="latin-1")
    settings = settings_of(site, header.sender)
    try:
        decoded = decode(raw, _settled(header, settings).charset, site, settings)
    except NotDecoded as error:
        return _described(_settled(header, settings), Verdict.AE, "charset", str(error), site)
    return _read_text(decoded, site)


def not_read(raw: bytes, reason: str, text: str) -> Received:
    """An error to answer with for bytes that are not read any further than their header."""
    lines = lines_of(raw.removeprefix(BOM).decode("latin-1"))
    try:
        header = replace(read_header(lines[0] if lines else ""), encoding="latin-1")
    except MalformedHeader:
        return Received(Verdict.AE, reason, text)
    return Received(Verdict.AE, reason, text, control_id=header.control_id, header=header)


def _settled(header: Header, settings: Settings) -> Header:
    return replace(header, is_shifted=settings.msh9_missing)


def _read_text(decoded: Decoded, site: Site) -> Received:
    lines = lines_of(decoded.text)
    try:
        # Once more: a delimiter may have been the second byte of a letter.
        header = read_header(lines[0])
    except MalformedHeader as error:
        return Received(Verdict.AE, "malformed_msh", str(error))
    settings = settings_of(site, header.sender)
    header = replace(_settled(header, settings), encoding=decoded.codec)
    segments = [segment_of(line, header.delimiters) for line in lines[1:] if is_segment(line, header.delimiters)]
    counts = Counter(segment.name for segment in segments)
    used = header.trigger or (INFERRED if counts["OBR"] and counts["OBX"] else "")
    zone = site.zone
    body = read_body(segments, header, used, zone)
    is_broken = len(segments) < len(lines) - 1
    refusal = _refused_by_header(header, used, site) or _refused_by_body(is_broken, counts, body, settings, site)
    found = _described(header, Verdict.AA, "", "", site)
    found = replace(
        found,
        encoding=decoded.codec,
        key=message_key(header, lines),
        type_used=used if not header.type else "",
        patients=body.patients,
        specimens=body.specimens,
        counts=dict(counts),
    )
    if refusal is None:
        return replace(found, observations=body.observations)
    return replace(found, verdict=refusal.verdict, reason=refusal.reason, text=refusal.text)


def _described(header: Header, verdict: Verdict, reason: str, text: str, site: Site) -> Received:
    return Received(
        verdict,
        reason,
        text,
        sender=header.sender,
        control_id=header.control_id,
        type=header.type,
        version=header.version,
        processing_id=header.processing_id,
        sent_at=moment(header.first(7), site.zone),
        header=header,
    )


def _refused_by_header(header: Header, used: str, site: Site) -> _Refusal | None:
    if not is_allowed(site, header.sender):
        return _Refusal(Verdict.AR, "unknown_sender", "This sender is not known here.")
    if (header.processing_id or PRODUCTION) not in site.processing_ids:
        return _Refusal(Verdict.AR, "processing_id", "This processing id is not taken on this port.")
    if used not in site.message_types:
        return _Refusal(Verdict.AR, "unsupported_type", "Messages of this type are not taken.")
    return None


def _refused_by_body(
    is_broken: bool, counts: Counter[str], body: Body, settings: Settings, site: Site
) -> _Refusal | None:
    if is_broken:
        return _Refusal(Verdict.AE, "segment_broken", "A line does not begin with the name of a segment.")
    if not counts["OBR"] and not settings.obr_optional:
        return _Refusal(Verdict.AE, "missing_obr", "There is no OBR segment.")
    if not counts["OBX"] and not set(body.order_statuses) & set(site.orders_without_result):
        return _Refusal(Verdict.AE, "missing_obx", "There is no OBX segment.")
    if set(body.order_statuses) & set(site.orders_refused):
        return _Refusal(Verdict.AE, "order_status", "OBR-25 is a status that no result has.")
    if max(len(body.observations), len(body.patients)) > site.rows_per_message:
        return _Refusal(Verdict.AE, "too_many_rows", f"A message may have {site.rows_per_message} results.")
    return None


def message_key(header: Header, lines: list[str]) -> str:
    """Of everything but the time of sending; how lines end and what is empty at their end does not count."""
    separator = header.delimiters.field
    msh = list(header.fields)
    if len(msh) > 6:
        msh[6] = ""
    bodies = [line.rstrip(f"{separator} \t") for line in (separator.join(msh[1:]), *lines[1:])]
    return digest([header.sender.upper(), header.control_id, *bodies])
