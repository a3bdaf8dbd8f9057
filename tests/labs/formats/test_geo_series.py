"""Series matrices of GEO: annotations by sample, values, what is missing, files that broke off."""

import gzip
from pathlib import Path

import pytest

from labs.formats.errors import FormatError
from labs.formats.geo_series import Series, read_series

HEAD = (
    '!Series_title\t"Response to PD-1"\n'
    '!Series_supplementary_file\t"ftp://example.org/counts.txt.gz"\n'
    "\n"
    '!Sample_title\t"one"\t"two"\n'
    '!Sample_geo_accession\t"GSM1"\t"GSM2"\n'
    '!Sample_characteristics_ch1\t"response: PR"\t"response: PD"\n'
    '!Sample_characteristics_ch1\t"stage: II"\t"age: 61"\n'
    '!Sample_characteristics_ch1\t"age: 55"\t""\n'
    "!series_matrix_table_begin\n"
)
HEADER = '"ID_REF"\t"GSM1"\t"GSM2"\n'
END = "!series_matrix_table_end\n"
WHOLE = HEAD + HEADER + '"p1"\t1.5\t-2\n"p2"\tnull\t3\n"p3"\t\t3\n"p4"\t4\t5\n' + END


def read(folder: Path, content: str | bytes) -> Series:
    path = folder / "GSE1_series_matrix.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_series(path)


@pytest.mark.parametrize("content", [WHOLE, WHOLE.replace("\n", "\r\n"), gzip.compress(WHOLE.encode())])
def test_values_and_what_is_said_of_each_sample(tmp_path: Path, content: str | bytes) -> None:
    found = read(tmp_path, content)
    assert found.table is not None
    assert (found.table.genes, found.table.samples) == (["p1", "p4"], ["GSM1", "GSM2"])
    assert found.table.values.tolist() == [[1.5, -2.0], [4.0, 5.0]]
    assert found.incomplete == 2
    assert found.series["title"] == ["Response to PD-1"]
    assert found.samples["title"] == ["one", "two"]
    assert found.characteristics == {
        "GSM1": {"response": "PR", "stage": "II", "age": "55"},
        "GSM2": {"response": "PD", "age": "61"},
    }


def test_words_that_are_not_utf_8_stop_no_table(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE.replace("Response to PD-1", "5 \xb5g, M\xfcnchen").encode("latin-1"))
    assert found.series["title"] == ["5 \xb5g, M\xfcnchen"]
    assert found.table is not None


def test_a_series_without_values_says_where_they_are(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + HEADER + END)
    assert found.table is None
    assert found.series["supplementary_file"] == ["ftp://example.org/counts.txt.gz"]


@pytest.mark.parametrize(
    ("content", "row", "column", "said"),
    [
        (WHOLE.replace("-2", "low"), 11, "GSM2", "finite number"),
        (WHOLE.replace("null\t3", "null\tlow"), 12, "GSM2", "finite number"),
        (WHOLE.replace("4\t5", "4"), 14, "", "2 cells, the header 3"),
        (WHOLE.replace('"ID_REF"\t"GSM1"', '"ID_REF"\t"GSM3"'), 10, "", "not those of !Sample_geo_accession"),
        (WHOLE.replace('"response: PR"\t', ""), 6, "!Sample_characteristics_ch1", "1 samples, not 2"),
        (WHOLE.replace('"GSM2"', '"GSM1"'), 0, "GSM1", "twice"),
        (WHOLE.replace("!Sample_title", "Sample_title"), 4, "", "is expected"),
        (WHOLE.removesuffix(END), 0, "", "broke off"),
        (HEAD[:60], 0, "", "no series matrix"),
        (HEAD + HEADER + '"p1"\tnull\t1\n' + END, 0, "", "Every row"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, content: str, row: int, column: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as refusal:
        read(tmp_path, content)
    assert (refusal.value.row, refusal.value.column) == (row, column)
    assert refusal.value.file == "GSE1_series_matrix.txt"
