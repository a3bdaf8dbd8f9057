"""What laboratories sent: listed, received, read again; and its text, which costs an entry in the log."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.inbox.receiving import PARSERS, TAKES, HowReceived, ReceivedPresenter, Sent
from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES, access_raw, visible_raw
from labs.inbox.deciding import raw_rerun
from labs.inbox.keeping.services import message_text_read
from labs.inbox.models import (
    Acknowledgement,
    MessageReason,
    MessageRow,
    Outcome,
    Port,
    RawMessage,
    State,
    Transport,
    Verdict,
)
from labs.inbox.selectors import segments_of
from registry.api.endpoints import Act, Item, Listing, Told
from registry.api.serializers import Entry, Presented
from registry.patients.models import Enrolment
from registry.people.models import User


def _of_message(name: str, kind: Any = serializers.CharField, **options: Any) -> Any:
    """Null where nobody has read the bytes yet."""
    return kind(source=f"message.{name}", default=None, allow_null=True, **options)


class MessagePresenter(Presented):
    verdict = _of_message("verdict")
    reason = _of_message("reason", help_text="Why it is not accepted; empty where it is.")
    text = _of_message("text")
    answered = _of_message("answered", help_text="What the sender was told; a later reading may say more.")
    sender = _of_message("sender")
    control_id = _of_message("control_id")
    type = _of_message("type")
    hl7_version = _of_message("hl7_version")
    processing_id = _of_message("processing_id")
    sent_at = _of_message("sent_at", serializers.DateTimeField)
    encoding = _of_message("encoding")
    site = _of_message("site.code")
    duplicate_of = _of_message("duplicate_of.raw_id", serializers.IntegerField)
    is_control_id_reused = _of_message("is_control_id_reused", serializers.BooleanField)
    warnings = _of_message("warnings", serializers.JSONField)
    rows = serializers.IntegerField(source="n_rows")
    rows_open = serializers.IntegerField(source="n_open")
    rows_placed = serializers.IntegerField(source="n_placed")
    simulated = serializers.BooleanField()

    class Meta:
        model = RawMessage
        fields: tuple[str, ...] = (
            "id",
            "received_at",
            "received_by",
            "transport",
            "port",
            "size",
            "sha256",
            "verdict",
            "reason",
            "text",
            "answered",
            "sender",
            "control_id",
            "type",
            "hl7_version",
            "processing_id",
            "sent_at",
            "encoding",
            "site",
            "duplicate_of",
            "is_control_id_reused",
            "warnings",
            "rows",
            "rows_open",
            "rows_placed",
            "simulated",
        )


class AnswerPresenter(Presented):
    segments = serializers.SerializerMethodField()

    class Meta:
        model = Acknowledgement
        fields = ("kind", "code", "made_at", "segments")

    def get_segments(self, answer: Acknowledgement) -> list[str]:
        return segments_of(answer)


class OneMessagePresenter(MessagePresenter):
    answers = AnswerPresenter(many=True, help_text="What its sender was told over MLLP.")

    class Meta(MessagePresenter.Meta):
        fields = (*MessagePresenter.Meta.fields, "answers")


class MessageFilters(Entry):
    sender = serializers.CharField(required=False, max_length=250, help_text="MSH-3|MSH-4, as in the answers.")
    verdict = serializers.ChoiceField(Verdict.choices, required=False)
    reason = serializers.ChoiceField(MessageReason.choices, required=False)
    port = serializers.ChoiceField(Port.choices, required=False)
    transport = serializers.ChoiceField(Transport.choices, required=False)
    control_id = serializers.CharField(required=False, max_length=200)
    waits = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether a row of it waits for a person."
    )
    is_unread = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Its bytes are kept, and nobody has read them yet."
    )
    since = serializers.DateField(required=False, help_text="Day of its arrival.")
    until = serializers.DateField(required=False, help_text="Day of its arrival.")


_COLUMNS = {
    "sender": "message__sender",
    "verdict": "message__verdict",
    "reason": "message__reason",
    "control_id": "message__control_id",
    "is_unread": "message__isnull",
    "since": "received_at__date__gte",
    "until": "received_at__date__lte",
}


class _Received:
    user: User
    kwargs: dict[str, Any]

    def rows(self) -> QuerySet[Any]:
        rows_of_it = MessageRow.objects.filter(message__raw=OuterRef("pk"))
        simulated = Enrolment.objects.filter(cohort__is_simulated=True).values("patient")
        return (
            visible_raw(self.user)
            .select_related("message__site", "message__duplicate_of")
            .annotate(
                n_rows=Count("message__rows"),
                n_open=Count("message__rows", filter=Q(message__rows__state=State.OPEN)),
                n_placed=Count("message__rows", filter=Q(message__rows__outcome=Outcome.PLACED)),
                simulated=Exists(rows_of_it.filter(patient__in=simulated)),
            )
        )

    def row(self) -> Any:
        found = self.rows().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class Messages(_Received, Listing):
    """Messages of HL7 v2 and ASTM. Who the patient is stands in the text alone.

    A message, or a file of them, is sent as the body of a POST. The answer comes when everything is committed, and says
    of each message what a sender over MLLP is told. The same message again changes nothing, so that no key is needed.
    """

    reading = INBOX_ROLES
    writing = INBOX_ROLES
    is_repeatable = False
    parser_classes = PARSERS
    presenter = MessagePresenter
    filters = MessageFilters
    orderings = {"id": "pk", "received": "received_at"}

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        waits = asked.pop("waits")
        rows = rows.filter(**{_COLUMNS.get(name, name): value for name, value in asked.items() if value is not None})
        if waits is None:
            return rows
        open_rows = MessageRow.objects.filter(message__raw=OuterRef("pk"), state=State.OPEN)
        return rows.filter(Exists(open_rows) if waits else ~Exists(open_rows))

    def post(self, request: Request, **kwargs: Any) -> Response:
        sent = Sent(request.data, HowReceived.parsed(request.query_params.dict()))
        found = sent.foreseen(self.by) if sent.is_preview else sent.received(self.by)
        return Response(ReceivedPresenter(found).data)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told("Receive messages", TAKES, ReceivedPresenter, asks=HowReceived)
        return super().describe(method)


class OneMessage(_Received, Item):
    """With what its sender was answered."""

    reading = INBOX_ROLES
    presenter = OneMessagePresenter


class Nothing(Entry):
    """Nothing is to be said."""


class RereadMessage(_Received, Act):
    """Read with what is mapped and registered now: of an accepted message the rows that wait, else the whole of it."""

    writing = INBOX_ROLES
    summary = "Read again"
    entry = Nothing
    presenter = OneMessagePresenter
    is_locked = False

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        raw_rerun(raw=row, by=self.by)
        return self.row()


class TextPresenter(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()


class TextOfMessage(Item):
    """The text with whoever is in it; every reading leaves a row in the change log."""

    reading = IDENTITY_ROLES
    presenter = TextPresenter

    def row(self) -> dict[str, Any]:
        raw = access_raw(self.user, self.kwargs["pk"])
        text = message_text_read(raw=RawMessage.objects.get(pk=raw.pk), by=self.by)
        return {"id": raw.pk, "text": text}
