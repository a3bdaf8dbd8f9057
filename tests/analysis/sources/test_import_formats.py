"""Files of the public sources, imported by the command as they were downloaded."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labs.expression.models import ExpressionSet
from labs.expression.selectors import gene_values
from registry.cohorts.models import Cohort
from tests.labs.formats.test_gdc import a_folder
from tests.labs.formats.test_geo_series import END, HEAD, HEADER, WHOLE
from tests.labs.formats.test_icgc import LONG
from tests.labs.formats.test_xena import a_matrix, logged
from tests.registry.fixtures import enrol

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(a_cohort: Cohort) -> Cohort:
    for number in ("TCGA-2Y-A9GT", "PR", "DO2"):
        enrol(a_cohort, number)
    return a_cohort


def said(path: Path, unit: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("import_expression", "resection", str(path), unit=unit, json=True, stdout=out, **options)
    return dict(json.loads(out.getvalue()))


def values(cohort: Cohort, gene: str) -> list[float]:
    return [item.value for item in gene_values(cohort, gene)[1] if item.value is not None]


def test_a_folder_of_the_gdc_by_name_and_by_id(cohort: Cohort, tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    told = said(folder, "TPM", tcga=True)
    assert (told["genes"], told["samples"], told["of_nobody"], told["new"]) == (2, 1, 1, True)
    assert values(cohort, "TSPAN6") == [3.5]
    assert ExpressionSet.objects.get().source == folder.name
    said(folder, "counts", tcga=True, identifiers="ensembl", sheet=folder / "gdc_sample_sheet.2025-11-01.tsv")
    assert values(cohort, "ENSG00000000003") == [3.0]
    with pytest.raises(CommandError, match="counts, TPM, FPKM"):
        said(folder, "log2(TPM+1)", tcga=True)


def test_a_matrix_of_xena_is_said_to_be_one(cohort: Cohort, tmp_path: Path) -> None:
    path = a_matrix(tmp_path, logged(12))
    with pytest.raises(CommandError, match="No sample of the file"):
        said(path, "counts")
    told = said(path, "counts", format="xena", from_log2=True)
    assert (told["samples"], told["of_nobody"]) == (1, 1)
    assert values(cohort, "FAP") == [12345.0]
    # The same file, read in another way, is another set.
    assert said(path, "log2(TPM+1)", format="xena")["version"] == 2


def test_a_series_matrix_says_whose_its_samples_are(cohort: Cohort, tmp_path: Path) -> None:
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(WHOLE)
    told = said(path, "log2", patient_from="response")
    assert (told["samples"], told["incomplete"], told["of_nobody"]) == (1, 2, 1)
    assert values(cohort, "p1") == [1.5]
    with pytest.raises(CommandError, match="there are age, response, stage"):
        said(path, "log2", patient_from="patient")
    path.write_text(HEAD + HEADER + END)
    with pytest.raises(CommandError, match=r"has no values\. They are in ftp://example\.org/counts\.txt\.gz"):
        said(path, "counts")


def test_a_long_table_of_the_icgc_knows_its_donors(cohort: Cohort, tmp_path: Path) -> None:
    path = tmp_path / "exp_seq.tsv"
    path.write_text(LONG)
    assert said(path, "counts")["samples"] == 1
    assert values(cohort, "FAP") == [70.0]
    said(path, "FPKM")
    assert values(cohort, "FAP") == [3.5]
    said(path, "TPM", from_fpkm=True)
    assert values(cohort, "FAP") == [pytest.approx(3.5e6 / 6)]
    with pytest.raises(CommandError, match="--from-fpkm gives TPM, and the unit is FPKM"):
        said(path, "FPKM", from_fpkm=True)


@pytest.mark.parametrize(
    ("option", "only"),
    [
        ({"sheet": Path("sheet.tsv")}, "gdc"),
        ({"from_log2": True}, "xena"),
        ({"patient_from": "response"}, "geo"),
        ({"specimens": Path("specimen.tsv")}, "icgc"),
    ],
)
def test_an_option_of_another_format_is_refused(
    cohort: Cohort, tmp_path: Path, option: dict[str, Any], only: str
) -> None:
    path = tmp_path / "table.tsv"
    path.write_text("gene\tPR\nFAP\t1\n")
    with pytest.raises(CommandError, match=f"is of the format {only}, this is table"):
        said(path, "TPM", **option)
