"""One request sent twice, requests that come too often, and errors of every kind in one shape."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as limits
from django.core.cache import cache
from django.db import IntegrityError, connection, connections
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from registry.clinical.models import FollowUp
from registry.export.tables import tables
from registry.idempotency.models import KeptAnswer
from registry.idempotency.services import Answer, UnderWay, answers_purge, done_once
from registry.patients.models import Enrolment
from registry.people.models import User
from tests.registry.api.asking import Program, in_error_shape, messages, program_of

pytestmark = pytest.mark.django_db
CONTACT = {"patient": "P-001", "day": "2022-06-01", "mode": "visit"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def program(dora: User, enrolled: Enrolment) -> Program:
    return program_of(dora)


def test_a_repeated_post_is_done_once_and_answered_twice(program: Program, alice: User) -> None:
    first = program.ask("POST", "follow-ups/", CONTACT, **KEY)
    again = program.ask("POST", "follow-ups/", CONTACT, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert FollowUp.objects.count() == 1
    assert "keptanswer" not in {table.model._meta.model_name for table in tables()}
    other = program.ask("POST", "follow-ups/", CONTACT | {"day": "2022-06-02"}, **KEY)
    assert (other.status_code, in_error_shape(other)["code"]) == (422, "key_of_another_request")
    elsewhere = program.ask("POST", "outcome-events/", {}, **KEY)
    assert elsewhere.status_code == 422
    # A key is that of a person, and lives a day.
    assert program_of(alice).ask("POST", "follow-ups/", CONTACT, **KEY).status_code == 403
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    late = program.ask("POST", "follow-ups/", CONTACT | {"day": "2022-06-03"}, **KEY)
    assert late.status_code == 201
    assert answers_purge() == 0
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert answers_purge() == 1
    assert program.ask("POST", "follow-up-due/", {}, **KEY).status_code == 405
    for key in (" ", "ä", "x" * 201):
        refused = program.ask("POST", "follow-ups/", CONTACT, **{"Idempotency-Key": key})
        assert refused.status_code == 400, key
        in_error_shape(refused)


def test_what_was_refused_may_be_tried_again_with_the_same_key(program: Program) -> None:
    wrong = program.ask("POST", "follow-ups/", CONTACT | {"day": "tomorrow"}, **KEY)
    assert "day" in messages(in_error_shape(wrong)) or wrong.status_code == 400
    assert program.ask("POST", "follow-ups/", CONTACT, **KEY).status_code == 201


def test_a_crash_before_the_answer_is_kept_undoes_the_write(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_args: Any, **_kwargs: Any) -> Any:
        raise IntegrityError

    with monkeypatch.context() as broken:
        broken.setattr(KeptAnswer.objects, "create", lost)
        answer = program.ask("POST", "follow-ups/", CONTACT, **KEY)
    assert (answer.status_code, in_error_shape(answer)["code"]) == (500, "server_error")
    assert not FollowUp.objects.exists()
    assert program.ask("POST", "follow-ups/", CONTACT, **KEY).status_code == 201
    assert FollowUp.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_two_at_the_same_time_are_not_both_done(dora: User) -> None:
    second = connections.create_connection("default")
    asked: dict[str, Any] = {"owner": dora, "key": "k", "digest": "d"}

    def do() -> Answer:
        mine, connections["default"] = connections["default"], second
        try:
            with pytest.raises(UnderWay):
                done_once(**asked, do=lambda: Answer(201, "{}"))
        finally:
            connections["default"] = mine
            second.close()
        return Answer(201, "{}")

    assert done_once(**asked, do=do) == (Answer(201, "{}"), False)
    assert connection.vendor == "postgresql"


@pytest.fixture
def counted_anew() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_who_asks_too_often_is_told_when_to_come_back(program: Program, settings: Settings, counted_anew: None) -> None:
    settings.API_PER_MINUTE, settings.API_WRITES_PER_MINUTE = 4, 1
    assert program.ask("POST", "follow-ups/", CONTACT).status_code == 201
    too_many = program.ask("POST", "follow-ups/", CONTACT | {"day": "2022-06-02"})
    assert (too_many.status_code, in_error_shape(too_many)["code"]) == (429, "throttled")
    assert 1 <= int(too_many["Retry-After"]) <= 60
    assert [program.ask("GET", "cohorts/").status_code for _ in range(3)] == [200, 200, 429]


def test_errors_have_one_shape_whatever_is_wrong(program: Program) -> None:
    bearer = {"Authorization": f"Bearer {program.secret}"}

    def sent(body: str) -> Any:
        return Client().generic("POST", "/api/v1/follow-ups/", body, "application/json", headers=bearer)

    cases = [
        (program.ask("DELETE", "follow-ups/"), 405, "method_not_allowed"),
        (program.ask("POST", "follow-ups", CONTACT), 404, "not_found"),
        (program.ask("GET", "nothing/"), 404, "not_found"),
        (program.ask("GET", "cohorts/", Accept="text/html"), 406, "not_acceptable"),
        (sent("{"), 400, "malformed"),
        (sent("[" * 100_000), 400, "malformed"),
        (sent('{"mode": "\\ud800"}'), 400, "malformed"),
        (sent('{"notes": [{"\\udfff": 1}]}'), 400, "malformed"),
        (sent(f'"{"x" * limits.DATA_UPLOAD_MAX_MEMORY_SIZE}"'), 413, "too_large"),
        (Client().post("/api/v1/follow-ups/", "a=1", "text/plain", headers=bearer), 415, "unsupported_media_type"),
        (Client().get("/api/v1/cohorts/"), 401, "not_signed_in"),
    ]
    for answer, status, code in cases:
        assert (answer.status_code, in_error_shape(answer)["code"]) == (status, code)
    assert not FollowUp.objects.exists()
