"""The pages of the bench in a real browser: they fit, pass axe and break no rule of the content security policy."""

from datetime import date

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_record
from labs.markers.models import Marker
from labs.markers.services import stain_create
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from labs.wetlab.services import blot_record, fold_change_record
from registry.log.actors import Actor
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.registry import people
from tests.registry.fixtures import enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BY = Actor.system("tests", "test")


@pytest.fixture
def specimens(transactional_db: None) -> tuple[Specimen, Specimen]:
    cohort = make_cohort(people.site("HEB"), code="ici", index_event="first_ici")
    patient = enrol(cohort, "ICI-0001", date(2023, 3, 10)).patient
    tissue = specimen_create(patient=patient, code="T-0001", kind="tumour", collected=date(2023, 1, 5), by=BY)
    draw = specimen_create(patient=patient, code="B-0001", kind="blood", collected=date(2023, 3, 8), by=BY)
    return tissue, draw


@pytest.fixture
def paths(specimens: tuple[Specimen, Specimen]) -> list[str]:
    tissue, draw = specimens
    fap = Marker.objects.get(code="FAP")
    stain = stain_create(specimen=tissue, marker=fap, by=BY)
    blot = blot_record(specimen=tissue, marker=fap, gel="G1", loading_control="ACTB", ratio=1.8, by=BY)
    fold = fold_change_record(specimen=tissue, marker=fap, fold=2.4, by=BY)
    result = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=BY)
    return [
        "/specimens/",
        "/specimens/new/",
        *(
            f"/specimens/{tissue.pk}/{part}"
            for part in ("", "correct/", "retire/", "stains/new/", "blots/new/", "folds/new/")
        ),
        f"/stains/{stain.pk}/retire/",
        f"/specimens/{draw.pk}/",
        f"/blood/{draw.pk}/",
        f"/results/blood/{result.pk}/",
        f"/results/blots/{blot.pk}/correct/",
        f"/results/folds/{fold.pk}/correct/",
        "/patients/ICI-0001/",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_the_bench_fit_and_pass_axe(
    chromium: Browser, live_server: LiveServer, paths: list[str], width: int, scheme: str
) -> None:
    manager = people.person(Role.DATA_MANAGER)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, manager, **options) as context:
        page = context.new_page()
        for path in paths:
            page.goto(live_server.url + path)
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == [], path


def test_a_refused_panel_names_its_rows_and_goes_through_when_mended(
    chromium: Browser, live_server: LiveServer, specimens: tuple[Specimen, Specimen]
) -> None:
    draw = specimens[1]
    with signed_in_context(chromium, live_server, people.person(Role.TECHNICIAN)) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/blood/{draw.pk}/")
        page.fill("[name=ALB-value]", "4,1")
        page.select_option("[name=ALB-unit]", "g/dL")
        page.fill("[name=HGB-value]", "45")
        page.click("text=Save the panel")
        assert page.locator(".error-summary li").count() == 2
        assert unreadable(page) == []
        page.fill("[name=ALB-value]", "4.1")
        page.check("[name=HGB-accept_unusual]")
        page.click("text=Save the panel")
        assert "2 results of B-0001 saved." in page.locator("#messages").inner_text()
    assert {str(result) for result in BloodResult.objects.all()} == {"ALB 41 g/L", "HGB 45 g/L"}
