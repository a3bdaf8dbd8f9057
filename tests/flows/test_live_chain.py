"""The outcome of the product, with two people at two browsers."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.demo.logins import LOGINS
from tests.flows.signing_in import sign_in
from tests.services.processes import wait_for
from tests.services.stack import Stack

pytestmark = [pytest.mark.services, pytest.mark.browser]

PASSWORDS = {login.username: login.password for login in LOGINS}
PFS_BY_FAP = "/cohorts/{code}/analyses/pfs-fap/"


def fresh(stack: Stack) -> bool:
    """Every analysis was computed at the versions that its streams have now."""
    moved = """SELECT 1 FROM analysis_analysisinput i JOIN registry_stream s ON s.id = i.stream_id
               WHERE i.computed_version IS NULL OR i.computed_version <> s.version"""
    return not stack.rows(moved)


def a_low_read(stack: Stack) -> tuple[int, str, str]:
    """A FAP read of a tumour in the low group: its stain, its reader and the code on the slide."""
    [(stain, reader, code)] = stack.rows(
        """SELECT r.stain_id, r.reader, s.code FROM labs_read r
           JOIN labs_stain t ON t.id = r.stain_id JOIN labs_specimen s ON s.id = t.specimen_id
           JOIN labs_marker m ON m.id = t.marker_id JOIN registry_enrolment e ON e.patient_id = s.patient_id
           WHERE m.code = 'FAP' AND s.kind = 'tumour' AND r.slide_id IS NULL AND r.value <= 3 AND r.intensity > 0
             AND e.eligibility = 'eligible' AND e.withdrawn_on IS NULL
           ORDER BY r.id LIMIT 1"""
    )
    return int(stain), str(reader), str(code)


def high_patients(page: Page) -> int:
    row = page.locator("section[aria-labelledby=groups-title] tr", has_text=re.compile("high"))
    return int(row.locator("td").first.inner_text())


def correct_the_read(page: Page, stain: int) -> None:
    page.goto(f"/ihc/{stain}/")
    page.get_by_label("Reason").fill("slides were swapped")
    page.locator("input[name=intensity][value='3']").check()
    page.locator("input[name=percent]").fill("90")
    expect(page.locator("[data-preview-value]")).to_have_text("12")
    page.get_by_role("button", name="Save the correction").click()
    page.wait_for_load_state()


# tests/flows/test_a_verdict_turns.py goes the same way on both.
@pytest.mark.parametrize("demo_stack", ["sqlite"], indirect=True)
def test_a_corrected_read_turns_the_page_stale_and_fresh_again(demo_stack: Stack, chromium: Browser) -> None:
    stack = demo_stack
    stack.start()
    wait_for(lambda: fresh(stack), "every analysis of the demo cohorts has a result")
    stain, reader, slide = a_low_read(stack)
    [(code,)] = stack.rows("SELECT c.code FROM registry_cohort c WHERE c.index_event = 'resection'")

    investigator = sign_in(chromium, stack, "investigator", PASSWORDS["investigator"])
    investigator.goto(PFS_BY_FAP.format(code=code))
    badge = investigator.locator(".page-header .freshness")
    expect(badge).to_have_attribute("data-state", "fresh")
    high_before = high_patients(investigator)
    before = {
        "tests": investigator.locator("section[aria-labelledby=tests-title]").inner_text(),
        "curve": investigator.locator("#km-chart").text_content(),
        "headline": investigator.locator("section[aria-labelledby=headline-title]").inner_text(),
    }

    # While no worker takes the work, stale stays to be seen; it must be so without any reload.
    stack.stop("worker")
    pathologist = sign_in(chromium, stack, reader, PASSWORDS[reader])
    correct_the_read(pathologist, stain)
    expect(badge).to_have_attribute("data-state", "stale", timeout=10_000)
    expect(investigator.locator("#answer")).to_contain_text("ihc/FAP")

    stack.start("worker")
    expect(badge).to_have_attribute("data-state", "fresh", timeout=30_000)
    answer = investigator.locator("#answer")
    expect(answer).to_contain_text("slides were swapped")
    expect(answer).to_contain_text(slide)
    assert high_patients(investigator) == high_before + 1
    assert investigator.locator("section[aria-labelledby=tests-title]").inner_text() != before["tests"]
    assert investigator.locator("#km-chart").text_content() != before["curve"]
    assert investigator.locator("section[aria-labelledby=headline-title]").inner_text() != before["headline"]

    investigator.get_by_role("link", name="Patient by patient").click()
    [(revision,)] = stack.rows("SELECT max(id) FROM labs_read WHERE stain_id = ? AND slide_id IS NULL", stain)
    expect(investigator.locator("main")).to_contain_text(f"read {revision} v2")


@pytest.mark.parametrize("demo_stack", ["postgres"], indirect=True)
def test_the_second_of_two_saves_is_told_what_the_first_changed(demo_stack: Stack, chromium: Browser) -> None:
    stack = demo_stack
    stack.start("broker", "web")
    stain, reader, _slide = a_low_read(stack)
    first = sign_in(chromium, stack, reader, PASSWORDS[reader])
    second = first.context.new_page()
    second.goto(f"/ihc/{stain}/")
    correct_the_read(first, stain)
    second.get_by_label("Reason").fill("second thoughts")
    second.locator("input[name=intensity][value='2']").check()
    second.locator("input[name=percent]").fill("60")
    second.get_by_role("button", name="Save the correction").click()
    expect(second.locator("main")).to_contain_text(reader)
    expect(second.locator("main")).to_contain_text("12")
    expect(second.locator("input[name=percent]")).to_have_value("60")
    assert stack.rows("SELECT count(*) FROM labs_read WHERE stain_id = ? AND slide_id IS NULL", stain) == [(2,)]
