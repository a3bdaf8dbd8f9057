"""Matrices of Xena: samples of TCGA, genes without versions, logarithms taken back where the caller says so."""

from pathlib import Path

import numpy as np
import pytest

from labs.formats.errors import FormatError
from labs.formats.xena import read_xena

COUNTS = [[0, 1], [12345, 3_000_000]]


def a_matrix(folder: Path, rows: list[list[str]], sample: str = "TCGA-2Y-A9GT-01A") -> Path:
    path = folder / "matrix.tsv"
    names = ("ENSG00000000003.15", "FAP")
    body = "".join("\t".join([name, *row]) + "\n" for name, row in zip(names, rows, strict=True))
    path.write_text(f"Ensembl_ID\t{sample}\tTCGA-2Y-A9GU-11\n{body}")
    return path


def logged(digits: int) -> list[list[str]]:
    return [[f"{np.log2(count + 1):.{digits}f}" for count in row] for row in COUNTS]


def test_values_stay_as_they_are_unless_they_are_said_to_be_logarithms(tmp_path: Path) -> None:
    path = a_matrix(tmp_path, logged(12))
    found, linear = read_xena(path), read_xena(path, from_log2=True)
    assert (found.genes, found.samples) == (["ENSG00000000003", "FAP"], ["TCGA-2Y-A9GT-01A", "TCGA-2Y-A9GU-11"])
    assert found.values[0].tolist() == [0.0, 1.0]
    assert np.allclose(linear.values, COUNTS, rtol=1e-9)
    assert found.sha256 != linear.sha256
    assert read_xena(path, from_log2=True, whole=True).values.tolist() == COUNTS


def test_rows_of_reads_of_no_gene_are_left_out(tmp_path: Path) -> None:
    path = a_matrix(tmp_path, logged(12))
    path.write_text(path.read_text() + "__no_feature\t21.5\t22.5\nN_ambiguous\t21.5\t22.5\nENSGR0000182378.10\t1\t2\n")
    assert read_xena(path).genes == ["ENSG00000000003", "FAP", "ENSGR0000182378"]
    assert read_xena(path).values[-1].tolist() == [1.0, 2.0]


def test_too_few_digits_give_no_counts(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"matrix\.tsv, column TCGA.*no whole number"):
        read_xena(a_matrix(tmp_path, logged(3)), from_log2=True, whole=True)


@pytest.mark.parametrize("value", ["-0.5", "345"])
def test_what_is_no_logarithm_of_x_and_1_is_refused(tmp_path: Path, value: str) -> None:
    path = a_matrix(tmp_path, [["1", "2"], ["1", value]])
    with pytest.raises(FormatError, match=r"FAP.*from 0 to 60") as refusal:
        read_xena(path, from_log2=True)
    assert refusal.value.column == "TCGA-2Y-A9GU-11"


@pytest.mark.parametrize("sample", ["P-1", "TCGA-2Y-A9GT", "TCGA-2Y-A9GT-01A-11R-A38B-07"])
def test_other_columns_are_refused(tmp_path: Path, sample: str) -> None:
    with pytest.raises(FormatError, match="A sample of TCGA") as refusal:
        read_xena(a_matrix(tmp_path, [["1", "2"], ["1", "2"]], sample))
    assert refusal.value.column == sample
