import pytest
from django.core.exceptions import ValidationError

from labs.markers.models import Marker
from labs.qpcr.assigning import AssignRule
from labs.qpcr.models import PcrFile, PcrRun, PcrTarget, PcrWell
from labs.qpcr.results import run_results
from labs.qpcr.services import (
    run_accept,
    run_import,
    run_retire,
    run_settle,
    sample_assign,
    samples_assign_by_rule,
    target_set,
    well_exclude,
    well_include,
)
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from labs.wetlab.models import FoldChange
from labs.wetlab.services import fold_change_record
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Stream
from registry.models import Enrolment
from tests.labs.qpcr.plates import csv_of, paired_plate, well


@pytest.fixture
def normal(enrolment: Enrolment, by: Actor) -> Specimen:
    return specimen_create(patient=enrolment.patient, code="N-0001", kind="normal", timing="baseline_declared", by=by)


@pytest.fixture
def targets(db: None, by: Actor) -> None:
    marker = Marker.objects.get(code="S100A11")
    target_set(name="S100A11", role="marker", marker=marker, gene="S100A11", by=by)
    target_set(name="ACTB", role="reference", gene="ACTB", by=by)


@pytest.fixture
def run(targets: None, tumour: Specimen, normal: Specimen, by: Actor) -> PcrRun:
    found = run_import(name="plate.csv", content=paired_plate("t-0001", "N-0001"), by=by).runs[0]
    samples_assign_by_rule(run=found, rule=AssignRule.SAMPLE, among=[tumour, normal], by=by)
    return found


def test_a_plate_becomes_a_fold_change_that_names_its_wells(run: PcrRun, by: Actor) -> None:
    accepted = run_accept(run=run, by=by)
    fold = FoldChange.objects.current().get()
    assert [row.pk for row in accepted.stored] == [fold.pk]
    assert fold.fold == pytest.approx(4.0)
    assert (fold.specimen.code, fold.calibrator.code, fold.reference_gene) == ("T-0001", "N-0001", "ACTB")  # type: ignore[union-attr]  # set
    assert fold.computation is not None
    assert len(fold.computation["wells"]) == 12
    assert fold.computation["delta_delta_ct"] == pytest.approx(-2.0)
    # Four means of three wells with an SD of 0.1 each.
    assert fold.computation["sd"] == pytest.approx(0.2)


def test_the_same_bytes_again_change_nothing(run: PcrRun, by: Actor) -> None:
    changes = Change.objects.count()
    again = run_import(name="other name.csv", content=paired_plate("t-0001", "N-0001"), by=by)
    assert (again.is_new, [row.pk for row in again.runs]) == (False, [run.pk])
    assert Change.objects.count() == changes
    assert PcrFile.objects.count() == 1


def test_accepting_again_changes_nothing_but_new_wells_do(run: PcrRun, by: Actor) -> None:
    run_accept(run=run, by=by)
    changes = Change.objects.count()
    run_accept(run=run, by=by)
    assert Change.objects.count() == changes


def test_an_excluded_well_makes_a_revision_and_moves_exactly_its_marker(
    run: PcrRun, enrolment: Enrolment, by: Actor
) -> None:
    run_accept(run=run, by=by)
    before = dict(Stream.objects.values_list("domain", "version"))
    outlier = PcrWell.objects.get(run=run, position="A02")
    well_exclude(well=outlier, exclusion="outlier", by=by)
    after = dict(Stream.objects.values_list("domain", "version"))
    moved = {domain for domain in after if after[domain] != before.get(domain)}
    assert moved == {"qpcr/S100A11"}
    fold = FoldChange.objects.current().get()
    assert fold.version == 2
    assert fold.computation is not None
    assert outlier.pk not in {cite["well"] for cite in fold.computation["wells"]}
    assert fold.fold == pytest.approx(2 ** (26.0 - 23.95))


