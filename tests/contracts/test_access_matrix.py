"""Who may call which address: the committed table, what the views declare and what they answer are one and the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import clear_url_caches

from analysis.engine.execution import run_stale
from registry.cohorts.models import Cohort
from registry.people.matrix import NO, NOT_FOUND, SIGN_IN, YES, Address, Undeclared, addresses, as_markdown
from registry.people.models import User
from registry.people.roles import Role
from tests.contracts.world import World, build_world, leave_behind
from tests.registry.people import client_of, person, site

pytestmark = pytest.mark.django_db
# Whether an address may be asked is decided before the database is: what is seen is asked on both, by who sees most.
one_database = pytest.mark.one_database
SEE_MOST = (Role.DATA_MANAGER, Role.ADMINISTRATOR)
NOT_OFFERED = "not offered"
ROUNDS = ("/rounds/", "/api/v1/my-rounds/")
Ask = Callable[[Client, str], str]
TABLE = Path(settings.BASE_DIR) / "docs" / "administrator" / "access.md"


@pytest.fixture
def world(a_cohort: Cohort) -> World:
    made = build_world(a_cohort, lambda analysis: run_stale("test"))
    leave_behind(made.report)
    return made


def given(client: Client, url: str) -> str:
    """The answer in the words of the table; an address that takes no GET is asked by POST."""
    answer: Any = client.get(url)
    return _in_words(client.post(url) if answer.status_code == 405 else answer)


def sent(client: Client, url: str) -> str:
    answer: Any = client.post(url)
    # Nobody may send anything there, so nothing is let through.
    return NOT_OFFERED if answer.status_code == 405 else _in_words(answer)


def sent_or_refused(client: Client, url: str) -> str:
    """For hidden objects: a page that lets nobody change anything refuses before it looks for the object."""
    answer = sent(client, url)
    return NOT_FOUND if answer == NO else answer


def _in_words(answer: Any) -> str:
    if answer.status_code in (401, 403):
        return NO if answer.status_code == 403 else SIGN_IN
    # Django's admin sends whoever asks for a row that is not there back to its start.
    if answer.status_code == 404 or answer.headers.get("Location") == "/admin/":
        return NOT_FOUND
    return SIGN_IN if answer.headers.get("Location", "").startswith("/sign-in/?next=") else YES


def url_of(address: Address, world: World) -> str:
    path = address.pattern
    for name, value in world.arguments(address).items():
        start = path.index("<")
        end = path.index(">") + 1
        assert path[start:end].strip("<>").split(":")[-1] == name
        path = path[:start] + str(value) + path[end:]
    return path


def differences(user: User | None, world: World, expected: dict[Address, str], ask: Ask = given) -> list[str]:
    # Signed in anew for each address: one of them signs out.
    found = {address: ask(client_of(user) if user else Client(), url_of(address, world)) for address in expected}
    return [
        f"{address.pattern}: {found[address]}, not {wanted}"
        for address, wanted in expected.items()
        if found[address] not in (wanted, NOT_OFFERED)
    ]


@one_database
def test_the_table_in_the_documentation_is_what_the_views_declare() -> None:
    assert TABLE.read_text(encoding="utf-8") == as_markdown(), "run manage.py access_matrix"


@pytest.mark.parametrize(
    "role", [role if role in SEE_MOST else pytest.param(role, marks=one_database) for role in Role]
)
def test_every_address_answers_each_role_as_the_table_says(world: World, role: Role) -> None:
    expected = {address: address.answer(role) for address in addresses()}
    somebody = _alone(role)
    # A slide of a round is shown to its readers only, and what they read blind is shown to them nowhere else.
    reader = world.reader if role == Role.PATHOLOGIST else somebody
    of_rounds = {address: wanted for address, wanted in expected.items() if address.pattern.startswith(ROUNDS)}
    others = {address: wanted for address, wanted in expected.items() if address not in of_rounds}
    assert differences(reader, world, of_rounds) + differences(somebody, world, others) == []


@one_database
@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_not_read_it_may_not_send_either(world: World, role: Role) -> None:
    expected = {address: NO for address in addresses() if address.answer(role) == NO}
    assert differences(_alone(role), world, expected, sent) == []


@one_database
@pytest.mark.parametrize("role", Role)
def test_who_only_reads_changes_nothing(world: World, role: Role) -> None:
    client, let_through = client_of(_alone(role)), []
    for address in (address for address in addresses() if address.only_reads(role)):
        url = url_of(address, world)
        for method in ("post", "put", "patch", "delete"):
            if getattr(client, method)(url).status_code not in (403, 405):
                let_through.append(f"{method} {url}")
    assert let_through == []


@one_database
def test_every_address_sends_an_anonymous_caller_to_the_sign_in_page(world: World) -> None:
    expected = {address: address.answer(signed_in=False) for address in addresses()}
    assert differences(None, world, expected) == []
    private = {address: SIGN_IN for address in addresses() if address.roles is not None}
    assert differences(None, world, private, sent) == []


@one_database
def test_every_address_hides_its_object_from_another_site(world: World) -> None:
    stranger = person(*Role, username="stranger", sites=[site("FAR")])
    expected = {address: address.other_site for address in addresses()}
    assert differences(stranger, world, expected) == []
    hidden = {address: NOT_FOUND for address in addresses() if address.other_site == NOT_FOUND}
    assert differences(stranger, world, hidden, sent_or_refused) == []


def _alone(role: Role) -> User:
    return person(role, username=f"only-{role}")


@one_database
def test_a_view_that_declares_nothing_stops_the_table() -> None:
    try:
        with override_settings(ROOT_URLCONF="tests.registry.pages.broken_urls"):
            clear_url_caches()
            with pytest.raises(Undeclared, match="/undeclared/"):
                addresses()
    finally:
        clear_url_caches()
