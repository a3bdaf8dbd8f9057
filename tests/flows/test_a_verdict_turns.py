"""One corrected read turns a conclusion: alert, mail and cause; stale, then fresh, on dashboard, report and export."""

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.demo.logins import LOGINS
from tests.flows.signing_in import sign_in
from tests.flows.test_live_chain import fresh
from tests.services.processes import wait_for
from tests.services.stack import Stack

pytestmark = [pytest.mark.services, pytest.mark.browser]

PASSWORDS = {login.username: login.password for login in LOGINS}
TITLE = "PFS by S100A11 above 8"
# Of the demo's 103 patients: p = 0.045 with this one high, 0.066 with it low.
TURNING = "RES-005"
PREPARE = f"""
from analysis.engine.services import analysis_define
from analysis.reports.services import subscription_set
from registry.log.actors import Actor
from registry.models import Cohort
from registry.people.models import User
cohort = Cohort.objects.get(index_event="resection")
parameters = {{"endpoint": "PFS", "marker": "ihc:S100A11@tumour", "cutoff": 8.0}}
analysis_define(cohort=cohort, slug="above-8", title="{TITLE}", kind="survival", parameters=parameters,
                by=Actor.system("flow"), order=1)
investigator = User.objects.get(username="investigator")
User.objects.filter(pk=investigator.pk).update(email="investigator@hospital.example")
subscription_set(cohort=cohort, user=investigator, weekly_report=True, conclusion_alerts=True)
print(cohort.code)
"""


def turning_read(stack: Stack) -> tuple[int, str, str]:
    """stain, reader and the code on the slide"""
    [(stain, reader, slide)] = stack.rows(
        """SELECT r.stain_id, r.reader, s.code FROM labs_read r
           JOIN labs_stain t ON t.id = r.stain_id JOIN labs_specimen s ON s.id = t.specimen_id
           JOIN labs_marker m ON m.id = t.marker_id JOIN registry_patient p ON p.id = s.patient_id
           WHERE m.code = 'S100A11' AND s.kind = 'tumour' AND r.slide_id IS NULL AND p.study_number = ?
           ORDER BY r.id LIMIT 1""",
        TURNING,
    )
    return int(stain), str(reader), str(slide)


def correct_to_low(page: Page, stain: int) -> None:
    page.goto(f"/ihc/{stain}/")
    page.get_by_label("Reason").fill("the wrong block was cut")
    page.locator("input[name=intensity][value='1']").check()
    page.locator("input[name=percent]").fill("10")
    page.get_by_role("button", name="Save the correction").click()
    page.wait_for_load_state()


def report_now(page: Page, cohort: str) -> None:
    page.goto("/reports/")
    page.locator(f"form[action='/cohorts/{cohort}/report/'] button").click()
    # Its files are offered when it is done: that nothing is busy is true of the page before, too.
    expect(page.locator("#report").get_by_role("link", name="JSON")).to_be_visible(timeout=120_000)


def to_the_versions_of_an_export(page: Page, cohort: str) -> None:
    page.goto("/exports/new/what/")
    page.locator(f"input[name=cohorts][value='{cohort}']").check()
    page.get_by_label("Analysis-ready table").check()
    page.get_by_role("button", name="Next").click()
    page.locator("input[name=profile][value=limited]").check()
    page.get_by_role("button", name="Next").click()


def test_a_corrected_read_that_turns_a_verdict_is_told_and_followed(demo_stack: Stack, chromium: Browser) -> None:
    stack = demo_stack
    stack.start()
    cohort = stack.python(PREPARE).split()[-1]
    wait_for(lambda: fresh(stack), "every analysis of the demo cohorts has a result")
    stain, reader, slide = turning_read(stack)
    investigator = sign_in(chromium, stack, "investigator", PASSWORDS["investigator"])
    report_now(investigator, cohort)
    report = investigator.url
    investigator.goto(f"/cohorts/{cohort}/dashboard/")
    row = investigator.locator(".dashboard-table tr", has_text="S100A11").filter(has_text="> 8")
    state = row.locator(".freshness")
    expect(state).to_have_attribute("data-state", "fresh")

    # While no worker takes the work, stale is there to be seen everywhere.
    stack.stop("worker")
    pathologist = sign_in(chromium, stack, reader, PASSWORDS[reader])
    correct_to_low(pathologist, stain)
    expect(state).to_have_attribute("data-state", "stale", timeout=10_000)
    second = investigator.context.new_page()
    second.goto(report)
    expect(second.locator(".page-header .freshness")).to_have_attribute("data-state", "stale")
    to_the_versions_of_an_export(second, cohort)
    expect(second.locator("tr", has_text=TITLE)).to_contain_text("Stale")
    second.get_by_role("button", name="Next").click()
    expect(second.locator("main")).to_contain_text("stale")
    expect(second.get_by_label("Purpose")).to_have_count(0)

    stack.start("worker")
    expect(state).to_have_attribute("data-state", "fresh", timeout=60_000)
    wait_for(lambda: fresh(stack), "every analysis has followed")
    second.goto("/alerts/")
    alert = second.locator("li", has_text=TITLE)
    expect(alert).to_contain_text("no longer splits PFS")
    expect(alert).to_contain_text(slide)
    mails = "SELECT text FROM labs_outbox WHERE recipient = 'investigator@hospital.example' AND text LIKE '%no longer%'"
    [(text,)] = wait_for(lambda: stack.rows(mails), "the alert is mailed")
    assert slide in text
    to_the_versions_of_an_export(second, cohort)
    expect(second.locator("tr", has_text=TITLE)).to_contain_text("Fresh")
    report_now(second, cohort)
    expect(second.locator(".page-header .freshness")).to_have_attribute("data-state", "fresh")
    expect(second.locator("#report .lead")).to_contain_text("1 conclusion changed")
    expect(second.locator("#report")).to_contain_text(slide)
