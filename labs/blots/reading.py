"""A densitometry file as gels with lanes, probes and bands: what an import would store."""

import re
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labs.blots.models import BackgroundMethod
from labs.formats.densitometry.bands import Band, BandTable, RatioTable
from labs.formats.recognise import recognise


@dataclass(frozen=True)
class LaneReading:
    name: str
    sample: str


@dataclass(frozen=True)
class GelReading:
    """`bands` name a lane of `lanes` and a probe of `probes`."""

    blot: str
    lanes: tuple[LaneReading, ...]
    probes: tuple[str, ...]
    bands: tuple[Band, ...]
    background: str

    @property
    def blot_code(self) -> str:
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", self.blot).strip("-.") or "1"


def gels_in(name: str, content: bytes) -> list[GelReading]:
    """ValidationError with the sentence of the format when the file holds no band."""
    found = recognise(name, content)
    document = found.reading.document if found.reading else None
    if isinstance(document, RatioTable):
        return [_of_ratios(document)]
    if isinstance(document, BandTable):
        return [_of_bands(blot, bands) for blot, bands in document.blots.items()]
    refusal = found.refusal(_("The file holds no band."), "blot_ratio_table", "blot_lane_band")
    raise ValidationError({"file": str(refusal)})


def _of_bands(blot: str, bands: tuple[Band, ...]) -> GelReading:
    named = tuple(replace(band, probe=probe) for band, probe in zip(bands, _probes(bands), strict=True))
    samples: dict[str, str] = {}
    for band in named:
        samples[band.lane] = samples.get(band.lane) or band.sample
    return GelReading(
        blot,
        tuple(LaneReading(lane[:120], sample[:120]) for lane, sample in samples.items()),
        tuple(dict.fromkeys(band.probe for band in named)),
        tuple(replace(band, lane=band.lane[:120]) for band in named),
        _background(bands),
    )


def _probes(bands: tuple[Band, ...]) -> list[str]:
    """The antibody where the file says it; else the label of the band where labels recur from lane to lane; else its
    number."""
    if any(band.probe for band in bands):
        return [(band.probe or _("no name"))[:120] for band in bands]
    labels = [band.label for band in bands]
    lanes = {band.lane for band in bands}
    if all(labels) and (len(set(labels)) < len(labels) or len(lanes) == 1) and len(lanes) < len(bands):
        return [label[:120] for label in labels]
    return [_("band %(n)s") % {"n": band.number} for band in bands]


def _background(bands: tuple[Band, ...]) -> str:
    """What the file itself offers: volumes without background, else a background per pixel, else nothing."""
    if all(band.adjusted is not None for band in bands):
        return BackgroundMethod.PROGRAM
    if all(band.background is not None and band.area is not None for band in bands):
        return BackgroundMethod.LOCAL
    return BackgroundMethod.NONE


def _of_ratios(table: RatioTable) -> GelReading:
    lanes = [
        LaneReading(f"{number} {row.replicate}".strip()[:120], row.sample[:120])
        for number, row in enumerate(table.rows, start=1)
    ]
    bands = [
        Band(row=row.row, lane=lane.name, number=1, volume=value, probe=probe[:120])
        for lane, row in zip(lanes, table.rows, strict=True)
        for probe, value in ((table.target, row.target), (table.loading_control, row.control))
    ]
    return GelReading(
        "",
        tuple(lanes),
        (table.target[:120], table.loading_control[:120]),
        tuple(bands),
        BackgroundMethod.NONE,
    )
