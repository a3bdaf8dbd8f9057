"""The scheduler dies: the pages say so, the administrator is written to, and both are over when it is back."""

import pytest
from playwright.sync_api import Browser, expect

from analysis.demo.logins import LOGINS
from tests.flows.signing_in import sign_in
from tests.services.processes import wait_for
from tests.services.stack import Stack

pytestmark = [pytest.mark.services, pytest.mark.browser]

PASSWORDS = {login.username: login.password for login in LOGINS}
SILENT = "The scheduler has been silent since"


# What the pages ask is the same on both databases; tests/analysis/pages/test_health.py asks it there.
@pytest.mark.parametrize("demo_stack", ["sqlite"], indirect=True)
def test_a_dead_scheduler_is_told_on_the_pages_and_by_mail_from_the_web_side(
    demo_stack: Stack, chromium: Browser
) -> None:
    stack = demo_stack
    stack.rows("UPDATE registry_user SET email = 'portal@hospital.test' WHERE username = 'administrator'")
    # The schedule of the template rings every 2 seconds: a slow machine is not taken for a dead scheduler.
    stack.environment["SWEEP_SECONDS"] = "5"
    stack.start("broker", "worker", "heavy", "beat")
    wait_for(lambda: stack.rows("SELECT 1 FROM analysis_beat"), "the first sweep")
    stack.start("web")
    page = sign_in(chromium, stack, "administrator", PASSWORDS["administrator"])
    page.goto("/status/")
    expect(page.locator("#status")).to_contain_text("Everything works", timeout=60_000)

    stack.kill("beat")
    expect(page.locator("#status")).to_contain_text(SILENT, timeout=60_000)
    page.goto("/")
    expect(page.locator(".banner-warn")).to_contain_text(SILENT)
    sent = "SELECT recipient, subject FROM labs_outbox WHERE key LIKE 'silence-scheduler-%' AND state = 'sent'"
    [(recipient, subject)] = wait_for(lambda: stack.rows(sent), "the administrator is written to")
    assert recipient == "portal@hospital.test"
    assert SILENT in subject

    stack.start("beat")
    page.goto("/status/")
    expect(page.locator("#status")).to_contain_text("Everything works", timeout=60_000)
    assert len(stack.rows("SELECT 1 FROM labs_outbox WHERE key LIKE 'silence-scheduler-%'")) == 1
