"""What /health/ and the banner say of beat, workers, stale data, stuck runs and mail; and who is told by mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from analysis.engine.broker import Broker
from analysis.engine.claiming import claim_next
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, Beat, Worker
from analysis.engine.outage import notice
from analysis.engine.watch import note_sweep
from analysis.engine.workers import note_alive
from labs.connectors.signs.models import ListenerSign
from labs.connectors.signs.services import listener_noted, listener_started, listener_stopped, listeners_forget
from labs.outbox.models import Outbox
from registry.log.models import Stream
from registry.people.models import User
from registry.people.roles import Role
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db
A_MINUTE = override_settings(SWEEP_SECONDS=60)


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.engine.watch.ask_broker", lambda: Broker("Valkey 8", {"live": 0, "heavy": 0}))


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


@pytest.fixture(autouse=True)
def just_scheduled(db: None) -> None:
    """The database may be a copy of one that was made before the last time that a reanalysis was due."""
    PeriodicTask.objects.update(date_changed=timezone.now())


@pytest.fixture
def at_work() -> None:
    """Everything showed a sign of life just now."""
    PeriodicTask.objects.filter(task="analysis.tasks.sweep").update(last_run_at=timezone.now())
    note_sweep()
    note_alive(",heavy,live,")


def asked(client: Client) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = client.get("/health/")
    return answer.status_code, {check["name"]: check for check in answer.json()["checks"]}


def failing(client: Client) -> set[str]:
    status, checks = asked(client)
    found = {name for name, check in checks.items() if not check["ok"]}
    assert status == (503 if found else 200)
    return found


def test_new_and_at_work_all_is_well(client: Client, at_work: None) -> None:
    assert failing(client) == set()
    assert client.get("/health/live/").json() == {"status": "ok"}
    assert client.get("/health/").json()["last_sweep"] is not None


def test_what_was_never_started_is_missed_after_a_while(client: Client, alice: User) -> None:
    assert failing(client) == set()
    with override_settings(SWEEP_SECONDS=1), pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.engine.overdue.installed_at", lambda: ago(minutes=5))
        assert failing(client) == {"scheduler", "sweep", "workers_live", "workers_heavy"}
        assert "was never started" in client_of(alice).get("/").content.decode()


@A_MINUTE
@pytest.mark.parametrize(
    ("silent", "names", "words"),
    [
        ("beat", {"scheduler"}, "The scheduler has been silent since"),
        ("workers", {"workers_live", "workers_heavy"}, "The workers have been silent since"),
        ("sweep", {"sweep"}, "No worker has looked for stale analyses since"),
    ],
)
def test_who_is_silent_is_named_to_the_watchdog_and_on_every_page(
    client: Client, alice: User, at_work: None, silent: str, names: set[str], words: str
) -> None:
    long_ago = ago(minutes=10)
    if silent == "beat":
        PeriodicTask.objects.filter(task="analysis.tasks.sweep").update(last_run_at=long_ago)
    elif silent == "workers":
        Worker.objects.update(at=long_ago)
    else:
        Beat.objects.update(at=long_ago)
    _status, checks = asked(client)
    assert failing(client) == names
    for name in names:
        assert checks[name]["since"] == long_ago.isoformat()
    page = client_of(alice).get("/").content.decode()
    assert words in page
    assert f"{long_ago:%Y-%m-%d %H:%M}" in page


def test_a_missed_reanalysis_is_told(client: Client, at_work: None) -> None:
    PeriodicTask.objects.filter(task="analysis.tasks.reanalyse_all").update(last_run_at=ago(days=8))
    assert failing(client) == {"schedule"}


def test_data_that_are_stale_too_long_are_told_since_their_first_change(
    client: Client, at_work: None, pfs_by_fap: Analysis
) -> None:
    run_stale("test")
    assert failing(client) == set()
    pfs_by_fap.inputs.update(computed_version=None)
    assert failing(client) == set()
    since = ago(minutes=31)
    Stream.objects.update(changed_at=since)
    assert failing(client) == {"stale"}
    assert asked(client)[1]["stale"]["since"] == since.isoformat()


def test_a_run_that_nobody_took_up_is_stuck(client: Client, at_work: None, pfs_by_fap: Analysis) -> None:
    assert claim_next("test") is not None
    Analysis.objects.update(lease_until=ago(minutes=10))
    assert failing(client) == {"stuck"}


@A_MINUTE
def test_a_listener_that_was_ever_started_is_missed(client: Client, at_work: None) -> None:
    assert "listener" not in asked(client)[1]
    listener_started(place="0.0.0.0:2575")
    assert failing(client) == set()
    ListenerSign.objects.update(at=ago(minutes=10))
    assert failing(client) == {"listener"}
    listener_noted(place="0.0.0.0:2575")
    listener_stopped(place="0.0.0.0:2575")
    assert failing(client) == set()
    ListenerSign.objects.update(stopped_at=ago(days=6))
    listeners_forget()
    assert failing(client) == {"listener"}
    ListenerSign.objects.update(stopped_at=ago(days=8))
    listeners_forget()
    assert failing(client) == set()


def message(number: int) -> None:
    Outbox.objects.create(
        recipient="a@b.test", subject="x", text="x", key=str(number), next_attempt=timezone.now(), last_error="refused"
    )


@override_settings(FAILED_MAILS=2)
def test_mail_that_cannot_be_delivered_is_told_beyond_a_limit(client: Client, at_work: None) -> None:
    message(1)
    message(2)
    assert failing(client) == set()
    message(3)
    assert failing(client) == {"mail"}


@A_MINUTE
def test_administrators_are_told_once_per_outage_by_the_web_side(at_work: None) -> None:
    assert notice() == 0
    people = [person(Role.ADMINISTRATOR, username=name) for name in ("ada", "bea")]
    people.append(person(Role.INVESTIGATOR, username="ivo"))
    for user in people:
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@hospital.test")
    PeriodicTask.objects.filter(task="analysis.tasks.sweep").update(last_run_at=ago(minutes=10))
    assert notice() == 2
    # The effects of the same cause come later.
    Beat.objects.update(at=ago(minutes=10))
    assert notice() == 0
    assert sorted(sent.to for sent in mail.outbox) == [["ada@hospital.test"], ["bea@hospital.test"]]
    assert "The scheduler has been silent since" in mail.outbox[0].subject
    assert "/status/" in str(mail.outbox[0].body)
    PeriodicTask.objects.filter(task="analysis.tasks.sweep").update(last_run_at=ago(minutes=5))
    assert notice() == 2
