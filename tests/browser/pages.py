"""A signed-in browser context that counts what the content security policy refused, and a wait that it allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
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


def wait_until(page: Page, expression: str, *, milliseconds: int = 30_000) -> None:
    """Playwright's own `wait_for_function` evaluates text at each poll, which the policy refuses after the first."""
    page.evaluate(
        f"""(limit) => new Promise((resolve, reject) => {{
          const end = performance.now() + limit;
          const look = () => {{
            if ({expression}) resolve();
            else if (performance.now() > end) reject(new Error("never came true"));
            else setTimeout(look, 20);
          }};
          look();
        }})""",
        milliseconds,
    )


def fits(page: Page) -> bool:
    """Nothing stands out at the side. After a click the next document may have no root element yet."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def unreadable(page: Page) -> list[str]:
    """What axe finds wrong with the page. Without the report of what is right, which takes longer than the looking."""
    page.wait_for_load_state()
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {', '.join(str(node['target']) for node in violation['nodes'])}"
        for violation in found.response["violations"]
    ]
