"""What an analysis would take if one reader of the closed rounds were right: the same tissues, reader by reader."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from labs.ihc.models import Read
from labs.ihc.selectors import ihc_values
from labs.measured import FactRef, Measured
from labs.rounds.models import Consensus, Duty, RoundReader, RoundStatus, Slide
from registry.cohorts.models import Cohort

MEAN = "mean of the readers"


@dataclass(frozen=True)
class ByReader:
    """`columns`: "reader 1", "reader 2" and so on, in the order in which the rounds name them, then their mean."""

    rounds: Sequence[str]
    columns: dict[str, list[Measured]]


def ihc_by_reader(cohort: Cohort, marker: str, specimen_kind: str, using: str = "default") -> ByReader | None:
    """The primary reads behind every consensus of record; None while no round of the marker is closed."""
    if not _has_closed_round(cohort, marker, using):
        return None
    by_enrolment = {
        item.enrolment_id: [fact.pk for fact in item.facts]
        for item in ihc_values(cohort, marker, specimen_kind, using=using)
        if item.value is not None and item.facts and all(fact.model == "consensus" for fact in item.facts)
    }
    consensus = {pk for pks in by_enrolment.values() for pk in pks}
    slide_of = dict(Consensus.objects.using(using).filter(pk__in=consensus).values_list("pk", "slide_id"))
    reads, rounds = _primary_reads(set(slide_of.values()), using)
    if not reads:
        return None
    slides = {enrolment: [slide_of[pk] for pk in pks] for enrolment, pks in by_enrolment.items()}
    places = sorted({place for found in reads.values() for place in found})
    columns = {
        f"reader {place}": [
            _of_place(enrolment, [reads[slide].get(place) for slide in its]) for enrolment, its in slides.items()
        ]
        for place in places
    }
    columns[MEAN] = [_mean(enrolment, [reads[slide] for slide in its]) for enrolment, its in slides.items()]
    return ByReader(rounds, columns)


def _has_closed_round(cohort: Cohort, marker: str, using: str) -> bool:
    closed = Slide.objects.using(using).filter(
        round__status=RoundStatus.CLOSED,
        round__retired_reason="",
        stain__marker__code=marker,
        stain__specimen__patient__enrolments__cohort_id=cohort.pk,
    )
    return closed.exists()


def _primary_reads(slides: set[int], using: str) -> tuple[dict[int, dict[int, Read]], list[str]]:
    """Slide → place of the reader in its round → read; and the rounds."""
    found: dict[int, dict[int, Read]] = defaultdict(dict)
    places: dict[int, dict[str, int]] = defaultdict(dict)
    readers = RoundReader.objects.using(using).filter(duty=Duty.PRIMARY, retired_reason="").select_related("reader")
    for row in readers.filter(round__slides__in=slides).distinct().order_by("round", "pk"):
        places[row.round_id][row.reader.username] = len(places[row.round_id]) + 1
    rounds = set()
    for read in Read.objects.using(using).current().filter(slide__in=slides).select_related("slide__round"):
        if read.slide is None:
            continue
        place = places[read.slide.round_id].get(read.reader)
        if place is not None:
            found[read.slide.pk][place] = read
            rounds.add(read.slide.round.code)
    return found, sorted(rounds)


def _of_place(enrolment_id: int, reads: Sequence[Read | None]) -> Measured:
    values = [read.value for read in reads if read is not None and read.value is not None]
    if len(values) < len(reads):
        return Measured(enrolment_id, None, "no value of this reader")
    return Measured(enrolment_id, fmean(values), "", tuple(_fact(read) for read in reads if read is not None))


def _mean(enrolment_id: int, slides: Sequence[dict[int, Read]]) -> Measured:
    reads = [read for found in slides for _place, read in sorted(found.items())]
    values = [read.value for read in reads if read.value is not None]
    if not values or len(values) < len(reads):
        return Measured(enrolment_id, None, "no mean: a reader has no value")
    return Measured(enrolment_id, fmean(values), "", tuple(_fact(read) for read in reads))


def _fact(read: Read) -> FactRef:
    return FactRef("read", read.pk, read.version, read.log_code())
