"""CIBERSORT against version 1.04 and preprocessCore.

A case's name says the mixture (exact or noisy), "qn" if it was quantile normalised, the mode, permutations and seed.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from analysis.omics.cibersort import CibersortFits, Regression, cibersort, regression
from analysis.omics.quantile_normalization import same_distribution
from analysis.stats.arrays import FloatArray
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.reading import close, matrix

FIT = {"P-value": "p", "Correlation": "correlation", "RMSE": "rmse"}
# CIBERSORT's p-value where none was asked for.
NONE_ASKED = 9999


def of(beginning: str) -> list[str]:
    return [name for name in prefixes("cibersort", ".tsv") if name.startswith(beginning)] or [NONE]


def mode(case: str) -> str:
    if re.search("no[._]?sum", case):
        return "no.sumto1"
    return "sig.score" if "abs" in case else "relative"


@pytest.fixture(scope="module", autouse=True)
def remembered() -> Iterator[None]:
    """Cases of one mixture differ in the null distribution and the mode: its own regressions are solved once."""
    known: dict[tuple[bytes, bytes], Regression] = {}

    def once(x: FloatArray, y: FloatArray) -> Regression:
        key = (x.tobytes(), y.tobytes())
        if key not in known:
            known[key] = regression(x, y)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.omics.cibersort.regression", once)
        yield


@cache
def fitted(folder: Path, mixture: str, quantile: bool, permutations: int, seed: int) -> CibersortFits:
    return cibersort(
        matrix(folder / mixture),
        matrix(folder / "signature_matrix.tsv"),
        quantile=quantile,
        permutations=permutations,
        seed=seed,
    )


def number(case: str, name: str, default: int) -> int:
    found = re.search(rf"{name}(\d+)", case)
    return int(found[1]) if found else default


@pytest.mark.parametrize("case", of("oracle"))
def test_the_shares(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("cibersort", case)
    mixture = "mixture_noisy.tsv" if "noisy" in case else "mixture.tsv"
    settings = ("qn" in case.lower(), number(case, "perm", 0), number(case, "seed", 1))
    found = fitted(folder, mixture, *settings)
    expected = matrix(folder / f"{case}.tsv")
    fit = expected[list(FIT)].rename(columns=FIT)
    fit["p"] = fit["p"].where(fit["p"] != NONE_ASKED)
    types = [name for name in expected if name in found.weights]
    assert len(types) == found.weights.shape[1]
    compared(close(found.shares(mode(case)), expected[types], atol=1e-9))
    compared(close(found.fit, fit, atol=1e-9))


@pytest.mark.parametrize("case", of("qn_in"))
def test_quantile_normalisation(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("cibersort", case)
    values = pd.read_csv(folder / f"{case}.tsv", sep="\t", header=None)
    expected = pd.read_csv(folder / f"{case.replace('in', 'out')}.tsv", sep="\t", header=None)
    compared(close(pd.DataFrame(same_distribution(values.to_numpy(float))), expected, atol=1e-12))
