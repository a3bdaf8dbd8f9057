"""Messages in files: all their bytes first, then group by group. Each message stands or falls by itself."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError

from labs.formats.messages.reading import read_messages
from labs.formats.messages.received import Received
from labs.formats.messages.received import Verdict as Said
from labs.inbox.keeping.services import raw_made, raws_keep
from labs.inbox.mapping.site import agreed_now, site_now
from labs.inbox.models import Port, RawMessage, Transport
from labs.inbox.services import Receipt, raw_read
from registry.log.actors import Actor
from registry.log.recording import recording

logger = logging.getLogger(__name__)
# Messages that share a commit: who saves a form meanwhile waits for so many, so they are well under a second of work.
_TOGETHER = 25


@dataclass(frozen=True)
class FileReceipt:
    """Of a file of messages: each on its own. `error` says why the file as a whole holds none."""

    receipts: tuple[Receipt, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()


def receive_file(
    *, name: str, data: bytes, source: str = Transport.FILE, port: str = Port.PRODUCTION, peer: str = "", by: Actor
) -> FileReceipt:
    """Every message of the file is kept and read by itself. A file that holds none is told, and nothing is kept."""
    sent = read_messages(name, data, site_now(port))
    if sent is None:
        return FileReceipt(error="not_astm" if source == Transport.BRIDGE else "no_message")
    kept = [
        (raw_made(data=raw, source=source, port=port, peer=peer, file_name=name, by=by), received)
        for raw, received in zip(sent.raw, sent.messages, strict=True)
        # What had no end is no message, and nothing of it is kept.
        if received.verdict is not Said.NONE
    ]
    raws_keep(raws=[raw for raw, _received in kept])
    groups = (kept[at : at + _TOGETHER] for at in range(0, len(kept), _TOGETHER))
    receipts = tuple(receipt for group in groups for receipt in _read_together(group, by))
    return FileReceipt(receipts, sent.error, sent.warnings)


def _read_together(kept: Sequence[tuple[RawMessage, Received]], by: Actor) -> list[Receipt]:
    """Each stands alone, but they share a commit and what was agreed. What fails among them is tried by itself."""
    try:
        with recording(by):
            agreed = agreed_now(kept[0][0].port)
            found = [raw_read(raw=raw, read_as=received, agreed=agreed, by=by) for raw, received in kept]
    except DatabaseError as error:
        logger.error("%s messages of a file could not be stored together: %s", len(kept), type(error).__name__)
        return [raw_read(raw=raw, read_as=received, by=by) for raw, received in kept]
    return [
        receipt if receipt.message is not None else raw_read(raw=raw, read_as=received, by=by)
        for receipt, (raw, received) in zip(found, kept, strict=True)
    ]
