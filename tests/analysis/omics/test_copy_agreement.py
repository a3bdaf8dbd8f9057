"""Agreement of two sets of copy-number calls, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.omics.copy_agreement import copy_agreement
from analysis.omics.errors import OmicsInputError

SAMPLES = ["S1", "S2", "S3", "S4"]
OWN = pd.DataFrame([[1, 0, -1, 2], [0, 0, 0, 0]], index=["MYC", "TP53"], columns=SAMPLES)
OTHER = pd.DataFrame([[2, 0, -1, 2], [0, 0, -2, 0]], index=["MYC", "TP53"], columns=SAMPLES)


def test_calls_are_compared_one_by_one() -> None:
    found = copy_agreement(OWN, OTHER)
    assert (found.n, found.equal, found.same_direction) == (8, 6 / 8, 7 / 8)
    assert found.confusion.loc[1].tolist() == [0, 0, 0, 0, 1]
    assert found.confusion.loc[0].tolist() == [1, 0, 4, 0, 0]
    assert np.trace(found.confusion) == 6
    genes = found.by_gene.set_index("gene")
    assert list(genes.index) == ["MYC", "TP53"]
    assert genes["same_direction"].tolist() == [1, 0.75]
    # Weighted by distance on 0 to 4: 1 - 3/4/8 observed; margins 1 5 1 1 and 1 1 4 2 of eight expected.
    credit = 1 - np.abs(np.subtract.outer(np.arange(5), np.arange(5))) / 4
    expected = np.array([0, 1, 5, 1, 1]) @ credit @ np.array([1, 1, 4, 0, 2]) / 64
    observed = 1 - (1 + 2) / 4 / 8
    assert found.kappa == pytest.approx((observed - expected) / (1 - expected))


def test_a_gene_that_never_changes_has_no_kappa() -> None:
    assert np.isnan(copy_agreement(OWN.loc[["TP53"]], OWN.loc[["TP53"]]).kappa)


def test_what_is_no_call_or_of_other_samples_is_refused() -> None:
    with pytest.raises(OmicsInputError, match="MYC has 3 in S4, which is no call"):
        copy_agreement(OWN, OTHER.replace({2: 3}).mask(OTHER == 2, 3).assign(S1=0))
    with pytest.raises(OmicsInputError, match="not of the same genes and samples"):
        copy_agreement(OWN, OTHER[SAMPLES[::-1]])
    with pytest.raises(OmicsInputError, match="no gene, or no sample"):
        copy_agreement(OWN[[]], OTHER[[]])
