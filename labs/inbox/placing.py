"""From a judged row to the patient's result: which version of it counts, which draw, and what a person must decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blood.models import Analyte, BloodResult, ResultStatus
from labs.formats.messages.judged import Judged
from labs.formats.messages.received import Observation
from labs.inbox.draws import Draw, Drawn, drawn_of
from labs.inbox.held import Draws, Keys
from labs.inbox.models import MessageRow, Outcome, Port, ResultKey, RowReason
from labs.revisions import newest_of, supersede
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.checking import check
from registry.log.recording import recording
from registry.patients.models import Patient

_STATUS = {"C": ResultStatus.CORRECTED, "A": ResultStatus.AMENDED}


@dataclass(frozen=True)
class Arrival:
    """Where a version stands among the versions of its result: issued first, then arrived first."""

    issued_at: datetime
    message: int
    row: int

    @property
    def order(self) -> tuple[datetime, int, int]:
        return (self.issued_at, self.message, self.row)


@dataclass(frozen=True)
class Placing:
    """One row on its way. `may_overrule` is set when a person decided that the sender is right."""

    row: MessageRow
    judged: Judged
    key: str
    arrival: Arrival
    keys: Keys
    draws: Draws
    by: Actor
    reason: str
    may_overrule: bool = False


Said = tuple[float | None, str, str, str, str]


def said(judged: Judged) -> Said:
    """What makes two versions the same: value, unit, comparator, words and status, as the row keeps them."""
    status = status_kept(judged.observation)
    return (judged.value, judged.unit[:30], judged.comparator, judged.coded[:30], status)


def status_kept(sent: Observation) -> str:
    return sent.status.strip().upper()[:20]


def said_before(row: MessageRow | None) -> Said | None:
    if row is None:
        return None
    return (row.value, row.unit, row.comparator, row.coded, row.status_sent)


def place(placing: Placing, patient: Patient | None, analyte: Analyte | None) -> None:
    """Settles outcome, reason, version and result on the row, which the caller saves.

    1. The same as what counts now changes nothing.
    2. A version that is older than what counts now is kept, and does not count.
    3. The first version of a key that another channel brought already is that result, and changes nothing.
    4. Else it counts: the patient's result gets a revision; a person's own value is never written over.
    """
    row, judged = placing.row, placing.judged
    key = placing.keys.of(placing.key)
    row.key = key
    now, before = said(judged), said_before(key.current)
    is_later = _is_later(placing.arrival, key)
    if before == now and not judged.withdraws:
        if is_later:
            placing.keys.set(key, key.current, placing.arrival.order)
        _settle(row, Outcome.IGNORED, RowReason.UNCHANGED)
        return
    row.is_revision = key.current is not None
    if is_later and _write(placing, key, patient, analyte):
        placing.keys.set(key, row, placing.arrival.order)


def _is_later(arrival: Arrival, key: ResultKey) -> bool:
    return key.issued_at is None or arrival.order > (key.issued_at, key.arrival, key.place)


def _settle(row: MessageRow, outcome: Outcome, reason: RowReason | str, detail: str = "") -> None:
    row.outcome, row.reason, row.detail = outcome, reason, detail[:300]


def _write(placing: Placing, key: ResultKey, patient: Patient | None, analyte: Analyte | None) -> bool:
    """False when the row waits for a person instead."""
    row = placing.row
    if row.message.port != Port.PRODUCTION:
        return True
    held = _held(placing, key)
    if placing.judged.withdraws:
        return _withdraw(placing, held)
    if patient is None or analyte is None:  # the caller has both for a row that is to be placed
        raise ValueError("a row without a patient or an analyte cannot be placed")
    if held is None or held.is_retracted or held.specimen.patient_id == patient.pk:
        return _revise(placing, held, patient, analyte)
    if not placing.may_overrule:
        _settle(row, Outcome.QUARANTINED, RowReason.CONFLICT, _("An earlier version of it is with another patient."))
        row.result = held
        return False
    with _directly(placing):
        _retract(placing, held)
        return _revise(placing, None, patient, analyte)


def _revise(placing: Placing, held: BloodResult | None, patient: Patient, analyte: Analyte) -> bool:
    """Nothing is left behind when it raises: what is new is checked before it is claimed."""
    row, draws, drawn = placing.row, placing.draws, _drawn(placing)
    sender = row.message.sender
    if held is None and (known := draws.known_by_another(patient, drawn, analyte, placing.judged, sender)) is not None:
        row.result = known
        _settle(row, Outcome.IGNORED, RowReason.UNCHANGED, _("Another sender brought the same value of this draw."))
        return True
    stays = held is not None and _stays(held, patient, analyte)
    draw = Draw(held.specimen, newest={analyte.pk: held}) if held and stays else draws.of(patient, drawn, analyte)
    newest = draw.newest.get(analyte.pk)
    new = _result(placing, draw.specimen, analyte)
    is_same = newest is not None and _is_same(newest, new)
    is_ours = newest is not None and not newest.is_received and not placing.may_overrule
    if not is_same and not is_ours:
        check(new)
    if not stays:
        draws.claim(draw, drawn, placing.reason)
    if is_same or is_ours:
        row.result = newest
        if not is_same:
            _settle(row, Outcome.QUARANTINED, RowReason.CONFLICT, _("A person entered or corrected the stored value."))
        return is_same
    if newest is None:
        row.result = new
        draws.record(new, sender, placing.reason)
    else:
        with _directly(placing):
            row.result = supersede(newest, new, by=placing.by, reason=placing.reason)
        draws.recorded(row.result, sender)
    return True


@contextmanager
def _directly(placing: Placing) -> Iterator[None]:
    """For writes that are undone when they fail. What waits to be written is written before, so that it stays."""
    placing.draws.keep()
    try:
        with recording(placing.by, placing.reason):
            yield
    except ValidationError:
        placing.draws.forget()
        raise


def _held(placing: Placing, key: ResultKey) -> BloodResult | None:
    """The newest revision of the result that the versions so far made."""
    if key.current is None or key.current.result is None:
        return None
    if key.current.result.pk is None:
        placing.draws.keep()
    return newest_of(key.current.result)


def _withdraw(placing: Placing, held: BloodResult | None) -> bool:
    placing.row.result = held
    if held is None or held.is_retracted:
        return True
    if not held.is_received and not placing.may_overrule:
        detail = _("The sender withdraws a value that a person entered or corrected.")
        _settle(placing.row, Outcome.QUARANTINED, RowReason.CONFLICT, detail)
        return False
    with _directly(placing):
        placing.row.result = _retract(placing, held)
    return True


def _retract(placing: Placing, held: BloodResult) -> BloodResult:
    new = BloodResult(**{name: getattr(held, name) for name in _COPIED}, is_received=True)
    gone = supersede(held, new, by=placing.by, reason=placing.reason, retract=True)
    placing.draws.recorded(gone, placing.row.message.sender)
    return gone


_COPIED = (
    "specimen",
    "analyte",
    "comparator",
    "value",
    "coded",
    "is_unusual_accepted",
    "unusual_by",
    "entered_value",
    "entered_unit",
    "status",
)


def _stays(held: BloodResult, patient: Patient, analyte: Analyte) -> bool:
    """A later version is of the same draw, however the sender calls that now."""
    is_there = held.analyte_id == analyte.pk and held.specimen.patient_id == patient.pk
    return is_there and not held.specimen.retired_reason


def _drawn(placing: Placing) -> Drawn:
    message = placing.row.message
    return drawn_of(placing.judged.observation, message.sent_at, message.raw.received_at)


def _result(placing: Placing, draw: Specimen, analyte: Analyte) -> BloodResult:
    judged = placing.judged
    status = status_kept(judged.observation)
    return BloodResult(
        specimen=draw,
        analyte=analyte,
        comparator=judged.comparator,
        value=judged.value,
        coded=judged.coded[:30],
        entered_value=judged.observation.raw.strip()[:30],
        entered_unit=placing.row.unit_sent[:30],
        status=_STATUS.get(status, ResultStatus.FINAL) if judged.for_analysis else ResultStatus.PRELIMINARY,
        is_received=True,
    )


def _is_same(stored: BloodResult, new: BloodResult) -> bool:
    """As results, not as texts; and a value that was preliminary becomes another when it is final."""
    if stored.is_retracted or stored.is_preliminary != new.is_preliminary:
        return False
    return (stored.comparator, stored.value, stored.coded) == (new.comparator, new.value, new.coded)


def refused(row: MessageRow, error: ValidationError) -> None:
    """What a result may not be by its analyte or its draw waits for a person."""
    _settle(row, Outcome.QUARANTINED, RowReason.IMPLAUSIBLE, " ".join(error.messages))
