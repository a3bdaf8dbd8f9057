"""How each kind of outgoing message is sent. Whatever these raise but `Undeliverable` is tried again."""

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives

from labs.connectors.contract import Undeliverable
from labs.connectors.directory import connector_named
from labs.outbox.models import Outbox


def send_mail(message: Outbox) -> None:
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.recipient])
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.send()


def deliver(message: Outbox) -> None:
    connector = connector_named(message.target)
    if connector is None:
        raise OSError(f"no connector {message.target} is set up here")
    connector.deliver(payload=message.payload, key=message.key)


SENDERS: dict[str, Callable[[Outbox], None]] = {Outbox.Kind.EMAIL: send_mail, Outbox.Kind.DELIVERY: deliver}

__all__ = ["SENDERS", "Undeliverable"]
