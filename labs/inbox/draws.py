"""Which draw a received result belongs to, made when it is not known. Its code says the patient and the time only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isclose

from django.db.models import Q
from django.utils import timezone

from labs.blood.models import Analyte, BloodResult
from labs.formats.messages.judged import Judged
from labs.formats.messages.received import Observation
from labs.inbox.models import DrawNumber
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.patients.models import Patient


@dataclass(frozen=True)
class Drawn:
    """When and under which numbers the sender says that blood was drawn. `day` is the best that is known."""

    day: date
    moment: datetime | None
    numbers: tuple[str, ...]


def drawn_of(row: Observation, sent_at: datetime | None, received_at: datetime) -> Drawn:
    moment = row.collected_at or row.observed_at
    numbers = [number.strip()[:120] for number in (row.specimen_id, row.filler or row.placer)]
    known = moment or row.issued_at or sent_at or received_at
    return Drawn(known.date(), moment, tuple(dict.fromkeys(number for number in numbers if number)))


def draws_for(patient: Patient, drawn: Drawn) -> list[Specimen]:
    """Draws that it may be, the likeliest first.

    1. The draw with the laboratory's number as its code, or known by that number on the same day.
    2. Without a number: the one known by the same moment.
    3. A draw of the day that a person entered and no message claimed yet, if there is only one.
    """
    mine = Specimen.objects.filter(patient=patient, kind=SpecimenKind.BLOOD, retired_reason="")
    if drawn.numbers:
        known = mine.filter(Q(code__in=drawn.numbers) | Q(numbers__number__in=drawn.numbers, collected=drawn.day))
    else:
        known = mine.filter(numbers__number="", numbers__collected_at=drawn.moment, collected=drawn.day)
    if found := list(known.distinct().order_by("pk")):
        return found
    entered = list(mine.filter(collected=drawn.day, numbers__isnull=True)[:2])
    return entered if len(entered) == 1 else []


def newest_in(draws: list[Specimen]) -> dict[tuple[int, int], BloodResult]:
    """The newest revisions in these draws, by draw and analyte."""
    if not draws:
        return {}
    rows = BloodResult.objects.filter(specimen__in=draws, successor__isnull=True).order_by("-pk")
    return {(row.specimen_id, row.analyte_id): row for row in rows}


def choose(
    candidates: list[Specimen], newest_of: dict[tuple[int, int], BloodResult], analyte: Analyte
) -> tuple[Specimen | None, BloodResult | None]:
    """The first draw whose result of the analyte is not that of another key, with its newest revision.

    Two results of one analyte in one draw by different codes are two results: the second gets a draw of its own.
    """
    for draw in candidates:
        newest = newest_of.get((draw.pk, analyte.pk))
        if newest is None or not newest.is_received or newest.is_retracted:
            return draw, newest
    return None, None


@dataclass(frozen=True)
class Received:
    """A value that counts, with the moments at which its draw was made as far as senders said them."""

    result: BloodResult
    moments: frozenset[datetime]

    def is_of(self, drawn: Drawn) -> bool:
        if drawn.moment is None or not self.moments:
            return self.result.specimen.collected == drawn.day
        return drawn.moment in self.moments

    def is_said_by(self, judged: Judged) -> bool:
        row = self.result
        words = (row.comparator, row.coded, row.is_preliminary)
        if words != (judged.comparator, judged.coded[:30], not judged.for_analysis):
            return False
        if row.value is None or judged.value is None:
            return row.value is judged.value
        # By another unit the same value may end in another last digit.
        return isclose(row.value, judged.value, rel_tol=1e-9)


def received_around(patient: Patient, day: date) -> list[Received]:
    """What senders brought of the patient's draws of the day, whichever way: days of two time zones are a day apart."""
    near = timedelta(days=1)
    rows = BloodResult.objects.filter(
        specimen__patient=patient,
        specimen__kind=SpecimenKind.BLOOD,
        specimen__retired_reason="",
        specimen__collected__range=(day - near, day + near),
        successor__isnull=True,
        is_received=True,
        is_retracted=False,
    )
    results = list(rows.select_related("specimen__patient").order_by("pk"))
    moments: dict[int, set[datetime]] = {}
    if results:
        numbers = DrawNumber.objects.filter(specimen__in={row.specimen_id for row in results})
        for specimen, moment in numbers.values_list("specimen", "collected_at"):
            if moment is not None:
                moments.setdefault(specimen, set()).add(moment)
    return [Received(row, frozenset(moments.get(row.specimen_id, ()))) for row in results]


def same_of(received: Iterable[Received], drawn: Drawn, analyte: Analyte, judged: Judged) -> list[BloodResult]:
    """The same value of the analyte at the same draw: one measurement that came twice is one result."""
    return [
        each.result
        for each in received
        if each.result.analyte_id == analyte.pk and each.is_of(drawn) and each.is_said_by(judged)
    ]


def draw_make(patient: Patient, drawn: Drawn, by: Actor) -> Specimen:
    local = timezone.localtime(drawn.moment) if drawn.moment else None
    stem = f"{patient.study_number}-{local:%Y%m%d%H%M}" if local else f"{patient.study_number}-{drawn.day:%Y%m%d}"
    taken = set(Specimen.objects.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if code not in taken)
    return specimen_create(patient=patient, code=code, kind=SpecimenKind.BLOOD, collected=drawn.day, by=by)


def missing_numbers(draw: Specimen, drawn: Drawn) -> list[DrawNumber]:
    known = set(DrawNumber.objects.filter(specimen=draw).values_list("number", "collected_at"))
    wanted = [(number, drawn.moment) for number in drawn.numbers or ("",)]
    return [
        DrawNumber(specimen=draw, number=number, collected_at=at) for number, at in wanted if (number, at) not in known
    ]
