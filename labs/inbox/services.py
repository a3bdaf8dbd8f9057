"""Messages in: the bytes first, then what they say, then the patients' results. Nothing received is ever lost.

    raw bytes ── committed ──▶ read, judged ──▶ message, rows, results          one transaction
A crash in between leaves bytes without a message; `unread_read` reads them later. However many read the same bytes at
the same time, one stores them: the others find what it stored.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.utils import timezone

from labs.formats.hl7.acknowledging import Answer, Answers, answers_now
from labs.formats.messages.judged import Judged
from labs.formats.messages.judged import Outcome as Judgement
from labs.formats.messages.judging import judge
from labs.formats.messages.keys import result_key
from labs.formats.messages.received import Observation, Received
from labs.formats.messages.received import Verdict as Said
from labs.formats.messages.senders import may_send_from
from labs.formats.messages.site import Site
from labs.inbox.held import Draws, Keys
from labs.inbox.keeping.services import (
    answers_keep,
    answers_keep_of_failure,
    message_keep,
    message_logged,
    patients_held,
    raw_keep,
    raw_made,
    rows_keep,
)
from labs.inbox.mapping.selectors import site_of_sender
from labs.inbox.mapping.site import Agreed, agreed_now
from labs.inbox.matching import Match, Matcher
from labs.inbox.models import (
    Message,
    MessageReason,
    MessageRow,
    Outcome,
    Port,
    RawMessage,
    RowReason,
    State,
    Transport,
    Verdict,
)
from labs.inbox.placing import Arrival, Placing, place, refused, status_kept
from labs.inbox.reading import read
from registry.log.actors import Actor
from registry.log.recording import recording

# Whoever received a message may still be reading it.
AT_WORK = timedelta(minutes=2)

logger = logging.getLogger(__name__)
_UNREAD_AT_ONCE = 500
_DEADLOCK = "40P01"
_NO_ANSWER = Answers("original", Answer())
_GIVEN_UP = "It could not be stored, twice. It is read again when somebody asks for it."


@dataclass(frozen=True)
class Receipt:
    """What the sender is told, and what became of the message. `answers` are empty where nobody waits for one.

    `outcomes` counts rows by "outcome" or "outcome:reason". `message` is None when only the bytes could be kept.
    """

    raw: RawMessage
    received: Received
    message: Message | None = None
    outcomes: dict[str, int] = field(default_factory=dict)
    is_duplicate: bool = False
    # Nothing is wrong with the message: the database could not be reached.
    is_away: bool = False
    answers: Answers = _NO_ANSWER

    @property
    def verdict(self) -> str:
        return self.received.verdict.value

    @property
    def reason(self) -> str:
        return self.received.reason


def receive(
    *,
    data: bytes,
    source: str = Transport.MLLP,
    port: str = Port.PRODUCTION,
    peer: str = "",
    file_name: str = "",
    read_as: Received | None = None,
    by: Actor,
) -> Receipt:
    """Keeps one message, then reads and places it. Answers AA only after everything is committed.

    `read_as` is what a file's reader made of the bytes where they stood. Raises only when not even the bytes could be
    kept: then the sender must get no acceptance.
    """
    raw = raw_made(data=data, source=source, port=port, peer=peer, file_name=file_name, by=by)
    raw_keep(raw=raw)
    return raw_read(raw=raw, read_as=read_as, is_answered=source == Transport.MLLP, by=by)


def raw_read(
    *,
    raw: RawMessage,
    read_as: Received | None = None,
    told: str = "",
    is_answered: bool = False,
    agreed: Agreed | None = None,
    by: Actor,
) -> Receipt:
    """Reads bytes that are kept. `told` is what the sender heard when an earlier reading did not end.

    `is_answered`: the sender waits. What it is going to be told is kept with the message, in the same transaction.
    """
    received = read_as
    try:
        agreed = agreed or agreed_now(raw.port)
        received = received or read(bytes(raw.data), agreed.site, is_framed=raw.transport == Transport.MLLP)
        received = _from_its_address(raw, received, agreed.site)
        answers = answers_now(received) if is_answered else _NO_ANSWER
        return replace(_stored_twice(raw, received, agreed, told, by, answers), answers=answers)
    except Exception as error:
        # Whatever a laboratory sends must not stop the line. The bytes wait without a message and are read again; the
        # sender may send again as well. No traceback: its values, and a database's words, would be those of a patient.
        logger.error("message %s could not be stored: %s", raw.pk, type(error).__name__)
        failed = Receipt(raw, _failed(received), is_away=isinstance(error, OperationalError | InterfaceError))
        return _failure_answered(failed) if is_answered else failed


def _failure_answered(receipt: Receipt) -> Receipt:
    """A sender that is refused can wait for a commit; a database that is away is not asked once more."""
    answers = answers_now(receipt.received)
    if not receipt.is_away:
        try:
            answers_keep_of_failure(raw=receipt.raw, answers=answers)
        except DatabaseError as error:
            logger.error("the answer to message %s could not be kept: %s", receipt.raw.pk, type(error).__name__)
    return replace(receipt, answers=answers)


def _from_its_address(raw: RawMessage, received: Received, site: Site) -> Received:
    """What was refused for its header stays refused for that."""
    if (
        raw.transport != Transport.MLLP
        or received.verdict == Said.AR
        or not received.key
        or may_send_from(site, received.sender, raw.peer)
    ):
        return received
    text = "This sender does not send from this address."
    return replace(received, verdict=Said.AR, reason=str(MessageReason.UNKNOWN_SENDER), text=text, observations=())


def _failed(received: Received | None, text: str = "The message is kept and will be read again.") -> Received:
    known = received or Received(Said.AE)
    return replace(known, verdict=Said.AE, reason=str(MessageReason.FAILED), text=text, observations=(), warnings=())


def _stored_twice(
    raw: RawMessage, received: Received, agreed: Agreed, told: str, by: Actor, answers: Answers = _NO_ANSWER
) -> Receipt:
    """Two copies of a message that come, or one that is read twice, at the same moment: the slower one finds the other
    at its second try. And of two that wait for each other's patients the database has one give way."""
    try:
        return _stored(raw, received, agreed, told, by, answers)
    except IntegrityError:
        pass
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
            raise
    return _stored(raw, received, agreed, told, by, answers)


