"""FPKM become TPM: shares of a million in each sample."""

import numpy as np
import pytest

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable
from labs.formats.fpkm import tpm_of_fpkm


def a_table(*rows: list[float]) -> ExpressionTable:
    return ExpressionTable([f"g{i}" for i in range(len(rows))], ["S1", "S2"], np.array(rows), "hash")


def test_each_sample_becomes_a_million() -> None:
    table = a_table([1.0, 0.0], [3.0, 5.0])
    found = tpm_of_fpkm(table)
    assert found.values.tolist() == [[250_000.0, 0.0], [750_000.0, 1_000_000.0]]
    assert found.sha256 != table.sha256
    # What is a share already stays one.
    assert np.allclose(tpm_of_fpkm(found).values, found.values)


@pytest.mark.parametrize(("value", "said"), [(-1.0, "column S2, “-1”: FPKM is not below 0"), (0.0, "are 0")])
def test_a_sample_that_has_no_shares_is_named(value: float, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        tpm_of_fpkm(a_table([1.0, value], [3.0, 0.0]))
    assert said in str(refusal.value)
    assert refusal.value.column == "S2"
