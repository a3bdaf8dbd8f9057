"""Which draw a received result belongs to, made when it is not known. Its code says the patient and the time only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import islice
from math import isclose
from operator import or_
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from labs.blood.models import Analyte, BloodResult
from labs.formats.messages.judged import Judged
from labs.formats.messages.received import Observation
from labs.inbox.models import DrawNumber
from labs.specimens.models import Specimen, SpecimenKind
from registry.patients.models import Patient

# Of one statement that asks for them: a database limits its parameters, and SQLite how deep a condition is.
_CODES, _PATIENTS = 500, 100
Item = TypeVar("Item")


@dataclass(frozen=True)
class Drawn:
    """When and under which numbers the sender says that blood was drawn. `day` is the best that is known."""

    day: date
    moment: datetime | None
    numbers: tuple[str, ...]


@dataclass(eq=False)
class Draw:
    """A draw, stored or not yet, with the numbers that senders know it by and its newest results by analyte."""

    specimen: Specimen
    numbers: set[tuple[str, datetime | None]] = field(default_factory=set)
    newest: dict[int, BloodResult] = field(default_factory=dict)

    def is_known_by(self, drawn: Drawn) -> bool:
        if not drawn.numbers:
            return self.specimen.collected == drawn.day and ("", drawn.moment) in self.numbers
        known = {number for number, _moment in self.numbers} if self.specimen.collected == drawn.day else set()
        return not known.union([self.specimen.code]).isdisjoint(drawn.numbers)

    def is_drawn(self, drawn: Drawn) -> bool:
        """At the same moment, or of the same day where one side knows no moment."""
        moments = {moment for _number, moment in self.numbers if moment is not None}
        if drawn.moment is None or not moments:
            return self.specimen.collected == drawn.day
        return drawn.moment in moments

    def missing(self, drawn: Drawn) -> list[tuple[str, datetime | None]]:
        wanted = dict.fromkeys((number, drawn.moment) for number in drawn.numbers or ("",))
        return [each for each in wanted if each not in self.numbers]


def drawn_of(row: Observation, sent_at: datetime | None, received_at: datetime) -> Drawn:
    moment = row.collected_at or row.observed_at
    numbers = [number.strip()[:120] for number in (row.specimen_id, row.filler or row.placer)]
    known = moment or row.issued_at or sent_at or received_at
    return Drawn(known.date(), moment, tuple(dict.fromkeys(number for number in numbers if number)))


def draws_near(wanted: Iterable[tuple[Patient, Drawn]]) -> dict[int, list[Draw]]:
    """By patient, in the order of their making: all that the rows may be of, or that hold the same values.

    Days of two time zones are a day apart.
    """
    patients: dict[int, Patient] = {}
    days: dict[int, set[date]] = {}
    codes: set[str] = set()
    for patient, drawn in wanted:
        patients[patient.pk] = patient
        days.setdefault(patient.pk, set()).update(drawn.day + timedelta(days=step) for step in (-1, 0, 1))
        codes |= set(drawn.numbers)
    found: dict[int, list[Draw]] = {pk: [] for pk in patients}
    specimens = _specimens(days, codes)
    draws = {specimen.pk: Draw(specimen) for specimen in specimens}
    for draw in draws.values():
        draw.specimen.patient = patients[draw.specimen.patient_id]
        found[draw.specimen.patient_id].append(draw)
    if draws:
        numbers = DrawNumber.objects.filter(specimen__in=draws).order_by("pk")
        for specimen, number, moment in numbers.values_list("specimen", "number", "collected_at"):
            draws[specimen].numbers.add((number, moment))
        results = BloodResult.objects.filter(specimen__in=draws, successor__isnull=True)
        for result in results.order_by("-pk"):
            result.specimen = draws[result.specimen_id].specimen
            draws[result.specimen_id].newest[result.analyte_id] = result
    return found


def _specimens(days: dict[int, set[date]], codes: set[str]) -> list[Specimen]:
    """Of each patient on the own days, and by any of the codes. Not of all on all days: that grows with both."""
    blood = Specimen.objects.filter(kind=SpecimenKind.BLOOD, retired_reason="")
    found: dict[int, Specimen] = {}
    for patients in _groups(days, _PATIENTS):
        on_days = (Q(patient=patient, collected__in=days[patient]) for patient in patients)
        found |= {row.pk: row for row in blood.filter(reduce(or_, on_days))}
    for group in _groups(sorted(codes), _CODES):
        found |= {row.pk: row for row in blood.filter(patient__in=list(days), code__in=group)}
    return [found[pk] for pk in sorted(found)]


def _groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    return iter(lambda: list(islice(waiting, size)), [])


def candidates(draws: Iterable[Draw], drawn: Drawn) -> list[Draw]:
    """Draws of the patient that it may be, the likeliest first.

    1. The draw with the laboratory's number as its code, or known by that number on the same day.
    2. Without a number: the one known by the same moment.
    3. A draw of the day that a person entered and no message claimed yet, if there is only one.
    """
    mine = list(draws)
    if found := [draw for draw in mine if draw.is_known_by(drawn)]:
        return found
    entered = [draw for draw in mine if draw.specimen.collected == drawn.day and not draw.numbers]
    return entered if len(entered) == 1 else []


def choose(found: Iterable[Draw], analyte: Analyte) -> Draw | None:
    """The first draw whose result of the analyte is not that of another key.

    Two results of one analyte in one draw by different codes are two results: the second gets a draw of its own.
    """
    for draw in found:
        newest = draw.newest.get(analyte.pk)
        if newest is None or not newest.is_received or newest.is_retracted:
            return draw
    return None


def same_of(
    draws: Iterable[Draw], drawn: Drawn, analyte: Analyte, judged: Judged
) -> Iterator[tuple[Draw, BloodResult]]:
    """The same value of the analyte at the same draw, whichever way a sender brought it: one measurement that came
    twice is one result."""
    for draw in draws:
        result = draw.newest.get(analyte.pk)
        if result is not None and draw.is_drawn(drawn) and _is_received(result) and _is_said_by(result, judged):
            yield draw, result


def _is_received(result: BloodResult) -> bool:
    return result.is_received and not result.is_retracted


def _is_said_by(result: BloodResult, judged: Judged) -> bool:
    words = (result.comparator, result.coded, result.is_preliminary)
    if words != (judged.comparator, judged.coded[:30], not judged.for_analysis):
        return False
    if result.value is None or judged.value is None:
        return result.value is judged.value
    # By another unit the same value may end in another last digit.
    return isclose(result.value, judged.value, rel_tol=1e-9)


def stem(patient: Patient, drawn: Drawn) -> str:
    """The code of a draw that a message makes, unless another has it."""
    local = timezone.localtime(drawn.moment) if drawn.moment else None
    return f"{patient.study_number}-{local:%Y%m%d%H%M}" if local else f"{patient.study_number}-{drawn.day:%Y%m%d}"


def codes_taken(stems: Iterable[str]) -> set[str]:
    groups = (Specimen.objects.filter(code__in=group) for group in _groups(sorted(set(stems)), _CODES))
    return {code for group in groups for code in group.values_list("code", flat=True)}


def free_code(patient: Patient, drawn: Drawn, taken: Iterable[str] = ()) -> str:
    first = stem(patient, drawn)
    others = set(Specimen.objects.filter(code__startswith=first).values_list("code", flat=True)).union(taken)
    return next(code for code in (first, *(f"{first}-{n}" for n in range(2, 10_000))) if code not in others)


def specimen_of(patient: Patient, drawn: Drawn, code: str) -> Specimen:
    return Specimen(patient=patient, code=code, kind=SpecimenKind.BLOOD, collected=drawn.day)
