"""What was read of messages, and their rows' results, in one transaction: of one message, or of several of a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from labs.formats.hl7.acknowledging import Answer, Answers
from labs.formats.messages.received import Received
from labs.inbox.keeping.services import answers_keep, messages_keep, messages_logged
from labs.inbox.mapping.selectors import site_of_sender
from labs.inbox.mapping.site import Agreed
from labs.inbox.matching import patients_meant
from labs.inbox.models import Message, MessageReason, MessageRow, Outcome, RawMessage, RowReason, Verdict
from labs.inbox.placer import Placer, Together
from labs.inbox.printable import printable
from labs.inbox.repeats import Repeats
from registry.log.actors import Actor
from registry.log.recording import recording

NO_ANSWER = Answers("original", Answer())


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
    answers: Answers = NO_ANSWER

    @property
    def verdict(self) -> str:
        return self.received.verdict.value

    @property
    def reason(self) -> str:
        return self.received.reason


@dataclass(frozen=True)
class Sent:
    """Bytes that are kept, and what was read of them. `told` is what the sender heard at an earlier reading."""

    raw: RawMessage
    received: Received
    told: str = ""
    answers: Answers = NO_ANSWER


def stored(sent: Sequence[Sent], agreed: Agreed, by: Actor) -> list[Receipt]:
    """Of one port, in the order of their arrival. All of them or, when one raises, none.

    What was accepted before stands as it is.
    """
    reason = f"message {sent[0].raw.pk}" if len(sent) == 1 else ""
    with recording(by, reason):
        answers_keep(answers=[(each.raw, each.answers) for each in sent])
        known = {row.raw_id: row for row in Message.objects.filter(raw__in=[each.raw for each in sent])}
        stands = {pk for pk, message in known.items() if message.verdict == Verdict.AA}
        new = [each for each in sent if each.raw.pk not in stands]
        made = (
            _stored([(each, _message(each, known.get(each.raw.pk), agreed)) for each in new], agreed, by) if new else {}
        )
        return [made.get(each.raw.pk) or _as_it_stands(each, known[each.raw.pk]) for each in sent]


def _stored(found: list[tuple[Sent, Message]], agreed: Agreed, by: Actor) -> dict[int, Receipt]:
    is_new = {message.raw_id: message.pk is None for _each, message in found}
    messages = [message for _each, message in found]
    together = Together(messages[0].port, by)
    _say_repeats(messages)
    placers = {
        message.raw_id: Placer(message, each.received, agreed, together, by)
        for each, message in found
        if each.received.observations and message.duplicate_of is None
    }
    together.hold(patients_meant([placer.matcher for placer in placers.values()], together.people))
    messages_keep(messages=messages)
    together.foresee([placer.foreseen() for placer in placers.values()])
    rows = {raw: placer.rows() for raw, placer in placers.items()}
    together.keep([row for each in rows.values() for row in each])
    receipts = {}
    for each, message in found:
        outcomes = Counter(outcome_of(row) for row in rows.get(message.raw_id, ()))
        if message.duplicate_of is not None:
            outcomes[f"{Outcome.IGNORED}:{RowReason.DUPLICATE_MESSAGE}"] = len(each.received.observations)
        receipts[message.raw_id] = Receipt(
            each.raw,
            each.received,
            message,
            dict(+outcomes),
            is_duplicate=message.duplicate_of is not None,
            answers=each.answers,
        )
    logged = [(message, is_new[message.raw_id], receipts[message.raw_id].outcomes) for message in messages]
    messages_logged(outcomes=logged, by=by)
    return receipts


def _as_it_stands(sent: Sent, message: Message) -> Receipt:
    outcomes = Counter(outcome_of(row) for row in message.rows.all())
    is_duplicate = message.duplicate_of_id is not None
    return Receipt(sent.raw, sent.received, message, dict(outcomes), is_duplicate=is_duplicate, answers=sent.answers)


def outcome_of(row: MessageRow) -> str:
    return f"{row.outcome}:{row.reason}" if row.reason else str(row.outcome)


def _say_repeats(messages: Sequence[Message]) -> None:
    repeats = Repeats(messages[0].port, messages)
    for message in messages:
        message.duplicate_of = repeats.first_of(message)
        is_accepted = message.verdict == Verdict.AA
        message.is_control_id_reused = is_accepted and repeats.is_number_reused(message)
        if is_accepted:
            repeats.accepted(message)


def _message(sent: Sent, known: Message | None, agreed: Agreed) -> Message:
    raw, received = sent.raw, sent.received
    verdict = received.verdict.value or Verdict.AE
    message = known or Message(raw=raw, answered=sent.told or verdict)
    message.raw = raw
    message.verdict = verdict
    message.reason = received.reason if received.reason in MessageReason.values else ""
    message.text = received.text[:300]
    message.sender = printable(received.sender)[:250]
    message.control_id = printable(received.control_id)[:200]
    message.type = printable(received.type)[:30]
    message.hl7_version = printable(received.version)[:20]
    message.processing_id = printable(received.processing_id)[:20]
    message.sent_at = received.sent_at
    message.encoding = received.encoding[:30]
    message.port = raw.port
    message.site = site_of_sender(message.sender, agreed.senders)
    message.warnings = list(received.warnings)
    message.key = received.key[:64] if verdict == Verdict.AA else ""
    return message
