"""Messages out: written with the fact that causes them, sent afterwards, retried with growing pauses."""

from datetime import timedelta

from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone

from labs.outbox.models import Outbox

_PAUSES = (1, 5, 30, 60, 120, 240, 480)
MAX_ATTEMPTS = len(_PAUSES) + 1
# A sender that dies holds its message this long.
_HOLD = timedelta(minutes=5)


def outbox_add(*, recipient: str, subject: str, text: str, key: str, html: str = "") -> Outbox:
    """The same key is the same message: asked for twice, it is sent once."""
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


def outbox_deliver(of: str = "") -> int:
    """Sends what is due, perhaps only the messages whose key begins so; returns how many were sent."""
    sent = 0
    while message := _claim(of):
        sent += _send(message)
    return sent


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
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.recipient])
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    try:
        mail.send()
    # OSError: the network and every answer of the server. ValueError: an address or a subject that cannot be sent.
    except (OSError, ValueError) as error:
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
