from datetime import date, timedelta

import pytest

from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run
from analysis.engine.services import analysis_define, rebind_analyses
from analysis.frames.request import FrameRequest
from analysis.kinds.survival import Survival
from analysis.riskmodels.services import risk_model_register
from labs.ihc.services import read_correct
from labs.markers.services import marker_set, stain_correct, stain_create
from registry.clinical.services import baseline_save, outcome_event_add
from registry.cohorts.services import cohort_set_data_cut
from registry.log.models import Change
from registry.log.recording import recording
from registry.models import Cohort, Enrolment
from registry.patients.services import enrolment_withdraw
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY, RESECTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def state(analysis: Analysis) -> str:
    analysis.refresh_from_db()
    return freshness_of(analysis).state


def test_a_new_analysis_waits_for_its_first_run(pfs_by_fap: Analysis) -> None:
    assert state(pfs_by_fap) == "waiting"


def test_a_run_makes_it_fresh_and_gives_the_answer(pfs_by_fap: Analysis) -> None:
    assert run_stale("test") == 1
    assert state(pfs_by_fap) == "fresh"
    pfs_by_fap.refresh_from_db()
    assert pfs_by_fap.current is not None
    output = pfs_by_fap.current.output_values
    assert output["n"] == 24
    assert [group["n"] for group in output["groups"]] == [12, 12]
    assert pfs_by_fap.current.claims[2]["verdict"] == "FAP splits PFS"


