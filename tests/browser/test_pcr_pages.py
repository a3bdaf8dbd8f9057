"""The pages of the PCR bench in a real browser: a run goes from the file to its fold changes, fits, and passes axe."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from labs.markers.models import Marker
from labs.qpcr.models import PcrRun
from labs.qpcr.services import target_set
from labs.specimens.services import specimen_create
from labs.wetlab.models import FoldChange
from registry.log.actors import Actor
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.labs.qpcr.plates import paired_plate
from tests.registry import people
from tests.registry.fixtures import enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BY = Actor.system("tests", "test")


def look(page: Page, path: str) -> None:
    assert fits(page), path
    assert unreadable(page) == [], path
    assert page.evaluate("violations") == [], path


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_plate_becomes_fold_changes(
    chromium: Browser, live_server: LiveServer, transactional_db: None, width: int, scheme: str
) -> None:
    cohort = make_cohort(people.site("HEB"), code="ici", index_event="first_ici")
    patient = enrol(cohort, "ICI-0001", date(2023, 3, 10)).patient
    for code, kind in (("T-0001", "tumour"), ("N-0001", "normal")):
        specimen_create(patient=patient, code=code, kind=kind, collected=date(2023, 1, 5), by=BY)
    marker = Marker.objects.get(code="S100A11")
    target_set(name="S100A11", role="marker", marker=marker, gene="S100A11", by=BY)
    target = target_set(name="ACTB", role="reference", gene="ACTB", by=BY)
    plate = {"name": "plate.csv", "mimeType": "text/csv", "buffer": paired_plate("T-0001", "N-0001")}
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, people.person(Role.TECHNICIAN), **options) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/pcr/new/")
        page.set_input_files("input[type=file]", plate)  # type: ignore[arg-type]  # a payload
        page.click("text=Look at it")
        look(page, "preview")
        page.click("text=Store this run")
        run = PcrRun.objects.get()
        page.goto(f"{live_server.url}/pcr/{run.pk}/samples/")
        look(page, "samples")
        page.click("text=Assign by this rule")
        page.goto(f"{live_server.url}/pcr/{run.pk}/")
        page.click("text=Accept and store")
        assert "1 fold change is stored." in page.locator("#messages").inner_text()
        look(page, "run")
        fold = FoldChange.objects.current().get()
        well = run.wells.all()[0]
        for path in (
            "/pcr/",
            "/pcr/targets/",
            f"/pcr/targets/{target.pk}/",
            f"/pcr/wells/{well.pk}/",
            f"/pcr/{run.pk}/rules/",
            f"/pcr/{run.pk}/retire/",
            f"/results/folds/{fold.pk}/",
        ):
            page.goto(live_server.url + path)
            look(page, path)
    assert fold.fold == pytest.approx(4.0)
