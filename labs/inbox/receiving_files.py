"""Messages in files, group by group, their bytes first. Each message stands or falls by itself."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error

from labs.formats.messages.reading import read_messages
from labs.formats.messages.received import Received
from labs.inbox.keeping.services import patients_held, raw_made, raws_keep
from labs.inbox.mapping.site import agreed_now, site_now
from labs.inbox.matching import patients_meant
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
    made = [
        (raw_made(data=raw, source=source, port=port, peer=peer, file_name=name, by=by), received)
        for raw, received in sent.whole()
    ]
    groups = (made[at : at + _TOGETHER] for at in range(0, len(made), _TOGETHER))
    receipts = tuple(receipt for group in groups for receipt in _received_together(group, port, by))
    return FileReceipt(receipts, sent.error, sent.warnings)


def _received_together(group: Sequence[tuple[RawMessage, Received]], port: str, by: Actor) -> list[Receipt]:
    """Each stands alone, but they share commits and what was agreed. What fails among them is tried by itself.

    Only their bytes are kept now, not those of the whole file: the sweep reads what has waited for some minutes, and
    would race whoever reads a long file.
    """
    raws_keep(raws=[raw for raw, _received in group])
    try:
        with recording(by):
            agreed = agreed_now(port)
            # Of all at once: two groups that took theirs one by one would wait for each other.
            patients_held(patients_meant([received for _raw, received in group], agreed, by))
            found = [raw_read(raw=raw, read_as=received, agreed=agreed, by=by) for raw, received in group]
    except Error as error:
        logger.error("%s messages of a file could not be stored together: %s", len(group), type(error).__name__)
        return [raw_read(raw=raw, read_as=received, by=by) for raw, received in group]
    return [
        receipt if receipt.message is not None else raw_read(raw=raw, read_as=received, by=by)
        for receipt, (raw, received) in zip(found, group, strict=True)
    ]
