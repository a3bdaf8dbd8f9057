"""Messages out: written with the fact that causes them, sent afterwards, retried with growing pauses."""

import logging
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from labs.outbox.models import Outbox
from labs.outbox.sending import SENDERS, Undeliverable
from registry.log.actors import Actor
from registry.log.models import Action
from registry.log.recording import recording

logger = logging.getLogger(__name__)

_PAUSES = (1, 5, 30, 60, 120, 240, 480)
MAX_ATTEMPTS = len(_PAUSES) + 1
# A sender that dies holds its message this long.
_HOLD = timedelta(minutes=5)


def outbox_add(*, recipient: str, subject: str, text: str, key: str, html: str = "") -> Outbox:
    """An e-mail. The same key is the same message: asked for twice, it is sent once."""
    message, _made = Outbox.objects.get_or_create(
        key=key,
        defaults={
            "recipient": recipient,
            "subject": subject,
            "text": text,
            "html": html,
            "next_attempt": timezone.now(),
        },
    )
    return message


def outbox_post(*, target: str, payload: dict[str, Any], key: str) -> tuple[Outbox, bool]:
    """A delivery to the connector of this name, and whether it is new. It carries data: no names of patients."""
    defaults = {"kind": Outbox.Kind.DELIVERY, "target": target, "payload": payload, "next_attempt": timezone.now()}
    return Outbox.objects.get_or_create(key=key, defaults=defaults)


def outbox_deliver(of: str = "") -> int:
    """Sends what is due, perhaps only the messages whose key begins so; returns how many were sent."""
    sent = 0
    while message := _claim(of):
        sent += _send(message)
    return sent


def outbox_retry(*, message: Outbox, by: Actor) -> bool:
    """Gives a message that was given up all its attempts again. False when it is not given up."""
    now = timezone.now()
    with recording(by, "sent again by hand") as log:
        given_up = Outbox.objects.filter(pk=message.pk, state=Outbox.State.DEAD)
        if given_up.update(state=Outbox.State.WAITING, attempts=0, next_attempt=now) != 1:
            return False
        log.add([(None, "outbox")], Action.UPDATE, subject=("outbox", message.pk, f"outgoing message {message.pk}"))
    return True


def _claim(of: str) -> Outbox | None:
    """Takes a message that is due from all other senders. The attempt counts before it is made: a message that kills
    its sender dies as well in the end."""
    now = timezone.now()
    due = Outbox.objects.filter(state=Outbox.State.WAITING, next_attempt__lte=now, key__startswith=of)
    for message in due.order_by("next_attempt"):
        if due.filter(pk=message.pk).update(next_attempt=now + _HOLD, attempts=F("attempts") + 1) == 1:
            message.refresh_from_db()
            return message
    return None


def _send(message: Outbox) -> bool:
    try:
        SENDERS[message.kind](message)
    except Undeliverable as error:
        message.state, message.last_error = Outbox.State.DEAD, str(error)[:300]
        message.save()
        return False
    # OSError: the network and every answer of the server. ValueError: an address or a subject that cannot be sent.
    except (OSError, ValueError) as error:
        _postpone(message, error)
        return False
    except Exception as error:
        if message.kind == Outbox.Kind.EMAIL:
            raise
        # The connector of another package may do anything; it must not stop what waits behind it.
        logger.error("message %s: its connector failed: %s", message.pk, type(error).__name__)
        _postpone(message, error)
        return False
    message.state, message.last_error = Outbox.State.SENT, ""
    message.save()
    return True


def _postpone(message: Outbox, error: Exception) -> None:
    message.last_error = f"{type(error).__name__}: {error}"[:300]
    if message.attempts >= MAX_ATTEMPTS:
        message.state = Outbox.State.DEAD
    else:
        message.next_attempt = timezone.now() + timedelta(minutes=_PAUSES[message.attempts - 1])
    message.save()