def test_an_included_well_brings_the_value_back(run: PcrRun, by: Actor) -> None:
    run_accept(run=run, by=by)
    outlier = PcrWell.objects.get(run=run, position="A02")
    row = well_exclude(well=outlier, exclusion="outlier", by=by)
    with pytest.raises(ValidationError, match="Say why"):
        well_include(well=row, by=by, reason=" ")
    well_include(well=row, by=by, reason="the curve is fine")
    fold = FoldChange.objects.current().get()
    assert fold.version == 3
    assert fold.fold == pytest.approx(4.0)


def test_a_stale_exclusion_is_refused(run: PcrRun, by: Actor) -> None:
    first = PcrWell.objects.get(run=run, position="A02")
    well_exclude(well=first, exclusion="outlier", expected_version=first.version, by=by)
    with pytest.raises(StaleWrite):
        well_exclude(well=first, exclusion="melt", expected_version=first.version, by=by)


def test_a_reason_of_the_list_is_asked_for_and_other_needs_a_note(run: PcrRun, by: Actor) -> None:
    found = PcrWell.objects.get(run=run, position="A02")
    with pytest.raises(ValidationError, match="Choose why"):
        well_exclude(well=found, exclusion="because", by=by)
    with pytest.raises(ValidationError, match="Say in the note"):
        well_exclude(well=found, exclusion="other", by=by)


def test_without_any_detected_well_the_value_is_taken_back(run: PcrRun, by: Actor) -> None:
    run_accept(run=run, by=by)
    for found in PcrWell.objects.filter(run=run, target="ACTB", position__startswith="C"):
        well_exclude(well=found, exclusion="pipetting", by=by)
    assert not FoldChange.objects.current().exists()
    newest = FoldChange.objects.get(successor__isnull=True)
    assert newest.is_retracted
    assert "No well of ACTB is left" in newest.correction_reason


def test_not_detected_is_said_and_never_a_number(targets: None, tumour: Specimen, normal: Specimen, by: Actor) -> None:
    plate = paired_plate("T-0001", "N-0001", target_cqs=("NaN", "", "0"))
    run = run_import(name="nd.csv", content=plate, by=by).runs[0]
    samples_assign_by_rule(run=run, rule=AssignRule.SAMPLE, among=[tumour, normal], by=by)
    found = run_results(run).results
    assert [result.fold for result in found] == [None]
    assert found[0].problem == "T-0001: S100A11 was not detected in any well."
    with pytest.raises(ValidationError, match="not detected"):
        run_accept(run=run, by=by)


def test_a_value_entered_by_hand_stays_unless_it_is_to_be_replaced(run: PcrRun, tumour: Specimen, by: Actor) -> None:
    marker = Marker.objects.get(code="S100A11")
    fold_change_record(specimen=tumour, marker=marker, fold=3.0, by=by)
    accepted = run_accept(run=run, by=by)
    assert "has a value of S100A11 already: 3 (ACTB)" in accepted.left[0][1]
    assert FoldChange.objects.current().get().fold == 3.0
    run_accept(run=run, replace=True, by=by, reason="measured here")
    assert FoldChange.objects.current().get().fold == pytest.approx(4.0)


def test_an_amplified_control_asks_for_a_reason(targets: None, tumour: Specimen, normal: Specimen, by: Actor) -> None:
    plate = paired_plate("T-0001", "N-0001").replace(b"NTC-01,,,NaN", b"NTC-01,,,27.5")
    run = run_import(name="ntc.csv", content=plate, by=by).runs[0]
    samples_assign_by_rule(run=run, rule=AssignRule.SAMPLE, among=[tumour, normal], by=by)
    with pytest.raises(ValidationError, match="controls amplified"):
        run_accept(run=run, by=by)
    run_accept(run=run, by=by, reason="primer dimer by melt curve")
    assert FoldChange.objects.current().exists()


