"""Tables of expression, read whole or refused by place."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.formats.errors import FormatError
from labs.formats.expression import LARGEST, REFUSE, one_row_a_gene, read_expression

TABLE = "gene\tA\tB\nFAP\t1.5\t2\nS100A11\t0\t1e3\n"
_PACKED = gzip.compress(TABLE.encode(), mtime=0)
# As a broken transfer leaves it: the head is whole, what it announces is not.
_DAMAGED = _PACKED[:10] + b"\xff\xff" + _PACKED[12:]


def written(folder: Path, content: str | bytes, name: str = "table.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\t", ","),
        TABLE.replace("FAP", '"FAP"'),
        TABLE + "\n",
        "\ufeff" + TABLE,
        gzip.compress(TABLE.encode()),
        "#1.2\n2\t2\nName\tDescription\tA\tB\nFAP\tfibroblasts\t1.5\t2\nS100A11\tna\t0\t1e3\n",
        "#1.3\n2\t2\t1\t1\nid\tpr_type\tA\tB\ndose\tna\t10\t20\nFAP\tx\t1.5\t2\nS100A11\ty\t0\t1e3\n",
        "#1.3\n2\t2\t0\t0\nid\tA\tB\nFAP\t1.5\t2\nS100A11\t0\t1e3\n",
    ],
)
def test_one_table_in_many_dresses(tmp_path: Path, content: str | bytes) -> None:
    found = read_expression(written(tmp_path, content))
    assert (found.genes, found.samples) == (["FAP", "S100A11"], ["A", "B"])
    assert found.values.tolist() == [[1.5, 2.0], [0.0, 1000.0]]
    assert len(found.sha256) == 64


def test_genes_may_stand_in_any_column_and_others_be_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "id\tsymbol\tA\nENSG1\tFAP\t3\n")
    found = read_expression(path, gene_column="symbol", ignored=["id"])
    assert (found.genes, found.samples, found.values.tolist()) == (["FAP"], ["A"], [[3.0]])


def test_genes_of_a_gct_may_be_named_by_what_describes_them(tmp_path: Path) -> None:
    path = written(tmp_path, "#1.3\n1\t1\t1\t0\nid\tsymbol\tA\nENSG1\tFAP\t3\n")
    assert read_expression(path, gene_column="symbol", ignored=["id"]).genes == ["FAP"]
    with pytest.raises(FormatError, match="two sizes, or four"):
        read_expression(written(tmp_path, "#1.2\nmany\nName\tDescription\tA\nFAP\tx\t3\n"))


def test_a_cell_in_quotes_may_hold_the_delimiter(tmp_path: Path) -> None:
    path = written(tmp_path, 'gene,"note, if any",A\nFAP,"alpha, active",3\n"S100A11",,4\n')
    found = read_expression(path, ignored=["note, if any"])
    assert (found.genes, found.values.tolist()) == (["FAP", "S100A11"], [[3.0], [4.0]])


def test_a_value_may_be_missing_where_that_is_said(tmp_path: Path) -> None:
    found = read_expression(written(tmp_path, "gene\tA\tB\tC\tD\nFAP\t1.5\tNA\t\tnan\n"), missing=True)
    assert np.array_equal(found.values, [[1.5, np.nan, np.nan, np.nan]], equal_nan=True)
    for cell in ("many", "inf"):
        path = written(tmp_path, f"gene\tA\tB\nFAP\tNA\t{cell}\n")
        with pytest.raises(FormatError, match=f"row 2, column B, “{cell}”"):
            read_expression(path, missing=True)


@pytest.mark.parametrize(
    ("content", "row", "column", "said"),
    [
        ("gene\tA\nFAP\tmany\n", 2, "A", "finite number"),
        ("gene\tA\nFAP\t\n", 2, "A", "finite number"),
        ("gene\tA\nFAP\tinf\n", 2, "A", "finite number"),
        ("gene\tA\nFAP\t1_0\n", 2, "A", "finite number"),
        ("gene\tA\tB\nFAP\t1\t١٠\n", 2, "B", "finite number"),
        ("gene\tA\tB\nFAP\t1\tNA\n", 2, "B", "finite number"),
        ("gene\tA\nFAP\t1\t2\n", 2, "", "3 cells, the header 2"),
        ("gene\tA\tA\nFAP\t1\t2\n", 1, "A", "twice"),
        ("gene\tA\t\nFAP\t1\t2\n", 1, "", "no name"),
        ("gene\nFAP\n", 1, "", "no sample"),
        ("gene\tA\n", 0, "", "no gene"),
        ("#1.2\n9\t1\nName\tDescription\tA\nFAP\tx\t1\n", 2, "", "9 and 1 rows and columns are said, 1 and 1"),
        (b"\x1f\x8bnothing", 0, "", "broken"),
        (_DAMAGED, 0, "", "broken"),
        (b"gene\tA\n\xff\t1\n", 0, "", "UTF-8"),
        ("", 1, "", "no sample"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(
    tmp_path: Path, content: str | bytes, row: int, column: str, said: str
) -> None:
    with pytest.raises(FormatError, match=said) as refusal:
        read_expression(written(tmp_path, content))
    assert (refusal.value.row, refusal.value.column, refusal.value.file) == (row, column, "table.tsv")


def test_a_column_or_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such column"):
        read_expression(written(tmp_path, TABLE), gene_column="symbol")
    with pytest.raises(FormatError, match="No such file"):
        read_expression(tmp_path / "absent.tsv")


def test_rows_without_a_gene_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read_expression(written(tmp_path, "gene\tA\n\t1\nFAP\t2\n"))
    assert (found.genes, found.unnamed) == (["FAP"], 1)


def test_of_several_rows_of_a_gene_the_largest_counts_or_none(tmp_path: Path) -> None:
    table = read_expression(written(tmp_path, "gene\tA\tB\nFAP\t1\t1\nCD8A\t5\t5\nFAP\t3\t0\nFAP\t0\t3\n"))
    with pytest.raises(FormatError, match=r"FAP.*twice"):
        one_row_a_gene(table, REFUSE)
    kept = one_row_a_gene(table, LARGEST)
    assert (kept.genes, kept.values.tolist()) == (["FAP", "CD8A"], [[3.0, 0.0], [5.0, 5.0]])


@given(st.lists(st.lists(st.floats(-1e12, 1e12), min_size=3, max_size=3), min_size=1, max_size=6))
def test_numbers_survive_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    lines = ["gene\tA\tB\tC", *(f"g{place}\t" + "\t".join(map(repr, row)) for place, row in enumerate(rows))]
    path = written(tmp_path_factory.getbasetemp(), "\n".join(lines), "numbers.tsv")
    assert np.array_equal(read_expression(path).values, np.array(rows))
