from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysis.engine.claiming import MAX_LOST, claim, claim_next, renew
from analysis.engine.execution import execute, run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run
from analysis.engine.services import analysis_retry
from analysis.kinds.survival import Survival
from labs.ihc.services import read_correct
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def expire(analysis: Analysis) -> None:
    Analysis.objects.filter(pk=analysis.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_an_analysis_is_claimed_once(pfs_by_fap: Analysis) -> None:
    assert claim_next("test") is not None
    assert claim_next("test") is None
    assert freshness_of(Analysis.objects.get(pk=pfs_by_fap.pk)).state == "running"


def test_whoever_finds_several_waiting_calls_another_worker_for_the_rest(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cutoff in (5, 7):
        define_pfs(scored.cohort, slug=f"at-{cutoff}", cutoff=cutoff)
    bells = []
    monkeypatch.setattr("analysis.engine.execution.ring_for_company", lambda: bells.append("rung"))
    assert run_stale("test") == 3
    assert len(bells) == 2, "with the last there is nothing to share"


def test_a_dead_workers_claim_is_taken_over_and_its_run_is_called_lost(pfs_by_fap: Analysis) -> None:
    dead = claim_next("test")
    assert dead is not None
    expire(pfs_by_fap)
    assert run_stale("sweep") == 1
    assert [run.state for run in pfs_by_fap.runs.order_by("id")] == [Run.State.LOST, Run.State.DONE]


def test_who_lost_the_claim_stores_nothing(pfs_by_fap: Analysis) -> None:
    slow = claim_next("test")
    assert slow is not None
    expire(pfs_by_fap)
    quick = claim(pfs_by_fap.pk, "sweep")
    assert quick is not None
    assert not renew(slow)
    assert execute(slow).state == Run.State.LOST
    assert pfs_by_fap.results.count() == 0
    assert execute(quick).state == Run.State.DONE
    assert pfs_by_fap.results.count() == 1


def test_a_change_during_a_run_leaves_it_stale(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = Survival.compute

    def slow(kind: Survival, *given: Any) -> Any:
        monkeypatch.undo()
        read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="meanwhile")
        return compute(kind, *given)

    monkeypatch.setattr(Survival, "compute", slow)
    claimed = claim_next("test")
    assert claimed is not None
    execute(claimed)
    pfs_by_fap.refresh_from_db()
    assert freshness_of(pfs_by_fap).state == "stale"
    run_stale("test")
    pfs_by_fap.refresh_from_db()
    assert freshness_of(pfs_by_fap).state == "fresh"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def fail(*given: Any) -> Any:
        raise ZeroDivisionError("patient S-000 has 0")

    monkeypatch.setattr(Survival, "compute", fail)
    return monkeypatch.undo


def test_a_failed_run_is_told_once_and_not_tried_again_on_the_same_data(
    scored: Scored, pfs_by_fap: Analysis, broken: Callable[[], None]
) -> None:
    assert run_stale("test") == 1
    assert run_stale("sweep") == 0
    found = freshness_of(Analysis.objects.get(pk=pfs_by_fap.pk))
    assert found.state == "failed"
    assert "ZeroDivisionError" in found.error
    assert "S-000" not in found.error
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    broken()
    assert run_stale("sweep") == 1
    assert freshness_of(Analysis.objects.get(pk=pfs_by_fap.pk)).state == "fresh"


def test_a_failed_run_keeps_the_last_good_result(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stale("test")
    good = Analysis.objects.get(pk=pfs_by_fap.pk).current
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    monkeypatch.setattr(Survival, "compute", lambda *given: 1 / 0)
    run_stale("test")
    analysis = Analysis.objects.get(pk=pfs_by_fap.pk)
    assert analysis.current == good
    assert freshness_of(analysis).state == "failed"


def test_a_failed_run_can_be_asked_for_again(pfs_by_fap: Analysis, broken: Callable[[], None]) -> None:
    run_stale("test")
    broken()
    analysis_retry(pfs_by_fap)
    assert run_stale("test") == 1
    assert freshness_of(Analysis.objects.get(pk=pfs_by_fap.pk)).state == "fresh"


def test_a_run_that_always_kills_its_worker_counts_as_failed_in_the_end(pfs_by_fap: Analysis) -> None:
    for _attempt in range(MAX_LOST):
        assert claim_next("sweep") is not None
        expire(pfs_by_fap)
    assert claim_next("sweep") is None
    assert freshness_of(Analysis.objects.get(pk=pfs_by_fap.pk)).state == "failed"
