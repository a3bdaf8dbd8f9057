"""Somebody who asks many addresses of the same database: what a question changed is undone before the next."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from unittest.mock import patch

from django.conf import settings
from django.db import transaction
from django.template import Context
from django.template.base import Template
from django.test import Client

from registry.people.models import User
from tests.registry.people import client_of


class Visitor:
    """One session and one client: to sign in anew, or to load the middleware anew, takes longer than an answer."""

    def __init__(self, user: User | None, *, raise_request_exception: bool = True) -> None:
        self._client = Client(raise_request_exception=raise_request_exception)
        self._session = _session_of(user) if user else None

    @contextmanager
    def asking(self) -> Iterator[Client]:
        self._client.cookies = SimpleCookie()
        if self._session:
            self._client.cookies[settings.SESSION_COOKIE_NAME] = self._session
        # What the client notes of each template is read nowhere here.
        with undone(), patch.object(Template, "_render", _rendered):
            yield self._client


def _session_of(user: User) -> str:
    client = client_of(user)
    # So that no answer notes that somebody was here, or hangs on how long the test takes.
    session = client.session
    session["last_seen"] = time.time() + 24 * 3600
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _rendered(template: Template, context: Context) -> str:
    return template.nodelist.render(context)


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
