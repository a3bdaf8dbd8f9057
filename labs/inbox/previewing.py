"""What messages or a mapping would do, by doing it and undoing all of it: nothing is stored."""

from dataclasses import dataclass
from typing import Unpack

from labs.blood.models import Analyte
from labs.formats.messages.reading import read_messages
from labs.formats.messages.received import Received
from labs.formats.messages.senders import fits
from labs.inbox.deciding import rows_rerun, tried
from labs.inbox.keeping.services import raw_keep_for_now, raw_made
from labs.inbox.mapping.models import CodeMapping
from labs.inbox.mapping.services import Meaning, code_change, code_map
from labs.inbox.mapping.site import site_now
from labs.inbox.models import MessageRow, RowReason, State, Transport
from labs.inbox.services import raw_read
from labs.inbox.storing import Receipt
from registry.log.actors import Actor

MENDED = (RowReason.UNMAPPED_CODE, RowReason.UNIT_UNKNOWN)


@dataclass(frozen=True)
class Previewed:
    """`rows` were never stored: they are read, not linked to."""

    receipt: Receipt
    rows: list[MessageRow]

    @property
    def received(self) -> Received:
        return self.receipt.received


def messages_preview(*, name: str, data: bytes, port: str, by: Actor) -> list[Previewed] | None:
    """None for bytes that hold no message."""
    sent = read_messages(name, data, site_now(port))
    if sent is None or sent.error:
        return None
    return tried(lambda: [_previewed(raw, received, name, port, by) for raw, received in sent.whole()])


def _previewed(data: bytes, received: Received, name: str, port: str, by: Actor) -> Previewed:
    raw = raw_made(data=data, source=Transport.FORM, port=port, peer="", file_name=name, by=by)
    raw_keep_for_now(raw=raw)
    receipt = raw_read(raw=raw, read_as=received, by=by)
    rows = MessageRow.objects.filter(message=receipt.message).select_related("analyte", "patient")
    return Previewed(receipt, list(rows.order_by("number")))


def waiting_for_mapping(sender: str, code: str) -> list[MessageRow]:
    """Open rows that a mapping of this code could mend."""
    rows = MessageRow.objects.filter(state=State.OPEN, reason__in=MENDED, code=code.strip())
    return [row for row in rows.select_related("message") if fits(sender, row.message.sender)]


def code_map_and_rerun(*, by: Actor, reason: str = "", **meaning: Unpack[Meaning]) -> list[MessageRow]:
    """The mapping, and what waited for it read again. Those that moved come back."""
    code_map(**meaning, by=by, reason=reason)
    return rows_rerun(rows=waiting_for_mapping(meaning["sender"], meaning["code"]), by=by, reason=reason)


def code_change_and_rerun(
    *,
    mapping: CodeMapping,
    analyte: Analyte,
    only_unit: str,
    only_specimen: str,
    expected_version: int,
    by: Actor,
    reason: str,
) -> list[MessageRow]:
    code_change(
        mapping=mapping,
        analyte=analyte,
        only_unit=only_unit,
        only_specimen=only_specimen,
        expected_version=expected_version,
        by=by,
        reason=reason,
    )
    return rows_rerun(rows=waiting_for_mapping(mapping.sender, mapping.code), by=by, reason=reason)


def code_map_preview(*, by: Actor, **meaning: Unpack[Meaning]) -> list[MessageRow]:
    """The open rows of this code as they would be."""

    def act() -> list[MessageRow]:
        code_map_and_rerun(**meaning, by=by)
        rows = MessageRow.objects.filter(pk__in=waiting).select_related("analyte", "patient", "message")
        return list(rows.order_by("-message__raw_id", "number"))

    waiting = [row.pk for row in waiting_for_mapping(meaning["sender"], meaning["code"])]
    return tried(act)
