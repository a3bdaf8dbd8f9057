from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from analysis.engine.models import Beat
from analysis.engine.watch import note_sweep
from registry.people.models import User
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db


def test_well_before_and_after_a_sweep(client: Client) -> None:
    assert client.get("/health/").json()["status"] == "ok"
    note_sweep()
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.json()["last_sweep"] is not None


def test_a_silent_scheduler_is_told_to_the_watchdog_and_on_every_page(client: Client, alice: User) -> None:
    Beat.objects.create(name="sweep", at=timezone.now() - timedelta(minutes=10))
    assert client.get("/health/").status_code == 503
    assert "scheduler" in client_of(alice).get("/").content.decode()
