"""Tables of the ICGC: long expression becomes a matrix or is refused by place; donors give survival."""

import gzip
from pathlib import Path

import pytest

from labs.formats.errors import FormatError
from labs.formats.icgc import DONOR, RAW, SAMPLE, Donor, read_donors, read_exp_seq

HEADER = (
    "icgc_donor_id\tproject_code\ticgc_specimen_id\tanalyzed_sample_id\t"
    "gene_id\tnormalized_read_count\traw_read_count\n"
)
ROWS = [
    "DO1\tLIRI-JP\tSP1\tS1\tFAP\t0.5\t10\n",
    "DO1\tLIRI-JP\tSP1\tS1\tCD8A\t1.5\t30\n",
    "DO2\tLIRI-JP\tSP2\tS2\tCD8A\t2.5\t50\n",
    "DO2\tLIRI-JP\tSP2\tS2\tFAP\t3.5\t70\n",
]
LONG = HEADER + "".join(ROWS)


def written(folder: Path, content: str | bytes, name: str = "exp_seq.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("content", [LONG, LONG.replace("\n", "\r\n"), gzip.compress(LONG.encode())])
def test_a_long_table_becomes_a_matrix(tmp_path: Path, content: str | bytes) -> None:
    path = written(tmp_path, content)
    found = read_exp_seq(path)
    assert (found.table.genes, found.table.samples) == (["FAP", "CD8A"], ["SP1", "SP2"])
    assert found.table.values.tolist() == [[0.5, 3.5], [1.5, 2.5]]
    assert found.donors == {"SP1": "DO1", "SP2": "DO2"}
    raw = read_exp_seq(path, measure=RAW, samples=SAMPLE)
    assert (raw.table.samples, raw.table.values.tolist()) == (["S1", "S2"], [[10, 70], [30, 50]])
    assert read_exp_seq(path, samples=DONOR).table.samples == ["DO1", "DO2"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LONG + ROWS[1], "row 6, column SP1, “CD8A”: The gene comes twice"),
        (HEADER + "".join(ROWS[:3]), "column SP2, “FAP”: The sample has no value of this gene."),
        (HEADER + ROWS[0] + ROWS[2], "column SP2, “FAP”: The sample has no value of this gene; 2 pairs"),
        (LONG.replace("2.5", "NA"), "row 4, column normalized_read_count, “NA”: A finite number"),
        (
            LONG.replace("DO2\tLIRI-JP\tSP2\tS2\tFAP", "DO3\tLIRI-JP\tSP2\tS2\tFAP"),
            "row 5, column icgc_donor_id, “DO3”",
        ),
        (LONG.replace("FAP\t0.5", "\t0.5"), "row 2: A gene and its sample"),
        (LONG.replace("\t50", ""), "row 4: The row has 6 cells, the header 7"),
        (LONG.replace("gene_id", "gene"), "row 1, column gene_id: There is no such column"),
        (HEADER, "holds no gene"),
        (gzip.compress(LONG.encode())[:-9], "packed, and broken"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read_exp_seq(written(tmp_path, content))
    assert str(refusal.value).startswith("exp_seq.tsv")
    assert said in str(refusal.value)


DONORS = (
    "icgc_donor_id\tdonor_vital_status\tdonor_survival_time\tdonor_interval_of_last_followup\n"
    "DO1\tdeceased\t400\t\nDO2\talive\t\t800\nDO3\talive\t900\t850\nDO4\tdeceased\t\t300\nDO5\t\t\t\n"
)


def test_survival_of_donors(tmp_path: Path) -> None:
    assert read_donors(written(tmp_path, DONORS)) == [
        Donor("DO1", 400.0, 1),
        Donor("DO2", 800.0, 0),
        Donor("DO3", 900.0, 0),
        # When somebody who died was last seen is not when they died.
        Donor("DO4", None, 1),
        Donor("DO5", None, None),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (DONORS.replace("DO2", "DO1"), "row 3, column icgc_donor_id, “DO1”: The donor comes twice"),
        (DONORS.replace("DO2\talive", "DO2\tlost"), "row 3, column donor_vital_status, “lost”"),
        (DONORS.replace("800", "long"), "row 3, column donor_interval_of_last_followup, “long”: A finite number"),
        (DONORS.replace("400", "-4"), "row 2, column donor_survival_time, “-4”: A time is 0 or more"),
        (DONORS.replace("donor_vital_status", "status"), "column donor_vital_status: There is no such column"),
    ],
)
def test_a_donor_that_cannot_be_is_named(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read_donors(written(tmp_path, content))
    assert said in str(refusal.value)