def _stored(raw: RawMessage, received: Received, agreed: Agreed, told: str, by: Actor, answers: Answers) -> Receipt:
    reason = f"message {raw.pk}"
    outcomes = Counter[str]()
    with recording(by, reason):
        answers_keep(raw=raw, answers=answers)
        known = Message.objects.filter(raw=raw).first()
        if known is not None and known.verdict == Verdict.AA:
            return _as_it_stands(known, received)
        message = _message(raw, known, received, told)
        is_new = message.pk is None
        message_keep(message=message)
        if message.duplicate_of is not None:
            outcomes[f"{Outcome.IGNORED}:{RowReason.DUPLICATE_MESSAGE}"] = len(received.observations)
        elif received.observations:
            rows = Placer(message, received, agreed, by).rows(judge(received, agreed.site))
            outcomes.update(outcome_of(row) for row in rows)
        message_logged(message=message, is_new=is_new, outcomes=dict(+outcomes), by=by, reason=reason)
    return Receipt(raw, received, message, dict(+outcomes), is_duplicate=message.duplicate_of is not None)


def _as_it_stands(message: Message, received: Received) -> Receipt:
    outcomes = Counter(outcome_of(row) for row in message.rows.all())
    return Receipt(message.raw, received, message, dict(outcomes), is_duplicate=message.duplicate_of_id is not None)


def unread_read(*, at_work: timedelta = AT_WORK, by: Actor) -> int:
    """Reads what was kept and never read: the process died in between, or the database was away. How many were.

    What came within `at_work` is left to whoever received it. What cannot be stored at this second try either is kept
    as a message that failed: people see it, and it is not tried for ever.
    """
    found = 0
    unread = RawMessage.objects.unread().filter(received_at__lte=timezone.now() - at_work).order_by("pk")
    for pk in list(unread.values_list("pk", flat=True)[:_UNREAD_AT_ONCE]):
        raw = RawMessage.objects.get(pk=pk)
        receipt = raw_read(raw=raw, told=Verdict.AE, by=by)
        if receipt.is_away:
            break
        if receipt.message is not None:
            found += 1
        else:
            _given_up(receipt, by)
    return found


def inbox_sweep() -> int:
    """What no listener and no upload has in hand any more."""
    return unread_read(by=Actor.system("sweep", source="task"))


def _given_up(receipt: Receipt, by: Actor) -> None:
    try:
        _stored_twice(receipt.raw, _failed(receipt.received, _GIVEN_UP), agreed_now(receipt.raw.port), Verdict.AE, by)
    except Exception as error:
        logger.error("message %s could not even be given up: %s", receipt.raw.pk, type(error).__name__)


def outcome_of(row: MessageRow) -> str:
    return f"{row.outcome}:{row.reason}" if row.reason else str(row.outcome)


def _message(raw: RawMessage, known: Message | None, received: Received, told: str) -> Message:
    verdict = received.verdict.value or Verdict.AE
    message = known or Message(raw=raw, answered=told or verdict)
    message.verdict = verdict
    message.reason = received.reason if received.reason in MessageReason.values else ""
    message.text = received.text[:300]
    message.sender = _printable(received.sender)[:250]
    message.control_id = _printable(received.control_id)[:200]
    message.type = _printable(received.type)[:30]
    message.hl7_version = _printable(received.version)[:20]
    message.processing_id = _printable(received.processing_id)[:20]
    message.sent_at = received.sent_at
    message.encoding = received.encoding[:30]
    message.port = raw.port
    message.site = site_of_sender(message.sender)
    message.warnings = list(received.warnings)
    message.key = received.key[:64] if verdict == Verdict.AA else ""
    accepted = Message.objects.filter(port=raw.port, verdict=Verdict.AA, raw__pk__lt=raw.pk).exclude(pk=message.pk)
    message.duplicate_of = (
        Message.objects.filter(port=raw.port, verdict=Verdict.AA, key=message.key, duplicate_of=None)
        .exclude(pk=message.pk)
        .first()
        if message.key
        else None
    )
    same = accepted.filter(sender=message.sender, control_id=message.control_id).exclude(key=message.key)
    message.is_control_id_reused = bool(message.control_id) and verdict == Verdict.AA and same.exists()
    return message


