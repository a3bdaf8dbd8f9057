"""Files of the GDC, one a sample, become one table, or the file that is wrong is named."""

import gzip
from pathlib import Path

import pytest

from labs.formats.errors import FormatError
from labs.formats.gdc import GENE_NAME, read_gdc

STAR = (
    "# gene-model: GENCODE v36\n"
    "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\ttpm_unstranded\tfpkm_unstranded\tfpkm_uq\n"
    "N_unmapped\t\t\t99\t99\t99\t\t\t\n"
    "ENSG00000000003.15\tTSPAN6\tprotein_coding\t{0}\t1\t1\t{0}.5\t{0}.25\t1\n"
    "ENSG00000182378.15_PAR_Y\tPLCXD1\tprotein_coding\t7\t1\t1\t7.5\t7.25\t1\n"
)
HTSEQ = "ENSG00000000003.15\t{0}\nENSG00000182378.15_PAR_Y\t7\n__no_feature\t99\n"
SHEET = "File ID\tFile Name\tSample ID\nf1\tone.tsv\tTCGA-2Y-A9GT-01A\nf2\ttwo.tsv\tTCGA-2Y-A9GU-11A\n"
SAMPLES = ["TCGA-2Y-A9GT-01A", "TCGA-2Y-A9GU-11A"]


def a_folder(folder: Path, one: str = STAR.format(3), two: str = STAR.format(5), sheet: str = SHEET) -> Path:
    (folder / "f1").mkdir()
    (folder / "f1" / "one.tsv").write_text(one)
    (folder / "two.tsv").write_text(two)
    (folder / "gdc_sample_sheet.2025-11-01.tsv").write_text(sheet)
    return folder


@pytest.mark.parametrize(("measure", "added"), [("counts", 0), ("TPM", 0.5), ("FPKM", 0.25)])
def test_a_folder_of_star_counts(tmp_path: Path, measure: str, added: float) -> None:
    found = read_gdc(a_folder(tmp_path), measure=measure)
    assert (found.genes, found.samples) == (["ENSG00000000003", "ENSG00000182378_PAR_Y"], SAMPLES)
    assert found.values.tolist() == [[3 + added, 5 + added], [7 + added, 7 + added]]
    assert read_gdc(tmp_path, measure=measure, named_by=GENE_NAME).genes == ["TSPAN6", "PLCXD1"]


def test_files_of_htseq_packed_or_not(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, HTSEQ.format(3), HTSEQ.format(5), SHEET.replace("two.tsv", "two.counts.gz"))
    (folder / "two.counts.gz").write_bytes(gzip.compress((folder / "two.tsv").read_bytes()))
    assert read_gdc(folder, measure="counts").values.tolist() == [[3, 5], [7, 7]]
    with pytest.raises(FormatError, match="Ensembl ids only"):
        read_gdc(folder, measure="counts", named_by=GENE_NAME)


def test_a_sheet_as_the_api_answers_it(tmp_path: Path) -> None:
    sheet = SHEET.replace("File Name", "file_name").replace("Sample ID", "cases.0.samples.0.submitter_id")
    assert read_gdc(a_folder(tmp_path, sheet=sheet), measure="counts").samples == SAMPLES


def test_the_hash_changes_with_a_file_and_with_whose_it_is(tmp_path: Path) -> None:
    whole = read_gdc(a_folder(tmp_path), measure="counts").sha256
    (tmp_path / "two.tsv").write_text(STAR.format(6))
    changed = read_gdc(tmp_path, measure="counts").sha256
    sheet = tmp_path / "other.tsv"
    sheet.write_text(SHEET.replace("11A", "11B"))
    assert len({whole, changed, read_gdc(tmp_path, measure="counts", sheet=sheet).sha256}) == 3


@pytest.mark.parametrize(
    ("two", "said"),
    [
        (STAR.replace("ENSG00000182378", "ENSG00000182379").format(5), "two.tsv: Its genes are not those of one.tsv"),
        (STAR.replace("ENSG00000182378.15_PAR_Y", "N_x").format(5), "two.tsv: Its genes are not those of one.tsv"),
        (STAR.format("many"), "two.tsv, row 4, column unstranded, “many”: A finite number"),
        (STAR.replace("\t7\t1", "\t7").format(5), "two.tsv, row 5: The row has 8 cells, the header 9"),
        (STAR.replace("\tunstranded", "\tcounts").format(5), "two.tsv, row 2, column unstranded: There is no such"),
        ("gene\tA\tB\n", "two.tsv, row 1: This is no file of STAR"),
        ("", "two.tsv: This is no file of STAR"),
        ("__no_feature\t1\n", "two.tsv: The file holds no gene"),
    ],
)
def test_the_first_file_that_is_wrong_is_named(tmp_path: Path, two: str, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read_gdc(a_folder(tmp_path, two=two), measure="counts")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (SHEET.replace("two.tsv", "three.tsv"), "row 3, column File Name, “three.tsv”: The file is not in the folder"),
        (SHEET.replace("9GU-11A", "9GT-01A"), "column TCGA-2Y-A9GT-01A: The sample comes twice"),
        (SHEET.replace("Sample ID", "Sample"), "row 1, column Sample ID: There is no such column"),
        (SHEET + "f3\n", "row 4: The row has 1 cells, the header 3"),
        (SHEET.splitlines()[0], "no sample"),
    ],
)
def test_a_sheet_that_does_not_say_which_file_is_of_whom(tmp_path: Path, sheet: str, said: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read_gdc(a_folder(tmp_path, sheet=sheet), measure="counts")
    assert said in str(refusal.value)


def test_a_file_that_lies_there_twice_and_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    (a_folder(tmp_path) / "one.tsv").write_text(STAR.format(4))
    with pytest.raises(FormatError, match="several files of this name"):
        read_gdc(tmp_path, measure="counts")
    with pytest.raises(FormatError, match="counts, TPM, FPKM"):
        read_gdc(tmp_path, measure="log2")
    (tmp_path / "gdc_sample_sheet.2025-11-01.tsv").unlink()
    with pytest.raises(FormatError, match=r"One sample sheet .* there are 0"):
        read_gdc(tmp_path, measure="counts")
