"""Where the bytes of a dropped file go: messages to the inbox, files of instruments to the bench, the rest back."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.bench_files.models import FileKind
from labs.bench_files.services import upload_wait
from labs.blots.reading import gels_in
from labs.formats.messages.reading import kind_of
from labs.formats.recognise import MAX_BYTES, recognise
from labs.inbox.models import MessageReason, Port, Transport
from labs.inbox.receiving_files import FileReceipt, receive_file
from labs.qpcr.services import run_import
from registry.log.actors import Actor

BY = Actor.system("watch_folder", source="folder")
PCR = ("rdml", "cfx_cq_csv")
QUPATH = "qupath_tsv"


@dataclass(frozen=True)
class Sorted:
    """`why_not` says, without a value of the file, why it belongs into the error folder; "" where all is well."""

    what: str = ""
    why_not: str = ""


def sort_file(*, name: str, data: bytes, port: str = Port.PRODUCTION) -> Sorted:
    """Stores or refuses. The same bytes again change nothing."""
    if not data:
        return Sorted(why_not=_("The file is empty."))
    if len(data) > MAX_BYTES:
        return Sorted(why_not=_("The file is larger than %(n)d MB.") % {"n": MAX_BYTES // 1024 // 1024})
    if kind_of(name, data):
        return _of_messages(receive_file(name=name, data=data, source=Transport.FILE, port=port, by=BY))
    return _of_instrument(name, data)


def _of_messages(found: FileReceipt) -> Sorted:
    if not found.receipts:
        return Sorted(why_not=_("No message could be read: %(why)s.") % {"why": found.error or "truncated"})
    if any(receipt.message is None for receipt in found.receipts):
        # The bytes are kept, and are read again without the file; but whoever runs this should know.
        return Sorted(_("kept, not yet read"))
    refused = [
        _("Message %(n)d: %(verdict)s, %(why)s.")
        % {"n": number, "verdict": receipt.verdict, "why": _reason(receipt.reason)}
        for number, receipt in enumerate(found.receipts, start=1)
        if receipt.verdict != "AA"
    ]
    n = len(found.receipts)
    what = ngettext("%(n)d message", "%(n)d messages", n) % {"n": n}
    if repeats := sum(receipt.is_duplicate for receipt in found.receipts):
        what += ", " + _("%(n)d of them known") % {"n": repeats}
    return Sorted(what, " ".join(refused))


def _reason(code: str) -> str:
    return str(MessageReason(code).label) if code in MessageReason.values else code


def _of_instrument(name: str, data: bytes) -> Sorted:
    found = recognise(name, data)
    try:
        if found.kind in PCR:
            run = run_import(name=name, content=data, by=BY)
            return Sorted(_("a PCR run") if run.is_new else _("a PCR run that is known"))
        if found.kind == QUPATH and found.reading is not None and found.reading.document is not None:
            return _waits(name, FileKind.QUPATH, data)
        if found.error is None:
            gels_in(name, data)
            return _waits(name, FileKind.DENSITOMETRY, data)
    except ValidationError as refused:
        return Sorted(why_not=" ".join(refused.messages))
    return Sorted(why_not=str(found.refusal(_("Nothing of this file is stored here."))))


def _waits(name: str, kind: FileKind, data: bytes) -> Sorted:
    _upload, is_new = upload_wait(name=name, kind=kind, content=data)
    return Sorted(_("waits at the bench") if is_new else _("waits at the bench already"))
