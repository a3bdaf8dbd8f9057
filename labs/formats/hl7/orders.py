"""Observations with the order and the specimen that they stand under."""

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from labs.formats.hl7.header import Header
from labs.formats.hl7.patients import patient_of
from labs.formats.hl7.segments import Segment
from labs.formats.messages.received import Coding, Observation, PatientSent
from labs.formats.messages.times import moment

# SPM-11: control specimen, calibrator, verifying calibrator.
CONTROL_ROLES = frozenset({"Q", "C", "V"})
# Here the specimen comes first and its orders below it; elsewhere it follows its order, even after the results.
SPECIMEN_FIRST = frozenset({"OUL^R22", "OUL^R23"})


@dataclass
class _Group:
    """An OBR with everything up to the next one."""

    obr: Segment | None = None
    orc: Segment | None = None
    specimen: Segment | None = None
    patient: int = 0
    rows: list["_Row"] = field(default_factory=list)


@dataclass
class _Row:
    number: int
    obx: Segment
    notes: list[str] = field(default_factory=list)


@dataclass
class Body:
    """`order_statuses` are OBR-25 of every order."""

    patients: tuple[PatientSent, ...]
    observations: tuple[Observation, ...]
    specimens: tuple[str, ...]
    order_statuses: tuple[str, ...]


class _Walk:
    def __init__(self, header: Header, trigger: str, zone: tzinfo) -> None:
        self.header, self.trigger, self.zone = header, trigger, zone
        self.patients: list[PatientSent] = []
        self.groups: list[_Group] = [_Group()]
        self.specimens: list[str] = []
        self.number = 0
        self.note_of: _Row | None = None
        self.leading_specimen: Segment | None = None
        self.waiting_orc: Segment | None = None
        self.takes = {
            "PID": self._pid,
            "PV1": self._pv1,
            "ORC": self._orc,
            "OBR": self._obr,
            "SPM": self._spm,
            "OBX": self._obx,
            "NTE": self._nte,
        }

    def take(self, segment: Segment) -> None:
        if segment.name != "NTE":
            self.note_of = None
        if segment.name in self.takes:
            self.takes[segment.name](segment)

    def _pid(self, segment: Segment) -> None:
        if any(group.rows for group in self.groups) and not self.patients:
            # Rows before any patient are nobody's, not the first patient's.
            self.patients.append(PatientSent())
        self.patients.append(patient_of(segment))
        self.groups.append(_Group(patient=len(self.patients) - 1))
        self.leading_specimen, self.waiting_orc = None, None

    def _pv1(self, segment: Segment) -> None:
        if self.patients:
            self.patients[-1] = replace(self.patients[-1], visit=segment.component(19))

    def _orc(self, segment: Segment) -> None:
        last = self.groups[-1]
        if last.obr is not None and last.orc is None and not last.rows:
            last.orc = segment
        else:
            self.waiting_orc = segment

    def _obr(self, segment: Segment) -> None:
        patient = max(0, len(self.patients) - 1)
        self.groups.append(_Group(segment, self.waiting_orc, self.leading_specimen, patient))
        self.waiting_orc = None

    def _spm(self, segment: Segment) -> None:
        self.specimens.append(_specimen_id(segment))
        if self.trigger in SPECIMEN_FIRST:
            self.leading_specimen = segment
            self.groups.append(_Group(specimen=segment, patient=max(0, len(self.patients) - 1)))
        elif self.groups[-1].specimen is None:
            self.groups[-1].specimen = segment

    def _obx(self, segment: Segment) -> None:
        self.number += 1
        group = self.groups[-1]
        if group.obr is None and group.orc is None:
            group.orc = self.waiting_orc
        self.note_of = _Row(self.number, segment)
        group.rows.append(self.note_of)

    def _nte(self, segment: Segment) -> None:
        if self.note_of is not None:
            self.note_of.notes.append(segment.text(3))

    def body(self) -> Body:
        return Body(
            patients=tuple(self.patients),
            observations=tuple(self._observation(group, row) for group in self.groups for row in group.rows),
            specimens=tuple(self.specimens),
            order_statuses=tuple(group.obr.component(25).upper() for group in self.groups if group.obr),
        )

    def _observation(self, group: _Group, row: _Row) -> Observation:
        obx, obr, spm = row.obx, group.obr, group.specimen
        is_control = self.header.processing_id == "Q" or self.header.is_calibration_or_control
        return Observation(
            row=row.number,
            patient=group.patient,
            codings=codings_of(obx),
            value_type=obx.field(2),
            raw=obx.field(5),
            unit=obx.field(6),
            status=obx.field(11),
            sub_id=obx.text(4),
            reference_range=obx.text(7),
            flags=obx.text(8),
            observed_at=self._time(obx, 14) or self._time(obr, 7),
            issued_at=self._time(obr, 22),
            placer=_first(obr, 2) or _first(group.orc, 2),
            filler=_first(obr, 3) or _first(group.orc, 3),
            order=Coding(_first(obr, 4), obr.component(4, 2) if obr else "", obr.component(4, 3) if obr else ""),
            order_status=_first(obr, 25).upper(),
            specimen_id=_specimen_id(spm) if spm else "",
            specimen_type=" ".join(filter(None, (_words(spm, 4), _words(obr, 15)))),
            collected_at=self._time(spm, 17) or self._time(obr, 7),
            device=_first(obx, 18),
            method=_first(obx, 17),
            notes="\n".join(row.notes),
            is_control=is_control or _first(spm, 11).upper() in CONTROL_ROLES,
            delimiters=obx.delimiters,
        )

    def _time(self, segment: Segment | None, number: int) -> datetime | None:
        return moment(segment.component(number), self.zone) if segment else None


def read_body(segments: list[Segment], header: Header, trigger: str, zone: tzinfo) -> Body:
    walk = _Walk(header, trigger, zone)
    for segment in segments:
        walk.take(segment)
    return walk.body()


def codings_of(obx: Segment) -> tuple[Coding, ...]:
    """OBX-3.1 to 3.3 and 3.4 to 3.6; of either, what names neither a code nor a text is left out."""
    repetition = obx.delimiters.repetitions(obx.field(3))[0]
    parts = (*obx.delimiters.components(repetition), *[""] * 6)
    found = (Coding(*parts[0:3]), Coding(*parts[3:6]))
    return tuple(coding for coding in found if coding.code or coding.text)


def _first(segment: Segment | None, number: int) -> str:
    return segment.component(number) if segment else ""


def _words(segment: Segment | None, number: int) -> str:
    return " ".join(part for one in segment.repetitions(number) for part in one if part) if segment else ""


def _specimen_id(spm: Segment) -> str:
    """SPM-2, whose first component (placer) or second (filler) is an entity with subcomponents."""
    parts = spm.field(2).split(spm.delimiters.component)
    return next((name for part in parts if (name := spm.delimiters.subcomponents(part)[0])), "")
