"""TIMER against its own functions and sva::ComBat, run in R on synthetic references."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.omics.timer import TimerScores, timer
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.reading import close, matrix, names


def scored(folder: Path, case: str) -> TimerScores:
    types = pd.read_csv(folder / f"{case}_types.tsv", sep="\t").set_index("sample")["type"]
    tumours, reference = matrix(folder / f"{case}_tumor.tsv.gz"), matrix(folder / f"{case}_immune.tsv.gz")
    return timer(tumours, reference, types.to_dict(), names(folder / f"{case}_markers.txt"))


@pytest.mark.parametrize("case", prefixes("timer", "_fractions.tsv"))
def test_the_scores(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("timer", case)
    found = scored(folder, case)
    outliers = names(folder / f"{case}_outliers.txt")
    assert sorted(found.outliers) == sorted(outliers)
    compared(len(outliers))
    compared(close(found.tumours, matrix(folder / f"{case}_combat_tumor.tsv.gz"), atol=1e-10))
    compared(close(found.profiles, matrix(folder / f"{case}_combat_immune_median.tsv.gz"), atol=1e-10))
    compared(close(found.scores, matrix(folder / f"{case}_fractions.tsv"), atol=1e-12))
