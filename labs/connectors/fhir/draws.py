"""The draw of a result that names none: found by patient and time as for a message, made where there is none."""

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
