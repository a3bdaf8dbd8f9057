import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.log.models import Change
from registry.people.models import User
from registry.people.services import user_update
from registry.tokens.models import ApiToken
from registry.tokens.services import token_create, token_revoke
from tests.registry.api.asking import Program, in_error_shape, program_of
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db


def made_on_the_page(user: User) -> str:
    answer = client_of(user).post("/tokens/", {"name": "analyser", "days": "30"})
    found = re.search(r'id="token-secret">(hep_[^<]+)<', answer.content.decode())
    assert found
    assert "no-store" in answer.headers["Cache-Control"]
    return found[1]


def test_the_secret_is_shown_once_and_opens_the_interface(dora: User) -> None:
    secret = made_on_the_page(dora)
    assert secret not in client_of(dora).get("/tokens/").content.decode()
    assert "patients" in Program(secret, Client()).get("")["resources"]
    assert ApiToken.objects.get().last_used_on == timezone.localdate()


def test_the_log_has_the_token_and_not_its_secret(dora: User) -> None:
    secret = made_on_the_page(dora)
    row = Change.objects.get(subject_type="apitoken")
    assert (row.actor_name, row.domain, row.subject_code) == ("dora", "people", secret.split("_")[1])
    assert secret.split("_", 2)[2] not in row.new + row.old + row.reason
    assert ApiToken.objects.get().digest not in row.new


def test_scopes_narrow_what_the_owner_may_do(dora: User, a_patient: object) -> None:
    page = client_of(dora).post("/tokens/", {"name": "x", "days": "1", "scopes": "patient/Observation.rs"})
    assert "is no scope" in page.content.decode()
    token, secret = token_create(
        owner=dora, name="x", days=1, scopes=" user/Patient.rs  system/cohorts.s system/follow-ups.c", by=BY
    )
    assert token.scopes == "user/Patient.rs system/cohorts.s system/follow-ups.c"
    program = Program(secret, Client())
    asked = {path: program.ask("GET", path).status_code for path in ("", "patients/", "patients/P-001/", "cohorts/")}
    assert set(asked.values()) == {200}
    assert program.ask("GET", "schema/").status_code == 200
    refused = {path: program.ask("GET", path).status_code for path in ("specimens/", "cohorts/x/", "follow-ups/")}
    assert set(refused.values()) == {403}
    assert "scopes" in program.refusal("PATCH", "patients/P-001/", 403, sex="M", version=1)["message"]
    assert program.post("follow-ups/", patient="P-001", day="2022-05-01")["version"] == 1


def test_a_token_without_a_name_or_for_ever_is_refused(dora: User) -> None:
    page = client_of(dora).post("/tokens/", {"name": "", "days": "4000"}).content.decode()
    assert "Nothing was saved" in page
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_worth_nothing(dora: User) -> None:
    program = program_of(dora)
    prefix = ApiToken.objects.get().prefix
    client_of(dora).post("/tokens/revoke/", {"prefix": prefix})
    answer = program.ask("GET", "cohorts/")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert in_error_shape(answer)["code"] == "not_signed_in"
    assert list(Change.objects.filter(subject_type="apitoken").values_list("action", flat=True)) == ["create", "retire"]


def test_nobody_revokes_the_token_of_somebody_else(dora: User, ada: User) -> None:
    program = program_of(dora)
    client_of(ada).post("/tokens/revoke/", {"prefix": ApiToken.objects.get().prefix})
    assert program.ask("GET", "cohorts/").status_code == 200


def test_revoking_twice_is_one_change(dora: User) -> None:
    token, _secret = token_create(owner=dora, name="x", days=1, by=BY)
    token_revoke(token=token, by=BY)
    token_revoke(token=token, by=BY)
    assert Change.objects.filter(subject_type="apitoken").count() == 2


def test_an_expired_token_and_one_of_a_closed_login_are_worth_nothing(dora: User, alice: User, ada: User) -> None:
    old, closed = program_of(dora), program_of(alice)
    ApiToken.objects.filter(owner=dora).update(expires_at=timezone.now() - timedelta(seconds=1))
    user_update(user=alice, changes={"is_active": False}, by=BY)
    assert [program.ask("GET", "").status_code for program in (old, closed)] == [401, 401]


def test_a_wrong_secret_is_locked_out_as_a_wrong_password_is(dora: User) -> None:
    program = program_of(dora)
    wrong = Program(program.secret[:-3] + "xyz", program.client)
    assert [wrong.ask("GET", "").status_code for _try in range(4)] == [401] * 4
    wrong.ask("GET", "")
    locked = wrong.ask("GET", "")
    assert locked.status_code == 429
    assert in_error_shape(locked)["code"] == "throttled"
    assert Program(program_of(dora).secret, Client()).ask("GET", "").status_code == 200


def test_a_session_needs_the_token_of_the_form_to_write(dora: User, a_patient: object) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dora, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/cohorts/").status_code == 200
    body = {"patient": "P-001", "day": date(2022, 5, 1).isoformat()}
    answer = client.post("/api/v1/follow-ups/", body, content_type="application/json")
    assert answer.status_code == 403
    assert in_error_shape(answer)["code"] == "not_allowed"
