from dataclasses import dataclass
from typing import Protocol, Self

from labs.formats.hl7.acknowledging import Answers, answers_now
from labs.formats.messages.received import Received


@dataclass(frozen=True)
class Told:
    """What was read of a message, and the bytes that its sender gets."""

    received: Received
    answers: Answers

    @classmethod
    def of(cls, received: Received) -> Self:
        return cls(received, answers_now(received))


class Receiver(Protocol):
    """Keeps one message and says what its sender is told. It is called in a thread and may take its time.

    AA only for what is committed. An exception means that not even the bytes could be kept.
    """

    def __call__(self, data: bytes, *, peer: str) -> Told: ...
