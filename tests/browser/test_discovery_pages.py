"""A discovery in a real browser: data sets in, a configuration asked, steps with figures, genes as candidates."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from analysis.engine.execution import run_stale
from analysis.engine.parts import run_parts
from registry.cohorts.models import Cohort
from registry.people.roles import Role
from tests.analysis.datasets.small_discovery import DATA, STEPS, files
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.registry import people
from tests.registry.fixtures import make_cohort
from tests.registry.people import site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])]


@pytest.fixture
def cohort(transactional_db: None) -> Cohort:
    return make_cohort(site("HEB"))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_from_files_to_genes(
    chromium: Browser, live_server: LiveServer, cohort: Cohort, tmp_path: Path, width: int, scheme: str
) -> None:
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, people.person(Role.INVESTIGATOR), **options) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/cohorts/{cohort.code}/datasets/")
        assert fits(page)
        page.get_by_role("link", name="Add those of a configuration").click()
        page.get_by_label("Configuration").fill(DATA + STEPS)
        page.get_by_label("Files").set_input_files([tmp_path / "tissue.tsv"])
        page.get_by_label("Where they come from").fill("made up")
        page.get_by_role("button", name="Store").click()
        page.get_by_text("data.tissue: groups.tsv").first.wait_for()
        assert fits(page) and unreadable(page) == []
        page.get_by_label("Files").set_input_files([tmp_path / "tissue.tsv", tmp_path / "groups.tsv"])
        page.get_by_role("button", name="Store").click()
        page.get_by_text("Stored: tissue v1.").wait_for()
        assert fits(page) and unreadable(page) == []
        page.get_by_role("link", name="tissue", exact=True).click()
        page.get_by_text("tumour 4, normal 4").wait_for()
        assert fits(page) and unreadable(page) == []
        page.goto(f"{live_server.url}/cohorts/{cohort.code}/define/discovery/")
        page.get_by_label("Configuration").fill(STEPS)
        assert fits(page) and unreadable(page) == []
        page.get_by_role("button", name="Define").click()
        page.get_by_text("No result yet").first.wait_for()
        run_stale("test")
        run_parts()
        page.reload()
        page.get_by_text("4 up, 0 down").first.wait_for()
        page.locator("figure.chart img").first.scroll_into_view_if_needed()
        wait_until(page, "document.querySelector('figure.chart img').naturalWidth > 0")
        assert fits(page) and unreadable(page) == []
        assert page.evaluate("violations") == []
        page.get_by_role("link", name="genes in up").click()
        page.get_by_text("no expression set yet").wait_for()
        assert fits(page) and unreadable(page) == []
