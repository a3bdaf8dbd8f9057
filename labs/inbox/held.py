"""What rows have in common while they are placed: asked once, and written once, for all rows of a transaction.

It lives as long as the transaction that holds their patients: no other message writes about them meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime

from labs.blood.models import Analyte, BloodResult
from labs.formats.messages.judged import Judged
from labs.inbox.draws import (
    Draw,
    Drawn,
    candidates,
    choose,
    codes_taken,
    draws_near,
    free_code,
    same_of,
    specimen_of,
    stem,
)
from labs.inbox.keeping.services import draws_keep, keys_held, keys_keep, results_keep
from labs.inbox.models import DrawNumber, MessageRow, ResultKey
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.log.checking import check
from registry.patients.models import Patient


class Keys:
    """Results of the sender, and which version of each counts. What is set is written by `keep`."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._held: dict[str, ResultKey] = {}
        self._moved: dict[str, ResultKey] = {}

    def hold(self, keys: Iterable[str]) -> None:
        if missing := set(keys) - self._held.keys():
            self._held |= keys_held(port=self._port, keys=missing)

    def of(self, key: str) -> ResultKey:
        self.hold([key])
        return self._held[key]

    def set(self, key: ResultKey, current: MessageRow | None, arrival: tuple[datetime, int, int]) -> None:
        key.current = current
        key.issued_at, key.arrival, key.place = arrival
        self._moved[key.key] = key

    def keep(self) -> None:
        """After the rows: a key names its row."""
        if self._moved:
            keys_keep(keys=list(self._moved.values()))
            self._moved.clear()


class Draws:
    """Draws that rows may be of, with the newest results in them. New ones are checked, and written by `keep`."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._near: dict[int, list[Draw]] = {}
        self._wanted: dict[int, tuple[Patient, set[Drawn]]] = {}
        self._free: set[str] = set()
        self._brought: dict[tuple[str, int], set[str]] = {}
        self._new: list[tuple[Specimen, str]] = []
        self._numbers: list[DrawNumber] = []
        self._results: list[tuple[BloodResult, str]] = []

    def foresee(self, wanted: Iterable[tuple[Patient, Drawn]]) -> None:
        """Asks for all of them at once."""
        missing = [(patient, drawn) for patient, drawn in wanted if not self._is_known(patient, drawn)]
        if not missing:
            return
        self.keep()
        for patient, drawn in missing:
            self._wanted.setdefault(patient.pk, (patient, set()))[1].add(drawn)
        touched = {patient.pk for patient, _drawn in missing}
        every = [(patient, drawn) for pk in touched for patient, each in [self._wanted[pk]] for drawn in each]
        self._near |= draws_near(every)
        stems = {stem(patient, drawn) for patient, drawn in every}
        self._free |= stems - codes_taken(stems)

    def _is_known(self, patient: Patient, drawn: Drawn) -> bool:
        return patient.pk in self._near and drawn in self._wanted[patient.pk][1]

    def _of(self, patient: Patient, drawn: Drawn) -> list[Draw]:
        self.foresee([(patient, drawn)])
        return self._near[patient.pk]

    def known_by_another(
        self, patient: Patient, drawn: Drawn, analyte: Analyte, judged: Judged, sender: str
    ) -> BloodResult | None:
        """The same value of the same draw, if another sender or FHIR brought it. Two results of one sender are two."""
        for draw, result in same_of(self._of(patient, drawn), drawn, analyte, judged):
            if sender.upper() in self._brought.get((draw.specimen.code, analyte.pk), ()):
                continue
            if not _is_brought_by(sender, result):
                return result
        return None

    def of(self, patient: Patient, drawn: Drawn, analyte: Analyte) -> Draw:
        """The draw of the row; where there is none a new one, which is not registered until it is claimed."""
        draw = choose(candidates(self._of(patient, drawn), drawn), analyte)
        if draw is None:
            draw = Draw(specimen_of(patient, drawn, self._code(patient, drawn)))
            check(draw.specimen)
        return draw

    def claim(self, draw: Draw, drawn: Drawn, reason: str) -> None:
        """It is known from now on by what the sender calls it."""
        mine = self._near[draw.specimen.patient_id]
        if draw not in mine:
            mine.append(draw)
            self._new.append((draw.specimen, reason))
            self._free.discard(draw.specimen.code)
        for number, moment in draw.missing(drawn):
            draw.numbers.add((number, moment))
            self._numbers.append(DrawNumber(specimen=draw.specimen, number=number, collected_at=moment))

    def record(self, result: BloodResult, sender: str, reason: str) -> None:
        """A first revision, which was checked."""
        self._results.append((result, reason))
        self.recorded(result, sender)

    def recorded(self, result: BloodResult, sender: str) -> None:
        self._brought.setdefault((result.specimen.code, result.analyte_id), set()).add(sender.upper())
        for draw in self._near.get(result.specimen.patient_id, ()):
            if draw.specimen.code == result.specimen.code:
                draw.newest[result.analyte_id] = result

    def keep(self) -> None:
        """Writes what is new: draws, then their numbers and results."""
        draws_keep(draws=self._new, numbers=self._numbers, by=self._by)
        results_keep(results=self._results, by=self._by)
        self._new, self._numbers, self._results = [], [], []

    def forget(self) -> None:
        """Something was undone, or written by other ways. Only after `keep`."""
        self._near.clear()
        self._wanted.clear()

    def _code(self, patient: Patient, drawn: Drawn) -> str:
        first = stem(patient, drawn)
        return first if first in self._free else free_code(patient, drawn, [draw.code for draw, _reason in self._new])


def _is_brought_by(sender: str, result: BloodResult) -> bool:
    """In an earlier transaction."""
    rows = MessageRow.objects.filter(result__specimen=result.specimen_id, result__analyte=result.analyte_id)
    return not result._state.adding and rows.filter(message__sender__iexact=sender).exists()
