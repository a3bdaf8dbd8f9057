"""A person at a browser: a context of its own, signed in through the sign-in page."""

from playwright.sync_api import Browser, Page

from tests.services.stack import Stack


def sign_in(chromium: Browser, stack: Stack, username: str, password: str) -> Page:
    page = chromium.new_context(base_url=stack.url, viewport={"width": 1280, "height": 900}).new_page()
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(stack.url + "/")
    return page
