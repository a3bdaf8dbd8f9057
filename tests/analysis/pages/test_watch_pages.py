"""A run under way with its progress and its end by hand; a failed one in words; the status page by role."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis.engine.broker import Broker
from analysis.engine.claiming import claim_next
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, Run, RunPart
from analysis.engine.services import analysis_define
from analysis.engine.workers import note_alive
from analysis.kinds.survival import Survival
from analysis.reports.scheduling.selectors import next_report_at
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
PARAMETERS = {"endpoint": "PFS", "marker": "ihc:FAP@tumour", "resamples": 100}


@pytest.fixture
def client(alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def heavy(scored: Scored, monkeypatch: pytest.MonkeyPatch) -> Analysis:
    monkeypatch.setattr("analysis.kinds.cutpoint.PART_WORK", 24 * 25)
    found = analysis_define(
        cohort=scored.cohort, slug="best", title="Best cutoff", kind="cutpoint", parameters=PARAMETERS, by=BY
    )
    run_stale("test")
    return found


def text(client: Client, name: str, analysis: Analysis, **query: str) -> str:
    response = client.get(reverse(f"analysis:{name}", args=[analysis.cohort.code, analysis.slug]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_heavy_run_shows_its_progress_and_can_be_cancelled(client: Client, alice: User, heavy: Analysis) -> None:
    run = heavy.runs.get()
    assert "0 of 4 parts" in text(client, "analysis", heavy)
    running = reverse("analysis:analysis-running", args=[heavy.cohort.code, heavy.slug])
    assert client.get(running, {"seen": f"{run.pk}:0"}).status_code == 204
    RunPart.objects.filter(index=0).update(state=RunPart.State.DONE, output="{}", finished_at=timezone.now())
    assert "1 of 4 parts" in text(client, "analysis-running", heavy, seen=f"{run.pk}:0")

    cancel = reverse("analysis:analysis-cancel", args=[heavy.cohort.code, heavy.slug])
    told = client.post(cancel, follow=True).content.decode()
    assert f"Run {run.pk} is cancelled" in told
    assert f"Cancelled by {alice.username}" in told
    assert "Cancel this run" not in told
    assert Change.objects.filter(new__contains="cancelled_run", actor_name=alice.username).exists()
    assert "has just ended" in client.post(cancel, follow=True).content.decode()


def test_a_failed_run_says_why_and_which_run_to_name(
    client: Client, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow(*given: object) -> object:
        raise MemoryError("42 GiB for patient S-000")

    monkeypatch.setattr(Survival, "compute", grow)
    run_stale("test")
    page = text(client, "analysis", pfs_by_fap)
    assert "too little memory for this computation on 24 patients" in page
    assert f'<span class="code">{pfs_by_fap.runs.get().pk}</span>' in page
    assert "S-000" not in page
    assert "too little memory" in client.get(reverse("analysis:analyses")).content.decode()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.engine.watch.ask_broker", lambda: Broker("Valkey 8", {"live": 3, "heavy": 0}))


def test_the_status_page_shows_each_role_what_it_needs(broker: None, pfs_by_fap: Analysis) -> None:
    note_alive(",live,")
    assert claim_next("test") is not None
    title, worker, seal = pfs_by_fap.title, "Last sign of life", "Change log"
    seen = {
        role: client_of(person(role, username=f"one-{role}")).get("/status/").content.decode()
        for role in (Role.ADMINISTRATOR, Role.INVESTIGATOR, Role.PATHOLOGIST)
    }
    for part in (title, worker, seal, "3 messages", "Valkey 8", "Stale analyses"):
        assert part in seen[Role.ADMINISTRATOR]
        assert part not in seen[Role.PATHOLOGIST]
    assert pfs_by_fap.cohort.name in seen[Role.INVESTIGATOR]
    assert title not in seen[Role.INVESTIGATOR]
    # When the cohort's own report comes, not when somebody next looks whether one is due.
    due = next_report_at(pfs_by_fap.cohort)
    assert due is not None and f"{timezone.localtime(due):%Y-%m-%d %H:%M}" in seen[Role.INVESTIGATOR]
    job = "Cohort-wide reanalysis and report"
    assert job in seen[Role.ADMINISTRATOR] and job not in seen[Role.INVESTIGATOR]
    assert "The scheduler keeps its times" in seen[Role.PATHOLOGIST]


def test_the_status_page_asks_again_and_hears_nothing_while_nothing_is_new(
    broker: None, client: Client, pfs_by_fap: Analysis
) -> None:
    first = client.get("/status/", headers={"X-Poll": "1"}).content.decode()
    seen = first.split('{"seen": "')[1].split('"')[0]
    assert client.get("/status/", {"seen": seen}, headers={"X-Poll": "1"}).status_code == 204
    Run.objects.all().delete()
    run_stale("test")
    again = client.get("/status/", {"seen": seen}, headers={"X-Poll": "1"})
    assert again.status_code == 200
