"""quanTIseq against the output of its own test; the sample is the end of the file's name."""

from collections.abc import Callable

import pytest

from analysis.omics.quantiseq import quantiseq
from tests.parity.omics.cases import NONE, prefixes, vectors
from tests.parity.omics.reading import close, matrix, names


@pytest.mark.parametrize("case", [name for name in prefixes("quantiseq", ".tsv") if "expected" in name] or [NONE])
def test_the_shares(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("quantiseq", case)
    expected = matrix(folder / f"{case}.tsv")
    scaling = dict(line.split("\t") for line in names(folder / "TIL10_mRNA_scaling.txt"))
    found = quantiseq(
        matrix(folder / "gene_tpm.tsv.gz"),
        matrix(folder / "TIL10_signature.txt"),
        mrna={name: float(content) for name, content in scaling.items()},
        without=names(folder / "TIL10_rmgenes.txt"),
    )
    # The table of approved symbols of 2017, which decides what is dropped before scaling, is not to be had.
    compared(close(found.shares, expected, atol=5e-4))
