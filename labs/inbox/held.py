"""What the rows of one message have in common while they are placed: asked once, and written once, for all of them.

It lives as long as the transaction that holds the patients of the message: nobody else writes about them meanwhile.
"""

from collections.abc import Iterable
from datetime import date, datetime

from labs.blood.models import Analyte, BloodResult
from labs.formats.messages.judged import Judged
from labs.inbox.draws import Drawn, Received, choose, draws_for, newest_in, received_around, same_of
from labs.inbox.keeping.services import draw_numbers_keep, keys_held, keys_keep
from labs.inbox.models import MessageRow, ResultKey
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.patients.models import Patient

Newest = dict[tuple[int, int], BloodResult]


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
    """Draws that rows may be of, with the newest results in them."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._known: dict[tuple[int, Drawn], tuple[list[Specimen], Newest]] = {}
        self._numbered: set[tuple[int, Drawn]] = set()
        self._received: dict[tuple[int, date], list[Received]] = {}
        self._made: set[tuple[int, int]] = set()

    def known_by_another(
        self, patient: Patient, drawn: Drawn, analyte: Analyte, judged: Judged, sender: str
    ) -> BloodResult | None:
        """The same value of the same draw, if another sender or FHIR brought it. Two results of one sender are two."""
        key = (patient.pk, drawn.day)
        if key not in self._received:
            self._received[key] = received_around(patient, drawn.day)
        for result in same_of(self._received[key], drawn, analyte, judged):
            if (result.specimen_id, result.analyte_id) in self._made:
                continue
            rows = MessageRow.objects.filter(result__specimen=result.specimen_id, result__analyte=result.analyte_id)
            if not rows.filter(message__sender__iexact=sender).exists():
                return result
        return None

    def of(self, patient: Patient, drawn: Drawn, analyte: Analyte) -> tuple[Specimen, BloodResult | None]:
        """The draw of the row, made where there is none, and the newest result of the analyte in it."""
        draws, newest = self._candidates(patient, drawn)
        draw, found = choose(draws, newest, analyte)
        if draw is not None and (draw.pk, drawn) in self._numbered:
            return draw, found
        draw, is_new = draw_numbers_keep(draw=draw, patient=patient, drawn=drawn, by=self._by)
        self._numbered.add((draw.pk, drawn))
        if is_new:
            # By its number it is found otherwise than before, and so may others be.
            self._known.clear()
        return draw, found

    def recorded(self, result: BloodResult) -> None:
        self._made.add((result.specimen_id, result.analyte_id))
        for _draws, newest in self._known.values():
            newest[result.specimen_id, result.analyte_id] = result

    def forget(self) -> None:
        """Something was undone, or written by other ways."""
        self._known.clear()
        self._numbered.clear()
        self._received.clear()

    def _candidates(self, patient: Patient, drawn: Drawn) -> tuple[list[Specimen], Newest]:
        key = (patient.pk, drawn)
        if key not in self._known:
            draws = draws_for(patient, drawn)
            self._known[key] = draws, newest_in(draws)
        return self._known[key]
