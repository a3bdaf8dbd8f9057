"""The rows of one message, from what was judged of them to what is stored, beside other messages of a transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from labs.formats.messages.judged import Judged
from labs.formats.messages.judged import Outcome as Judgement
from labs.formats.messages.judging import judge
from labs.formats.messages.keys import result_key
from labs.formats.messages.received import Observation, Received
from labs.inbox.draws import Drawn, drawn_of
from labs.inbox.held import Draws, Keys
from labs.inbox.keeping.services import patients_held, rows_keep
from labs.inbox.mapping.site import Agreed
from labs.inbox.matching import Match, Matcher, People
from labs.inbox.models import Message, MessageRow, Outcome, Port, RowReason, State
from labs.inbox.placing import Arrival, Placing, place, refused, status_kept
from labs.inbox.printable import printable
from registry.log.actors import Actor
from registry.patients.models import Patient, cohorts_foreseen


@dataclass(frozen=True)
class Foreseen:
    """What the rows of a message will ask for."""

    draws: list[tuple[Patient, Drawn]]
    keys: set[str]


@dataclass
class Together:
    """What the messages of one transaction share. `hold` comes first, then `foresee`; `keep` comes last."""

    port: str
    by: Actor
    keys: Keys = field(init=False)
    draws: Draws = field(init=False)
    people: People = field(init=False)
    _held: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.keys, self.draws, self.people = Keys(self.port), Draws(self.by), People(self.by)

    def hold(self, patients: Iterable[int]) -> None:
        """Of all at once: two transactions that took theirs one by one would wait for each other."""
        if missing := set(patients) - self._held:
            patients_held(missing)
            cohorts_foreseen(missing)
            self._held |= missing

    def foresee(self, needed: Collection[Foreseen]) -> None:
        draws = [draw for each in needed for draw in each.draws]
        self.hold(patient.pk for patient, _drawn in draws)
        self.keys.hold(key for each in needed for key in each.keys)
        self.draws.foresee(draws)

    def keep(self, rows: Sequence[MessageRow]) -> None:
        """A row names its result, and a key the row that counts."""
        self.draws.keep()
        rows_keep(rows=rows)
        self.keys.keep()


class Placer:
    def __init__(
        self, message: Message, received: Received, agreed: Agreed, together: Together, by: Actor, reason: str = ""
    ) -> None:
        self._message, self._received, self._by = message, received, by
        self._together = together
        self.keys, self._draws = together.keys, together.draws
        self.matcher = Matcher(received, agreed, together.people, before_looking=together.draws.keep)
        self._catalogue = agreed.catalogue
        self.judged = judge(received, agreed.site)
        self._reason = f"message {message.raw_id}: {reason}" if reason else f"message {message.raw_id}"

    def foreseen(self) -> Foreseen:
        """Of rows whose patient is known by number; who is known by a draw may be known by one that is yet to come."""
        return self._needs((each, self.matcher.by_number(each.observation)) for each in self.judged if _is_placed(each))

    def rows(self) -> list[MessageRow]:
        """Settled one after the other, and not yet stored."""
        rows = [self.row(each) for each in self.judged]
        matches = [self.match(each) for each in self.judged]
        self._together.foresee([self._needs(zip(self.judged, matches, strict=True))])
        for row, each, match in zip(rows, self.judged, matches, strict=True):
            if match is not None:
                self._settle(row, each, match, False)
        return rows

    def _needs(self, matched: Iterable[tuple[Judged, Match | None]]) -> Foreseen:
        known = [(each, match.patient if match is not None else None) for each, match in matched]
        return Foreseen(
            draws=[
                (patient, self._drawn(each)) for each, patient in known if patient is not None and not each.withdraws
            ],
            keys={self._key(each) for each, patient in known if patient is not None or each.withdraws},
        )

    def match(self, judged: Judged) -> Match | None:
        """None for what is not to be placed or withdrawn: whose it is does not matter then."""
        return self.matcher.of(judged.observation) if _is_placed(judged) else None

    def row(self, judged: Judged) -> MessageRow:
        sent = judged.observation
        row = MessageRow(
            message=self._message,
            number=sent.row,
            patient_group=sent.patient,
            code=(judged.code or _code(sent))[:80],
            text=next((coding.text for coding in sent.codings if coding.text), "")[:120],
            raw=printable(sent.raw)[:60],
            unit_sent=printable(sent.unit)[:40],
            status_sent=status_kept(sent),
            specimen_sent=printable(sent.specimen_type)[:60],
            observed_at=sent.observed_at,
        )
        self.judge(row, judged)
        return row

    def judge(self, row: MessageRow, judged: Judged) -> None:
        """What the mappings make of it, before anybody knows the patient."""
        row.outcome, row.reason, row.detail = Outcome(judged.outcome.value), judged.reason, ""
        row.analyte = self._catalogue.analyte(judged.analyte, judged.unit)
        if row.outcome == Outcome.PLACED and row.analyte is None:
            row.outcome, row.reason = Outcome.QUARANTINED, RowReason.UNIT_UNKNOWN
        row.value, row.unit, row.comparator = judged.value, judged.unit[:30], judged.comparator
        row.coded, row.for_analysis = judged.coded[:30], judged.for_analysis
        row.state = self.state(row)

    def settle(self, row: MessageRow, judged: Judged, match: Match, *, may_overrule: bool = False) -> None:
        """From a judged row, which is stored, to a placed one, or to the reason why it waits."""
        if match.patient is not None:
            self._together.hold([match.patient.pk])
        self._settle(row, judged, match, may_overrule)
        self._together.keep([])
        if row.result is not None:
            row.result = row.result  # it has its number only now

    def _settle(self, row: MessageRow, judged: Judged, match: Match, may_overrule: bool) -> None:
        row.patient = match.patient
        if judged.outcome == Judgement.PLACED and match.patient is None:
            row.outcome, row.reason, row.detail = Outcome.QUARANTINED, match.reason, match.detail
        else:
            self._place(row, judged, match, may_overrule)
        row.state = self.state(row)

    def _place(self, row: MessageRow, judged: Judged, match: Match, may_overrule: bool) -> None:
        placing = Placing(
            row=row,
            judged=judged,
            key=self._key(judged),
            arrival=self.arrival(judged),
            keys=self.keys,
            draws=self._draws,
            by=self._by,
            reason=self._reason,
            may_overrule=may_overrule,
        )
        try:
            place(placing, match.patient, row.analyte)
        except ValidationError as error:
            row.result, row.key = None, None
            refused(row, error)

    def _drawn(self, judged: Judged) -> Drawn:
        return drawn_of(judged.observation, self._message.sent_at, self._message.raw.received_at)

    def _key(self, judged: Judged) -> str:
        return result_key(judged.observation, self._received)

    def arrival(self, judged: Judged) -> Arrival:
        sent = judged.observation
        issued = sent.issued_at or self._message.sent_at or self._message.raw.received_at
        return Arrival(issued, self._message.raw_id, sent.row)

    def state(self, row: MessageRow) -> State:
        if self._message.port != Port.PRODUCTION or row.reason == RowReason.CONTROL_MATERIAL:
            return State.NONE
        return {
            str(Outcome.PLACED): State.PLACED,
            str(Outcome.QUARANTINED): State.OPEN,
        }.get(str(row.outcome), State.NONE)


def _is_placed(judged: Judged) -> bool:
    return judged.outcome == Judgement.PLACED or judged.withdraws


def _code(sent: Observation) -> str:
    return next((coding.code for coding in sent.codings if coding.code), "")
