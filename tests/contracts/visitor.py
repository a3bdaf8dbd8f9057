"""Somebody who asks many addresses of the same database: what a question changed is undone before the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie

from django.conf import settings
from django.db import transaction
from django.test import Client

from registry.people.models import User
from tests.registry.people import client_of


class Visitor:
    """One session and one client: to sign in anew, or to load the middleware anew, takes longer than an answer."""

    def __init__(self, user: User | None, *, raise_request_exception: bool = True) -> None:
        self._client = Client(raise_request_exception=raise_request_exception)
        self._session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value if user else None

    @contextmanager
    def asking(self) -> Iterator[Client]:
        self._client.cookies = SimpleCookie()
        if self._session:
            self._client.cookies[settings.SESSION_COOKIE_NAME] = self._session
        with undone():
            yield self._client


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
