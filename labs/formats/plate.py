"""A real-time PCR plate, whichever instrument wrote it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt
from statistics import fmean

MAX_CQ = 100.0
SPREAD = 0.5


class Content(StrEnum):
    UNKNOWN = "unknown"
    NTC = "ntc"
    NRT = "nrt"
    NAC = "nac"
    STANDARD = "standard"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    CALIBRATOR = "calibrator"
    EMPTY = "empty"
    OTHER = "other"


# Wells that must stay silent.
NO_TEMPLATE = frozenset({Content.NTC, Content.NRT, Content.NAC})


@dataclass(frozen=True)
class Well:
    """One target in one well. `row` is the row of the file, or the number of the reaction.

    `cq` is None when nothing was detected. `cq_mean` and `cq_sd` are what the instrument exported, None where it
    exported none.
    """

    row: int
    position: str
    target: str
    cq: float | None
    fluor: str = ""
    content: Content = Content.UNKNOWN
    content_as_written: str = ""
    sample: str = ""
    biological_set: str = ""
    note: str = ""
    cq_mean: float | None = None
    cq_sd: float | None = None
    is_excluded: bool = False

    @property
    def is_detected(self) -> bool:
        return self.cq is not None


@dataclass(frozen=True)
class PlateRun:
    name: str
    wells: tuple[Well, ...]
    instrument: str = ""
    software: str = ""
    protocol: str = ""
    run_on: date | None = None
    experiment: str = ""


@dataclass(frozen=True)
class Replicates:
    """Technical replicates. `sd` has n − 1 below the line and is None below two; wells without Cq count in `n` only."""

    target: str
    content: str
    sample: str
    wells: tuple[Well, ...]
    n_cq: int
    mean: float | None
    sd: float | None

    @property
    def n(self) -> int:
        return len(self.wells)

    @property
    def positions(self) -> list[str]:
        return [well.position for well in self.wells]

    def as_dict(self) -> dict[str, object]:
        return {
            "target": self.target,
            "content": self.content,
            "sample": self.sample,
            "n": self.n,
            "n_cq": self.n_cq,
            "mean": self.mean,
            "sd": self.sd,
            "wells": self.positions,
        }


def replicate_groups(wells: Iterable[Well]) -> list[Replicates]:
    """Wells of the same target, content and sample as they stand in the file, in its order; mean and SD recomputed."""
    grouped: dict[tuple[str, str, str], list[Well]] = defaultdict(list)
    for well in wells:
        grouped[well.target, well.content_as_written, well.sample].append(well)
    return [_group(*key, members) for key, members in grouped.items()]


def _group(target: str, content: str, sample: str, wells: list[Well]) -> Replicates:
    values = [well.cq for well in wells if well.cq is not None]
    mean, sd = mean_and_sd(values)
    return Replicates(target, content, sample, tuple(wells), len(values), mean, sd)


def mean_and_sd(values: list[float]) -> tuple[float | None, float | None]:
    """Mean, and standard deviation with n − 1: None without values, below two values."""
    if not values:
        return None, None
    mean = fmean(values)
    if len(values) < 2:
        return mean, None
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def spread_out(groups: Iterable[Replicates], limit: float = SPREAD) -> list[Replicates]:
    """Groups whose replicates differ by more than `limit` cycles (standard deviation)."""
    return [group for group in groups if group.sd is not None and group.sd > limit]


def amplified_controls(wells: Iterable[Well]) -> list[Well]:
    """Controls without template in which something was detected."""
    return [well for well in wells if well.content in NO_TEMPLATE and well.cq is not None]


def plate_position(place: str) -> tuple[int, int] | None:
    """0-based row and column of a position such as "F06"; None when it is no place on a plate."""
    if len(place) < 2 or not place[0].isascii() or not place[0].isalpha() or not place[1:].isascii():
        return None
    if not place[1:].isdigit() or len(place) > 3:
        return None
    row, column = ord(place[0].upper()) - ord("A"), int(place[1:]) - 1
    return (row, column) if row < 16 and 0 <= column < 24 else None
