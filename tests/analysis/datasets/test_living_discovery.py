"""Discovery as an analysis of the registry: the same numbers as the command, in parts, kept, and computed anew."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.artefacts.keeping import artefact
from analysis.artefacts.models import KeptStep
from analysis.cutoffs.services import cutoff_declare
from analysis.datasets.services import dataset_retire
from analysis.datasets.uploading import dataset_upload
from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run, RunPart
from analysis.engine.parts import run_parts
from analysis.engine.services import analysis_define
from analysis.frames.frame import Frame
from analysis.kinds.discovery import DISCOVERY
from analysis.reexecution.judging import judge
from labs.ihc.services import read_correct
from registry.cohorts.models import Cohort
from tests.analysis.datasets.stored_study import STEPS, stored
from tests.analysis.discovery.study import CONFIGURATION, discover, kept
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY, enrol

pytestmark = pytest.mark.django_db
SHORT = """
[[steps]]
name = "worse"
method = "deseq2"
expression = "trial"
case = "PD"
control = "PR"

[[steps]]
name = "pathways"
method = "gsea"
ranking = "worse"
sets = "sets"
smallest = 5
"""


def define(cohort: Cohort, configuration: str = STEPS, slug: str = "omics") -> Analysis:
    return analysis_define(
        cohort=cohort, slug=slug, title="Omics", kind="discovery", parameters={"configuration": configuration}, by=BY
    )


def computed(analysis: Analysis) -> Analysis:
    run_stale("test")
    run_parts()
    return Analysis.objects.select_related("current__frame").get(pk=analysis.pk)


def steps(analysis: Analysis) -> dict[str, dict]:  # type: ignore[type-arg]  # JSON
    assert analysis.current
    return {step["name"]: step for step in analysis.current.output_values["steps"]}


def test_the_study_is_computed_in_parts_and_says_what_the_command_says(
    a_cohort: Cohort, study_files: Path, tmp_path: Path
) -> None:
    stored(a_cohort, study_files)
    analysis = computed(define(a_cohort, CONFIGURATION))
    found = steps(analysis)
    assert analysis.runs.get().state == Run.State.DONE
    assert RunPart.objects.count() == len(found)
    assert {name: step["state"] for name, step in found.items() if step["reason"]} == {
        "lm22": "skipped",
        "by-lm22": "skipped",
    }
    assert "LM22 is free for academic use" in found["lm22"]["reason"]
    told = discover(study_files / "study.toml", tmp_path / "out")
    assert told["skipped"] == ["lm22", "by-lm22"]
    for name, step in found.items():
        if step["reason"]:
            continue
        same = kept(tmp_path / "out", name)
        assert step["headline"] == same["headline"]
        assert step["fingerprint"] == same["fingerprint"]
        for table in step["tables"]:
            file = f"{name}.{table['name']}.tsv" if table["name"] else f"{name}.tsv"
            assert artefact(table["sha256"]) == (tmp_path / "out" / "steps" / file).read_bytes()
    assert analysis.current
    assert len(DISCOVERY.figures(analysis.current.output_values)) > 10
    assert judge(analysis.current).verdict == "equal"


def test_a_part_comes_after_those_it_rests_on_and_gives_what_one_process_gives(
    a_cohort: Cohort, study_files: Path
) -> None:
    stored(a_cohort, study_files)
    analysis = define(a_cohort, SHORT)
    run_stale("test")
    first, second = RunPart.objects.order_by("index")
    assert (first.told["after"], second.told["after"]) == ([], [0])
    # Somebody is at the first: nobody takes the second.
    RunPart.objects.filter(pk=first.pk).update(claimed_by="other", lease_until="2100-01-01T00:00Z")
    assert run_parts() == 0
    RunPart.objects.filter(pk=first.pk).update(claimed_by="", lease_until=None)
    assert run_parts() == 3
    analysis = Analysis.objects.select_related("current__frame").get(pk=analysis.pk)
    assert analysis.current
    frame = Frame.from_bytes(analysis.current.frame.content)
    assert DISCOVERY.compute(frame, analysis.parameters) == analysis.current.output_values


def test_a_new_version_of_a_data_set_computes_what_rests_on_it_and_no_other_step(
    a_cohort: Cohort, study_files: Path
) -> None:
    stored(a_cohort, study_files)
    analysis = computed(define(a_cohort))
    before, kept_before = steps(analysis), KeptStep.objects.count()
    fewer = "\n".join((study_files / "sets.gmt").read_text().splitlines()[:-1]) + "\n"
    added = dataset_upload(
        cohort=a_cohort,
        name="sets",
        block={"kind": "sets", "file": "sets.gmt"},
        uploads=[SimpleUploadedFile("sets.gmt", fewer.encode())],
        origin="made up",
        by=BY,
    )
    assert (added.is_new, added.dataset.number) == (True, 2)
    assert freshness_of(analysis).state == "stale"
    analysis = computed(analysis)
    after = steps(analysis)
    moved = {name for name in after if after[name].get("fingerprint") != before[name].get("fingerprint")}
    assert moved == {"pathways", "ranked", "scored"}
    assert KeptStep.objects.count() == kept_before + 3
    movement = analysis.movements.get(before__isnull=False)
    assert [cause["domain"] for cause in movement.causes] == ["dataset/sets"]
    # The version before counts again, and its result is there already.
    dataset_retire(dataset=added.dataset, expected_version=1, by=BY, reason="wrong file")
    analysis = computed(analysis)
    assert steps(analysis) == before
    assert KeptStep.objects.count() == kept_before + 3


def test_steps_wait_for_a_data_set_that_is_not_there(a_cohort: Cohort, study_files: Path) -> None:
    analysis = computed(define(a_cohort, SHORT))
    found = steps(analysis)
    assert found["worse"]["reason"] == "There is no data set trial here."
    assert found["pathways"]["reason"].startswith("There is no data set sets here. It needs sets, a GMT file")
    stored(a_cohort, study_files)
    assert freshness_of(analysis).state == "stale"
    assert {step["state"] for step in steps(computed(analysis)).values()} == {"done"}


def test_data_that_do_not_fit_are_a_refusal_not_a_failure(a_cohort: Cohort, study_files: Path) -> None:
    stored(a_cohort, study_files)
    analysis = computed(define(a_cohort, SHORT.replace("deseq2", "limma")))
    assert analysis.current and analysis.runs.get().state == Run.State.DONE
    assert "limma takes log2, and trial is counts" in analysis.current.output_values["refused"]
    other = CONFIGURATION.replace('unit = "TPM"', 'unit = "FPKM"')
    analysis = computed(define(a_cohort, other, "other"))
    assert analysis.current
    said = analysis.current.output_values["refused"]
    assert said == "data.tissue.unit is 'FPKM' in the configuration, and 'TPM' here."


def test_a_file_that_was_changed_behind_the_registry_is_refused(a_cohort: Cohort, study_files: Path) -> None:
    added = {one.dataset.name: one.dataset for one in stored(a_cohort, study_files)}
    added["trial"].path("file", 0).write_text("nonsense")
    analysis = computed(define(a_cohort, SHORT))
    assert steps(analysis)["worse"]["reason"] == "data.trial: trial.tsv is not the file that was stored."
    # Computed in one process it is the same to the byte.
    assert analysis.current
    assert judge(analysis.current).verdict == "equal"
    added["trial"].path("file", 0).unlink()
    assert "is not stored here any more" in steps(computed(define(a_cohort, SHORT, "gone")))["worse"]["reason"]


def test_files_that_are_lost_are_taken_from_a_data_set_of_the_same_content(a_cohort: Cohort, study_files: Path) -> None:
    first = {one.dataset.name: one.dataset for one in stored(a_cohort, study_files)}["trial"]
    dataset_retire(dataset=first, expected_version=1, by=BY, reason="again")
    stored(a_cohort, study_files)
    first.path("file", 0).unlink()
    assert steps(computed(define(a_cohort, SHORT)))["worse"]["state"] == "done"


def test_a_corrected_read_moves_a_patient_to_the_other_group(scored: Scored) -> None:
    cutoff_declare(
        cohort=scored.cohort, variable="ihc:FAP@tumour", value=6, status="registered", source="protocol", by=BY
    )
    text = """
