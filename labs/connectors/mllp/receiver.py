from typing import Protocol

from labs.formats.messages.received import Received


class Receiver(Protocol):
    """Keeps one message and says what its sender is told. It is called in a thread and may take its time.

    AA only for what is committed. An exception means that not even the bytes could be kept.
    """

    def __call__(self, data: bytes, *, peer: str) -> Received: ...
