import json

import pytest

from analysis.canonical import canonical_json, plain
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.reanalysis import reanalyse
from analysis.frames.frame import Frame
from analysis.kinds.registry import kind_of
from labs.ihc.services import read_correct
from labs.models import Read
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def current(analysis: Analysis) -> Analysis:
    return Analysis.objects.select_related("current__frame").get(pk=analysis.pk)


def test_a_result_re_executes_from_its_stored_frame_to_the_same_bytes(pfs_by_fap: Analysis) -> None:
    run_stale("test")
    result = current(pfs_by_fap).current
    assert result is not None
    again = kind_of("survival").compute(Frame.from_bytes(result.frame.content), json.loads(result.parameters))
    assert canonical_json(plain(again)) == result.output


def test_a_run_names_the_rows_that_each_number_was_taken_from(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    run = pfs_by_fap.runs.get()
    assert run.facts is not None
    facts = json.loads(run.facts.content)
    read = scored.reads[3]
    assert ["S-003", "ihc:FAP@tumour"] in [fact[:2] for fact in facts]
    named = next(refs for patient, column, refs in facts if patient == "S-003" and column == "ihc:FAP@tumour")
    assert f"read {read.pk} v1" in named


def test_a_movement_says_what_moved_and_which_changes_lie_between(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    for read in scored.reads[::2]:
        read_correct(read=read, intensity=1, percent=20, by=BY, reason="batch restained")
    run_stale("test")
    movement = pfs_by_fap.movements.order_by("-id")[0]
    assert movement.is_flip
    assert [(cause["domain"], cause["up_to"] - cause["after"]) for cause in movement.causes] == [("ihc/FAP", 12)]
    verdicts = {claim["name"]: (claim["before"]["verdict"], claim["after"]["verdict"]) for claim in movement.claims[:3]}
    assert verdicts["logrank_p"] == ("FAP splits PFS", "no test")


def test_a_value_changed_by_hand_is_found_by_the_reanalysis_only(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    Read.objects.filter(pk=scored.reads[0].pk).update(intensity=1, percent=20, extent=1, value=1)
    assert run_stale("sweep") == 0
    [checked] = reanalyse(scored.cohort, "schedule")
    assert checked.is_unexplained
    [again] = reanalyse(scored.cohort, "schedule")
    assert not again.is_unexplained
    assert again.run is not None
    assert again.run.state == "unchanged"


def test_a_reanalysis_after_a_logged_change_has_nothing_unexplained(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    [checked] = reanalyse(scored.cohort, "schedule")
    assert not checked.is_unexplained
    assert checked.run is not None
    assert checked.run.state == "done"
