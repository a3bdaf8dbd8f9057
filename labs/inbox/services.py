"""Messages in: the bytes first, then what they say, then the patients' results. Nothing received is ever lost.

    raw bytes ── committed ──▶ read, judged ──▶ message, rows, results          one transaction
A crash in between leaves bytes without a message; `unread_read` reads them later. However many read the same bytes at
the same time, one stores them: the others find what it stored.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.utils import timezone

from labs.formats.hl7.acknowledging import answers_now
from labs.formats.messages.received import Received
from labs.formats.messages.received import Verdict as Said
from labs.formats.messages.senders import may_send_from
from labs.formats.messages.site import Site
from labs.inbox.keeping.services import answers_keep_of_failure, raw_keep, raw_made
from labs.inbox.mapping.site import Agreed, agreed_now
from labs.inbox.models import MessageReason, Port, RawMessage, Transport, Verdict
from labs.inbox.reading import read
from labs.inbox.storing import NO_ANSWER, Receipt, Sent, stored
from registry.log.actors import Actor
from registry.log.again import twice

# Whoever received a message may still be reading it.
AT_WORK = timedelta(minutes=2)

logger = logging.getLogger(__name__)
_UNREAD_AT_ONCE = 500
_GIVEN_UP = "It could not be stored, twice. It is read again when somebody asks for it."


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
    by: Actor,
) -> Receipt:
    """Reads bytes that are kept. `told` is what the sender heard when an earlier reading did not end.

    `is_answered`: the sender waits. What it is going to be told is kept with the message, in the same transaction.
    """
    received = read_as
    try:
        agreed = agreed_now(raw.port)
        received = received or read(bytes(raw.data), agreed.site, is_framed=raw.transport == Transport.MLLP)
        received = _from_its_address(raw, received, agreed.site)
        answers = answers_now(received) if is_answered else NO_ANSWER
        return _stored_twice(Sent(raw, received, told, answers), agreed, by)
    except Exception as error:
        # Whatever a laboratory sends must not stop the line. The bytes wait without a message and are read again; the
        # sender may send again as well. No traceback: its values, and a database's words, would be those of a patient.
        logger.error("message %s could not be stored: %s", raw.pk, type(error).__name__)
        failed = Receipt(raw, _failed(received), is_away=isinstance(error, OperationalError | InterfaceError))
        return _failure_answered(failed) if is_answered else failed


def raws_read(*, raws: Sequence[tuple[RawMessage, Received]], read_by: Site, by: Actor) -> list[Receipt]:
    """Several of one file and port, which share a transaction. Where one of them fails, each is tried by itself.

    A setting of the senders may have changed since the file was read: its messages are read again then.
    """
    try:
        agreed = agreed_now(raws[0][0].port)
        is_as_agreed = agreed.site == read_by
        sent = [Sent(raw, received if is_as_agreed else read(bytes(raw.data), agreed.site)) for raw, received in raws]
        return stored(sent, agreed, by)
    except Exception as error:
        logger.error("%s messages of a file could not be stored together: %s", len(raws), type(error).__name__)
        return [raw_read(raw=raw, read_as=received, by=by) for raw, received in raws]


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


def _stored_twice(sent: Sent, agreed: Agreed, by: Actor) -> Receipt:
    """Two copies of a message may come, or one be read twice, at the same moment; or a person saves the same value
    meanwhile, and the refusal comes in words."""
    return twice(lambda: stored([sent], agreed, by)[0], meets=(IntegrityError, ValidationError))


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
        given_up = Sent(receipt.raw, _failed(receipt.received, _GIVEN_UP), Verdict.AE)
        _stored_twice(given_up, agreed_now(receipt.raw.port), by)
    except Exception as error:
        logger.error("message %s could not even be given up: %s", receipt.raw.pk, type(error).__name__)
