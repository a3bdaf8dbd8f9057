"""A real Chromium for the session: $CHROMIUM, Debian's, or the one that Playwright installed for itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.services.absent import absent


def executable() -> str | None:
    candidates = [os.environ.get("CHROMIUM"), "/usr/bin/chromium"]
    return next((path for path in candidates if path and Path(path).exists()), None)


@pytest.fixture
def chromium(launched_chromium: Browser) -> Iterator[Browser]:
    """What a failed test left open is closed, or its questions would reach the database of the next."""
    yield launched_chromium
    for context in launched_chromium.contexts:
        context.close()


@pytest.fixture(scope="session")
def launched_chromium() -> Iterator[Browser]:
    # Playwright runs a loop in this thread, which Django's ORM takes for a reason to refuse.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable())
        except Error as error:
            absent(f"no Chromium: set CHROMIUM or install the package chromium ({error.message.splitlines()[0]})")
        yield browser
        browser.close()
