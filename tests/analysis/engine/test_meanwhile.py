"""What happens while a run, a reanalysis or another worker is at work must neither be lost nor be told wrongly."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from analysis.engine import claiming, execution, reanalysis
from analysis.engine.claiming import MAX_LOST, claim, claim_next
from analysis.engine.execution import execute, run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run
from analysis.engine.reanalysis import reanalyse
from analysis.engine.services import analysis_define, analysis_retry
from analysis.kinds.survival import Survival
from labs.ihc.services import read_correct
from tests.analysis.engine.test_claims_and_failures import expire
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]

Meanwhile = Callable[..., None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Lets something happen just before `target` is called for the first time."""

    def arrange(owner: Any, name: str, happens: Callable[[], Any]) -> None:
        original = getattr(owner, name)

        def called(*given: Any, **named: Any) -> Any:
            monkeypatch.setattr(owner, name, original)
            happens()
            return original(*given, **named)

        monkeypatch.setattr(owner, name, called)

    return arrange


def state(analysis: Analysis) -> str:
    return freshness_of(Analysis.objects.get(pk=analysis.pk)).state


def correct(scored: Scored) -> None:
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="meanwhile")


def test_a_definition_changed_during_a_run_is_not_answered_by_that_run(
    pfs_by_fap: Analysis, meanwhile: Meanwhile
) -> None:
    meanwhile(Survival, "compute", lambda: redefine(pfs_by_fap, cutoff=2))
    run_stale("test")
    analysis = Analysis.objects.get(pk=pfs_by_fap.pk)
    assert analysis.current is not None
    assert analysis.current.output_values["cutoff"]["value"] == 2
    assert [run.state for run in analysis.runs.order_by("id")] == [Run.State.LOST, Run.State.DONE]
    assert state(analysis) == "fresh"


def redefine(analysis: Analysis, **changes: Any) -> None:
    analysis_define(
        cohort=analysis.cohort,
        slug=analysis.slug,
        title=analysis.title,
        kind=analysis.kind,
        parameters=analysis.parameters | changes,
        by=BY,
    )


def test_data_that_arrive_while_a_frame_fails_to_load_are_tried(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> Any:
        monkeypatch.undo()
        monkeypatch.setattr(execution, "SNAPSHOT", "default")
        correct(scored)
        raise ValueError("no frame of the old data")

    monkeypatch.setattr(execution, "load", fail)
    claimed = claim_next("test")
    assert claimed is not None
    assert execute(claimed).state == Run.State.FAILED
    assert state(pfs_by_fap) == "waiting"
    assert run_stale("test") == 1
    assert state(pfs_by_fap) == "fresh"


def test_a_database_that_was_busy_is_no_fault_of_the_data(pfs_by_fap: Analysis, meanwhile: Meanwhile) -> None:
    def busy() -> None:
        raise OperationalError("database is locked")

    meanwhile(execution, "load", busy)
    claimed = claim_next("test")
    assert claimed is not None
    assert execute(claimed).state == Run.State.LOST
    assert state(pfs_by_fap) == "waiting"
    assert run_stale("sweep") == 1
    assert state(pfs_by_fap) == "fresh"


def test_a_database_that_is_always_busy_counts_as_failed_in_the_end(
    pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*given: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(execution, "load", busy)
    assert run_stale("sweep") == MAX_LOST
    assert state(pfs_by_fap) == "failed"


def test_the_last_try_of_another_worker_is_not_given_up_on(pfs_by_fap: Analysis, meanwhile: Meanwhile) -> None:
    for _attempt in range(MAX_LOST - 1):
        claim_next("sweep")
        expire(pfs_by_fap)
    others = []
    meanwhile(claiming, "_gave_up_on", lambda: others.append(claim(pfs_by_fap.pk, "sweep")))
    assert claim_next("sweep") is None
    [other] = others
    assert other is not None
    assert execute(other).state == Run.State.DONE


def test_a_correction_during_the_reanalysis_is_not_called_a_change_by_hand(
    scored: Scored, pfs_by_fap: Analysis, meanwhile: Meanwhile
) -> None:
    run_stale("test")
    meanwhile(execution, "load", lambda: correct(scored))
    [checked] = reanalyse(scored.cohort, "schedule")
    assert checked.run is not None
    assert checked.run.state == Run.State.DONE
    assert not checked.is_unexplained


def test_a_result_that_another_worker_stored_meanwhile_is_not_called_a_change_by_hand(
    scored: Scored, pfs_by_fap: Analysis, meanwhile: Meanwhile
) -> None:
    run_stale("test")

    def other_worker() -> None:
        correct(scored)
        run_stale("change")

    meanwhile(reanalysis, "claim", other_worker)
    [checked] = reanalyse(scored.cohort, "schedule")
    assert checked.run is not None
    assert checked.run.state == Run.State.UNCHANGED
    assert not checked.is_unexplained


def test_a_new_run_that_was_asked_for_names_no_old_change_as_its_cause(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    analysis_retry(pfs_by_fap)
    correct(scored)
    run_stale("test")
    movement = pfs_by_fap.movements.order_by("-pk").first()
    assert movement is not None
    [cause] = movement.causes
    assert (cause["domain"], cause["up_to"] - cause["after"]) == ("ihc/FAP", 1)


def test_another_definition_names_no_change_of_the_data_as_its_cause(pfs_by_fap: Analysis) -> None:
    run_stale("test")
    redefine(pfs_by_fap, cutoff=2)
    run_stale("test")
    movement = pfs_by_fap.movements.order_by("-pk").first()
    assert movement is not None
    assert movement.before is not None
    assert movement.causes == []


def test_a_reanalysis_asks_once_more_for_what_another_worker_was_computing(
    scored: Scored, pfs_by_fap: Analysis, meanwhile: Meanwhile
) -> None:
    define_pfs(scored.cohort, slug="second", cutoff=6)
    held = claim(pfs_by_fap.pk, "change")
    assert held is not None
    meanwhile(reanalysis, "execute", lambda: execute(held))
    found = reanalyse(scored.cohort, "schedule")
    assert {one.analysis_id: one.run.state for one in found if one.run} == {
        pfs_by_fap.pk: Run.State.UNCHANGED,
        Analysis.objects.get(slug="second").pk: Run.State.DONE,
    }
