"""Genes as variables: from a file to a frame, a score and a screen."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.frames.building import build_frame
from analysis.frames.request import FrameRequest
from analysis.scores.models import PatientScore
from labs.expression.models import ExpressionSet
from registry.cohorts.models import Cohort
from tests.analysis.pipeline.test_from_a_cohort import MAPPING
from tests.analysis.pipeline.test_pipeline import tumours
from tests.analysis.riskmodels.worlds import a_model
from tests.registry.fixtures import BY, enrol

pytestmark = pytest.mark.django_db


def said(*arguments: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("import_expression", *arguments, json=True, stdout=out, **options)
    return dict(json.loads(out.getvalue()))


def a_table(folder: Path, factor: float = 1.0) -> Path:
    path = folder / "tpm.tsv"
    names = [f"P-{number}" for number in range(12)]
    rows = [
        ("S100A11", [100.0 + 10 * number for number in range(12)]),
        ("PUSL1", [2.0 + number for number in range(12)]),
    ]
    lines = ["gene\t" + "\t".join(names), *("\t".join([gene, *(f"{x * factor:g}" for x in row)]) for gene, row in rows)]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def cohort(a_cohort: Cohort) -> Cohort:
    for number in range(12):
        enrol(a_cohort, f"P-{number}")
    return a_cohort


def test_a_gene_is_a_variable_and_a_new_set_makes_what_reads_it_stale(cohort: Cohort, tmp_path: Path) -> None:
    told = said("resection", str(a_table(tmp_path)), unit="TPM")
    assert (told["genes"], told["samples"], told["new"]) == (2, 12, True)
    frame = build_frame(cohort, FrameRequest(variables=("gene:PUSL1", "gene:FAP")), "default").frame
    assert frame.columns["gene:PUSL1"] == {"label": "PUSL1", "unit": "TPM"}
    assert frame.column("gene:PUSL1")[:2] == [2.0, 3.0]
    assert set(frame.column("gene:FAP")) == {None}
    analysis = analysis_define(
        cohort=cohort,
        slug="genes",
        title="Genes",
        kind="correlate",
        parameters={"columns": ["gene:S100A11", "gene:PUSL1"]},
        by=BY,
    )
    run_stale("test")
    assert freshness_of(analysis).state == "fresh"
    said("resection", str(a_table(tmp_path, 2.0)), unit="TPM")
    assert freshness_of(analysis).moved == ("expression",)


def test_a_model_is_applied_to_the_genes_of_a_set_in_its_unit(cohort: Cohort, tmp_path: Path) -> None:
    model = a_model()
    said("resection", str(a_table(tmp_path)), unit="FPKM")
    assert not Analysis.objects.filter(kind="validation").exists()
    said("resection", str(a_table(tmp_path)), unit="TPM")
    analysis = Analysis.objects.get(kind="validation", parameters__model=model.code)
    assert analysis.parameters["terms"] == {"S100A11": "gene:S100A11", "PUSL1": "gene:PUSL1"}
    run_stale("test")
    analysis.refresh_from_db()
    scores = PatientScore.objects.filter(result=analysis.current).order_by("enrolment__patient__study_number")
    assert scores[0].value == pytest.approx(0.002 * 100 + 0.05 * 2)


def test_a_dry_run_stores_nothing_and_refusals_are_one_sentence(cohort: Cohort, tmp_path: Path) -> None:
    path = str(a_table(tmp_path))
    assert said("resection", path, unit="TPM", dry_run=True)["samples"] == 12
    assert not ExpressionSet.objects.exists()
    with pytest.raises(CommandError, match=r"no cohort nowhere"):
        said("nowhere", path, unit="TPM")
    with pytest.raises(CommandError, match="which counts cannot be"):
        said("resection", str(a_table(tmp_path, 0.1)), unit="counts")
    (tmp_path / "bad.tsv").write_text("gene\tP-1\nFAP\tx\n")
    with pytest.raises(CommandError, match=r"bad\.tsv, row 2, column P-1, “x”"):
        said("resection", str(tmp_path / "bad.tsv"), unit="TPM")


def test_the_public_tumours_have_all_their_genes(hepatica_data: Path, tmp_path: Path, compared: Any) -> None:
    """What was entered gene by gene and what the whole file says are the same numbers."""
    path = tumours(hepatica_data, tmp_path)
    mapping = tmp_path / "quiet.toml"
    content = MAPPING.read_text()
    mapping.write_text(content[: content.index("# The whole way")].replace('"TPM"', '"FPKM, by hand"'))
    call_command("import_cohort", str(path), mapping=mapping)
    folder = hepatica_data / "tcga_lihc_fpkm"
    told = said(
        "tcga-lihc",
        str(folder / "lihc_fpkm_proteincoding.tsv.gz"),
        unit="FPKM",
        gene_column="symbol",
        ignore="ensembl",
        duplicates="largest",
        tcga=True,
    )
    assert told["samples"] == 155
    assert told["genes"] > 19_000
    cohort = Cohort.objects.get(code="tcga-lihc")
    header, *lines = (line.split("\t") for line in (folder / "target_genes_fpkm.tsv").read_text().splitlines())
    known = {
        line[0][:12]: dict(zip(header[1:], map(float, line[1:]), strict=True))
        for line in lines
        if line[0][13:15] == "01"
    }
    genes = ("S100A11", "PUSL1", "FAP")
    frame = build_frame(cohort, FrameRequest(variables=tuple(f"gene:{gene}" for gene in genes)), "default").frame
    for gene in genes:
        for row in frame.rows:
            assert row[f"gene:{gene}"] == pytest.approx(known[row["patient"]][gene], rel=1e-3, abs=6e-5)
    compared(len(genes) * len(frame.rows))
