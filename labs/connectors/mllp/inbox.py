"""Messages from a socket go the way of all others."""

from django.db import close_old_connections

from labs.connectors.mllp.receiver import Receiver
from labs.formats.messages.received import Received
from labs.inbox.models import Transport
from labs.inbox.services import receive
from registry.log.actors import Actor

BY = Actor.system("listen_mllp", source="mllp")


def receiver_of(port: str) -> Receiver:
    def receiver(data: bytes, *, peer: str) -> Received:
        # The thread outlives a database that was restarted.
        close_old_connections()
        try:
            return receive(data=data, source=Transport.MLLP, port=port, peer=peer, by=BY).received
        finally:
            close_old_connections()

    return receiver
