"""What the pages of the inbox show, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from labs.blood.models import Analyte, BloodResult
from labs.inbox.access import visible_messages, visible_raw, visible_rows
from labs.inbox.models import Acknowledgement, MessageRow, Port, RawMessage, RowReason, State, Verdict
from labs.revisions import newest_of
from registry.people.models import User

OPEN = State.OPEN
NOT_ACCEPTED = Q(message__isnull=True) | ~Q(message__verdict=Verdict.AA)


def waiting_count(user: User) -> int:
    """On every page, so that it is found at once when nothing waits for anybody."""
    return visible_rows(user).filter(state=OPEN).count() if MessageRow.objects.filter(state=OPEN).exists() else 0


@dataclass(frozen=True)
class Group:
    """Rows that wait for the same thing: mended together."""

    sender: str
    code: str
    unit: str
    reason: str
    n: int

    @property
    def reason_label(self) -> str:
        return str(RowReason(self.reason).label)


def waiting_groups(rows: QuerySet[MessageRow], limit: int) -> list[Group]:
    found = (
        rows.order_by()
        .values_list("message__sender", "code", "unit_sent", "reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "message__sender", "code")
    )
    return [Group(*values) for values in found[:limit]]


def waiting_rows(user: User, chosen: dict[str, Any]) -> QuerySet[MessageRow]:
    rows = visible_rows(user).filter(state=chosen.get("state") or OPEN)
    if reason := chosen.get("reason"):
        rows = rows.filter(reason=reason)
    if sender := chosen.get("sender"):
        rows = rows.filter(message__sender=sender)
    if code := chosen.get("code"):
        rows = rows.filter(code=code)
    if since := chosen.get("since"):
        rows = rows.filter(message__raw__received_at__date__gte=since)
    if until := chosen.get("until"):
        rows = rows.filter(message__raw__received_at__date__lte=until)
    return rows.order_by("-message__raw_id", "number")


def reason_counts(user: User) -> list[tuple[str, str, int]]:
    """(reason, label, how many wait) of the reasons that rows wait for."""
    rows = visible_rows(user).filter(state=OPEN).order_by()
    found = rows.values_list("reason").annotate(n=Count("pk")).order_by("-n")
    return [(reason, str(RowReason(reason).label), n) for reason, n in found]


def senders_seen(user: User) -> list[str]:
    return list(visible_messages(user).order_by("sender").values_list("sender", flat=True).distinct())


def messages_list(user: User, chosen: dict[str, Any]) -> QuerySet[RawMessage]:
    found = visible_raw(user)
    state = chosen.get("state")
    if state == "refused":
        found = found.filter(NOT_ACCEPTED)
    elif state == "waiting":
        found = found.filter(message__rows__state=OPEN).distinct()
    elif state == "tests":
        found = found.filter(port=Port.VALIDATION)
    elif state == "repeats":
        found = found.filter(message__duplicate_of__isnull=False)
    elif state == "reused":
        found = found.filter(message__is_control_id_reused=True)
    if sender := chosen.get("sender"):
        found = found.filter(message__sender=sender)
    if reason := chosen.get("reason"):
        found = found.filter(message__reason=reason)
    if since := chosen.get("since"):
        found = found.filter(received_at__date__gte=since)
    if until := chosen.get("until"):
        found = found.filter(received_at__date__lte=until)
    counted = {
        "n_rows": Count("message__rows", distinct=True),
        "n_open": Count("message__rows", filter=Q(message__rows__state=OPEN), distinct=True),
        "n_placed": Count("message__rows", filter=Q(message__rows__outcome="placed"), distinct=True),
    }
    return found.annotate(**counted).order_by("-pk")


def rows_of(user: User, raw: RawMessage) -> QuerySet[MessageRow]:
    return visible_rows(user).filter(message__raw=raw).select_related("result", "key").order_by("number")


def answers_of(raw: RawMessage) -> list[tuple[Acknowledgement, list[str]]]:
    """What the sender was answered, with its segments as text."""
    return [(row, segments_of(row)) for row in raw.answers.all()]


def segments_of(answer: Acknowledgement) -> list[str]:
    message = getattr(answer.raw, "message", None)
    encoding = (message.encoding if message else "") or "utf-8"
    return list(filter(None, bytes(answer.data).decode(encoding, errors="replace").split("\r")))


def control_rows(user: User) -> QuerySet[MessageRow]:
    rows = visible_rows(user).filter(reason=RowReason.CONTROL_MATERIAL)
    return rows.select_related("message__raw").order_by("-message__raw_id", "number")


def stored_now(row: MessageRow) -> BloodResult | None:
    """What a person entered where this row would write: the newest revision."""
    return newest_of(row.result) if row.result is not None else None


def likely_analyte(row: MessageRow) -> Analyte | None:
    """What a code probably means: its own name, or a word of its name. A suggestion, never a mapping."""
    if row.analyte is not None:
        return row.analyte
    name, code = row.text.casefold(), row.code.casefold()
    known = list(Analyte.objects.filter(retired_reason="", kept_of=None).order_by("pk"))
    same = [each for each in known if each.code.casefold() == code or row.code in each.loincs]
    named = [each for each in known if any(word.casefold() in name for word in each.name_words)]
    return next(iter(same or named), None)
