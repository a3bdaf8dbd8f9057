"""ASTM E1394 / LIS2-A2 messages, to what an HL7 message becomes too."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from labs.formats.astm.frames import unframe
from labs.formats.astm.records import KNOWN, Message, Record, messages_of, record_of
from labs.formats.hl7.files import BOM
from labs.formats.hl7.patients import SEX
from labs.formats.messages.delimiters import Delimiters, without_zeros
from labs.formats.messages.keys import digest
from labs.formats.messages.received import Coding, Observation, PatientSent, Received, Standard, Verdict
from labs.formats.messages.senders import is_allowed
from labs.formats.messages.sent_file import SentFile
from labs.formats.messages.site import Site
from labs.formats.messages.times import day, moment

HEADER_TIME = 13


def read_messages(data: bytes, site: Site) -> SentFile:
    unframed = unframe(data.removeprefix(BOM))
    found = SentFile("astm", frames=unframed.frames, checksums_ok=unframed.checksums_ok)
    try:
        pieces = tuple((without_zeros(piece.decode("utf-8")), is_wrong) for piece, is_wrong in unframed.pieces)
    except UnicodeDecodeError:
        return replace(found, error="charset")
    messages = messages_of(pieces)
    if not any(message.has_header for message in messages):
        return replace(found, error="not_astm")
    return replace(
        found,
        messages=tuple(_read(message, site) for message in messages),
        raw=tuple("\r".join((*message.lines, "")).encode() for message in messages),
    )


def _read(message: Message, site: Site) -> Received:
    delimiters = message.delimiters
    records = [record_of(line, delimiters) for line in message.lines] if delimiters else []
    found = _described(records[0], message, site) if records else _refused(None, "", "")
    if not message.is_complete:
        return _refused(found, "truncated", "The last record is not L.")
    if not message.has_header:
        return _refused(found, "no_header", "The first record is not H.")
    if delimiters is None:
        return _refused(found, "malformed_header", "The header does not name three different delimiters.")
    if message.is_damaged:
        return _refused(found, "segment_broken", "The checksum of a frame does not agree.")
    if any(record.letter not in KNOWN for record in records):
        return _refused(found, "unknown_record", "A record begins with a letter that is not known.")
    if not is_allowed(site, found.sender):
        return replace(found, verdict=Verdict.AR, reason="unknown_sender", text="This sender is not known here.")
    if found.processing_id in {"T", "D"} - site.processing_ids:
        text = "This processing id is not taken on this port."
        return replace(found, verdict=Verdict.AR, reason="processing_id", text=text)
    whole = _with_body(found, records, site.zone)
    if max(len(whole.observations), len(whole.patients)) > site.rows_per_message:
        return _refused(found, "too_many_rows", f"A message may have {site.rows_per_message} results.")
    return whole


def _refused(found: Received | None, reason: str, text: str) -> Received:
    found = found or Received(Verdict.AE, standard=Standard.ASTM)
    return replace(found, verdict=Verdict.AE, reason=reason, text=text)


def _described(header: Record, message: Message, site: Site) -> Received:
    sender = f"{header.component(5, 1)}|{header.component(5, 2)}"
    lines = [_without_time(message.lines[0], header.delimiters), *message.lines[1:]]
    return Received(
        Verdict.AA,
        sender=sender,
        control_id=header.field(3).strip(),
        version=header.field(13).strip(),
        processing_id=header.field(12).strip().upper(),
        sent_at=moment(header.field(HEADER_TIME + 1), site.zone),
        encoding="utf-8",
        key=digest([sender.upper(), header.field(3).strip(), *(line.rstrip() for line in lines)]),
        standard=Standard.ASTM,
    )


def _without_time(line: str, delimiters: Delimiters) -> str:
    fields = line.split(delimiters.field)
    if len(fields) > HEADER_TIME:
        fields[HEADER_TIME] = ""
    return delimiters.field.join(fields)


@dataclass
class _Walk:
    zone: tzinfo
    is_control_run: bool
    patients: list[PatientSent] = field(default_factory=list)
    specimens: list[str] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    order: Record | None = None
    comments_on: bool = False

    def take(self, record: Record) -> None:
        if record.letter == "P":
            self._begin_patient(record)
        elif record.letter == "O":
            self.order = record
            self.specimens.append(record.field(3))
        elif record.letter in {"R", "Q"}:
            self.observations.append(self._observation(record))
        elif record.letter == "C" and self.comments_on and self.observations:
            last = self.observations[-1]
            said = record.delimiters.unescape(record.field(4)).strip()
            self.observations[-1] = replace(last, notes="\n".join(filter(None, (last.notes, said))))
        self.comments_on = record.letter in {"R", "Q"} or (self.comments_on and record.letter == "C")

    def _begin_patient(self, record: Record) -> None:
        if self.observations and not self.patients:
            # Results before any patient are nobody's, not the first patient's.
            self.patients.append(PatientSent())
        self.patients.append(patient_of(record))
        self.order = None

    def _observation(self, record: Record) -> Observation:
        order = self.order
        return Observation(
            row=len(self.observations) + 1,
            patient=max(0, len(self.patients) - 1),
            codings=tuple(Coding(code) for code in record.delimiters.components(record.field(3)) if code),
            value_type="",
            raw=record.field(4).strip(),
            unit=record.field(5).strip(),
            status=record.field(9).strip(),
            reference_range=record.delimiters.unescape(record.field(6)).strip(),
            flags=record.field(7).strip(),
            observed_at=self._time(record, 13) or self._time(record, 12) or self._time(order, 8),
            specimen_id=_specimen_id(order),
            specimen_type=order.component(16) if order else "",
            collected_at=self._time(order, 8),
            device=record.component(14),
            is_control=self.is_control_run or record.letter == "Q" or _is_control(order),
            delimiters=record.delimiters,
        )

    def _time(self, record: Record | None, number: int) -> datetime | None:
        return moment(record.component(number), self.zone) if record else None


def _is_control(order: Record | None) -> bool:
    return order is not None and order.component(12).upper() == "Q"


def _specimen_id(order: Record | None) -> str:
    """O-3, or where it is empty the instrument's own number in O-4, behind the place in its rack."""
    if order is None:
        return ""
    parts = (*order.delimiters.components(order.field(3)), *order.delimiters.components(order.field(4)))
    return next((part for part in parts if part), "")


def patient_of(record: Record) -> PatientSent:
    third = record.delimiters.components(record.field(5))
    # Senders that leave out P-4 or P-5 have the name there.
    numbers = (record.component(3), record.component(4), "" if any(third[1:]) else third[0])
    return PatientSent(
        ids=tuple((number, "") for number in numbers if number),
        birth_date=day(record.component(8)),
        sex=SEX.get(record.component(9).upper(), ""),
        numbered_ids=numbers,
    )


def _with_body(found: Received, records: list[Record], zone: tzinfo) -> Received:
    walk = _Walk(zone, found.processing_id == "Q")
    for record in records:
        walk.take(record)
    return replace(
        found,
        patients=tuple(walk.patients),
        specimens=tuple(walk.specimens),
        observations=tuple(walk.observations),
        counts=dict(Counter(record.letter for record in records)),
    )
