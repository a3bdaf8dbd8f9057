"""Messages as a program sends them: their bytes as the body of the request, or as a file in parts."""

from collections import Counter
from typing import Any

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser

from labs.api.files import FileEntry, Preview
from labs.inbox.forms import MAX_BYTES
from labs.inbox.models import MessageRow, Port, Transport
from labs.inbox.previewing import Previewed, messages_preview
from labs.inbox.receiving_files import receive_file
from labs.inbox.storing import Receipt
from registry.api.serializers import Presented
from registry.log.actors import Actor


class _AsItCame(BaseParser):
    """What is in the message says how it is to be read; what the header says of characters is left alone."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        found: bytes = stream.read(MAX_BYTES + 1)
        if len(found) > MAX_BYTES:
            raise RequestDataTooBig
        return found


class Hl7Parser(_AsItCame):
    media_type = "application/hl7-v2"


class TextParser(_AsItCame):
    media_type = "text/plain"


class OctetParser(_AsItCame):
    media_type = "application/octet-stream"


class MessageFile(FileEntry):
    """A file whose name matters, as that of an instrument's export does."""

    largest = MAX_BYTES


PARSERS: list[type[BaseParser]] = [Hl7Parser, TextParser, OctetParser, MultiPartParser]
TAKES = {parser.media_type: OpenApiTypes.BINARY for parser in PARSERS[:-1]} | {MultiPartParser.media_type: MessageFile}


class HowReceived(Preview):
    port = serializers.ChoiceField(
        Port.choices, default=Port.PRODUCTION, help_text="Messages of the validation port never reach a patient."
    )


class ForeseenRow(Presented):
    """Without the patient: nothing was stored that would show whose site may see it."""

    analyte = serializers.CharField(source="analyte.code", default=None, allow_null=True)

    class Meta:
        model = MessageRow
        fields = ("number", "code", "raw", "unit_sent", "outcome", "reason", "detail", "analyte", "value", "unit")


class ReceiptPresenter(serializers.Serializer[Any]):
    """What became of one message."""

    id = serializers.IntegerField(allow_null=True, help_text="Its address is /messages/{id}/; null in a preview.")
    verdict = serializers.CharField(help_text="AA, AE or AR, as over MLLP.")
    reason = serializers.CharField(help_text="Why it is not accepted; empty where it is.")
    text = serializers.CharField()
    sender = serializers.CharField()
    control_id = serializers.CharField()
    is_duplicate = serializers.BooleanField(help_text="It was here before, and nothing was counted twice.")
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows were placed, wait or are ignored, and for what."
    )
    rows = ForeseenRow(many=True, help_text="In a preview: each row as it would be. Else empty: ask /message-rows/.")


class ReceivedPresenter(serializers.Serializer[Any]):
    stored = serializers.BooleanField(help_text="False: this was a preview.")
    outcomes = serializers.DictField(child=serializers.IntegerField(), help_text="Of all messages together.")
    messages = ReceiptPresenter(many=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Of the file as a whole.")


class Sent:
    """The bytes of a request and their name, if they have one."""

    def __init__(self, data: Any, asked: dict[str, Any]) -> None:
        self._port, self.is_preview = asked["port"], asked["preview"]
        if isinstance(data, bytes):
            self._name, self._data = "", data
        else:
            file = MessageFile.parsed(data)["file"]
            self._name, self._data = file.name, file.read()

    def foreseen(self, by: Actor) -> dict[str, Any]:
        found = messages_preview(name=self._name, data=self._data, port=self._port, by=by)
        if found is None:
            raise self._refused()
        return _told([_foreseen(each) for each in found], (), is_stored=False)

    def received(self, by: Actor) -> dict[str, Any]:
        found = receive_file(name=self._name, data=self._data, source=Transport.REST, port=self._port, by=by)
        if found.error and not found.receipts:
            raise self._refused()
        return _told([_receipt(each) for each in found.receipts], found.warnings, is_stored=True)

    def _refused(self) -> ValidationError:
        return ValidationError({"file": _("There is no message in it that can be read here. Nothing was stored.")})


def _told(messages: list[dict[str, Any]], warnings: tuple[str, ...], *, is_stored: bool) -> dict[str, Any]:
    outcomes = Counter[str]()
    for each in messages:
        outcomes.update(each["outcomes"])
    return {"stored": is_stored, "outcomes": dict(outcomes), "messages": messages, "warnings": list(warnings)}


def _receipt(found: Receipt) -> dict[str, Any]:
    return {
        "id": found.raw.pk,
        "verdict": found.verdict,
        "reason": found.reason,
        "text": found.received.text,
        "sender": found.received.sender,
        "control_id": found.received.control_id,
        "is_duplicate": found.is_duplicate,
        "outcomes": found.outcomes,
        "rows": [],
    }


def _foreseen(found: Previewed) -> dict[str, Any]:
    return _receipt(found.receipt) | {"id": None, "rows": found.rows}
