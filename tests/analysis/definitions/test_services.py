import pytest
from django.core.exceptions import ValidationError

from analysis.access import access_analysis, visible_analyses
from analysis.engine.claiming import claim, claim_next
from analysis.engine.execution import execute, run_stale
from analysis.engine.freshness import stale
from analysis.engine.models import Analysis, Run
from analysis.engine.reanalysis import reanalyse
from analysis.engine.services import analysis_create, analysis_redefine, analysis_restore, analysis_retire
from analysis.feeding.matrix import feeding
from analysis.panels import analyses_reading
from labs.ihc.services import read_correct
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]

EVERYBODY = {"endpoint": "PFS"}


def test_a_new_analysis_belongs_to_who_defined_it_and_is_exploratory(scored: Scored, alice: User) -> None:
    made = [
        analysis_create(
            cohort=scored.cohort, title=title, kind="survival", parameters={"endpoint": "PFS"}, by=Actor.of(alice)
        )
        for title in ("PFS by 年龄", "PFS by 性别", "肝", "x" * 160)
    ]
    assert [row.slug for row in made] == ["pfs-by", "pfs-by-2", "analysis", "x" * 60]
    assert {(row.owner_id, row.owner_name, row.is_registered) for row in made} == {(str(alice.pk), "alice", False)}


def test_another_question_makes_it_stale_and_tells_who_comes_too_late(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    changed = analysis_redefine(
        analysis=pfs_by_fap, expected_version=1, title="OS", parameters=EVERYBODY, subcohort=None, by=BY, reason="all"
    )
    assert changed.version == 2 and list(stale(Analysis.objects.all())) == [changed]
    with pytest.raises(StaleWrite, match="title: PFS by FAP → OS"):
        analysis_redefine(
            analysis=pfs_by_fap,
            expected_version=1,
            title="X",
            parameters=EVERYBODY,
            subcohort=None,
            by=BY,
            reason="all",
        )


@pytest.mark.parametrize(
    ("given", "field"), [({"reason": " "}, "reason"), ({"parameters": {"endpoint": 1}}, "parameters")]
)
def test_a_change_that_is_refused_changes_nothing(pfs_by_fap: Analysis, given: dict[str, object], field: str) -> None:
    wanted: dict[str, object] = {"title": "X", "parameters": EVERYBODY, "subcohort": None, "reason": "because"} | given
    with pytest.raises(ValidationError) as refused:
        analysis_redefine(analysis=pfs_by_fap, expected_version=1, by=BY, **wanted)  # type: ignore[arg-type]
    assert list(refused.value.error_dict) == [field]
    pfs_by_fap.refresh_from_db()
    assert (pfs_by_fap.version, pfs_by_fap.title) == (1, "PFS by FAP")


def retired(analysis: Analysis) -> Analysis:
    analysis.refresh_from_db()
    return analysis_retire(analysis=analysis, expected_version=analysis.version, by=BY, reason="answered")


def test_nobody_computes_lists_or_reports_what_is_retired(scored: Scored, pfs_by_fap: Analysis, alice: User) -> None:
    run_stale("test")
    kept = pfs_by_fap.results.get()
    retired(pfs_by_fap)
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    assert claim_next("test") is None and claim(pfs_by_fap.pk, "test") is None
    assert reanalyse(scored.cohort, "test") == []
    assert not stale(Analysis.objects.all()).exists() and not visible_analyses(alice).exists()
    assert analyses_reading([(scored.cohort.pk, "ihc/FAP")]) == []
    found = access_analysis(alice, scored.cohort.code, pfs_by_fap.slug)
    assert found.current == kept


def test_whoever_computes_it_when_it_is_retired_stores_nothing(scored: Scored, pfs_by_fap: Analysis) -> None:
    claimed = claim(pfs_by_fap.pk, "test")
    assert claimed
    retired(pfs_by_fap)
    assert execute(claimed).state == Run.State.LOST
    assert not pfs_by_fap.results.exists()


def test_what_is_restored_is_stale_if_its_facts_have_changed(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    version = retired(pfs_by_fap).version
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    analysis_restore(analysis=pfs_by_fap, expected_version=version, by=BY, reason="needed again")
    assert run_stale("test") == 1


def test_the_matrix_says_what_feeds_what_and_what_moved(scored: Scored, pfs_by_fap: Analysis, alice: User) -> None:
    everybody = analysis_create(
        cohort=scored.cohort, title="PFS", kind="survival", parameters={"endpoint": "PFS"}, by=BY
    )
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=1, percent=20, by=BY, reason="wrong slide")
    found = feeding(visible_analyses(alice))
    by_domain = {row.domain: {cell.analysis.slug: cell for cell in row.cells} for row in found.rows}
    fap = by_domain["ihc/FAP"]
    assert (fap["pfs-fap"].is_read, fap["pfs-fap"].is_moved, fap[everybody.slug].is_read) == (True, True, False)
    assert not any(cell.is_moved for cell in by_domain["outcomes"].values())
    assert [column.freshness.state for column in found.columns] == ["fresh", "stale"]
