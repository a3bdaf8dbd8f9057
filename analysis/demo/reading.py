"""A round that two simulated pathologists have nearly finished, so that there is something to score and to compare."""

from analysis.demo.chance import Chance
from analysis.demo.resection_markers import FAP_CUTOFF
from labs.ihc.judging import NOTHING_JUDGED, build_read
from labs.ihc.models import Read
from labs.markers.models import Marker
from labs.revisions import record_many
from labs.rounds.drawing_up import stains_for
from labs.rounds.models import Assignment, Round, RoundReader
from labs.rounds.protocols import protocol_set
from labs.rounds.services import round_create, round_open
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.people.models import User

ROUND = "R1"
READERS = ("pathologist2", "pathologist3")
SEED = "simulated-round"
# of the reader's queue; the rest is left to whoever signs in
READ = {"pathologist2": 98, "pathologist3": 102}


def add_round(cohort: Cohort, by: Actor) -> Round | None:
    """FAP on every tissue of the cohort; the reads on record stay those of before until the round is closed."""
    fap = Marker.objects.get(code="FAP")
    protocol = protocol_set(
        code="resection-ihc",
        title="FAP, intensity × extent",
        markers={fap: float(FAP_CUTOFF)},
        by=by,
    )
    stains = list(stains_for(cohort, protocol, ["tumour", "normal"]))
    if not stains:
        return None
    readers = [User.objects.get(username=name) for name in READERS]
    made = round_create(
        code=ROUND,
        title="FAP, first round",
        cohort=cohort,
        protocol=protocol,
        readers=readers,
        stains=stains,
        seed=SEED,
        by=by,
    )
    opened = round_open(round=made, expected_version=made.version, by=by)
    for reader in opened.readers.select_related("reader"):
        _read(reader, by)
    return opened


def _read(reader: RoundReader, by: Actor) -> None:
    chance = Chance(sum(reader.reader.username.encode()))
    assignments = reader.assignments.select_related(
        "slide__round__protocol", "slide__stain__marker", "slide__stain__specimen"
    )
    begun = list(assignments.order_by("position")[: READ[reader.reader.username]])
    on_record = {
        read.stain_id: read
        for read in Read.objects.outside_rounds().current().filter(stain__in=[row.slide.stain_id for row in begun])
    }
    record_many([_seen(row, reader.reader.username, on_record[row.slide.stain_id], chance) for row in begun], by=by)


def _seen(assignment: Assignment, reader: str, on_record: Read, chance: Chance) -> Read:
    """Mostly what is on record; one in four a little off, one in twelve clearly."""
    intensity, percent = on_record.intensity or 0, on_record.percent or 0
    if intensity:
        luck = chance.whole(1, 24)
        if luck <= 2:
            intensity = 1 if intensity == 3 else intensity + 1
        elif luck <= 8:
            percent = min(100, max(1, percent + chance.whole(-15, 15)))
    judged = NOTHING_JUDGED | {"intensity": intensity, "percent": percent}
    return build_read(assignment.slide.stain, reader, judged, "", slide=assignment.slide, seconds=chance.whole(6, 21))
