"""A simulated plate as a CFX exports it: three wells per tissue and gene, means give the recorded fold changes."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from analysis.demo.chance import Chance

SEED = 96
HEADER = ("", "Well", "Fluor", "Target", "Content", "Sample", "Biological Set Name", "Cq", "Cq Mean", "Cq Std. Dev")
WELLS_PER_ROW, ROWS_PER_GENE = 12, 4
# Hundredths of a cycle by which the outer two of three replicates lie off their mean.
CLOSEST, FARTHEST = 3, 18
# Of the normal tissues: ΔCt in hundredths of a cycle.
LOWEST_DELTA, HIGHEST_DELTA = 560, 720
# One control without template comes up, so late that it explains no sample.
LATE_CONTROL = 38.41
CONTROLS = 3


@dataclass(frozen=True)
class Pair:
    """Specimen codes of a tumour and its normal tissue, and the tumour's 2^-ΔΔCt."""

    tumour: str
    normal: str
    fold: float


def plate(marker: str, reference: str, pairs: Sequence[Pair]) -> bytes:
    """At most seven pairs: with its controls a gene has four rows of the plate."""
    chance = Chance(SEED)
    means: dict[str, list[tuple[str, float]]] = {marker: [], reference: []}
    for pair in pairs:
        delta = chance.whole(LOWEST_DELTA, HIGHEST_DELTA) / 100
        for code, shift in ((pair.tumour, -log2(pair.fold)), (pair.normal, 0.0)):
            housekeeping = chance.whole(1720, 1880) / 100
            means[marker].append((code, housekeeping + delta + shift))
            means[reference].append((code, housekeeping))
    rows = [row for block, gene in enumerate(means) for row in _gene(gene, means[gene], block, chance)]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([HEADER, *rows])
    return out.getvalue().encode()


def _gene(gene: str, means: Sequence[tuple[str, float]], block: int, chance: Chance) -> list[tuple[str, ...]]:
    wells = _positions(block)
    rows: list[tuple[str, ...]] = []
    for number, (code, mean) in enumerate(means, start=1):
        off = chance.whole(CLOSEST, FARTHEST) / 100
        rows += [
            ("", next(wells), "SYBR", gene, f"Unkn-{number:02d}", code, "", f"{cq:.9f}", f"{mean:.9f}", f"{off:.9f}")
            for cq in chance.dealt((mean - off, mean, mean + off))
        ]
    for number in range(CONTROLS):
        cq = f"{LATE_CONTROL:.9f}" if block and not number else "NaN"
        rows.append(("", next(wells), "SYBR", gene, "NTC", "", "", cq, "", ""))
    return rows


def _positions(block: int) -> Iterator[str]:
    letters = "ABCDEFGH"[block * ROWS_PER_GENE : (block + 1) * ROWS_PER_GENE]
    return (f"{letter}{column:02d}" for letter in letters for column in range(1, WELLS_PER_ROW + 1))
