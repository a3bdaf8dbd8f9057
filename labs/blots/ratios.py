"""From band intensities to normalised ratios. Pure: numbers in, numbers with their reasons out.

Intensities have the arbitrary unit of the densitometer and compare only within one gel, which is why every target band
is divided by the loading control of its own lane (Taylor and Posch, Biomed Res Int 2014:361590).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import fmean, stdev


class Background(Enum):
    NONE = "none"
    PROGRAM = "program"
    LOCAL = "local"
    BLANK_LANE = "blank_lane"


class NotComputable(ValueError):
    """Says in a sentence why there is no number."""


@dataclass(frozen=True)
class Intensity:
    """One band. `background` is per pixel, `area` in pixels, `greatest` the brightest pixel; None: not known."""

    volume: float | None
    adjusted: float | None = None
    background: float | None = None
    area: float | None = None
    greatest: float | None = None
    is_saturated: bool = False


def is_saturated(band: Intensity, limit: float | None) -> bool:
    """Said to be so, or the brightest pixel reaches the limit of the detector (255 for 8 bits, 65535 for 16)."""
    return band.is_saturated or (limit is not None and band.greatest is not None and band.greatest >= limit)


def net(band: Intensity, method: Background, blank: Intensity | None = None) -> float:
    """The intensity without background; negative when the band is fainter than what surrounds it.

    program: what the densitometer took off. local: volume − background per pixel × area. blank_lane: volume − area ×
    the intensity per pixel of the same probe in an empty lane. NotComputable when the band lacks what the method needs.
    """
    if method is Background.PROGRAM:
        if band.adjusted is None:
            raise NotComputable("the file has no adjusted volume")
        return band.adjusted
    if band.volume is None:
        raise NotComputable("the file has no volume before subtraction")
    if method is Background.NONE:
        return band.volume
    if method is Background.LOCAL:
        if band.background is None or band.area is None:
            raise NotComputable("the file has no background and area")
        return band.volume - band.background * band.area
    if blank is None or blank.volume is None:
        raise NotComputable("no empty lane has a band of this probe")
    if band.area and blank.area:
        return band.volume - band.area * blank.volume / blank.area
    return band.volume - blank.volume


def ratio(target: float, control: float) -> float:
    """Target over loading control. A target at or below its background was not seen: 0. NotComputable for a control
    at or below its background."""
    if not control > 0:
        raise NotComputable("the loading control is not above its background")
    return max(target, 0.0) / control


@dataclass(frozen=True)
class Summary:
    """`sd` is that of the sample (n − 1); None for a single value."""

    n: int
    mean: float
    sd: float | None


def summary(values: Sequence[float]) -> Summary:
    """Replicates: lanes of one gel, or gels. NotComputable for none."""
    if not values:
        raise NotComputable("there is no value")
    return Summary(len(values), fmean(values), stdev(values) if len(values) > 1 else None)


def relative(value: float, reference: float) -> float:
    """A ratio against that of the reference lane, such as the paired normal tissue."""
    if not reference > 0:
        raise NotComputable("the reference was not seen")
    return value / reference


def log2_ratio(tumour: float, normal: float) -> float:
    if not (tumour > 0 and normal > 0):
        raise NotComputable("a band that was not seen has no logarithm")
    return math.log2(tumour) - math.log2(normal)
