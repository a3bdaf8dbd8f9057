"""The draw of a result that names none, found by patient and time as for a message; and draws that messages find."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from labs.blood.models import Analyte
from labs.formats.fhir.times import PartialDate
from labs.formats.fhir.writing import When
from labs.formats.messages.judged import Judged
from labs.inbox.draws import Draw, Drawn, candidates, draws_near, free_code, same_of, specimen_of
from labs.inbox.keeping.services import draws_keep, patients_held
from labs.inbox.models import DrawNumber
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.patients.models import Patient


def times_of(draws: Iterable[Specimen]) -> dict[int, When]:
    """The moment of a draw where its laboratories name one and the same, and it is on the day of the draw."""
    rows = list(draws)
    known: dict[int, set[datetime]] = {}
    numbers = DrawNumber.objects.filter(specimen__in=[row.pk for row in rows])
    for specimen, moment in numbers.values_list("specimen_id", "collected_at"):
        if moment is not None:
            known.setdefault(specimen, set()).add(moment)
    return {row.pk: _when(row, known.get(row.pk, set())) for row in rows}


def _when(draw: Specimen, moments: set[datetime]) -> When:
    local = [timezone.localtime(moment) for moment in moments]
    is_known = len(local) == 1 and draw.precision == "day" and local[0].date() == draw.collected
    return When(draw.collected, draw.precision, local[0] if is_known else None)


def draw_of_day(*, patient: Patient, effective: PartialDate, analyte: Analyte, judged: Judged, by: Actor) -> Specimen:
    """First the one in which the same value of the analyte came by messages."""
    drawn = Drawn(effective.first, effective.moment, ())
    patients_held([patient.pk])
    draws = draws_near([(patient, drawn)])[patient.pk]
    for draw, _result in same_of(draws, drawn, analyte, judged):
        return draw.specimen
    if found := candidates(draws, drawn):
        draws_keep(draws=[], numbers=_numbers(found[0], drawn), by=by)
        return found[0].specimen
    made = Draw(specimen_of(patient, drawn, free_code(patient, drawn)))
    draws_keep(draws=[(made.specimen, "")], numbers=_numbers(made, drawn), by=by)
    return made.specimen


def draw_known_as(*, draw: Specimen, numbers: Sequence[str], collected: PartialDate, by: Actor) -> None:
    """Of a new draw."""
    drawn = Drawn(collected.first, collected.moment, tuple(number[:120] for number in numbers))
    draws_keep(draws=[], numbers=_numbers(Draw(draw), drawn), by=by)


def _numbers(draw: Draw, drawn: Drawn) -> list[DrawNumber]:
    missing = draw.missing(drawn)
    return [DrawNumber(specimen=draw.specimen, number=number, collected_at=moment) for number, moment in missing]
