"""The inbox's own tables. Bytes are committed before anything reads them; what was read of them follows at once."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from labs.inbox.draws import Drawn, draw_make, missing_numbers
from labs.inbox.models import INBOX, DrawNumber, Message, MessageRow, RawMessage, ResultKey
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.patients.models import Patient

_BATCH = 100


def raw_made(*, data: bytes, source: str, port: str, peer: str, file_name: str, by: Actor) -> RawMessage:
    """Not yet stored."""
    raw = RawMessage(
        transport=source,
        port=port,
        peer=peer[:100],
        file_name=file_name[-255:],
        received_by=by.name[:150],
        data=data,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    raw.clean_fields()
    return raw


def raw_keep(*, raw: RawMessage) -> None:
    """In a transaction of its own: whatever happens to the reading, the bytes are there."""
    with transaction.atomic(durable=True):
        raw.save(force_insert=True)


def raw_keep_for_now(*, raw: RawMessage) -> None:
    """In a transaction that the caller undoes: for a look at what a message would do."""
    raw.save(force_insert=True)


def message_keep(*, message: Message) -> None:
    message.clean_fields(exclude={"raw", "site", "duplicate_of"})
    if message.pk:
        message.version += 1
    message.save()


def message_logged(*, message: Message, is_new: bool, outcomes: dict[str, int], by: Actor, reason: str = "") -> None:
    """One entry for a message: what became of its rows, in numbers. What they wrote has entries of its own."""
    new = {"verdict": message.verdict, "reason": message.reason, "outcomes": outcomes, "version": message.version}
    with recording(by, reason) as log:
        log_fact(log, message, Action.CREATE if is_new else Action.UPDATE, new=new)


def rows_keep(*, rows: Sequence[MessageRow]) -> list[MessageRow]:
    for row in rows:
        row.clean_fields(exclude={"message", "analyte", "patient", "result", "key"})
    return MessageRow.objects.bulk_create(rows, batch_size=_BATCH)


def row_keep(*, row: MessageRow) -> None:
    """As the machine left it. What a person or another reading changes goes through the log (labs.inbox.deciding)."""
    row.save(force_update=True)


def key_held(*, port: str, key: str) -> ResultKey:
    """The result of this key, held until the end of the transaction: two versions are compared one after the other."""
    ResultKey.objects.get_or_create(port=port, key=key)
    held = ResultKey.objects.select_for_update(of=("self",)).select_related("current__result")
    return held.get(port=port, key=key)


def key_set(*, key: ResultKey, current: MessageRow | None, arrival: tuple[datetime, int, int]) -> None:
    key.current = current
    key.issued_at, key.arrival, key.place = arrival
    key.save(force_update=True)


def draw_number_keep(*, draw: Specimen | None, patient: Patient, drawn: Drawn, by: Actor) -> Specimen:
    """The draw itself, made when there is none, known from now on by what the sender calls it."""
    draw = draw or draw_make(patient, drawn, by)
    DrawNumber.objects.bulk_create(missing_numbers(draw, drawn))
    return draw


def patients_held(patients: Iterable[int]) -> None:
    """Until the end of the transaction no other message writes about them; always in the same order."""
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=set(patients)).order_by("pk").values_list("pk"))


def row_decided(*, row: MessageRow, before: dict[str, Any], by: Actor, reason: str = "") -> MessageRow:
    """A row as a person or another reading left it, with what moved since `before` in the log."""
    with recording(by, reason) as log:
        after = decidable(row)
        moved = {name for name in after if after[name] != before[name]}
        if not moved:
            return row
        row.version += 1
        row.clean_fields(exclude={"message", "analyte", "patient", "result", "key"})
        row.save(force_update=True)
        new = {name: after[name] for name in moved} | {"version": row.version}
        log_fact(log, row, Action.UPDATE, old={name: before[name] for name in moved}, new=new)
    return row


def decidable(row: MessageRow) -> dict[str, Any]:
    return {
        "outcome": str(row.outcome),
        "reason": str(row.reason),
        "state": str(row.state),
        "analyte": row.analyte_id,
        "value": row.value,
        "unit": row.unit,
        "comparator": row.comparator,
        "coded": row.coded,
        "patient": row.patient_id,
        "result": row.result_id,
        "decision_reason": row.decision_reason,
        "detail": row.detail,
    }


def message_text_read(*, raw: RawMessage, by: Actor) -> str:
    """The message as text, identifiers and all, at the price of a row in the log that says who looked."""
    with recording(by, "opened the text of a message") as log:
        log.add([(None, INBOX)], Action.READ, subject=("rawmessage", raw.pk, f"message {raw.pk}"))
    encoding = Message.objects.filter(raw=raw).values_list("encoding", flat=True).first() or "utf-8"
    return bytes(raw.data).decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
