"""Signing in, staying signed in, signing out; what a refused person reads."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from registry.log.actors import Actor
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant, role_revoke, user_update
from tests.registry.people import PASSWORD, SETUP, person, signed_in, site

pytestmark = pytest.mark.django_db
OWN_PASSWORD = "/password/"


def try_sign_in(client: Client, password: str, username: str = "investigator") -> Any:
    return client.post("/sign-in/", {"username": username, "password": password, "next": OWN_PASSWORD})


def test_the_right_password_opens_the_page_that_was_asked_for(client: Client) -> None:
    person(Role.INVESTIGATOR, password=PASSWORD)
    answer = client.get(OWN_PASSWORD)
    assert answer.headers["Location"] == f"/sign-in/?next={OWN_PASSWORD}"
    assert try_sign_in(client, PASSWORD).headers["Location"] == OWN_PASSWORD
    assert client.get(OWN_PASSWORD).status_code == 200


def test_a_wrong_password_says_so_without_saying_which_part_was_wrong(client: Client) -> None:
    person(Role.INVESTIGATOR, password=PASSWORD)
    wrong = try_sign_in(client, "wrong").content.decode()
    unknown = try_sign_in(client, "wrong", username="nobody").content.decode()
    sentence = "Please enter a correct username and password"
    assert sentence in wrong
    assert sentence in unknown


def test_five_wrong_passwords_lock_even_the_right_one_out_and_say_until_when(client: Client) -> None:
    person(Role.INVESTIGATOR, password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        try_sign_in(client, "wrong")
    before = timezone.now()
    answer = try_sign_in(client, PASSWORD)
    after = timezone.now()
    said = re.search(r"<time>(\d\d:\d\d)</time>", answer.content.decode())
    assert answer.status_code == 429
    assert said
    wait = timedelta(hours=settings.AXES_COOLOFF_TIME)
    assert said[1] in {f"{moment + wait:%H:%M}" for moment in (before, after)}
    assert client.get(OWN_PASSWORD).status_code == 302


def test_a_lockout_of_one_address_leaves_a_colleague_elsewhere_at_work(client: Client) -> None:
    person(Role.INVESTIGATOR, password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        try_sign_in(client, "wrong")
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert try_sign_in(elsewhere, PASSWORD).status_code == 302


def test_the_administration_site_sends_to_our_own_sign_in(client: Client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/?next=/admin/"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_the_administration_site_refuses_everybody_else(role: Role) -> None:
    assert signed_in(role).get("/admin/").status_code == 403


def test_signing_out_takes_a_post() -> None:
    client = signed_in(Role.TECHNICIAN)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get(OWN_PASSWORD).status_code == 302


def test_an_idle_person_is_signed_out_and_told_why(client: Client) -> None:
    client = signed_in(Role.INVESTIGATOR)
    client.get(OWN_PASSWORD)
    session = client.session
    session["last_seen"] -= settings.IDLE_LOGOUT_SECONDS + 1
    session.save()
    answer = client.get(OWN_PASSWORD, follow=True)
    assert answer.redirect_chain[0][0].startswith("/sign-in/")
    assert "nothing happened for a while" in answer.content.decode()


def test_a_page_that_polls_does_not_keep_the_session_alive() -> None:
    client = signed_in(Role.INVESTIGATOR)
    client.get(OWN_PASSWORD)
    session = client.session
    seen = session["last_seen"] = session["last_seen"] - settings.IDLE_LOGOUT_SECONDS / 2
    session.save()
    client.get(OWN_PASSWORD, headers={"X-Poll": "1"})
    assert client.session["last_seen"] == seen
    client.get(OWN_PASSWORD)
    assert client.session["last_seen"] > seen


def test_a_password_is_changed_by_its_owner_and_the_log_keeps_no_password() -> None:
    client = signed_in(Role.INVESTIGATOR, password=PASSWORD)
    new = "a quite different sentence"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(OWN_PASSWORD, form).status_code == 302
    assert client.get(OWN_PASSWORD).status_code == 200
    user = User.objects.get(username="investigator")
    assert user.check_password(new)
    change = Change.objects.latest("id")
    assert (change.actor_name, change.new_values) == ("investigator", {"password": "(withheld)"})


def test_a_weak_password_is_refused_beside_its_field() -> None:
    client = signed_in(Role.INVESTIGATOR, password=PASSWORD)
    answer = client.post(OWN_PASSWORD, {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"})
    assert "at least 12 characters" in answer.content.decode()


def test_roles_are_granted_and_revoked_with_a_row_each() -> None:
    admin = Actor.of(person(Role.ADMINISTRATOR))
    user = person(username="new")
    role_grant(user=user, role=Role.TECHNICIAN, by=admin, reason="joined the bench")
    assert user.has_role(Role.TECHNICIAN)
    role_revoke(user=user, role=Role.TECHNICIAN, by=admin, reason="left")
    assert not user.has_role(Role.TECHNICIAN)
    rows = list(Change.objects.filter(subject_type="rolegrant", subject_code="new").values_list("action", "reason"))
    assert rows == [("create", "joined the bench"), ("retire", "left")]


def test_granting_twice_is_granting_once() -> None:
    user = person(Role.TECHNICIAN)
    before = Change.objects.count()
    role_grant(user=user, role=Role.TECHNICIAN, by=SETUP)
    assert Change.objects.count() == before


def test_the_last_administrator_stays() -> None:
    user = person(Role.ADMINISTRATOR)
    with pytest.raises(ValidationError, match="Somebody must remain administrator"):
        role_revoke(user=user, role=Role.ADMINISTRATOR, by=SETUP)
    with pytest.raises(ValidationError, match="Somebody must remain administrator"):
        user_update(user=user, changes={"is_active": False}, by=SETUP)
    user = User.objects.get(pk=user.pk)
    assert user.is_active
    assert user.has_role(Role.ADMINISTRATOR)


def test_a_change_of_sites_says_which() -> None:
    user = person(Role.INVESTIGATOR, sites=[site("AAA")])
    user_update(user=user, changes={}, sites=[site("BBB")], by=SETUP)
    change = Change.objects.latest("id")
    assert (change.old_values, change.new_values) == ({"sites": ["AAA"]}, {"sites": ["BBB"]})


@pytest.mark.urls("tests.registry.pages.broken_urls")
def test_an_error_shows_a_number_that_leads_to_the_log_and_nothing_else(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="hepatica.errors"):
        page = client.get("/broken/").content.decode()
    shown = re.search(r'class="error-id">(\w+)<', page)
    assert shown
    assert shown[1] in caplog.text
    assert "王" not in page
    assert "RuntimeError" not in page


@pytest.mark.urls("tests.registry.pages.broken_urls")
def test_a_view_that_declares_nothing_is_refused_to_the_administrator_too() -> None:
    answer = signed_in(Role.ADMINISTRATOR).get("/undeclared/")
    assert answer.status_code == 403
    assert "secret" not in answer.content.decode()


def test_an_unknown_address_is_told_in_our_words(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()
