"""A run that comes again from another file: saved in another encoding, or as a workbook instead of text."""

from labs.formats.plate import PlateRun, Well
from labs.qpcr.models import PcrRun, PcrWell

# A program that saves the file anew may write the same Ct with other digits at its end.
SAME_CT = 1e-6

Key = tuple[str, str, str]
Held = tuple[str, str, str, str]


def stored_before(plate: PlateRun) -> PcrRun | None:
    """The valid run that holds what this plate holds, well by well; the names of file and run do not count.

    None for a plate on which nothing was detected: two such plates are alike without being the same.
    """
    first = next((well for well in plate.wells if well.cq is not None), None)
    if first is None or first.cq is None:
        return None
    alike = PcrWell.objects.filter(
        position=first.position,
        fluor=first.fluor,
        target=first.target,
        ct__range=(first.cq - SAME_CT, first.cq + SAME_CT),
    )
    runs = PcrRun.objects.valid().filter(wells__in=alike).select_related("file").order_by("pk").distinct()
    return next((run for run in runs if _is_same(plate, run)), None)


def _is_same(plate: PlateRun, run: PcrRun) -> bool:
    read = {(well.position, well.fluor, well.target): (_held(well), well.cq) for well in plate.wells}
    stored: dict[Key, tuple[Held, float | None]] = {
        (well.position, well.fluor, well.target): (_held(well), well.ct) for well in run.wells.all()
    }
    return read.keys() == stored.keys() and all(
        stored[key][0] == held and _is_same_ct(stored[key][1], cq) for key, (held, cq) in read.items()
    )


def _held(well: Well | PcrWell) -> Held:
    """What is in the well, and what the instrument says of it. What people said here since is left aside."""
    return (str(well.content), well.sample, well.biological_set, well.note)


def _is_same_ct(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_CT
