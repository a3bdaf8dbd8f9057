"""Simulated RNA expression of the tumour, in TPM: what the published risk score is computed from."""

import numpy as np

from analysis.demo.chance import Chance, by_rank, ladder, on_grid
from analysis.demo.resection_course import Course
from analysis.demo.resection_markers import Markers, N

# log10 of TPM; the middle rungs lie where TCGA-LIHC has its quartiles, roughly.
LOG10_S100A11 = (1.2, 1.9, 2.2, 2.5, 3.1)
LOG10_PUSL1 = (0.3, 0.7, 0.85, 1.0, 1.5)


def expressions(chance: Chance, markers: Markers, courses: list[Course]) -> list[dict[str, float]]:
    """S100A11 follows its protein; PUSL1 is high where the course is short."""
    protein = np.array(markers.s100a11, dtype=float) / 3.0
    survived = np.array([course.death or course.last_contact + 400 for course in courses], dtype=float)
    s100a11 = by_rank(_tpm(LOG10_S100A11), protein + 0.6 * chance.noise(N))
    pusl1 = by_rank(_tpm(LOG10_PUSL1), -survived / survived.std() + 2.0 * chance.noise(N))
    return [{"S100A11_TPM": high, "PUSL1_TPM": low} for high, low in zip(s100a11, pusl1, strict=True)]


def _tpm(rungs: tuple[float, ...]) -> list[float]:
    return on_grid(10 ** ladder(rungs, N), 0.01, 2)
