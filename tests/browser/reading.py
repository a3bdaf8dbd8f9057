"""A reader of a round at the keyboard: no mouse, and every key press is counted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from registry.people.models import User
from tests.browser.pages import signed_in_context

FORM = "[data-reading-form]"


class KeyboardReader:
    """Drives the scoring screen of one round in one window."""

    def __init__(self, page: Page, base: str, round_code: str) -> None:
        self.page = page
        self.base = base
        self.round_code = round_code
        self.presses = 0

    def open_next(self) -> str:
        """Goes to the reader's next slide by the address that can be bookmarked; the slide's code."""
        self.page.goto(f"{self.base}/rounds/{self.round_code}/next/")
        return self.wait() if "/read/" in self.page.url else ""

    def open_slide(self, slide: str) -> None:
        self.page.goto(f"{self.base}/rounds/{self.round_code}/read/{slide}/")
        self.wait()

    def wait(self) -> str:
        """Until the form has the focus, as it has when its script runs."""
        self.page.wait_for_selector(f"{FORM} :focus", state="attached")
        return self.slide

    @property
    def slide(self) -> str:
        return str(self.page.locator(FORM).get_attribute("data-slide"))

    @property
    def is_counting(self) -> bool:
        return self.page.locator(FORM).get_attribute("data-scale") == "fields"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def type(self, text: str) -> None:
        self.press(*text)

    def score(self, intensity: int, percent: int) -> None:
        self.press(str(intensity), *str(percent))

    def score_extent(self, intensity: int, extent: int) -> None:
        self.press(str(intensity), f"Shift+Digit{extent}")

    def count(self, counts: Sequence[int]) -> None:
        """Fills in the fields; the last box keeps the focus."""
        for place, found in enumerate(counts):
            if place:
                self.press("Enter")
            self.type(str(found))

    def not_assessable(self, reason: int) -> None:
        """`reason` is the digit that stands before it in the list."""
        self.press("n", str(reason))

    def save(self) -> str:
        """Saves; the code of the slide that comes next, or nothing when all are read."""
        before = self.page.url
        self.press("Enter")
        self.page.wait_for_url(lambda url: url != before)
        return self.wait() if "/read/" in self.page.url else ""

    def undo(self) -> str:
        self.press("u")
        self.page.wait_for_selector("#messages .banner-good:has-text('undone')")
        return self.wait()

    def wait_for_draft(self) -> None:
        self.page.wait_for_selector("[data-draft-state]:has-text('Draft kept')")

    def preview(self) -> str:
        return " ".join(self.page.locator("[data-preview]").inner_text().split())

    def lit(self) -> str:
        return "".join(self.page.locator("#id_extent input:checked + span").all_inner_texts()).split(":")[-1].strip()


@contextmanager
def keyboard_reader(
    chromium: Browser, live_server: LiveServer, user: User, round_code: str = "R2", **options: Any
) -> Iterator[KeyboardReader]:
    with signed_in_context(chromium, live_server, user, **options) as context:
        page = context.new_page()
        yield KeyboardReader(page, live_server.url, round_code)
        assert page.evaluate("violations") == []
        for window in context.pages:
            window.wait_for_selector(f"{FORM}:is([data-draft=waiting], [data-draft=sent])", state="detached")
