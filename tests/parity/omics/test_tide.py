"""TIDE against TIDEpy; a case is "expected", then what was done to the table, then the cancer type."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.omics.tide import SPREAD_OF, TideScores, tide
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.reading import close, matrix

LYMPHOCYTES = ["CD8A", "CD8B", "GZMA", "GZMB", "PRF1"]
FLAGS = ["No benefits", "Responder", "CTL.flag"]


def scored(folder: Path, case: str) -> TideScores:
    done = case.split("_")
    bulk = matrix(folder.parent / "shared" / "bulk_mat.tsv.gz").clip(lower=0).round(6)
    if "ctlpos" in done:
        bulk.loc[LYMPHOCYTES, bulk.columns[:3]] = 4 * bulk.loc[LYMPHOCYTES].max(axis=1).to_numpy()[:, None]
    known = pd.read_csv(folder / "bulk_symbol_to_entrez.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
    return tide(
        bulk,
        matrix(folder / "signatures_entrez.tsv.gz"),
        matrix(folder / "SD.tsv"),
        cancer=next(part for part in done if part in SPREAD_OF),
        pretreated="pretreat" in case,
        entrez=dict(zip(known["symbol"], known["entrez"], strict=True)),
    )


@pytest.mark.parametrize("case", [name for name in prefixes("tide", ".tsv") if "expected" in name] or [NONE])
def test_the_scores(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("tide", case)
    expected = matrix(folder / f"{case}.tsv")
    found = scored(folder, case).scores
    compared(close(found[FLAGS].astype(bool), expected[FLAGS].astype(bool)))
    compared(close(found, expected.drop(columns=FLAGS), atol=1e-6))
    assert found["TIDE"].is_monotonic_decreasing
