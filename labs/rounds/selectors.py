"""The reads of a round, for those who may see them: coordinators, and everybody who follows it once it is closed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from labs.ihc.models import Read
from labs.rounds.discordance import Verdict, verdict_on
from labs.rounds.models import BLIND, Consensus, Duty, Round, RoundReader, Slide
from registry.cohorts.models import Cohort


@dataclass(frozen=True)
class SlideReads:
    """An original slide with what each reader says of it now."""

    slide: Slide
    # in the order of the round's primary readers; a reader who has not read is missing
    primary: Sequence[Read]
    third: Read | None
    consensus: Consensus | None
    verdict: Verdict
    is_complete: bool

    @property
    def is_discordant(self) -> bool:
        return self.is_complete and self.verdict.severity.is_discordant


def slide_reads(round: Round, marker: str = "") -> list[SlideReads]:
    """Every original slide of the round, of one marker or of all, with the reads that count now."""
    slides = round.slides.filter(repeats__isnull=True, retired_reason="").select_related(
        "round__protocol", "stain__marker", "stain__specimen"
    )
    if marker:
        slides = slides.filter(stain__marker__code=marker)
    return _with_reads(round, slides)


def reads_of_slide(round: Round, slide: Slide) -> SlideReads:
    """The same of one original slide."""
    originals = round.slides.filter(pk=slide.pk, repeats__isnull=True, retired_reason="").select_related(
        "round__protocol", "stain__marker", "stain__specimen"
    )
    found = _with_reads(round, originals)
    if not found:
        raise ValidationError(_("A hidden repeat has no consensus: its original has."))
    return found[0]


def _with_reads(round: Round, slides: QuerySet[Slide]) -> list[SlideReads]:
    primaries = usernames(round, Duty.PRIMARY)
    third = next(iter(usernames(round, Duty.THIRD)), "")
    reads = _by_slide(slides)
    settled = {found.slide_id: found for found in Consensus.objects.current().filter(slide__in=slides)}
    cutoffs = {found.marker_id: found.cutoff for found in round.protocol.markers.all()}
    return [
        _slide_reads(
            slide, reads[slide.pk], primaries, third, settled.get(slide.pk), cutoffs.get(slide.stain.marker_id)
        )
        for slide in slides
    ]


def _slide_reads(
    slide: Slide,
    reads: dict[str, Read],
    primaries: Sequence[str],
    third: str,
    consensus: Consensus | None,
    cutoff: float | None,
) -> SlideReads:
    found = [reads[name] for name in primaries if name in reads]
    return SlideReads(
        slide=slide,
        primary=found,
        third=reads.get(third),
        consensus=consensus,
        verdict=verdict_on(found, slide.round.protocol, slide.stain.marker.scale, cutoff),
        is_complete=len(found) == len(primaries),
    )


def usernames(round: Round, duty: Duty) -> list[str]:
    readers = round.readers.filter(duty=duty, retired_reason="").select_related("reader").order_by("pk")
    return [found.reader.username for found in readers]


def _by_slide(slides: QuerySet[Slide]) -> dict[int, dict[str, Read]]:
    found: dict[int, dict[str, Read]] = defaultdict(dict)
    for read in Read.objects.current().filter(slide__in=slides).select_related("stain__marker"):
        found[read.slide_id or 0][read.reader] = read
    return found


@dataclass(frozen=True)
class Progress:
    reader: RoundReader
    done: int
    total: int


def progress_of(round: Round) -> list[Progress]:
    """Per reader how many slides are read, hidden repeats among them."""
    done = {
        row["reader"]: row["n"]
        for row in Read.objects.current().filter(slide__round=round).order_by().values("reader").annotate(n=Count("pk"))
    }
    readers = round.readers.filter(retired_reason="").select_related("reader").annotate(n=Count("assignments"))
    # Counting drops the order of the table.
    readers = readers.order_by("duty", "pk")
    return [Progress(reader, done.get(reader.reader.username, 0), reader.n) for reader in readers]


@dataclass(frozen=True)
class Waiting:
    """A round that keeps a marker's values from the analyses of a cohort."""

    round: str
    marker: str
    done: int
    total: int


def waiting_rounds(cohort: Cohort, markers: Sequence[str]) -> list[Waiting]:
    """How far the open rounds of these markers are: a slide is done when every primary reader has read it."""
    rounds = Round.objects.filter(
        status__in=BLIND,
        retired_reason="",
        slides__stain__marker__code__in=markers,
        slides__stain__specimen__patient__enrolments__cohort=cohort,
    ).distinct()
    return [waiting for round in rounds.select_related("protocol") for waiting in _waiting(round, markers)]


def _waiting(round: Round, markers: Sequence[str]) -> list[Waiting]:
    current = Q(reads__successor__isnull=True, reads__is_retracted=False)
    primary = Q(reads__reader__in=usernames(round, Duty.PRIMARY))
    slides = round.slides.filter(repeats__isnull=True, retired_reason="", stain__marker__code__in=markers)
    rows = list(
        slides.annotate(n=Count("reads", filter=current & primary)).values_list("stain__marker__code", "n").order_by()
    )
    return [
        Waiting(
            round.code,
            marker,
            done=sum(n >= round.protocol.readers for code, n in rows if code == marker),
            total=sum(code == marker for code, _ in rows),
        )
        for marker in sorted({code for code, _ in rows})
    ]


@dataclass(frozen=True)
class RoundMarker:
    code: str
    cutoff: float | None
    slides: int
    repeats: int


def round_markers(round: Round) -> list[RoundMarker]:
    again = Q(repeats__isnull=False)
    counts = {
        marker: (originals, repeats)
        for marker, originals, repeats in round.slides.filter(retired_reason="")
        .order_by()
        .values("stain__marker__code")
        .annotate(originals=Count("pk", filter=~again), repeated=Count("pk", filter=again))
        .values_list("stain__marker__code", "originals", "repeated")
    }
    rows = round.protocol.markers.select_related("marker")
    return [RoundMarker(row.marker.code, row.cutoff, *counts.get(row.marker.code, (0, 0))) for row in rows]
