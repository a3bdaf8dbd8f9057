"""Received results one by one, what they wait for, and what people decide about them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES, access_row, visible_rows
from labs.inbox.deciding import (
    ASSIGNABLE,
    as_seen,
    row_adjudicate,
    row_reopen,
    rows_assign,
    rows_discard,
    rows_rerun,
)
from labs.inbox.models import MessageRow, Outcome, RowReason, State
from labs.inbox.selectors import stored_now
from registry.api.endpoints import Act, Endpoint, Item, Listing, Told
from registry.api.references import patient_named
from registry.api.serializers import Because, Entry, Presented, WholeField
from registry.api.simulated import marked
from registry.people.models import User
from registry.people.roles import Role


class MessageRowPresenter(Presented):
    message = serializers.IntegerField(source="message.raw_id")
    sender = serializers.CharField(source="message.sender")
    analyte = serializers.CharField(source="analyte.code", default=None, allow_null=True)
    patient = serializers.CharField(
        source="patient.study_number", default=None, allow_null=True, help_text="Study number."
    )
    result = serializers.IntegerField(source="result_id", allow_null=True, help_text="Among /blood-results/.")
    simulated = serializers.BooleanField()

    class Meta:
        model = MessageRow
        fields: tuple[str, ...] = (
            "id",
            "version",
            "message",
            "number",
            "sender",
            "code",
            "text",
            "raw",
            "unit_sent",
            "status_sent",
            "specimen_sent",
            "observed_at",
            "outcome",
            "reason",
            "detail",
            "state",
            "analyte",
            "value",
            "unit",
            "comparator",
            "coded",
            "for_analysis",
            "is_revision",
            "patient",
            "simulated",
            "result",
            "decided_by",
            "decided_at",
            "decision_reason",
        )


class OursPresenter(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    comparator = serializers.CharField()
    coded = serializers.CharField()
    unit = serializers.CharField(source="analyte.unit")
    is_retracted = serializers.BooleanField()
    recorded_by = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class OneMessageRowPresenter(MessageRowPresenter):
    ours = serializers.SerializerMethodField(help_text="In a conflict: what a person entered, as it is now.")

    class Meta(MessageRowPresenter.Meta):
        fields = (*MessageRowPresenter.Meta.fields, "ours")

    def get_ours(self, row: MessageRow) -> dict[str, Any] | None:
        stored = stored_now(row) if row.reason == RowReason.CONFLICT else None
        return None if stored is None else dict(OursPresenter(stored).data)


class DecidedPresenter(Presented):
    """What became of a row."""

    result = serializers.IntegerField(source="result_id", allow_null=True, help_text="Among /blood-results/.")

    class Meta:
        model = MessageRow
        fields = ("id", "version", "state", "outcome", "reason", "detail", "result", "decided_by", "decision_reason")


class WaitingFilters(Entry):
    reason = serializers.ChoiceField(RowReason.choices, required=False, help_text="What it waits for.")
    sender = serializers.CharField(required=False, max_length=250, help_text="As in the answers.")
    code = serializers.CharField(required=False, max_length=80)
    message = WholeField(required=False, min_value=1, max_value=2**31 - 1, help_text="Number of the message.")


class MessageRowFilters(WaitingFilters):
    state = serializers.ChoiceField(State.choices, required=False, help_text="open: it waits for a person.")
    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    analyte = serializers.CharField(required=False, max_length=20)
    patient = serializers.CharField(required=False, max_length=40, help_text="Study number.")
    since = serializers.DateField(required=False, help_text="Day of the arrival of the message.")
    until = serializers.DateField(required=False, help_text="Day of the arrival of the message.")


_COLUMNS = {
    "sender": "message__sender",
    "message": "message__raw",
    "analyte": "analyte__code",
    "patient": "patient__study_number",
    "since": "message__raw__received_at__date__gte",
    "until": "message__raw__received_at__date__lte",
}


def _narrowed(rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
    return rows.filter(**{_COLUMNS.get(name, name): value for name, value in asked.items()})


class _Rows:
    user: User

    def rows(self) -> QuerySet[Any]:
        return marked(visible_rows(self.user))


class MessageRows(_Rows, Listing):
    reading = INBOX_ROLES
    presenter = MessageRowPresenter
    filters = MessageRowFilters
    orderings = {"id": "pk", "message": "message__raw"}

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return _narrowed(rows, asked)


class OneMessageRow(_Rows, Item):
    reading = INBOX_ROLES
    presenter = OneMessageRowPresenter
    tag = "message-rows"
    kwargs: dict[str, Any]

    def row(self) -> Any:
        found = self.rows().select_related("result").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class RereadPresenter(serializers.Serializer[Any]):
    placed = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="Rows that are not as they were before: placed ones as well.")


class RereadRows(Endpoint):
    """What waits, and fits, is read with what is mapped and registered now. What still waits for the same stays."""

    writing = INBOX_ROLES

    def post(self, request: Request, **kwargs: Any) -> Response:
        waiting = visible_rows(self.user).filter(state=State.OPEN)
        moved = rows_rerun(rows=_narrowed(waiting, WaitingFilters.parsed(request.data)), by=self.by)
        placed = sum(row.outcome == Outcome.PLACED for row in moved)
        return Response(RereadPresenter({"placed": placed, "moved": len(moved)}).data)

    def describe(self, method: str) -> Told:
        return Told("Read again what waits", WaitingFilters, RereadPresenter)


class _Decision(Act):
    writing: ClassVar[tuple[Role, ...]] = INBOX_ROLES
    presenter = DecidedPresenter
    tag = "message-rows"

    def row(self) -> MessageRow:
        return access_row(self.user, self.kwargs["pk"])

    def act(self, row: MessageRow, given: dict[str, Any]) -> MessageRow:
        version, reason = self.seen_version(given), given.pop("reason")
        with as_seen(row=row, expected_version=version, by=self.by, reason=reason) as held:
            return self.decide(held, reason, **given)

    def decide(self, row: MessageRow, reason: str, **given: Any) -> MessageRow:
        raise NotImplementedError  # abstract: one service


class RowNothing(Entry):
    """Nothing is to be said."""


class RereadRow(_Decision):
    """Read with what is mapped and registered now; a row that does not wait stays as it is."""

    summary = "Read again"
    entry = RowNothing
    is_locked = False

    def act(self, row: MessageRow, given: dict[str, Any]) -> MessageRow:
        return next(iter(rows_rerun(rows=[row], by=self.by)), row)


class AssignEntry(Because):
    patient = serializers.CharField(max_length=40, help_text="Study number.")
    whole = serializers.BooleanField(
        default=False, help_text="With all rows of this patient in the message that wait for it."
    )
    reason = serializers.CharField(max_length=500, help_text="How you know whose it is.")


class AssignedRow(_Decision):
    """A person says whose it is; it is read again at once, and what still lacks something waits for that."""

    writing = IDENTITY_ROLES
    summary = "Assign to a patient"
    entry = AssignEntry

    def decide(self, row: MessageRow, reason: str, **given: Any) -> MessageRow:
        rows = [row]
        if given["whole"]:
            same = visible_rows(self.user).filter(message=row.message, patient_group=row.patient_group)
            rows += same.filter(state=State.OPEN, reason__in=ASSIGNABLE).exclude(pk=row.pk)
        patient = patient_named(self.user, given["patient"])
        rows_assign(rows=rows, patient=patient, by=self.by, reason=reason)
        return access_row(self.user, row.pk)


class DiscardedRow(_Decision):
    """It waits no longer and is never placed; what was sent and why it waited stays."""

    summary = "Discard"

    def decide(self, row: MessageRow, reason: str, **given: Any) -> MessageRow:
        return rows_discard(rows=[row], by=self.by, reason=reason)[0]


class ReopenedRow(_Decision):
    """A discarded row waits again."""

    summary = "Open again"

    def decide(self, row: MessageRow, reason: str, **given: Any) -> MessageRow:
        return row_reopen(row=row, by=self.by, reason=reason)


class AdjudicateEntry(Because):
    right = serializers.ChoiceField(
        ["ours", "theirs"],
        help_text="ours: what a person entered stays. theirs: what was sent becomes its revision.",
    )


class AdjudicatedRow(_Decision):
    """Where a message would change what a person entered: who is right."""

    summary = "Decide a conflict"
    entry = AdjudicateEntry

    def decide(self, row: MessageRow, reason: str, **given: Any) -> MessageRow:
        return row_adjudicate(row=row, is_theirs=given["right"] == "theirs", by=self.by, reason=reason)
