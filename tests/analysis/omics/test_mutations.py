"""Mutations: the reader, counts by hand, and the real liver cancers."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.omics.errors import OmicsInputError
from analysis.omics.maf import Mutations, mutations, read_maf
from analysis.omics.maf_summary import mutational_burden, shares_mutated, summary
from analysis.omics.onco_matrix import MULTI_HIT, onco_matrix
from analysis.omics.titv import transitions_transversions

HEADER = (
    "hugo_symbol\tChromosome\tSTART_POSITION\tEnd_position\tReference_Allele\tTumor_Seq_Allele2\t"
    "Variant_Classification\tVariant_Type\tTumor_Sample_Barcode\tNCBI_Build"
)
ROWS = (
    "TP53\t17\t100\t100\tG\tA\tMissense_Mutation\tSNP\tTCGA-AA-0001-01A\t37",
    "TP53\t17\t200\t200\tA\tT\tNonsense_Mutation\tSNP\tTCGA-AA-0001-01A\t37",
    "TP53\t17\t100\t100\tG\tA\tMissense_Mutation\tSNP\tTCGA-AA-0001-01A\t37",  # repeated
    "CTNNB1\t3\t50\t50\tC\tA\tMissense_Mutation\tSNP\tTCGA-AA-0002-01A\t37",
    "\t3\t70\t71\t-\tAG\tFrame_Shift_Ins\tINS\tTCGA-AA-0002-01A\t37",
    "TTN\t2\t80\t80\tC\tG\tSilent\tSNP\tTCGA-AA-0003-01A\t37",
    "TP53\t17\t300.0\t300.0\tT\tC\tSplice_Site\tSNP\tTCGA-AA-0004-01A\t37",
)


def written(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "cohort.maf.gz"
    path.write_bytes(gzip.compress("\n".join(("#version 2.4", header, *rows, "")).encode()))
    return path


@pytest.fixture
def cohort(tmp_path: Path) -> Mutations:
    return read_maf(written(tmp_path, *ROWS), tcga=True)


def test_a_file_is_read_whatever_the_case_of_its_columns(cohort: Mutations) -> None:
    assert cohort.samples == ("TCGA-AA-0001", "TCGA-AA-0002", "TCGA-AA-0003", "TCGA-AA-0004")
    assert cohort.repeated == 1
    assert cohort.variants["Hugo_Symbol"].tolist() == ["TP53", "TP53", "CTNNB1", "Unknown", "TTN", "TP53"]
    assert cohort.variants["Start_Position"].tolist() == [100, 200, 50, 70, 80, 300]
    assert (len(cohort.non_silent), len(cohort.silent)) == (5, 1)


def test_a_sample_with_silent_variants_only_stays_in_the_denominators(cohort: Mutations) -> None:
    found = summary(cohort)
    assert (found.samples, found.genes, found.silent, found.builds, found.centers) == (4, 3, 1, ("37",), ())
    assert found.classes.loc["Missense_Mutation"].tolist() == [2, 0.5, 0.5]
    assert found.classes.loc["total"].tolist() == [5, 1.25, 1.5]
    assert found.by_sample.loc["TCGA-AA-0003", "total"] == 0
    assert found.by_gene[["total", "MutatedSamples"]].loc["TP53"].tolist() == [3, 2]
    assert shares_mutated(cohort).to_dict() == {"TP53": 0.5, "CTNNB1": 0.25, "Unknown": 0.25}


def test_the_burden_is_per_megabase(cohort: Mutations) -> None:
    found = mutational_burden(cohort, capture_megabases=20)
    assert found["per_megabase"].to_dict() == {
        "TCGA-AA-0001": 0.1,
        "TCGA-AA-0002": 0.1,
        "TCGA-AA-0003": 0.0,
        "TCGA-AA-0004": 0.05,
    }
    assert found.loc["TCGA-AA-0001", "log10_per_megabase"] == pytest.approx(-1)
    assert np.isnan(found.loc["TCGA-AA-0003", "log10_per_megabase"])
    with pytest.raises(OmicsInputError, match="size above 0"):
        mutational_burden(cohort, capture_megabases=0)


def test_substitutions_are_named_by_their_pyrimidine(cohort: Mutations) -> None:
    found = transitions_transversions(cohort)
    assert found.counts.loc["TCGA-AA-0001"].to_dict() == {"C>A": 0, "C>G": 0, "C>T": 1, "T>C": 0, "T>A": 1, "T>G": 0}
    assert found.ti_tv.loc["TCGA-AA-0001"].tolist() == [50, 50]
    assert "TCGA-AA-0003" not in found.counts.index
    assert transitions_transversions(cohort, use_silent=True).counts.loc["TCGA-AA-0003", "C>G"] == 1


def test_two_hits_of_one_gene_are_a_multi_hit(cohort: Mutations) -> None:
    found = onco_matrix(cohort, top=2)
    assert found.hits.to_dict("index") == {
        "TP53": {"TCGA-AA-0001": MULTI_HIT, "TCGA-AA-0004": "Splice_Site", "TCGA-AA-0002": ""},
        "CTNNB1": {"TCGA-AA-0001": "", "TCGA-AA-0004": "", "TCGA-AA-0002": "Missense_Mutation"},
    }
    assert found.hits.columns.tolist() == ["TCGA-AA-0001", "TCGA-AA-0004", "TCGA-AA-0002"]
    assert (found.altered, found.share_altered) == (3, 0.75)
    with pytest.raises(OmicsInputError, match="No sample has"):
        onco_matrix(cohort, genes=["AFP"])
    with pytest.raises(OmicsInputError, match="TP53 is named twice"):
        onco_matrix(cohort, genes=["TP53", "TP53"])


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (HEADER.replace("Variant_Type", "Kind"), ROWS[0], "lacks the column Variant_Type"),
        (HEADER, ROWS[0].replace("\t100\t100", "\tsomewhere\t100"), "no Start_Position in row 3"),
        (HEADER, ROWS[0].replace("TCGA-AA-0001-01A", ""), "blank Tumor_Sample_Barcode in row 3"),
        (HEADER, "TP53\t17\t100", "too few cells in row 3"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, header: str, row: str, message: str) -> None:
    with pytest.raises(OmicsInputError, match=message):
        read_maf(written(tmp_path, row, header=header))


def test_half_a_gzip_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OmicsInputError, match="not a whole gzip file"):
        read_maf(path)
    path.write_bytes(HEADER.encode())
    with pytest.raises(OmicsInputError, match="not a whole gzip file"):
        read_maf(path)


def test_a_cohort_without_any_non_silent_variant_has_no_summary(tmp_path: Path) -> None:
    with pytest.raises(OmicsInputError, match="changes a protein"):
        summary(read_maf(written(tmp_path, ROWS[5])))


def test_a_blank_in_a_table_is_named_by_its_row() -> None:
    table = pd.DataFrame([row.split("\t") for row in ROWS], columns=HEADER.split("\t"))
    table.loc[4, "Variant_Classification"] = None
    with pytest.raises(OmicsInputError, match="blank Variant_Classification in row 5"):
        mutations(table)


def test_the_driver_genes_of_real_liver_cancers(hepatica_data: Path, compared: Callable[[int], None]) -> None:
    folder = hepatica_data / "tcga_lihc_mutations"
    found = read_maf(folder / "LIHC_mc3_nonsilent.maf.gz", folder / "LIHC_mc3_silent.maf.gz")
    shares = shares_mutated(found)
    assert len(found.samples) == 365
    assert [round(100 * shares[gene], 1) for gene in ("TP53", "CTNNB1", "ALB", "AXIN1")] == [30.1, 26.3, 13.2, 7.1]
    compared(5)
