"""Risk models in a real browser: from the run of a pipeline to the registered score, a patient and the calculator."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from analysis.engine.execution import run_stale
from analysis.engine.models import Run
from analysis.engine.services import analysis_define
from registry.people.roles import Role
from tests.analysis.riskmodels.worlds import expressed
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.registry import people
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])]


@pytest.fixture
def run(transactional_db: None) -> Run:
    """Of a score in one cohort; another cohort has its values too."""
    expressed("second", patients=40)
    asked = {"endpoint": "OS", "covariates": ["extra:S100A11", "extra:PUSL1"], "times": [12], "threshold": 0.9}
    analysis = analysis_define(
        cohort=expressed("first", patients=60),
        slug="score",
        title="A score",
        kind="pipeline",
        parameters=asked | {"resamples": 10},
        by=BY,
    )
    run_stale("test")
    return analysis.runs.get()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_score_is_registered_validated_and_found_on_the_patients_page(
    chromium: Browser, live_server: LiveServer, run: Run, width: int, scheme: str
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, people.person(Role.INVESTIGATOR), **options) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/runs/{run.pk}/")
        page.get_by_role("link", name="Register the score").click()
        assert fits(page)
        assert unreadable(page) == []
        page.get_by_label("Short name").fill("two-genes")
        page.get_by_label("What it is for").fill("to be validated")
        page.get_by_role("button", name="Register").click()
        page.get_by_text("its own patients").first.wait_for()
        run_stale("test")
        for path in ("/models/two-genes/1/", "/models/", "/patients/SEC-003/", f"/runs/{run.pk}/calculator/"):
            page.goto(live_server.url + path)
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == [], path
        page.get_by_label("S100A11").fill("9999")
        page.get_by_role("button", name="Calculate").click()
        page.get_by_text("outside the model's patients").wait_for()
        assert fits(page)
        assert unreadable(page) == []
