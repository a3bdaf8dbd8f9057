"""ALBI score and grade. Pure. Johnson PJ et al., J Clin Oncol 2015;33:550–558."""

import math
from dataclasses import dataclass

from registry.clinical.liver.quantities import Quantity, StagingRefused

# mg/dL of bilirubin to µmol/L, and g/dL of albumin to g/L
_MICROMOLES = {"umol/L": 1.0, "mg/dL": 17.104}
_GRAMS = {"g/L": 1.0, "g/dL": 10.0}


@dataclass(frozen=True)
class AlbiScore:
    score: float
    grade: int


def albi(bilirubin: Quantity, albumin: Quantity) -> AlbiScore:
    """0.66 × log10(bilirubin in µmol/L) − 0.085 × albumin in g/L.

    Grade 1 up to −2.60, grade 2 up to −1.39, grade 3 above.

    Raises
    ------
    StagingRefused
        Another unit, a bilirubin of zero, or an input reported as beyond a limit: the score would be a bound only.
    """
    for name, quantity, known in (("bilirubin", bilirubin, _MICROMOLES), ("albumin", albumin, _GRAMS)):
        if quantity.unit not in known:
            raise StagingRefused(name, f"{name} is taken in {' or '.join(known)}, not in {quantity.unit or 'no unit'}.")
        if quantity.comparator:
            raise StagingRefused(name, f"{name} is reported as {quantity}: ALBI needs a number.")
    micromoles = bilirubin.value * _MICROMOLES[bilirubin.unit]
    if not (math.isfinite(micromoles) and micromoles > 0):
        raise StagingRefused("bilirubin", "ALBI needs a bilirubin above zero.")
    score = 0.66 * math.log10(micromoles) - 0.085 * albumin.value * _GRAMS[albumin.unit]
    return AlbiScore(score, albi_grade(score))


def albi_grade(score: float) -> int:
    # As printed: a score of −2.60 is grade 1. Rounded so that binary noise moves nobody over the line.
    rounded = round(score, 9)
    return 1 if rounded <= -2.60 else 2 if rounded <= -1.39 else 3
