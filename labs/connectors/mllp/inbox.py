"""Messages from a socket go the way of all others."""

from django.db import connections

from labs.connectors.mllp.receiver import Receiver
from labs.formats.messages.received import Received
from labs.inbox.models import Transport
from labs.inbox.services import receive
from registry.log.actors import Actor

BY = Actor.system("listen_mllp", source="mllp")


def receiver_of(port: str) -> Receiver:
    def receiver(data: bytes, *, peer: str) -> Received:
        try:
            return receive(data=data, source=Transport.MLLP, port=port, peer=peer, by=BY).received
        finally:
            # The thread outlives a database that is restarted, and nobody tells it that a request has ended.
            connections.close_all()

    return receiver
