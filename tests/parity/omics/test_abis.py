"""ABIS against MASS::rlm on its signature, before rounding."""

from collections.abc import Callable

import pytest

from analysis.omics.abis import abis
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.reading import close, matrix


@pytest.mark.parametrize("case", [name for name in prefixes("abis", ".tsv") if "expected" in name] or [NONE])
def test_the_shares(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("abis", case)
    expected = matrix(folder / f"{case}.tsv")
    bulk = matrix(folder.parent / "shared" / "bulk_mat.tsv.gz")[expected.columns]
    # The simulated table has noise below 0.
    found = abis(bulk, matrix(folder / "sigmatrixRNAseq.tsv.gz"), allow_negative=True)
    assert not found.unsettled
    compared(close(found.shares, expected, rtol=1e-8, atol=1e-10))
