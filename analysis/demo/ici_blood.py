"""Blood of the ICI cohort: means, deviations, areas under the curve and best cutoffs close to the printed ones.

The values of a marker lie on ladders, two for each response: up to the printed cutoff and above it. How many patients
stand on each fixes sensitivity and specificity at the cutoff; the rungs were searched so that the rest is as printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.demo.chance import Chance, Floats, by_rank, ladder, on_grid

RESPONDERS, NON_RESPONDERS = 37, 27
N = RESPONDERS + NON_RESPONDERS
# Published cutoffs for non-response, in the canonical units: IL-6 above, CD8 and PNI not above.
CUTOFFS = {"blood:IL6": 48.56, "blood:CD8": 350.0, "index:PNI": 40.08}
AFP_LIMIT, PIVKA_LIMIT = 400.0, 40.0


@dataclass(frozen=True)
class Ladders:
    """How many patients are up to the cutoff and above it, each with the ladder of their values."""

    low: tuple[int, Sequence[float]]
    high: tuple[int, Sequence[float]]

    def values(self) -> Floats:
        return np.concatenate([ladder(rungs, count) for count, rungs in (self.low, self.high)])


IL6 = (  # pg/mL
    Ladders((35, (5.5, 9.7, 11.8, 46.1)), (2, (52.0, 57.1))),
    Ladders((15, (7.1, 9.3, 12.3, 42.3)), (12, (51.02, 65.7, 73.4, 179.1))),
)
CD8 = (  # per µL
    Ladders((20, (86, 169, 332)), (17, (361, 414, 689))),
    Ladders((24, (69, 141, 339)), (3, (384, 411, 430))),
)
PNI = (
    Ladders((8, (36.95, 37.85, 39.15)), (29, (40.35, 43.6, 57.85))),
    Ladders((17, (35.0, 35.85, 39.8)), (10, (40.75, 46.9, 52.4))),
)
LOG10_AFP = (  # ng/mL, split at 400
    Ladders((20, (0.4, 1.3, 2.59)), (17, (2.61, 3.4, 4.7))),
    Ladders((11, (0.5, 1.5, 2.59)), (16, (2.61, 3.6, 4.9))),
)
LOG10_PIVKA = (  # mAU/mL, split at 40
    Ladders((11, (1.1, 1.35, 1.59)), (26, (1.62, 2.8, 4.6))),
    Ladders((3, (1.2, 1.4, 1.59)), (24, (1.61, 3.0, 4.9))),
)


def panels(chance: Chance) -> list[dict[str, float]]:
    """One baseline panel per patient, responders first."""
    return [*_of_response(chance, 0, RESPONDERS), *_of_response(chance, 1, NON_RESPONDERS)]


def _of_response(chance: Chance, which: int, n: int) -> list[dict[str, float]]:
    immunity = chance.noise(n)  # what lymphocytes and nutrition have in common, and inflammation the opposite of
    cd8 = by_rank(on_grid(CD8[which].values(), 1.0, 0), immunity + 0.7 * chance.noise(n))
    pni = by_rank(on_grid(PNI[which].values(), 0.05, 2), immunity + 0.7 * chance.noise(n))
    il6 = by_rank(on_grid(IL6[which].values(), 0.01, 2), chance.noise(n) - 0.5 * immunity)
    afp = by_rank(on_grid(10 ** LOG10_AFP[which].values(), 0.1, 1), chance.noise(n))
    pivka = by_rank(on_grid(10 ** LOG10_PIVKA[which].values(), 1.0, 0), chance.noise(n))
    rows = []
    for i, share in enumerate(chance.evenly(n)):
        albumin, lymphocytes = _albumin_and_lymphocytes(pni[i], cd8[i] / 1000 / (0.19 + 0.14 * share))
        tumour = {"IL6": il6[i], "CD8": cd8[i], "AFP": afp[i], "PIVKA": pivka[i]}
        rows.append(tumour | {"ALB": albumin, "LYM": lymphocytes})
    return [row | count for row, count in zip(rows, _counts(chance, rows), strict=True)]


def _albumin_and_lymphocytes(pni: float, lymphocytes: float) -> tuple[float, float]:
    """Albumin to 0.1 g/L and lymphocytes to 0.01 · 10⁹/L whose PNI, albumin + 5 × lymphocytes, is the given one."""
    twentieths, hundredths = round(pni * 20), round(lymphocytes * 100)
    hundredths += (twentieths - hundredths) % 2  # 0.01 · 10⁹/L is half of the step of albumin
    return (twentieths - hundredths) / 20, hundredths / 100


def _counts(chance: Chance, rows: list[dict[str, float]]) -> list[dict[str, float]]:
    """The rest of the blood count; the leukocytes are more than the sum of their parts."""
    n = len(rows)
    neutrophils = chance.dealt(on_grid(ladder((1.6, 3.1, 4.2, 7.8), n), 0.01, 2))
    platelets = chance.dealt(on_grid(ladder((62, 118, 174, 305), n), 1.0, 0))
    haemoglobin = chance.dealt(on_grid(ladder((94, 121, 136, 162), n), 1.0, 0))
    return [
        {
            "NEU": neutrophils[i],
            "WBC": round(neutrophils[i] + rows[i]["LYM"] + 0.35 + chance.whole(0, 40) / 100, 2),
            "PLT": platelets[i],
            "HGB": haemoglobin[i],
        }
        for i in range(n)
    ]
