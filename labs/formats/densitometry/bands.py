"""What a densitometry file says, in the words of the bench. Intensities have the arbitrary unit of the program."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """`volume` is the intensity as measured, `adjusted` the same with the background taken off by the program, which
    may be negative. `background` is per pixel. `greatest` is the brightest pixel. None: the file does not say.

    `blot` and `probe` tell tables of several membranes or antibodies apart; "" where the file holds one.
    """

    row: int
    lane: str
    number: int
    volume: float | None
    adjusted: float | None = None
    background: float | None = None
    area: float | None = None
    mean: float | None = None
    greatest: float | None = None
    label: str = ""
    sample: str = ""
    blot: str = ""
    probe: str = ""
    is_saturated: bool = False
    is_calibrated: bool = False

    @property
    def intensity(self) -> float | None:
        return self.volume if self.volume is not None else self.adjusted


@dataclass(frozen=True)
class BandTable:
    """`layout` is how the table is laid out: lane_band, image_lab, imagej, imagej_gel, licor."""

    layout: str
    bands: tuple[Band, ...]
    blank_rows: int = 0
    columns_left_out: tuple[str, ...] = ()

    @property
    def blots(self) -> dict[str, tuple[Band, ...]]:
        names = dict.fromkeys(band.blot for band in self.bands)
        return {name: tuple(band for band in self.bands if band.blot == name) for name in names}

    @property
    def probes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(band.probe for band in self.bands))


@dataclass(frozen=True)
class RatioRow:
    """`ratio` is ours; None where the control is not above 0. `exported` is what the file says."""

    row: int
    replicate: str
    sample: str
    target: float
    control: float
    exported: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.target / self.control if self.control > 0 else None


@dataclass(frozen=True)
class RatioTable:
    target: str
    loading_control: str
    rows: tuple[RatioRow, ...]
    depletion: float | None = None  # percent, as exported