[data.fap]
kind = "cohort-groups"
variable = "ihc:FAP"
cutoff = "registered"

[data.reads]
kind = "cohort-values"
variables = ["ihc:FAP"]

[[steps]]
name = "compared"
method = "compare_groups"
values = ["reads"]
groups = "fap"
"""
    analysis = computed(define(scored.cohort, text))
    assert steps(analysis)["compared"]["headline"][0].startswith("high (n = 12) against low (n = 12)")
    read_correct(read=scored.reads[0], intensity=1, percent=40, by=BY, reason="wrong slide")
    assert freshness_of(analysis).state == "stale"
    analysis = computed(analysis)
    assert steps(analysis)["compared"]["headline"][0].startswith("high (n = 11) against low (n = 13)")
    assert [cause["domain"] for cause in analysis.movements.get(before__isnull=False).causes] == ["ihc/FAP"]


def test_the_cohorts_own_expression_and_values_are_data(a_cohort: Cohort, tmp_path: Path) -> None:
    from tests.analysis.frames.test_genes import a_table, said  # the command that imports it

    for number in range(12):
        enrol(a_cohort, f"P-{number}")
    said("resection", str(a_table(tmp_path)), unit="TPM")
    text = """
[data.tumours]
kind = "cohort-expression"

[data.groups]
kind = "cohort-groups"
variable = "gene:PUSL1"
above = 7.5

[data.values]
kind = "cohort-values"
variables = ["gene:PUSL1"]

[[steps]]
name = "compared"
method = "compare_groups"
expression = "tumours"
genes = ["S100A11"]
groups = "groups"

[[steps]]
name = "correlated"
method = "correlate"
expression = "tumours"
genes = ["S100A11"]
values = ["values"]
"""
    analysis = computed(define(a_cohort, text))
    found = steps(analysis)
    assert found["compared"]["first"]["rows"][0][:3] == ["S100A11", "6", "6"]
    assert "S100A11 in compared: higher in high" in json.dumps(
        [
            c.verdict
            for c in DISCOVERY.headline(
                analysis.current.output_values  # type: ignore[union-attr]  # computed above
            )
        ]
    )
    assert found["correlated"]["state"] == "done"
    # Another set of the cohort's expression is another result.
    said("resection", str(a_table(tmp_path, factor=2.0)), unit="TPM")
    assert freshness_of(analysis).state == "stale"
