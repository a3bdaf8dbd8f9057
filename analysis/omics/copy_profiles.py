"""Copy-number profiles of a cohort on common markers: what GISTIC2 does to segments before it calls anything."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.segments import SEX_CHROMOSOMES, segments
from analysis.stats.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class ProfileSettings:
    """GISTIC2's options, at its defaults: -js, -cap, -maxseg, -rx and the spacing of its pseudo-markers in bases."""

    join_below: int = 8
    cap: float = 1.5
    most_segments: int = 2500
    drop_sex_chromosomes: bool = True
    spacing: int = 10_000


@dataclass(frozen=True)
class Marks:
    """Markers of one chromosome: positions in bases, ascending, and where they start among all markers."""

    positions: IntArray
    offset: int


@dataclass(frozen=True)
class CopyProfiles:
    """Copy change of each sample at each marker, 2^(1 + log2 ratio) - 2, so that 0 is two copies.

    ``runs`` has for each sample the first markers of its segments and their values. ``excluded`` samples had more
    segments than allowed.
    """

    chromosomes: dict[str, Marks]
    runs: dict[str, tuple[IntArray, FloatArray]]
    markers: int
    excluded: tuple[str, ...]
    settings: ProfileSettings

    def values(self, sample: str) -> FloatArray:
        """The sample's copy change at all markers; shape (markers,)."""
        starts, values = self.runs[sample]
        return np.repeat(values, np.diff(np.append(starts, self.markers)))


def copy_profiles(table: pd.DataFrame, settings: ProfileSettings | None = None) -> CopyProfiles:
    """Profiles of the samples of a table of segments (see ``segments``).

    Raises
    ------
    OmicsInputError
        No value is negative (the table holds copy numbers, not logarithms), or no marker is left.

    Notes
    -----
    Markers lie at the ends of all segments and between them in equal steps no longer than ``spacing``; those that some
    sample has no segment for are left out. Segments with fewer markers than ``join_below`` join the neighbour with the
    closest value, the shortest first, by the mean weighted with markers. Then the sample's median is subtracted, the
    logarithm capped and turned into copy change. Mermel et al., Genome Biol 2011; 12: R41.
    """
    chosen = settings or ProfileSettings()
    found = segments(table)
    if not (found["log2_ratio"] < 0).any():
        raise OmicsInputError("The column log2_ratio has no negative value: copy numbers are not log2 ratios.")
    if chosen.drop_sex_chromosomes:
        found = found[~found["chromosome"].isin(SEX_CHROMOSOMES)]
    counts = found["sample"].value_counts()
    excluded = tuple(sorted(counts.index[counts > chosen.most_segments]))
    found = found[~found["sample"].isin(excluded)]
    if found.empty:
        raise OmicsInputError("No segment is left on the autosomes of samples with few enough segments.")
    chromosomes = _common_markers(found, chosen.spacing)
    total = sum(len(marks.positions) for marks in chromosomes.values())
    runs = {str(name): _profile(own, chromosomes, total, chosen) for name, own in found.groupby("sample")}
    return CopyProfiles(chromosomes, runs, total, excluded, chosen)


def _common_markers(found: pd.DataFrame, spacing: int) -> dict[str, Marks]:
    samples = found["sample"].nunique()
    chromosomes: dict[str, Marks] = {}
    offset = 0
    for name in sorted(found["chromosome"].unique(), key=_in_karyotype):
        own = found[found["chromosome"] == name]
        positions = _pseudo_markers(own[["start", "end"]].to_numpy(), spacing)
        first = np.searchsorted(positions, own["start"].to_numpy(), side="left")
        after = np.searchsorted(positions, own["end"].to_numpy(), side="right")
        covered = np.bincount(first, minlength=len(positions) + 1) - np.bincount(after, minlength=len(positions) + 1)
        kept = positions[np.cumsum(covered)[:-1] == samples]
        if len(kept):
            chromosomes[name] = Marks(kept, offset)
            offset += len(kept)
    if not chromosomes:
        raise OmicsInputError("No place of the genome has a segment in every sample.")
    return chromosomes


def _in_karyotype(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (99, name)


def _pseudo_markers(ends: IntArray, spacing: int) -> IntArray:
    """Segment ends, and each gap between them in equal steps, rounded to whole bases."""
    fixed = np.unique(ends)
    steps = np.ceil(np.diff(fixed) / spacing).astype(np.int64)
    gap = np.repeat(np.arange(len(steps)), steps)
    nth = np.arange(len(gap)) - np.repeat(np.cumsum(steps) - steps, steps)
    inner = fixed[gap] + np.round(nth * np.diff(fixed)[gap] / steps[gap]).astype(np.int64)
    return np.unique(np.append(inner, fixed[-1]))


def _profile(
    own: pd.DataFrame, chromosomes: dict[str, Marks], total: int, settings: ProfileSettings
) -> tuple[IntArray, FloatArray]:
    starts: list[IntArray] = []
    logs: list[FloatArray] = []
    for name, part in own.groupby("chromosome"):
        marks = chromosomes.get(str(name))
        if marks is None:
            continue
        first = np.searchsorted(marks.positions, part["start"].to_numpy(), side="left")
        sizes = np.searchsorted(marks.positions, part["end"].to_numpy(), side="right") - first
        sizes, values = joined(sizes[sizes > 0], part["log2_ratio"].to_numpy()[sizes > 0], settings.join_below)
        starts.append(marks.offset + np.cumsum(sizes) - sizes)
        logs.append(values)
    order = np.argsort([start[0] for start in starts])
    start, log = (np.concatenate([parts[place] for place in order]) for parts in (starts, logs))
    centred = log - _weighted_median(log, np.diff(np.append(start, total)))
    return start, 2.0 ** (1 + np.clip(centred, -settings.cap, settings.cap)) - 2


def joined(sizes: IntArray, values: FloatArray, at_least: int) -> tuple[IntArray, FloatArray]:
    """Segments of one chromosome after those with fewer markers than ``at_least`` joined a neighbour.

    Parameters
    ----------
    sizes, values : ndarray, shape (segments,)
        Markers and log2 ratios, in the order of the chromosome. One with no more than ``at_least`` markers in all stays
        as it is.
    """
    if sizes.sum() <= at_least:
        return sizes, values
    markers, ratios = sizes.tolist(), values.tolist()
    while len(markers) > 1 and min(markers) < at_least:
        short = markers.index(min(markers))
        neighbours = [place for place in (short - 1, short + 1) if 0 <= place < len(markers)]
        other = min(neighbours, key=lambda place: abs(ratios[place] - ratios[short]))
        weight = markers[short] + markers[other]
        ratios[other] = (ratios[short] * markers[short] + ratios[other] * markers[other]) / weight
        markers[other] = weight
        del markers[short], ratios[short]
    return np.array(markers, dtype=np.int64), np.array(ratios)


def _weighted_median(values: FloatArray, weights: IntArray) -> float:
    """The median of values that are each there as often as the weight says."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    low, high = (reached[-1] - 1) // 2, reached[-1] // 2
    middle = values[order][np.searchsorted(reached, [low, high], side="right")]
    return float(middle.mean())
