"""The page of tokens and the drawn description of the interface, under the content security policy of every page."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.registry import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_description_is_drawn_without_anything_from_outside(chromium: Browser, live_server: LiveServer) -> None:
    user = people.person(Role.DATA_MANAGER, username="dora")
    with signed_in_context(chromium, live_server, user) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/api/v1/docs/")
        expect(page.locator(".opblock").first).to_be_visible(timeout=60_000)
        # Only what is near the window is drawn, so to its end.
        wait_until(
            page, "scrollTo(0, document.body.scrollHeight) ?? document.querySelector('#operations-tag-treatments')"
        )
        expect(page.get_by_text("/treatments/{id}/retire/").first).to_be_visible(timeout=60_000)
        assert page.evaluate("violations") == []
        assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_token_is_made_and_revoked(chromium: Browser, live_server: LiveServer, width: int) -> None:
    user = people.person(Role.DATA_MANAGER, username="dora")
    with signed_in_context(chromium, live_server, user, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/tokens/")
        page.get_by_label("Name").fill("analyser")
        page.get_by_role("button", name="Make the token").click()
        expect(page.locator("#token-secret")).to_contain_text("hep_")
        assert (unreadable(page), page.evaluate("violations")) == ([], [])
        assert fits(page)
        page.get_by_role("button", name="Revoke analyser").click()
        expect(page.get_by_text("analyser is revoked.")).to_be_visible()
