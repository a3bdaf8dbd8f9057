"""Messages in files, group by group, their bytes first. Each message stands or falls by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.formats.messages.reading import read_messages
from labs.formats.messages.received import Received
from labs.formats.messages.site import Site
from labs.inbox.keeping.services import raw_made, raws_keep
from labs.inbox.mapping.site import agreed_now
from labs.inbox.models import Port, RawMessage, Transport
from labs.inbox.services import raws_read
from labs.inbox.storing import Receipt
from registry.log.actors import Actor

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
    agreed = agreed_now(port)
    sent = read_messages(name, data, agreed.site)
    if sent is None:
        return FileReceipt(error="not_astm" if source == Transport.BRIDGE else "no_message")
    made = [
        (raw_made(data=raw, source=source, port=port, peer=peer, file_name=name, by=by), received)
        for raw, received in sent.whole()
    ]
    groups = (made[at : at + _TOGETHER] for at in range(0, len(made), _TOGETHER))
    receipts = tuple(receipt for group in groups for receipt in _received_together(group, agreed.site, by))
    return FileReceipt(receipts, sent.error, sent.warnings)


def _received_together(group: Sequence[tuple[RawMessage, Received]], read_by: Site, by: Actor) -> list[Receipt]:
    """Only their bytes are kept now, not those of the whole file: the sweep reads what has waited for some minutes, and
    would race whoever reads a long file."""
    raws_keep(raws=[raw for raw, _received in group])
    return raws_read(raws=group, read_by=read_by, by=by)
