"""People for tests: one login for each role, and a stranger from another site."""

from collections.abc import Iterable

from django.test import Client

from registry.log.actors import Actor
from registry.people.models import Site, User
from registry.people.roles import Role
from registry.people.services import site_set, user_create

PASSWORD = "correct horse battery staple"
SETUP = Actor.system("tests")


def site(code: str = "HEB") -> Site:
    return site_set(code=code, name=f"Hospital {code}", by=SETUP)


def person(*roles: Role, username: str = "", sites: Iterable[Site] = (), password: str | None = None) -> User:
    """Without a password, whose hash is slow on purpose, unless a test types one."""
    name = username or "-".join(roles) or "nobody"
    return user_create(username=name, password=password, roles=roles, sites=sites, by=SETUP)


def signed_in(*roles: Role, username: str = "", sites: Iterable[Site] = (), password: str | None = None) -> Client:
    return client_of(person(*roles, username=username, sites=sites, password=password))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client
