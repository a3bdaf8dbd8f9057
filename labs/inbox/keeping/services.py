"""The inbox's own tables. Bytes are committed before anything reads them; what was read of them follows at once."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from labs.blood.models import BloodResult
from labs.formats.hl7.acknowledging import Answers
from labs.inbox.models import INBOX, Acknowledgement, AnswerKind, DrawNumber, Message, MessageRow, RawMessage, ResultKey
from labs.revisions import record_many
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.facts import create_many, log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.patients.models import Patient

_BATCH = 100
# Of one statement that asks for them: a database limits its parameters.
_KEYS = 500


def raw_made(*, data: bytes, source: str, port: str, peer: str, file_name: str, by: Actor) -> RawMessage:
    """Not yet stored."""
    raw = RawMessage(
        transport=source,
        port=port,
        peer=peer[:100],
        file_name=file_name.replace("\x00", "")[-255:],
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


def raws_keep(*, raws: Sequence[RawMessage]) -> None:
    """As `raw_keep`, of several messages."""
    with transaction.atomic(durable=True):
        RawMessage.objects.bulk_create(raws, batch_size=_BATCH)


def raw_keep_for_now(*, raw: RawMessage) -> None:
    """In a transaction that the caller undoes: for a look at what a message would do."""
    raw.save(force_insert=True)


def answers_keep(*, answers: Iterable[tuple[RawMessage, Answers]]) -> None:
    """What senders are told once the transaction is committed: in the same one, so that it costs no second commit."""
    rows = [
        Acknowledgement(raw=raw, kind=kind, code=one.code, data=one.message)
        for raw, each in answers
        for kind, one in ((AnswerKind.COMMIT, each.commit), (AnswerKind.APPLICATION, each.application))
        if one.message is not None
    ]
    Acknowledgement.objects.bulk_create(rows)


def answers_keep_of_failure(*, raw: RawMessage, answers: Answers) -> None:
    """Where nothing else was stored, and nobody waits for an acceptance."""
    with transaction.atomic():
        answers_keep(answers=[(raw, answers)])


def messages_keep(*, messages: Sequence[Message]) -> None:
    """New ones in one statement, those that are read again each by itself."""
    for message in messages:
        message.clean_fields(exclude={"raw", "site", "duplicate_of"})
    again = [message for message in messages if message.pk]
    new = [message for message in messages if not message.pk]
    # One that repeats another of the same group names it, so that one is there first.
    for group in ([each for each in new if each.duplicate_of is None], [each for each in new if each.duplicate_of]):
        Message.objects.bulk_create(group, batch_size=_BATCH)
    for message in again:
        message.version += 1
        message.save(force_update=True)


def messages_logged(*, outcomes: Iterable[tuple[Message, bool, dict[str, int]]], by: Actor) -> None:
    """One entry for a message: what became of its rows, in numbers. What they wrote has entries of its own."""
    with recording(by) as log:
        for message, is_new, found in outcomes:
            new = {
                "verdict": message.verdict,
                "reason": message.reason,
                "outcomes": found,
                "version": message.version,
            }
            action = Action.CREATE if is_new else Action.UPDATE
            log_fact(log, message, action, new=new, reason=message.log_code())


def rows_keep(*, rows: Sequence[MessageRow]) -> list[MessageRow]:
    for row in rows:
        row.clean_fields(exclude={"message", "analyte", "patient", "result", "key"})
    return MessageRow.objects.bulk_create(rows, batch_size=_BATCH)


def keys_held(*, port: str, keys: Iterable[str]) -> dict[str, ResultKey]:
    """The results of these keys, held until the end of the transaction: two versions are compared one after the other.

    Always in the same order, so that no two messages wait for each other.
    """
    held: dict[str, ResultKey] = {}
    wanted = sorted(set(keys))
    for group in (wanted[at : at + _KEYS] for at in range(0, len(wanted), _KEYS)):
        made = [ResultKey(port=port, key=key) for key in group]
        ResultKey.objects.bulk_create(made, ignore_conflicts=True, batch_size=_BATCH)
        rows = ResultKey.objects.select_for_update(of=("self",)).select_related("current__result")
        held |= {row.key: row for row in rows.filter(port=port, key__in=group).order_by("key")}
    return held


def keys_keep(*, keys: Sequence[ResultKey]) -> None:
    """Which version counts, of results that are held: written over where they stand, in one statement."""
    ResultKey.objects.bulk_create(
        keys,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["current", "issued_at", "arrival", "place"],
    )


def draws_keep(*, draws: Sequence[tuple[Specimen, str]], numbers: Sequence[DrawNumber], by: Actor) -> None:
    """New draws, each with the reason of its log entry, and what senders call draws."""
    create_many([draw for draw, _reason in draws], by=by, reasons=[reason for _draw, reason in draws])
    DrawNumber.objects.bulk_create(numbers, batch_size=_BATCH)


def results_keep(*, results: Sequence[tuple[BloodResult, str]], by: Actor) -> None:
    """First revisions, each with the reason of its log entry."""
    record_many([result for result, _reason in results], by=by, reasons=[reason for _result, reason in results])


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
