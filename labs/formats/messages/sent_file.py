"""A file of messages, whatever their protocol."""

from dataclasses import dataclass

from labs.formats.messages.received import Received, Verdict


@dataclass(frozen=True)
class SentFile:
    """`kind` is mllp, hl7v2, astm or the name of another format; `raw` are the bytes of each message, as they are kept.

    `error` is why the file as a whole gives nothing: no_message, not_astm, charset. `warnings` are of the file, not of
    a message: batch_count_mismatch, batch_nested.
    """

    kind: str
    messages: tuple[Received, ...] = ()
    raw: tuple[bytes, ...] = ()
    batch: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""
    frames: int = 0
    checksums_ok: int = 0

    def whole(self) -> list[tuple[bytes, Received]]:
        """What had no end is no message, and nothing of it is kept."""
        return [pair for pair in zip(self.raw, self.messages, strict=True) if pair[1].verdict is not Verdict.NONE]
