"""Reads for the pages of the blot bench."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from labs.blots.access import visible_gels
from labs.blots.models import Band, Gel, GelProbe, Lane
from labs.blots.ratios import is_saturated
from labs.blots.reading import GelReading
from labs.blots.results import bands_of, intensity
from labs.formats.recognise import recognise
from labs.specimens.models import Specimen
from registry.people.models import User


@dataclass(frozen=True)
class ShownBand:
    band: Band
    is_saturated: bool
    is_negative: bool


@dataclass(frozen=True)
class LaneRow:
    lane: Lane
    # one per probe of the gel, in its order
    cells: tuple[tuple[ShownBand, ...], ...]


def gel_list(user: User) -> QuerySet[Gel]:
    return visible_gels(user).annotate(
        n_lanes=Count("lanes", distinct=True),
        n_assigned=Count("lanes", filter=Q(lanes__specimen__isnull=False), distinct=True),
    )


def gel_probes(gel: Gel) -> list[GelProbe]:
    return list(gel.probes.filter(retired_reason="").select_related("marker", "antibody__marker", "file"))


def lane_rows(gel: Gel, probes: list[GelProbe]) -> list[LaneRow]:
    bands = [
        ShownBand(
            band,
            is_saturated(intensity(band), gel.saturated_at),
            (band.adjusted or 0) < 0 or (band.volume or 0) < 0,
        )
        for band in bands_of(gel)
    ]
    lanes = gel.lanes.filter(retired_reason="").select_related("specimen")
    return [
        LaneRow(
            lane,
            tuple(
                tuple(shown for shown in bands if (shown.band.lane_id, shown.band.probe_id) == (lane.pk, probe.pk))
                for probe in probes
            ),
        )
        for lane in lanes
    ]


def patients_of(gel: Gel) -> list[int]:
    return list(Specimen.objects.filter(lanes__gel=gel).values_list("patient_id", flat=True))


def preview_of(name: str, content: bytes, readings: list[GelReading]) -> dict[str, Any]:
    """What storing the file would do, for the page before it."""
    found = recognise(name, content)
    reading = found.reading
    return {
        "counts": (reading.would_store if reading else None) or {},
        "why_not": reading.why_not if reading else (),
        "warnings": reading.warnings if reading else (),
        "gels": readings,
    }
