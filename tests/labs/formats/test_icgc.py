"""Tables of the ICGC: long expression becomes a matrix or is refused by place; primary tumours, one of each donor."""

import gzip
from pathlib import Path

import pytest

from labs.formats.errors import FormatError
from labs.formats.expression import LARGEST
from labs.formats.icgc import RAW, one_a_donor, read_exp_seq, read_primary_tumours

# The columns of the portal's file, in their order.
HEADER = (
    "icgc_donor_id\tproject_code\ticgc_specimen_id\ticgc_sample_id\tsubmitted_sample_id\tanalysis_id\tgene_model\t"
    "gene_id\tnormalized_read_count\traw_read_count\tfold_change\tassembly_version\tplatform\ttotal_read_count\t"
    "experimental_protocol\talignment_algorithm\tnormalization_algorithm\tother_analysis_algorithm\t"
    "sequencing_strategy\traw_data_repository\traw_data_accession\treference_sample_type\n"
)
END = "\t\tGRCh37\tIllumina HiSeq\t\t\tBWA\tFPKM\t\tRNA-Seq\tEGA\tEGA1\t\n"


def row(donor: str, specimen: str, gene: str, normalized: str, raw: str, analysis: str = "A") -> str:
    sample = specimen.replace("SP", "SA")
    start = f"{donor}\tLIRI-JP\t{specimen}\t{sample}\tR_{specimen}\t{analysis}\tRefSeq\t"
    return f"{start}{gene}\t{normalized}\t{raw}{END}"


ROWS = [
    row("DO1", "SP1", "FAP", "0.5", "10"),
    row("DO1", "SP1", "CD8A", "1.5e-05", "30"),
    row("DO2", "SP2", "CD8A", "2.5", "50"),
    row("DO2", "SP2", "FAP", "3.5", "70"),
]
LONG = HEADER + "".join(ROWS)
SPECIMENS = (
    "icgc_specimen_id\tproject_code\ticgc_donor_id\tspecimen_type\tspecimen_interval\n"
    "SP1\tLIRI-JP\tDO1\tPrimary tumour - solid tissue\t\n"
    "SP2\tLIRI-JP\tDO2\tNormal - solid tissue\t\n"
)


def written(folder: Path, content: str | bytes, name: str = "exp_seq.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# The portal's bucket holds parts: laid one behind the other they are one gzip file of several members.
PARTS = (
    gzip.compress(HEADER.encode())
    + gzip.compress("".join(ROWS[:2]).encode())
    + gzip.compress("".join(ROWS[2:]).encode())
)


@pytest.mark.parametrize("content", [LONG, LONG.replace("\n", "\r\n"), PARTS])
def test_a_long_table_becomes_a_matrix(tmp_path: Path, content: str | bytes) -> None:
    path = written(tmp_path, content)
    found = read_exp_seq(path)
    assert (found.table.genes, found.table.samples) == (["FAP", "CD8A"], ["SP1", "SP2"])
    assert found.table.values.tolist() == [[0.5, 3.5], [1.5e-05, 2.5]]
    assert (found.donors, found.incomplete) == ({"SP1": "DO1", "SP2": "DO2"}, 0)
    assert read_exp_seq(path, measure=RAW).table.values.tolist() == [[10, 70], [30, 50]]


def test_a_gene_that_a_specimen_lacks_is_left_out_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path, LONG + row("DO2", "SP2", "ENSG00000000003.10", "1", "1"))
    found = read_exp_seq(path)
    assert (found.table.genes, found.incomplete) == (["FAP", "CD8A"], 1)
    only = read_exp_seq(path, specimens={"SP2", "SP9"})
    assert (only.table.genes, only.incomplete) == (["CD8A", "FAP", "ENSG00000000003"], 0)
    assert (only.table.samples, only.table.values.tolist()) == (["SP2"], [[2.5], [3.5], [1.0]])


def test_a_gene_that_comes_twice_is_refused_or_its_largest_value_counts(tmp_path: Path) -> None:
    path = written(tmp_path, LONG + row("DO1", "SP1", "CD8A", "0.1", "90"))
    with pytest.raises(FormatError, match="row 6, column SP1, “CD8A”: The gene comes twice"):
        read_exp_seq(path)
    assert read_exp_seq(path, duplicates=LARGEST).table.values.tolist() == [[0.5, 3.5], [0.1, 2.5]]
    assert read_exp_seq(path, measure=RAW, duplicates=LARGEST).table.values.tolist() == [[10, 70], [90, 50]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER + ROWS[0] + ROWS[2], "There is no gene that every specimen has"),
        (LONG + row("DO1", "SP1", "PUSL1", "1", "1", "B"), "row 6, column analysis_id, “SA1 B”: The specimen SP1 has"),
        (LONG.replace("2.5", "NA"), "row 4, column normalized_read_count, “NA”: A finite number"),
        (LONG.replace("DO2\tLIRI-JP\tSP2", "DO3\tLIRI-JP\tSP1"), "row 4, column icgc_donor_id, “DO3”"),
        (LONG.replace("FAP\t0.5", "\t0.5"), "row 2: A gene and its specimen"),
        (LONG.replace("\t50", ""), "row 4: The row has 21 cells, the header 22"),
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


def test_primary_tumours_and_one_of_each_donor(tmp_path: Path) -> None:
    assert read_primary_tumours(written(tmp_path, SPECIMENS, "specimen.tsv")) == {"SP1"}
    assert one_a_donor({"SP112": "DO1", "SP98": "DO1", "SP7": "DO2"}) == {"SP98": "DO1", "SP7": "DO2"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            SPECIMENS.replace("SP2", "SP1"),
            "row 3, column specimen_type, “Normal - solid tissue”: The specimen is Primary",
        ),
        (SPECIMENS.replace("Primary", "Recurrent"), "No specimen is a Primary tumour"),
        (SPECIMENS.replace("specimen_type", "type"), "row 1, column specimen_type: There is no such column"),
    ],
)
def test_a_table_of_specimens_that_does_not_say_which_are_tumours(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read_primary_tumours(written(tmp_path, content, "specimen.tsv"))
    assert said in str(refusal.value)
