"""What the broker says of itself; it may be away, and then that is the answer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

QUEUES = ("live", "heavy")


@dataclass(frozen=True)
class Broker:
    version: str
    # queue → messages that no worker has taken yet
    lengths: dict[str, int] = field(default_factory=dict)
    error: str = ""

    @property
    def is_there(self) -> bool:
        return not self.error


def ask_broker() -> Broker:
    try:
        with _client() as client:
            return _answer(client)
    except (OperationalError, OSError) as error:
        return Broker(version="", error=_("The broker does not answer (%(kind)s).") % {"kind": type(error).__name__})


def first_in_line(queues: Iterable[str]) -> frozenset[bytes]:
    """Of each queue the message that will be taken next; nothing where the broker does not answer."""
    try:
        with _client() as client:
            return frozenset(filter(None, [client.lindex(queue, -1) for queue in queues]))
    except (OperationalError, OSError):
        return frozenset()


@contextmanager
def _client() -> Iterator[Any]:
    with current_app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
            yield connection.default_channel.client
        except (*connection.connection_errors, *connection.channel_errors) as error:  # also between two questions
            raise OperationalError(str(error)) from error


def _answer(client: Any) -> Broker:
    found = client.info("server")
    name = _("Valkey") if "valkey_version" in found else _("Redis")
    version = found.get("valkey_version") or found["redis_version"]
    return Broker(f"{name} {version}", {queue: client.llen(queue) for queue in QUEUES})
