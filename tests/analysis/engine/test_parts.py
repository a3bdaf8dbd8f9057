"""Heavy runs in parts: any number of workers, any of them dying, give what one process gives."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from analysis.canonical import canonical_json
from analysis.engine.claiming import MAX_LOST, new_token
from analysis.engine.execution import run_stale
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Run, RunPart
from analysis.engine.parts import Progress, progress_of, run_parts
from analysis.engine.reanalysis import reanalyse
from analysis.engine.services import analysis_cancel, analysis_define, analysis_retry
from analysis.frames.frame import Frame
from analysis.kinds.cutpoint import CUTPOINT, Cutpoint
from labs.ihc.services import read_correct
from registry.log.models import Change
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
PARAMETERS = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "resamples": 100, "seed": 5}


def define(scored: Scored, **other: object) -> Analysis:
    parameters = PARAMETERS | other
    return analysis_define(
        cohort=scored.cohort, slug="best", title="Best cutoff", kind="cutpoint", parameters=parameters, by=BY
    )


@pytest.fixture
def heavy(scored: Scored, monkeypatch: pytest.MonkeyPatch) -> Analysis:
    """24 patients, 100 resamples: in parts of 25 resamples."""
    monkeypatch.setattr("analysis.kinds.cutpoint.PART_WORK", 24 * 25)
    return define(scored)


def now(analysis: Analysis) -> Analysis:
    return Analysis.objects.get(pk=analysis.pk)


def states(analysis: Analysis) -> list[str]:
    return list(analysis.runs.order_by("id").values_list("state", flat=True))


def take_part(index: int) -> RunPart:
    """Some worker took this part and is silent since."""
    past = timezone.now() - timedelta(seconds=1)
    RunPart.objects.filter(index=index).update(
        state=RunPart.State.RUNNING, claimed_by=new_token(), lease_until=past, attempts=1
    )
    return RunPart.objects.get(index=index)


def test_parts_give_the_bits_of_one_process(heavy: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    run_stale("test")
    assert states(heavy) == [Run.State.RUNNING]
    assert freshness_of(now(heavy)).state == "running"
    assert RunPart.objects.count() == 4
    assert run_stale("sweep") == 0
    assert run_parts() == 5
    done = now(heavy)
    assert states(heavy) == [Run.State.DONE]
    assert freshness_of(done).state == "fresh"
    assert done.current is not None
    frame = Frame.from_bytes(done.current.frame.content)
    assert done.current.output == canonical_json(CUTPOINT.compute(frame, PARAMETERS))
    monkeypatch.setattr("analysis.kinds.cutpoint.PART_WORK", 10**9)
    assert len(CUTPOINT.parts(frame, PARAMETERS)) == 1
    assert done.current.output == canonical_json(CUTPOINT.compute(frame, PARAMETERS))


def test_parts_of_a_dead_worker_are_taken_again_and_the_last_one_ends_the_run(heavy: Analysis) -> None:
    run_stale("test")
    take_part(1)
    assert progress_of(heavy.runs.get()) == Progress(0, 4)
    run_parts()
    assert RunPart.objects.get(index=1).attempts == 2
    assert progress_of(heavy.runs.get()) == Progress(4, 4)
    assert states(heavy) == [Run.State.DONE]


def test_a_part_that_always_kills_its_worker_fails_the_run_in_words(heavy: Analysis) -> None:
    run_stale("test")
    take_part(0)
    RunPart.objects.filter(index=0).update(attempts=MAX_LOST)
    run_parts()
    found = freshness_of(now(heavy))
    assert (found.state, states(heavy)) == ("failed", [Run.State.FAILED])
    assert "too little memory" in found.error
    assert run_stale("sweep") == 0


def test_newer_data_and_another_question_end_a_run_in_parts(scored: Scored, heavy: Analysis) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert freshness_of(now(heavy)).state == "waiting"
    assert run_parts() == 0
    run_stale("test")
    assert states(heavy) == [Run.State.OVERTAKEN, Run.State.RUNNING]
    define(scored, seed=6)
    assert run_parts() == 0
    run_stale("test")
    run_parts()
    assert states(heavy) == [Run.State.OVERTAKEN, Run.State.OVERTAKEN, Run.State.DONE]
    current = now(heavy).current
    assert current is not None
    assert json.loads(current.parameters)["seed"] == 6


def test_asked_again_the_same_question_takes_over_what_is_done(
    heavy: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stale("test")
    computed: list[int] = []
    compute_part = Cutpoint.compute_part

    def interrupted(kind: Cutpoint, *given: object) -> object:
        computed.append(1)
        if len(computed) == 3:
            analysis_retry(heavy)
        return compute_part(kind, *given)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(Cutpoint, "compute_part", interrupted)
    run_parts()
    assert len(computed) == 3
    run_stale("test")
    run_parts()
    assert len(computed) == 4
    assert states(heavy) == [Run.State.OVERTAKEN, Run.State.DONE]


def test_a_cancelled_run_is_logged_and_waits_for_a_change_or_to_be_asked(scored: Scored, heavy: Analysis) -> None:
    run_stale("test")
    run = analysis_cancel(analysis=heavy, by=BY, reason="too slow")
    assert run.state == Run.State.CANCELLED
    assert Change.objects.filter(subject_type="analysis", new__contains="cancelled_run", reason="too slow").exists()
    assert (run_parts(), run_stale("sweep")) == (0, 0)
    found = freshness_of(now(heavy))
    assert (found.state, found.is_cancelled) == ("waiting", True)
    with pytest.raises(ValidationError, match="just ended"):
        analysis_cancel(analysis=heavy, by=BY)
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert run_stale("sweep") == 1
    analysis_cancel(analysis=heavy, by=BY)
    analysis_retry(heavy)
    run_stale("test")
    run_parts()
    assert freshness_of(now(heavy)).state == "fresh"
    assert states(heavy) == [Run.State.CANCELLED, Run.State.CANCELLED, Run.State.DONE]


def test_the_scheduled_reanalysis_ends_heavy_runs_itself(scored: Scored, heavy: Analysis) -> None:
    [checked] = reanalyse(scored.cohort, "schedule")
    assert checked.run is not None
    assert checked.run.state == Run.State.DONE
