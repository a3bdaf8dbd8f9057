"""The pages for gels and for QuPath in a real browser: they fit, pass axe and break no rule of the content policy."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from labs.bench_files.models import BenchUpload
from labs.blots.models import Band, Gel
from labs.blots.services import gel_accept, gel_exclude_lane, gel_image_set
from labs.markers.services import marker_set, stain_create
from labs.quantified.models import QuPathRow
from labs.specimens.services import specimen_create
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.labs.blots.gels import BY, FILE, a_gel, lane, picture, say_what_is_what
from tests.labs.quantified.exports import an_import, waiting_export
from tests.registry import people
from tests.registry.fixtures import enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gel(transactional_db: None) -> Gel:
    cohort = make_cohort(people.site("HEB"), code="ici", index_event="first_ici")
    patient = enrol(cohort, "ICI-0001", date(2023, 3, 10)).patient
    tumour, normal = (
        specimen_create(patient=patient, code=code, kind=kind, collected=date(2023, 1, 5), by=BY)
        for code, kind in (("T-0001", "tumour"), ("N-0001", "normal"))
    )
    people.person(Role.DATA_MANAGER)
    gel = say_what_is_what(a_gel(), tumour, normal)
    gel_image_set(gel=gel, name="blot.tif", content=picture("TIFF", "I;16", (800, 300)), by=BY)
    gel_accept(gel=gel, by=BY)
    gel_exclude_lane(lane=lane(gel, 2), exclusion="smear", by=BY)
    marker = marker_set(code="CD8", name="Cytotoxic T cells", scale="density", unit="cells/mm²", by=BY)
    an_import(stain_create(specimen=tumour, marker=marker, by=BY))
    waiting_export()
    return Gel.objects.get()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_the_blot_bench_fit_and_pass_axe(
    chromium: Browser, live_server: LiveServer, gel: Gel, width: int, scheme: str
) -> None:
    band = Band.objects.all()[0]
    paths = [
        "/gels/",
        "/gels/new/",
        f"/gels/{gel.pk}/",
        *(f"/gels/{gel.pk}/{part}/" for part in ("settings", "retire", "picture/new")),
        f"/gels/probes/{band.probe_id}/",
        f"/gels/lanes/{band.lane_id}/",
        f"/gels/lanes/{lane(gel, 2).pk}/",
        f"/gels/bands/{band.pk}/correct/",
        "/qupath/",
        "/qupath/new/",
        f"/qupath/uploads/{BenchUpload.objects.get().pk}/",
        f"/qupath/{QuPathRow.objects.all()[0].qupath_import_id}/",
        f"/qupath/rows/{QuPathRow.objects.all()[0].pk}/",
    ]
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, people.person(Role.TECHNICIAN), **options) as context:
        page = context.new_page()
        for path in paths:
            page.goto(live_server.url + path)
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == [], path


def test_a_technician_uploads_looks_and_stores(chromium: Browser, live_server: LiveServer, tmp_path: Path) -> None:
    file = tmp_path / "fap.csv"
    file.write_text(FILE)
    with signed_in_context(chromium, live_server, people.person(Role.TECHNICIAN)) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/gels/new/")
        page.set_input_files("[name=file]", str(file))
        page.click("text=Read the file")
        assert page.locator("tbody tr").count() == 8
        assert unreadable(page) == []
        page.fill("[name=code]", "G9")
        page.click("button:has-text('Store')")
        assert "Say which probe is the target" in page.locator("#messages").inner_text()
    assert Gel.objects.get().code == "G9"
