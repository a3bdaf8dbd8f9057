"""Reads for the pages of the PCR bench."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from labs.formats.plate import plate_position
from labs.qpcr.access import visible_runs
from labs.qpcr.models import PcrRun, PcrTarget, PcrWell
from labs.specimens.models import Specimen
from registry.people.models import User


def run_list(user: User) -> QuerySet[PcrRun]:
    of_wells = Q(wells__retired_reason="")
    return (
        visible_runs(user)
        .annotate(
            n_wells=Count("wells", filter=of_wells),
            n_assigned=Count("wells", filter=of_wells & Q(wells__specimen__isnull=False)),
            n_left_out=Count("wells", filter=of_wells & ~Q(wells__exclusion="")),
        )
        .order_by("-run_on", "-pk")
    )


@dataclass(frozen=True)
class PlateRow:
    letter: str
    # One list per column: a well may hold several targets.
    cells: tuple[tuple[PcrWell, ...], ...]


@dataclass(frozen=True)
class Plate:
    columns: tuple[int, ...]
    rows: tuple[PlateRow, ...]
    # Wells whose reaction is not named by a place on a plate.
    elsewhere: tuple[PcrWell, ...]


def plate_of(run: PcrRun) -> Plate:
    """8 × 12, or 16 × 24 when a well lies beyond."""
    found: dict[tuple[int, int], list[PcrWell]] = defaultdict(list)
    elsewhere = []
    for well in run.wells.filter(retired_reason="").select_related("specimen"):
        place = plate_position(well.position)
        if place is None:
            elsewhere.append(well)
        else:
            found[place].append(well)
    is_large = any(row >= 8 or column >= 12 for row, column in found)
    height, width = (16, 24) if is_large else (8, 12)
    rows = tuple(
        PlateRow(chr(ord("A") + row), tuple(tuple(found.get((row, column), ())) for column in range(width)))
        for row in range(height)
    )
    return Plate(tuple(range(1, width + 1)), rows if found else (), tuple(elsewhere))


@dataclass(frozen=True)
class SampleOfRun:
    name: str
    wells: int
    targets: tuple[str, ...]
    specimen: Specimen | None
    is_calibrator: bool


def samples_of(run: PcrRun) -> list[SampleOfRun]:
    """The samples of the file as they are named there; controls have none."""
    grouped: dict[str, list[PcrWell]] = defaultdict(list)
    for well in run.wells.filter(retired_reason="").exclude(sample="").select_related("specimen__patient"):
        grouped[well.sample].append(well)
    return [
        SampleOfRun(
            name,
            len(wells),
            tuple(sorted({well.target for well in wells})),
            wells[0].specimen,
            wells[0].is_calibrator,
        )
        for name, wells in grouped.items()
    ]


def unknown_targets(user: User) -> list[str]:
    """Names of targets in the visible runs that nobody has said the meaning of."""
    known = PcrTarget.objects.filter(retired_reason="").values("name")
    wells = PcrWell.objects.valid().filter(run__in=visible_runs(user)).exclude(target="").exclude(target__in=known)
    return sorted(set(wells.order_by().values_list("target", flat=True)))
