"""The dashboard in a real browser: rows and cutoffs by keyboard alone, drawn, fitting, and nothing that axe minds."""

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from registry.people.roles import Role
from tests.analysis.fixtures import define_pfs, scored_cohort
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.registry import people
from tests.registry.fixtures import make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])]
PAGE = "/cohorts/resection/dashboard/"


@pytest.fixture
def dashboard(transactional_db: None) -> None:
    cohort = make_cohort(people.site("HEB"))
    scored_cohort(cohort)
    define_pfs(cohort)
    define_pfs(cohort, slug="pfs-fap-median", cutoff="median")
    assert run_stale("test") == 2


def choose_a_row(page: Page) -> None:
    page.locator("#row-pfs-fap-median\\~all").focus()
    page.keyboard.press("Enter")
    wait_until(page, "location.search.includes('pfs-fap-median')")
    wait_until(page, "document.querySelector('tr.is-chosen a')?.id === 'row-pfs-fap-median~all'")
    assert page.evaluate("document.activeElement.id") == "row-pfs-fap-median~all"


def step_through_cutoffs(page: Page) -> None:
    page.goto(page.url.split("?")[0])
    wait_until(page, "!document.querySelector('[data-cutoff-slider]').hidden")
    assert page.locator("#picked").get_attribute("data-method") == "registered"
    number = page.locator("#cutoff")
    number.focus()
    for key, expected in (("ArrowUp", "8"), ("ArrowUp", "9"), ("ArrowDown", "8")):
        page.keyboard.press(key)
        assert number.input_value() == expected
    wait_until(page, "document.querySelector('#picked').dataset.cutoff === '8'")
    assert page.evaluate("document.activeElement.id") == "cutoff"
    assert page.locator("#picked-summary .ribbon").inner_text().lower() == "exploratory"
    slider = page.locator("[data-cutoff-slider]")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    wait_until(page, "document.querySelector('#picked').dataset.method === 'registered'")
    assert (number.input_value(), slider.get_attribute("aria-valuetext")) == ("6", "6")
    assert page.locator("#picked-summary .ribbon").count() == 0
    page.get_by_role("button", name="Median").press("Enter")
    wait_until(page, "document.querySelector('#picked').dataset.method === 'median'")
    assert number.input_value() == page.locator("#picked").get_attribute("data-cutoff")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_dashboard_works_by_keyboard_fits_and_passes_axe(
    chromium: Browser, live_server: LiveServer, dashboard: None, width: int, scheme: str
) -> None:
    investigator = people.person(Role.INVESTIGATOR)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, investigator, **options) as context:
        page = context.new_page()
        page.goto(live_server.url + PAGE)
        if width > 1000:
            choose_a_row(page)
            step_through_cutoffs(page)
        else:
            choose_a_row(page)
            wait_until(page, "document.querySelector('#chosen').getBoundingClientRect().top < innerHeight / 2")
        wait_until(page, "document.querySelectorAll('[data-chart] svg').length === 3")
        for closed in page.locator("details:not([open]).disclosure summary").all():
            closed.click()
        assert fits(page)
        assert unreadable(page) == []
        Analysis.objects.update(title="x" * 160)
        for path in ("analyses/pfs-fap/", "feeds/"):
            page.goto(f"{live_server.url}/cohorts/resection/{path}")
            assert fits(page), path
        assert page.evaluate("violations") == []
