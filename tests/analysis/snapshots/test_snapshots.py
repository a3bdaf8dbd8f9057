"""A snapshot: everything at one moment, never changed, readable beside the present."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.snapshots.models import Snapshot, SnapshotResult
from analysis.snapshots.selectors import compared, moved_streams, snapshot_frame, snapshot_results
from analysis.snapshots.services import snapshot_make, snapshot_retire
from labs.ihc.services import read_correct
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from tests.analysis.fixtures import Scored
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY, enrol
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def made(cohort: Cohort, name: str = "Draft 1", **more: bool) -> Snapshot:
    return snapshot_make(cohort=cohort, name=name, purpose="a paper", by=BY, **more)


def test_the_table_has_everybody_with_every_endpoint_and_every_variable(scored: Scored, pfs_by_fap: Analysis) -> None:
    enrol(scored.cohort, "S-900")  # without follow-up, without a read
    run_stale("test")
    snapshot = made(scored.cohort)
    frame = snapshot_frame(snapshot)
    assert [row["patient"] for row in frame.rows] == [f"S-{n:03d}" for n in [*range(24), 900]]
    assert {"OS.event", "OS.months", "PFS.event", "PFS.months", "ihc:FAP@tumour"} <= set(frame.columns)
    assert frame.rows[0]["ihc:FAP@tumour"] == 12
    assert (frame.rows[1]["PFS.event"], frame.rows[24]["ihc:FAP@tumour"]) == (True, None)
    (kept,) = snapshot_results(snapshot)
    assert kept.was_fresh
    assert kept.result_id == Analysis.objects.get().current_id
    assert made(scored.cohort, "Draft 2").table_id == snapshot.table_id


def test_it_stays_as_it_was_and_says_what_moved_since(scored: Scored, pfs_by_fap: Analysis, alice: User) -> None:
    run_stale("test")
    snapshot = made(scored.cohort)
    assert not compared(snapshot)[0].is_moved
    # Its own making, and what is signed or reported meanwhile, moved no fact.
    assert moved_streams(snapshot, alice) == {}
    read_correct(read=scored.reads[2], intensity=1, percent=20, by=BY, reason="wrong slide")
    with pytest.raises(ValidationError, match="PFS by FAP"):
        made(scored.cohort, "Draft 2")
    assert not snapshot_results(made(scored.cohort, "Draft 2", accept_stale=True))[0].was_fresh
    run_stale("test")
    (kept,) = compared(snapshot)
    assert kept.is_moved
    assert "ihc/FAP" in moved_streams(snapshot, alice)
    assert snapshot_frame(snapshot).rows[2]["ihc:FAP@tumour"] == 12
    client = client_of(alice)
    page = client.get(reverse("analysis:snapshot-analysis", args=[snapshot.pk, "pfs-fap"])).content.decode()
    assert "As of a snapshot" in page
    assert f"run {kept.row.run_id}, data sha256" in page
    assert "snapshot Draft 1, computed" in page
    assert "As of snapshot Draft 1" in client.get(pfs_by_fap.get_absolute_url()).content.decode()


def test_nothing_changes_or_deletes_it(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    snapshot = made(scored.cohort)
    for rows in (Snapshot.objects.filter(pk=snapshot.pk), SnapshotResult.objects.all()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(id=99)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(rows.db)
    with pytest.raises(ValidationError) as refused:
        made(scored.cohort)
    assert set(refused.value.message_dict) == {"name"}
    with pytest.raises(ValidationError):
        snapshot_retire(snapshot=snapshot, reason=" ", by=BY)
    snapshot_retire(snapshot=snapshot, reason="wrong data cut", by=BY)
    assert Snapshot.objects.get().retirement.reason == "wrong data cut"


def test_it_is_made_on_its_page_and_hidden_from_whoever_reads_blind(scored: Scored, ada: User) -> None:
    client = client_of(ada)
    address = reverse("analysis:snapshot-new", args=["resection"])
    refused = client.post(address, {"name": "", "purpose": "a paper"}).content.decode()
    assert "Nothing was saved" in refused
    answer = client.post(address, {"name": "Draft 1", "purpose": "a paper"})
    snapshot = Snapshot.objects.get()
    assert answer.headers["Location"] == snapshot.get_absolute_url()
    assert "Nothing has changed." in client.get(snapshot.get_absolute_url()).content.decode()
    made_round = reading(scored.cohort, patients=2)
    made_round.first.sites.set(ada.sites.all())
    role_grant(user=made_round.first, role=Role.DATA_MANAGER, by=BY)
    blind = client_of(User.objects.get(pk=made_round.first.pk))
    assert blind.get(snapshot.get_absolute_url()).status_code == 404
    assert blind.get(address).status_code == 404
    assert "Draft 1" not in blind.get(reverse("analysis:snapshots")).content.decode()


def test_an_answer_without_a_verdict_is_there_all_the_same(scored: Scored, alice: User) -> None:
    analysis_define(
        cohort=scored.cohort, slug="all", title="All", kind="survival", parameters={"endpoint": "PFS"}, by=BY
    )
    run_stale("test")
    snapshot = made(scored.cohort)
    assert [claim.label for claim in compared(snapshot)[0].told] == ["Patients"]
    page = client_of(alice).get(reverse("analysis:snapshot", args=[snapshot.pk])).content.decode()
    assert reverse("analysis:snapshot-analysis", args=[snapshot.pk, "all"]) in page
