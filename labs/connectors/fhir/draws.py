"""The draw of a result that names none, found by patient and time as for a message; and draws that messages find."""

from collections.abc import Sequence

from labs.formats.fhir.times import PartialDate
from labs.inbox.draws import Drawn, draws_for
from labs.inbox.keeping.services import draw_number_keep
from labs.specimens.models import Specimen
from registry.log.actors import Actor
from registry.patients.models import Patient


def draw_of_day(*, patient: Patient, effective: PartialDate, by: Actor) -> Specimen:
    drawn = Drawn(effective.first, effective.moment, ())
    found = draws_for(patient, drawn)
    return draw_number_keep(draw=found[0] if found else None, patient=patient, drawn=drawn, by=by)


def draw_known_as(*, draw: Specimen, numbers: Sequence[str], collected: PartialDate, by: Actor) -> None:
    drawn = Drawn(collected.first, collected.moment, tuple(number[:120] for number in numbers))
    draw_number_keep(draw=draw, patient=draw.patient, drawn=drawn, by=by)
