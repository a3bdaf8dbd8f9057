"""Markers of the resection cohort: scores whose splits are exact at the registered cutoff and at the median alike."""

from dataclasses import dataclass

import numpy as np

from analysis.demo.chance import Chance, Floats, by_rank, ladder
from analysis.demo.records import Reading
from labs.ihc.scoring import FIELDS

N = 103
# Registered cutoffs: high is above them. One single patient has the next attainable score, so that 52 are above the
# cutoff, and that patient is the median of all 103, so that 51 are above the median.
S100A11_CUTOFF, FAP_CUTOFF = 4, 3
S100A11_SCORES = {0: 2, 1: 3, 2: 9, 3: 12, 4: 25, 6: 1, 8: 21, 9: 16, 12: 14}
FAP_SCORES = {0: 5, 1: 9, 2: 18, 3: 19, 4: 1, 6: 27, 8: 11, 9: 9, 12: 4}
# Positive cells per field at ×20; distinct means, so that the median splits 51 to 52.
CD206_LOWEST, CD206_HIGHEST = 6.0, 78.0
# intensity and extent that make a score, where there are two ways the first and the second in turn
FACTORS = {
    0: ((0, 0),),
    1: ((1, 1),),
    2: ((1, 2), (2, 1)),
    3: ((1, 3), (3, 1)),
    4: ((2, 2), (1, 4)),
    6: ((2, 3), (3, 2)),
    8: ((2, 4),),
    9: ((3, 3),),
    12: ((3, 4),),
}
# Percentages that people write: steps of five inside each extent.
PERCENTS = {0: (0,), 1: (5, 10, 15, 20, 25), 2: (30, 35, 40, 45, 50), 3: (55, 60, 65, 70, 75), 4: (80, 85, 90, 95, 100)}


@dataclass(frozen=True)
class Markers:
    """One value per patient; `aggressiveness` is what the markers, the course and the baseline have in common."""

    aggressiveness: Floats
    s100a11: list[int]
    fap: list[int]
    cd206: list[int]  # cells in all five fields together

    @property
    def high_s100a11(self) -> list[bool]:
        return [score > S100A11_CUTOFF for score in self.s100a11]

    @property
    def high_fap(self) -> list[bool]:
        return [score > FAP_CUTOFF for score in self.fap]


def markers(chance: Chance) -> Markers:
    aggressiveness = chance.noise(N)
    return Markers(
        aggressiveness,
        by_rank(_listed(S100A11_SCORES), aggressiveness + 0.8 * chance.noise(N)),
        by_rank(_listed(FAP_SCORES), aggressiveness + 0.8 * chance.noise(N)),
        by_rank(_cells(), aggressiveness + 0.7 * chance.noise(N)),
    )


def score_reading(chance: Chance, score: int) -> Reading:
    ways = FACTORS[score]
    intensity, extent = ways[chance.whole(0, len(ways) - 1)]
    choices = PERCENTS[extent]
    return Reading(intensity=intensity, percent=choices[chance.whole(0, len(choices) - 1)])


def field_reading(chance: Chance, cells: int) -> Reading:
    """Five counts that add up to `cells`, none of them far from a fifth of it."""
    spread = cells // (4 * FIELDS)
    counts = [cells // FIELDS + chance.whole(-spread, spread) for _ in range(FIELDS - 1)]
    return Reading(field_counts=(*counts, cells - sum(counts)))


def _listed(counts: dict[int, int]) -> list[int]:
    return [score for score, count in counts.items() for _ in range(count)]


def _cells() -> list[int]:
    # The square makes few patients have very many cells, as counts do.
    means = CD206_LOWEST + (CD206_HIGHEST - CD206_LOWEST) * np.square(ladder((0.0, 1.0), N))
    totals = [round(FIELDS * mean) for mean in means]
    return [total + place for place, total in enumerate(totals)]
