"""Patients made here for the kinds that build a prognostic model: ties, a blank, words, categories, a flat column."""

import csv
import io
from pathlib import Path

import numpy as np

from tests.analysis.tables.command import table

FOLLOW_UP = ("--time", "months", "--event", "dead")
GENES = tuple(f"g{place}" for place in range(8))


def patients(folder: Path, n: int = 120) -> Path:
    random = np.random.default_rng(5)
    expression = random.normal(size=(n, len(GENES))).round(3)
    age, stage = random.integers(35, 80, n), random.integers(1, 4, n)
    hazard = np.exp(0.8 * expression[:, 0] - 0.6 * expression[:, 1] + 0.03 * (age - 60) + 0.3 * stage)
    survived, watched = np.ceil(random.exponential(40 / hazard)), np.ceil(random.uniform(5, 80, n))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["id", "months", "dead", "age", "stage", "sex", "fold", *GENES, "flat", "sparse"])
    for i in range(n):
        writer.writerow(
            [
                f"P{i}",
                int(min(survived[i], watched[i])),
                int(survived[i] <= watched[i]),
                "" if i == 7 else age[i],
                stage[i],
                "MF"[i % 2],
                "abcde"[i % 5],
                *expression[i],
                1,
                expression[i, 0] if i < 8 else "",
            ]
        )
    return table(folder, buffer.getvalue())