def test_a_corrected_efficiency_makes_a_revision(run: PcrRun, by: Actor) -> None:
    run_accept(run=run, by=by)
    target = PcrTarget.objects.get(name="S100A11")
    target_set(
        name="S100A11", role="marker", marker=target.marker, gene="S100A11", efficiency=1.9, by=by, reason="curve"
    )
    assert FoldChange.objects.current().get().fold == pytest.approx(1.9**2)


def test_a_reference_gene_from_another_plate(targets: None, tumour: Specimen, normal: Specimen, by: Actor) -> None:
    lines = paired_plate("T-0001", "N-0001").decode().splitlines()
    head = lines[0] + "\n"
    own = (head + "\n".join(line for line in lines[1:] if "S100A11" in line)).encode()
    other = (head + "\n".join(line for line in lines[1:] if "ACTB" in line)).encode()
    runs = [run_import(name=name, content=content, by=by).runs[0] for name, content in (("a", own), ("b", other))]
    for run in runs:
        samples_assign_by_rule(run=run, rule=AssignRule.SAMPLE, among=[tumour, normal], by=by)
    assert "No target of this run is a reference gene." in run_results(runs[0]).missing
    row = run_settle(run=runs[0], changes={"reference_run": runs[1]}, expected_version=1, by=by, reason="plate 2")
    run_accept(run=row, by=by)
    assert FoldChange.objects.current().get().fold == pytest.approx(4.0)
    well_exclude(well=PcrWell.objects.get(run=runs[1], position="C02"), exclusion="curve", by=by)
    assert FoldChange.objects.current().get().version == 2


def test_a_common_calibrator_serves_where_there_is_no_normal_tissue(targets: None, tumour: Specimen, by: Actor) -> None:
    run = run_import(name="pool.csv", content=paired_plate("T-0001", "pool"), by=by).runs[0]
    sample_assign(run=run, sample="T-0001", specimen=tumour, by=by)
    assert "no normal tissue" in run_results(run).results[0].problem
    sample_assign(run=run, sample="pool", specimen=None, is_calibrator=True, by=by)
    run_accept(run=run, by=by)
    fold = FoldChange.objects.current().get()
    assert fold.fold == pytest.approx(4.0)
    assert fold.calibrator is None


def test_blood_and_unknown_samples_are_refused(run: PcrRun, draw: Specimen, by: Actor) -> None:
    with pytest.raises(ValidationError, match="not in blood"):
        sample_assign(run=run, sample="t-0001", specimen=draw, by=by)
    with pytest.raises(ValidationError, match="no sample of this name"):
        sample_assign(run=run, sample="T-0009", specimen=None, by=by)


def test_a_retired_run_takes_its_values_with_it(run: PcrRun, by: Actor) -> None:
    run_accept(run=run, by=by)
    run.refresh_from_db()
    run_retire(run=run, expected_version=run.version, by=by, reason="wrong plate")
    assert not FoldChange.objects.current().exists()
    assert not PcrRun.objects.valid().exists()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "The file is empty"),
        (b",Cycle,A1,A2\n,1,0.1,0.2\n,2,0.1,0.2\n", "curves of fluorescence"),
        (b"a,b\n1,2\n", "row 1, column a, b"),
        (csv_of([well("A01", "S100A11", "Unkn-01", "1", "24,x")], delimiter=";"), "row 2, column Cq, “24,x”"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place(db: None, by: Actor, content: bytes, rule: str) -> None:
    with pytest.raises(ValidationError, match=r"file\.csv") as refused:
        run_import(name="file.csv", content=content, by=by)
    assert rule in str(refused.value)
    assert not PcrFile.objects.exists()
    assert not Change.objects.filter(domain="pcr-runs").exists()


def test_the_log_never_says_what_a_sample_or_a_file_is_called(run: PcrRun, by: Actor) -> None:
    texts = [change.new + change.subject_code for change in Change.objects.filter(domain="pcr-runs")]
    assert texts
    assert not any("t-0001" in text or "plate.csv" in text for text in texts)
