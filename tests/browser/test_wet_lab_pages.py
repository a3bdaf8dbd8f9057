"""The wet lab in a real browser: drawn, fitting, and nothing that axe or the content security policy minds."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from analysis.engine.execution import run_stale
from analysis.triangles import triangle_define
from labs.markers.services import marker_set
from labs.specimens.services import specimen_create
from labs.wetlab.services import blot_record, fold_change_record
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.registry import people
from tests.registry.fixtures import BY, RESECTED, enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])]


@pytest.fixture
def address(transactional_db: None) -> str:
    cohort = make_cohort(people.site("HEB"))
    fap = marker_set(code="FAP", name="FAP", scale="score", by=BY)
    for number in range(3):
        patient = enrol(cohort, f"W-{number}").patient
        tumour, normal = (
            specimen_create(patient=patient, code=f"{kind}-{number}", kind=kind, collected=RESECTED, by=BY)
            for kind in ("tumour", "normal")
        )
        blot_record(specimen=tumour, marker=fap, gel="G1", loading_control="ACTB", ratio=0.5 + number, by=BY)
        # The last one has no normal tissue on its gel.
        gel = "G1" if number < 2 else "G2"
        blot_record(specimen=normal, marker=fap, gel=gel, loading_control="ACTB", ratio=1.0, by=BY)
        fold_change_record(specimen=tumour, marker=fap, fold=1.5 + number, calibrator=normal, by=BY)
    analysis = triangle_define(cohort=cohort, marker="FAP", by=BY)
    assert run_stale("test") == 1
    return analysis.get_absolute_url()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_the_wet_lab_fit_draw_and_pass_axe(
    chromium: Browser, live_server: LiveServer, address: str, width: int, scheme: str
) -> None:
    investigator = people.person(Role.INVESTIGATOR)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, investigator, **options) as context:
        page = context.new_page()
        for path, charts in (("/wet-lab/", 0), (address, 2)):
            page.goto(live_server.url + path)
            wait_until(page, f"document.querySelectorAll('[data-chart] svg').length === {charts}")
            for closed in page.locator("details:not([open]).disclosure summary").all():
                closed.click()
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == [], path
