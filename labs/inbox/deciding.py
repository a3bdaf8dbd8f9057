"""What people do with rows that wait: read them again, say whose they are, discard them, say who is right.

Reading again is idempotent: what waits for the same reason as before is left as it was.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from labs.formats.messages.judged import Judged
from labs.formats.messages.keys import result_key
from labs.inbox.held import Keys
from labs.inbox.keeping.services import decidable, row_decided
from labs.inbox.mapping.site import Agreed, agreed_now
from labs.inbox.matching import Match
from labs.inbox.models import Message, MessageRow, RawMessage, RowReason, State, Transport, Verdict
from labs.inbox.placer import Placer, Together
from labs.inbox.placing import Arrival
from labs.inbox.reading import read
from labs.inbox.services import raw_read
from registry.log.actors import Actor
from registry.log.facts import locked
from registry.log.recording import recording
from registry.patients.models import Patient

Found = TypeVar("Found")
ASSIGNABLE = (RowReason.UNMATCHED, RowReason.IDENTITY_CONFLICT)


def tried(act: Callable[[], Found]) -> Found:
    """What an action would do, by doing it and undoing all of it."""
    with transaction.atomic():
        found = act()
        transaction.set_rollback(True)
    return found


@contextmanager
def as_seen(*, row: MessageRow, expected_version: int, by: Actor, reason: str) -> Iterator[MessageRow]:
    """The row that is decided about, held until that is stored. StaleWrite: it is not any more what was seen."""
    with recording(by, reason):
        yield locked(row, expected_version)


def rows_rerun(*, rows: Iterable[MessageRow], by: Actor, reason: str = "") -> list[MessageRow]:
    """Reads open rows again with what is mapped and registered now; those that moved come back.

    One transaction for each message, in the order of their arrival.
    """
    moved: list[MessageRow] = []
    agreed: dict[str, Agreed] = {}
    by_message: dict[int, list[MessageRow]] = defaultdict(list)
    for row in rows:
        if row.state == State.OPEN:
            by_message[row.message_id].append(row)
    for message in Message.objects.filter(pk__in=by_message).select_related("raw").order_by("raw_id"):
        if message.port not in agreed:
            agreed[message.port] = agreed_now(message.port)
        with recording(by, reason or f"message {message.raw_id} read again"):
            held = [row for row in _held(by_message[message.pk]) if row.state == State.OPEN]
            moved += Rereading(message, agreed[message.port], by, reason).of(held)
    return moved


def _held(rows: Iterable[MessageRow]) -> list[MessageRow]:
    """As they are now, until the end of the transaction: many are read again for minutes, and somebody may have
    discarded one meanwhile. Always in the same order."""
    return [locked(row, None) for row in sorted(rows, key=lambda row: row.pk)]


class Rereading:
    """The rows of one message, judged anew."""

    def __init__(self, message: Message, agreed: Agreed, by: Actor, reason: str) -> None:
        self._message, self._by, self._reason = message, by, reason
        self._received = read(bytes(message.raw.data), agreed.site, is_framed=message.raw.transport == Transport.MLLP)
        self._placer = Placer(message, self._received, agreed, Together(message.port, by), by, reason)
        self._judged = {each.observation.row: each for each in self._placer.judged}

    def of(self, rows: Iterable[MessageRow]) -> list[MessageRow]:
        found = [(row, self._again(row, may_overrule=False)) for row in rows]
        return [row for row, is_moved in found if is_moved]

    def overruled(self, row: MessageRow) -> bool:
        """The sender is right, whoever said otherwise before."""
        return self._again(row, may_overrule=True)

    def _again(self, row: MessageRow, *, may_overrule: bool) -> bool:
        judged = self._judged.get(row.number)
        if judged is None:  # settings that changed since refuse the message now: the row waits as it is
            return False
        row.message = self._message
        before, version = decidable(row), row.version
        assigned = row.patient if row.decided_by else None
        self._placer.judge(row, judged)
        match = self._placer.match(judged)
        if match is not None:
            match = match if assigned is None else Match(assigned)
            self._placer.settle(row, judged, match, may_overrule=may_overrule)
        if row.decided_by and row.state == State.PLACED:
            row.state = State.ASSIGNED
        row_decided(row=row, before=before, by=self._by, reason=self._reason)
        return row.version != version

    def key_and_arrival(self, judged: Judged) -> tuple[str, Arrival]:
        key = result_key(judged.observation, self._received)
        return key, self._placer.arrival(judged)

    @property
    def keys(self) -> Keys:
        return self._placer.keys

    def judged(self, row: MessageRow) -> Judged | None:
        return self._judged.get(row.number)


def message_rerun(*, message: Message, by: Actor) -> Message:
    """A message that was not accepted is read as a whole again; of an accepted one the rows that wait."""
    if message.verdict == Verdict.AA:
        rows_rerun(rows=message.rows.filter(state=State.OPEN), by=by)
    else:
        raw_read(raw=message.raw, by=by)
    return Message.objects.get(pk=message.pk)


def raw_rerun(*, raw: RawMessage, by: Actor) -> None:
    """As `message_rerun`, also of bytes that nobody has read yet."""
    message = Message.objects.filter(raw=raw).select_related("raw").first()
    if message is not None:
        message_rerun(message=message, by=by)
    else:
        raw_read(raw=RawMessage.objects.get(pk=raw.pk), told=Verdict.AE, by=by)


def rows_assign(*, rows: Iterable[MessageRow], patient: Patient, by: Actor, reason: str) -> list[MessageRow]:
    """A person says whose they are. Each is read again at once; what still lacks something waits for that."""
    _require(reason, _("Say how you know whose they are."))
    with recording(by, reason):
        chosen = _held(rows)
        if any(row.state != State.OPEN or row.reason not in ASSIGNABLE for row in chosen):
            raise ValidationError(_("Only rows that wait for their patient are assigned."))
        for row in chosen:
            before = decidable(row)
            _decided(row, by, reason)
            row.patient = patient
            row_decided(row=row, before=before, by=by, reason=reason)
        return rows_rerun(rows=chosen, by=by, reason=reason)


def rows_discard(*, rows: Iterable[MessageRow], by: Actor, reason: str) -> list[MessageRow]:
    """They wait no longer and are never placed; what was sent and why it waited stays."""
    _require(reason, _("Say why they are discarded."))
    found = []
    with recording(by, reason):
        for row in _held(rows):
            if row.state != State.OPEN:
                raise ValidationError(_("Row %s does not wait any more.") % row)
            before = decidable(row)
            _decided(row, by, reason)
            row.state = State.DISCARDED
            found.append(row_decided(row=row, before=before, by=by, reason=reason))
    return found


def row_reopen(*, row: MessageRow, by: Actor, reason: str) -> MessageRow:
    _require(reason, _("Say why it waits again."))
    with recording(by, reason):
        row = locked(row, None)
        if row.state != State.DISCARDED:
            raise ValidationError(_("Only a discarded row is opened again."))
        before = decidable(row)
        row.state, row.decision_reason, row.decided_by, row.decided_at = State.OPEN, "", "", None
        return row_decided(row=row, before=before, by=by, reason=reason)


def row_adjudicate(*, row: MessageRow, is_theirs: bool, by: Actor, reason: str) -> MessageRow:
    """Where a message would change what a person entered. Theirs: it becomes a revision. Ours: it is discarded, and the
    same value is not asked about again."""
    _require(reason, _("Say why this value is the right one."))
    with recording(by, reason):
        row = locked(row, None)
        if row.state != State.OPEN or row.reason != RowReason.CONFLICT:
            raise ValidationError(_("There is nothing to decide between."))
        again = Rereading(row.message, agreed_now(row.message.port), by, reason)
        before = decidable(row)
        _decided(row, by, reason)
        if is_theirs:
            again.overruled(row)
            return row
        if (judged := again.judged(row)) is not None:
            key, arrival = again.key_and_arrival(judged)
            held = again.keys.of(key)
            if held.issued_at is None or arrival.order > (held.issued_at, held.arrival, held.place):
                again.keys.set(held, row, arrival.order)
                again.keys.keep()
            row.key = held
        row.state = State.DISCARDED
        return row_decided(row=row, before=before, by=by, reason=reason)


def _decided(row: MessageRow, by: Actor, reason: str) -> None:
    row.decided_by, row.decided_at, row.decision_reason = by.name[:150], timezone.now(), reason.strip()[:500]


def _require(reason: str, message: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": message})