class Placer:
    """The rows of one message, from what was judged of them to what is stored."""

    def __init__(self, message: Message, received: Received, agreed: Agreed, by: Actor, reason: str = "") -> None:
        self._message, self._received, self._by = message, received, by
        self._matcher = Matcher(received, agreed, by)
        self._catalogue = agreed.catalogue
        self.keys, self._draws = Keys(message.port), Draws(by)
        self._reason = f"message {message.raw_id}: {reason}" if reason else f"message {message.raw_id}"

    def rows(self, judged: tuple[Judged, ...]) -> list[MessageRow]:
        """What is to be placed, one row after the other; then all rows and keys, in one statement each."""
        rows = [self.row(each) for each in judged]
        matches = [self.match(each) for each in judged]
        patients_held(match.patient.pk for match in matches if match is not None and match.patient is not None)
        matched = [
            (row, each, match) for row, each, match in zip(rows, judged, matches, strict=True) if match is not None
        ]
        self.keys.hold(self._key(each) for _row, each, match in matched if match.patient is not None or each.withdraws)
        for row, each, match in matched:
            self._settle(row, each, match, False)
        rows_keep(rows=rows)
        self.keys.keep()
        return rows

    def match(self, judged: Judged) -> Match | None:
        """None for what is not to be placed or withdrawn: whose it is does not matter then."""
        if judged.outcome == Judgement.PLACED or judged.withdraws:
            return self._matcher.of(judged.observation)
        return None

    def row(self, judged: Judged) -> MessageRow:
        sent = judged.observation
        row = MessageRow(
            message=self._message,
            number=sent.row,
            patient_group=sent.patient,
            code=(judged.code or _code(sent))[:80],
            text=next((coding.text for coding in sent.codings if coding.text), "")[:120],
            raw=_printable(sent.raw)[:60],
            unit_sent=_printable(sent.unit)[:40],
            status_sent=status_kept(sent),
            specimen_sent=_printable(sent.specimen_type)[:60],
            observed_at=sent.observed_at,
        )
        self.judge(row, judged)
        return row

    def judge(self, row: MessageRow, judged: Judged) -> None:
        """What the mappings make of it, before anybody knows the patient."""
        row.outcome, row.reason, row.detail = Outcome(judged.outcome.value), judged.reason, ""
        row.analyte = self._catalogue.analyte(judged.analyte, judged.unit)
        if row.outcome == Outcome.PLACED and row.analyte is None:
            row.outcome, row.reason = Outcome.QUARANTINED, RowReason.UNIT_UNKNOWN
        row.value, row.unit, row.comparator = judged.value, judged.unit[:30], judged.comparator
        row.coded, row.for_analysis = judged.coded[:30], judged.for_analysis
        row.state = self.state(row)

    def settle(self, row: MessageRow, judged: Judged, match: Match, *, may_overrule: bool = False) -> None:
        """From a judged row, which is stored, to a placed one, or to the reason why it waits."""
        self._settle(row, judged, match, may_overrule)
        self.keys.keep()

    def _settle(self, row: MessageRow, judged: Judged, match: Match, may_overrule: bool) -> None:
        row.patient = match.patient
        if judged.outcome == Judgement.PLACED and match.patient is None:
            row.outcome, row.reason, row.detail = Outcome.QUARANTINED, match.reason, match.detail
        else:
            self._place(row, judged, match, may_overrule)
        row.state = self.state(row)

    def _place(self, row: MessageRow, judged: Judged, match: Match, may_overrule: bool) -> None:
        placing = Placing(
            row=row,
            judged=judged,
            key=self._key(judged),
            arrival=self.arrival(judged),
            keys=self.keys,
            draws=self._draws,
            by=self._by,
            reason=self._reason,
            may_overrule=may_overrule,
        )
        try:
            place(placing, match.patient, row.analyte)
        except ValidationError as error:
            self._draws.forget()
            row.result, row.key = None, None
            refused(row, error)

    def _key(self, judged: Judged) -> str:
        return result_key(judged.observation, self._received)

    def arrival(self, judged: Judged) -> Arrival:
        sent = judged.observation
        issued = sent.issued_at or self._message.sent_at or self._message.raw.received_at
        return Arrival(issued, self._message.raw_id, sent.row)

    def state(self, row: MessageRow) -> State:
        if self._message.port != Port.PRODUCTION or row.reason == RowReason.CONTROL_MATERIAL:
            return State.NONE
        return {
            str(Outcome.PLACED): State.PLACED,
            str(Outcome.QUARANTINED): State.OPEN,
        }.get(str(row.outcome), State.NONE)


def _code(sent: Observation) -> str:
    return next((coding.code for coding in sent.codings if coding.code), "")


def _printable(text: str) -> str:
    """Control characters have no place in a column, a zero byte none in PostgreSQL."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
