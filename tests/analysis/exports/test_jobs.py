"""An export as work: claimed once, taken up again, cancelled, mailed, downloaded by one person, purged."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as current_settings
from django.test import Client
from django.utils import timezone

from analysis.exports import services
from analysis.exports.models import ExportJob
from analysis.exports.plan import make_plan
from analysis.exports.profiles import Profile
from analysis.exports.services import export_cancel, export_request, purge, run_waiting
from labs.models import Outbox
from registry.log.models import Change
from registry.models import Cohort, Enrolment
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_revoke
from tests.analysis.exports.fixtures import wish
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bundles_go_to_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    settings.EXPORTS_ROOT = tmp_path_factory.mktemp("exports")


@pytest.fixture
def asked(a_cohort: Cohort, enrolled: Enrolment, alice: User) -> ExportJob:
    alice.email = "alice@example.org"
    alice.save()
    small = wish(a_cohort, Profile.LIMITED, tables=("registry.patient",), is_ready=False)
    return export_request(user=alice, wish=small, plan=make_plan(alice, small, "default"))


def again(job: ExportJob) -> ExportJob:
    return ExportJob.objects.get(pk=job.pk)


def test_whoever_asks_is_mailed_an_address_and_nothing_else(asked: ExportJob) -> None:
    assert run_waiting() == 1
    mail = Outbox.objects.get(recipient="alice@example.org")
    assert asked.get_absolute_url() in mail.text
    told = mail.subject + mail.text
    assert not any(word in told for word in ("P-001", "resection", "the paper", "Dr Wu"))


def test_only_whoever_asked_downloads_and_it_is_in_the_log_before(asked: ExportJob, alice: User, ada: User) -> None:
    run_waiting()
    url = f"{asked.get_absolute_url()}bundle.zip"
    answer: Any = client_of(ada).get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, asked.get_absolute_url())
    before = Change.objects.count()
    answer = client_of(alice).get(url)
    # Nothing of the file has been read yet.
    (change,) = Change.objects.order_by("id")[before:]
    job = again(asked)
    assert (change.actor_name, change.domain, change.action, change.reason) == ("alice", "export", "read", "the paper")
    assert change.new_values == {
        "step": "downloaded",
        "profile": "limited",
        "recipient": "Dr Wu",
        "rows": 1,
        "sha256": job.sha256,
        "files": len(job.files),
    }
    assert b"".join(answer.streaming_content) == job.path.read_bytes()
    assert job.downloads == 1


def test_a_link_expires_and_the_file_is_purged_while_its_record_stays(asked: ExportJob, alice: User) -> None:
    run_waiting()
    path = again(asked).path
    assert purge() == 0
    ExportJob.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client_of(alice).get(f"{asked.get_absolute_url()}bundle.zip").status_code == 302
    assert purge() == 1
    assert not path.exists()
    assert again(asked).sha256
    assert "expired" in client_of(alice).get(asked.get_absolute_url()).content.decode()


def test_a_job_is_taken_once_and_again_when_its_worker_died(asked: ExportJob) -> None:
    first = services._claim()
    assert first is not None
    assert services._claim() is None
    ExportJob.objects.filter(pk=asked.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_waiting() == 1
    # The one that was believed dead finishes late: its bundle is thrown away, the record is that of the other.
    done = again(asked)
    services._make(first)
    assert again(asked).sha256 == done.sha256
    assert [path.name for path in current_settings.EXPORTS_ROOT.iterdir()] == [done.file_name]


def test_a_job_that_kills_its_workers_fails_in_the_end(asked: ExportJob) -> None:
    for _try in range(services.MAX_ATTEMPTS):
        assert services._claim() is not None
        ExportJob.objects.filter(pk=asked.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_waiting() == 0
    assert "lost 3 times" in again(asked).error


def test_a_cancelled_job_leaves_no_file(asked: ExportJob) -> None:
    held = services._claim()
    assert held is not None
    assert export_cancel(job=asked)
    services._make(held)
    assert again(asked).state == "cancelled"
    assert not list(current_settings.EXPORTS_ROOT.iterdir())
    assert not export_cancel(job=asked)
    assert run_waiting() == 0


def test_a_bundle_whose_rows_do_not_match_the_query_is_not_handed_out(
    asked: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.exports.datasets.TableDataset.count", lambda self: 7)
    run_waiting()
    job = again(asked)
    assert (job.state, job.file_name) == ("failed", "")
    assert "counted 7 rows and 1 came" in job.error


def test_rights_are_asked_again_when_the_bundle_is_made(asked: ExportJob, alice: User, ada: User) -> None:
    role_revoke(user=alice, role=Role.INVESTIGATOR, by=BY)
    run_waiting()
    assert (again(asked).state, again(asked).error) == ("failed", "Nothing is exported under this login at the moment.")


# The pages.


def answered(client: Client, **instead: dict[str, Any]) -> Any:
    """All steps, each with a valid answer or another; the page that the last one leads to."""
    steps: dict[str, dict[str, Any]] = {
        "what": {"cohorts": ["resection"], "tables": ["registry.patient"]},
        "who": {"profile": "limited", "shift_dates": "on", "smallest_cell": "5"},
        "version": {"version": "live", "formats": ["parquet"]},
        "why": {"purpose": "the paper", "recipient": "Dr Wu"},
    }
    answer: Any = None
    for step, given in (steps | instead).items():
        answer = client.post(f"/exports/new/{step}/", given)
        if answer.status_code != 302:
            return answer
    return client.get(answer.headers["Location"])


def press(client: Client, go: str, page: str = "") -> Any:
    """A button of the summary, on a page that was shown before or on one fetched now."""
    page = page or client.get("/exports/new/summary/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    return client.post("/exports/new/summary/", {"go": go, "seen": seen[1] if seen else ""})


def test_what_another_window_answered_is_not_made_by_this_one(
    a_cohort: Cohort, enrolled: Enrolment, alice: User
) -> None:
    client = client_of(alice)
    anonymous: dict[str, dict[str, Any]] = {
        "who": {"profile": "anonymous", "smallest_cell": "5"},
        "what": {"cohorts": ["resection"], "is_ready": "on"},
    }
    shown = answered(client, **anonymous).content.decode()
    answered(client)
    page = press(client, "make", shown).content.decode()
    assert "Nothing was made. The answers have changed" in page
    assert not ExportJob.objects.exists()
    press(client, "make", page)
    assert ExportJob.objects.get().profile == "limited"


def test_the_wizard_ends_in_a_job(a_cohort: Cohort, enrolled: Enrolment, alice: User) -> None:
    client = client_of(alice)
    page = answered(client).content.decode()
    assert re.search(r"Patients</th><td class=\"num\">1</td>", page)
    answer = press(client, "make", page)
    job = ExportJob.objects.get()
    assert answer.headers["Location"] == job.get_absolute_url()
    assert (job.asked_by, job.purpose, job.recipient, job.profile) == (alice, "the paper", "Dr Wu", "limited")
    assert job.wished.formats == ("csv", "parquet")
    run_waiting()
    assert "Download" in client.get(job.get_absolute_url()).content.decode()
    listed = client.get("/cohorts/resection/exports/").content.decode()
    assert all(word in listed for word in ("alice", "the paper", "Dr Wu", "Limited", again(job).sha256[:12]))


@pytest.mark.parametrize(
    ("step", "given", "said"),
    [
        ("what", {"tables": ["registry.patient"]}, "Choose at least one cohort."),
        ("what", {"cohorts": ["resection"]}, "at least one stored table"),
        ("what", {"cohorts": ["resection"], "tables": ["registry.user"]}, "is not one of the available choices"),
        ("who", {"profile": "identified", "smallest_cell": "5"}, "is not one of the available choices"),
        ("who", {"profile": "anonymous", "smallest_cell": "2"}, "is not one of the available choices"),
        ("version", {"version": "yesterday"}, "is not one of the available choices"),
        ("why", {"purpose": "the paper"}, "This field is required."),
        ("why", {"purpose": "the \x00 paper", "recipient": "Dr Wu"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_answer_is_named_and_the_others_stay(
    a_cohort: Cohort, enrolled: Enrolment, alice: User, step: str, given: dict[str, Any], said: str
) -> None:
    client = client_of(alice)
    assert said in answered(client, **{step: given}).content.decode()
    # Nobody gets past it by the address of a later page.
    assert client.get("/exports/new/summary/").headers["Location"] == f"/exports/new/{step}/"
    if step != "what":
        assert 'value="resection" id="id_cohorts_0" checked' in client.get(
            "/exports/new/what/"
        ).content.decode().replace(' class="', ' data-class="')


def test_going_back_keeps_what_was_typed(a_cohort: Cohort, enrolled: Enrolment, alice: User) -> None:
    client = client_of(alice)
    answered(client)
    client.post("/exports/new/why/", {"purpose": "half a thought", "recipient": "", "go": "back"})
    assert "half a thought" in client.get("/exports/new/why/").content.decode()


def test_columns_that_were_unticked_are_left_out_even_after_an_error(
    a_cohort: Cohort, enrolled: Enrolment, alice: User
) -> None:
    client = client_of(alice)
    tables = {"cohorts": ["resection"], "tables": ["registry.patient"]}
    page = client.post("/exports/new/what/", tables | {"go": "columns"}).content.decode()
    assert 'value="registry.patient|sex"' in page
    ticked = {"listed": ["registry.patient"], "columns": ["registry.patient|study_number"]}
    page = client.post("/exports/new/what/", {"tables": ["registry.patient"]} | ticked).content.decode()
    assert "Choose at least one cohort." in page
    assert re.search(r'value="registry.patient\|study_number"[^>]* checked', page)
    assert not re.search(r'value="registry.patient\|sex"[^>]* checked', page)
    answered(client, what=tables | ticked)
    press(client, "make")
    assert "sex" in ExportJob.objects.get().wished.left_out["registry.patient"]


def test_an_empty_table_is_named_with_the_filter_that_emptied_it(
    a_cohort: Cohort, enrolled: Enrolment, alice: User
) -> None:
    client = client_of(alice)
    tables = {"cohorts": ["resection"], "tables": ["registry.patient", "registry.treatment"]}
    page = answered(client, what=tables).content.decode()
    assert "nothing is stored in this table" in page
    press(client, "make")
    assert not ExportJob.objects.exists()
    press(client, "without-empty")
    press(client, "make")
    assert ExportJob.objects.get().wished.tables == ("registry.patient",)


def test_who_reads_blind_gets_no_export(asked: ExportJob, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.extensions import Hidden

    run_waiting()
    for module in ("access", "plan"):
        monkeypatch.setattr(f"analysis.exports.{module}.hidden_from", lambda user: Hidden(no_export=True))
    client = client_of(alice)
    assert client.get(asked.get_absolute_url()).status_code == 404
    assert client.get(f"{asked.get_absolute_url()}bundle.zip").status_code == 404
    assert client.get("/exports/new/what/").headers["Location"] == "/exports/"
    assert "Closed to you for now" in client.get("/exports/").content.decode()