def test_a_corrected_read_makes_it_stale_at_once_and_a_run_fresh_again(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert state(pfs_by_fap) == "stale"
    assert freshness_of(pfs_by_fap).moved == ("ihc/FAP",)
    run_stale("test")
    assert state(pfs_by_fap) == "fresh"
    pfs_by_fap.refresh_from_db()
    assert pfs_by_fap.current is not None
    assert [group["n"] for group in pfs_by_fap.current.output_values["groups"]] == [13, 11]


def test_only_the_analyses_that_read_the_marker_become_stale(scored: Scored, pfs_by_fap: Analysis) -> None:
    other = marker_set(code="S100A11", name="S100A11", scale="score", by=BY)
    stain_create(specimen=scored.reads[0].stain.specimen, marker=other, by=BY)
    s100 = define_pfs(scored.cohort, "S100A11")
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert (state(pfs_by_fap), state(s100)) == ("stale", "fresh")


def test_a_fact_that_the_analysis_does_not_read_leaves_it_fresh(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    enrolment = Enrolment.objects.get(patient__study_number="S-000")
    baseline_save(enrolment=enrolment, values={"age": 61.0}, expected_version=0, by=BY)
    assert state(pfs_by_fap) == "fresh"


def test_an_outcome_and_a_withdrawal_make_it_stale(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    enrolment = Enrolment.objects.get(patient__study_number="S-005")
    outcome_event_add(patient=enrolment.patient, kind="recurrence", day=RESECTED + timedelta(days=400), by=BY)
    assert freshness_of(pfs_by_fap).moved == ("outcomes",)
    run_stale("test")
    enrolment_withdraw(enrolment=enrolment, on=RESECTED + timedelta(days=500), why="consent", by=BY)
    assert freshness_of(pfs_by_fap).moved == ("enrolment",)
    run_stale("test")
    pfs_by_fap.refresh_from_db()
    assert pfs_by_fap.current is not None
    assert pfs_by_fap.current.output_values["n"] == 23
    assert "S-005" not in pfs_by_fap.current.frame.content.decode()


def test_many_changes_are_one_run(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    for read in scored.reads[:10]:
        read_correct(read=read, intensity=2, percent=60, by=BY, reason="second look")
    assert run_stale("test") == 1


def test_a_correction_taken_back_gives_the_very_result_of_before(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    pfs_by_fap.refresh_from_db()
    first = pfs_by_fap.current
    once = read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    run_stale("test")
    read_correct(read=once, intensity=3, percent=90, by=BY, reason="right after all")
    run_stale("test")
    pfs_by_fap.refresh_from_db()
    assert pfs_by_fap.current == first
    assert pfs_by_fap.results.count() == 2


def test_a_change_without_consequence_is_stamped_not_stored_again(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=3, percent=90, comment="confirmed", by=BY, reason="confirmed")
    assert state(pfs_by_fap) == "stale"
    run_stale("test")
    assert state(pfs_by_fap) == "fresh"
    assert [run.state for run in pfs_by_fap.runs.order_by("id")] == [Run.State.DONE, Run.State.UNCHANGED]
    assert pfs_by_fap.results.count() == 1


def test_another_unit_of_the_marker_makes_its_analyses_stale_and_a_new_marker_none(pfs_by_fap: Analysis) -> None:
    run_stale("test")
    marker_set(code="NEW", name="New", scale="density", by=BY)
    assert state(pfs_by_fap) == "fresh"
    marker_set(code="FAP", name="FAP", scale="score", unit="points", by=BY)
    assert freshness_of(pfs_by_fap).moved == ("marker/FAP",)


def test_a_risk_model_that_is_registered_later_answers_what_was_refused(scored: Scored) -> None:
    terms = {"FAP": "ihc:FAP@tumour"}
    analysis = analysis_define(
        cohort=scored.cohort,
        slug="own-score",
        title="Own score",
        kind="risk_score",
        parameters={"endpoint": "PFS", "model": "own", "terms": terms},
        by=BY,
    )
    run_stale("test")
    risk_model_register(
        code="own",
        number=1,
        title="Own",
        terms=[{"name": "FAP", "coefficient": 2.0}],
        unit="points",
        source="test",
        by=BY,
    )
    assert state(analysis) == "stale"


def test_another_data_cut_makes_a_roc_stale_too_and_another_index_event_what_is_read_from_blood(
    an_ici_cohort: Cohort,
) -> None:
    of_response = analysis_define(
        cohort=an_ici_cohort,
        slug="roc",
        title="ROC",
        kind="roc",
        parameters={"markers": ["baseline:age"]},
        by=BY,
    )
    of_blood = FrameRequest(variables=("blood:ALB",)).domains()
    of_index = FrameRequest(variables=("index:PNI",)).domains()
    run_stale("test")
    assert state(of_response) == "fresh"
    cohort_set_data_cut(cohort=an_ici_cohort, data_cut=date(2024, 6, 30), by=BY)
    assert freshness_of(of_response).moved == ("definition",)
    assert "definition" in of_blood
    assert "definition" in of_index


def test_a_response_is_read_with_the_definition_of_the_cohort() -> None:
    assert FrameRequest(response=True).domains() == ("definition", "enrolment", "response")


def test_a_stain_corrected_to_another_marker_makes_stale_what_read_it_as_the_first(
    scored: Scored, pfs_by_fap: Analysis
) -> None:
    run_stale("test")
    other = marker_set(code="CD8", name="CD8", scale="score", by=BY)
    stain = scored.reads[0].stain
    stain_correct(stain=stain, changes={"marker": other}, expected_version=1, by=BY, reason="wrong antibody")
    assert freshness_of(pfs_by_fap).moved == ("ihc/FAP",)


def test_a_newer_version_of_the_software_asks_for_what_it_would_answer_otherwise(
    pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stale("test")
    rebind_analyses()
    assert state(pfs_by_fap) == "fresh"
    monkeypatch.setattr(Survival, "version", 99)
    rebind_analyses()
    assert state(pfs_by_fap) == "stale"
    run_stale("test")
    pfs_by_fap.refresh_from_db()
    assert pfs_by_fap.current is not None
    assert pfs_by_fap.current.kind_version == 99


def test_a_newer_version_of_the_software_listens_to_what_it_reads_in_addition(pfs_by_fap: Analysis) -> None:
    run_stale("test")
    pfs_by_fap.inputs.filter(stream__domain="response").delete()
    rebind_analyses()
    assert freshness_of(pfs_by_fap).moved == ("response",)


@pytest.mark.one_database
def test_a_thousand_changes_in_one_burst_are_one_run(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stale("test")
    # However slow the machine, the burst is over before anybody loses patience.
    monkeypatch.setattr("analysis.engine.freshness.MOST_UNSETTLED", 3600)
    quiet = timedelta(minutes=1)
    reads = list(scored.reads)
    before = Change.objects.count()

    def burst(times: int) -> None:
        for _number in range(times):
            with recording(BY):
                for place, read in enumerate(reads[:20]):
                    reads[place] = read_correct(
                        read=read, intensity=1 + (read.intensity or 0) % 3, percent=90, by=BY, reason="swapped"
                    )
            # What each bell of the burst does.
            run_stale("change", quiet)

    burst(50)
    assert Change.objects.count() - before >= 1000
    assert pfs_by_fap.runs.count() == 1
    run_stale("change")
    assert pfs_by_fap.runs.count() == 2
    # Whoever saves without a pause still sees an answer in between.
    monkeypatch.setattr("analysis.engine.freshness.MOST_UNSETTLED", 0)
    burst(1)
    assert pfs_by_fap.runs.count() == 3
