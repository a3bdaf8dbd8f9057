"""A signed-in browser context that counts what the content security policy refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from registry.people.models import User
from tests.registry.people import client_of

VIOLATIONS = """window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  violations.push([event.effectiveDirective, event.blockedURI]);
});"""


@contextmanager
def signed_in_context(
    chromium: Browser, live_server: LiveServer, user: User, **options: Any
) -> Iterator[BrowserContext]:
    session = client_of(user).cookies["sessionid"].value
    context = chromium.new_context(**({"reduced_motion": "reduce"} | options))
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    context.add_init_script(VIOLATIONS)
    try:
        yield context
    finally:
        context.close()
