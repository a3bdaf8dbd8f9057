"""Messages from a socket go the way of all others, and the listener says in the tables that it lives."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connections

from labs.connectors.mllp.receiver import Receiver, Told
from labs.connectors.signs.services import listener_noted, listener_started, listener_stopped
from labs.inbox.models import Transport
from labs.inbox.services import receive, unread_read
from registry.log.actors import Actor

BY = Actor.system("listen_mllp", source="mllp")
logger = logging.getLogger("labs.connectors.mllp")


def receiver_of(port: str) -> Receiver:
    def receiver(data: bytes, *, peer: str) -> Told:
        # As between two requests: the thread outlives a database that is restarted.
        close_old_connections()
        try:
            receipt = receive(data=data, source=Transport.MLLP, port=port, peer=peer, by=BY)
            return Told(receipt.received, receipt.answers)
        finally:
            close_old_connections()

    return receiver


@dataclass
class Living:
    """What the listener at `place` does besides listening. Each is called in a thread of the listener's."""

    place: str

    @property
    def seconds(self) -> float:
        return max(settings.SWEEP_SECONDS / 2, 0.5)

    def begin(self) -> None:
        """First what was kept and not read when the last one ended, however it ended."""
        try:
            listener_started(place=self.place)
            if read := unread_read(at_work=timedelta(), by=BY):
                logger.info("%s messages were kept and not read before; now they are", read)
        finally:
            connections.close_all()

    def go_on(self) -> None:
        try:
            listener_noted(place=self.place)
        finally:
            connections.close_all()

    def end(self) -> None:
        try:
            listener_stopped(place=self.place)
        finally:
            connections.close_all()
