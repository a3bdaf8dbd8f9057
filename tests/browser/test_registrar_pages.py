"""Follow-up, upload of blood and staging in a real browser: they fit a telephone, pass axe, and work by keyboard."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_record
from labs.specimens.services import specimen_create
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.models import FollowUp
from registry.clinical.services import baseline_save, treatment_add
from registry.log.actors import Actor
from registry.patients.models import Enrolment
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.registry import people
from tests.registry.fixtures import enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BY = Actor.system("tests", "test")
WIDTHS = (1280, 390)


@pytest.fixture
def enrolled(transactional_db: None) -> Enrolment:
    cohort = make_cohort(people.site("HEB"), code="ici", index_event="first_ici")
    enrolled = enrol(cohort, "ICI-0001", date(2023, 3, 10))
    patient = enrolled.patient
    treatment_add(patient=patient, kind="ici", start=date(2023, 3, 10), by=BY)
    draw = specimen_create(patient=patient, code="B-0001", kind="blood", collected=date(2023, 3, 8), by=BY)
    for code, value, unit in (
        ("ALB", "41", "g/L"),
        ("TBIL", "17", "umol/L"),
        ("INR", "1.1", ""),
        ("HGB", "140", "g/L"),
    ):
        blood_result_record(specimen=draw, analyte=analytes()[code], value=value, unit=unit, by=BY)
    specimen_create(patient=patient, code="B-0002", kind="blood", collected=date(2023, 4, 8), by=BY)
    baseline_save(enrolment=enrolled, values={"child_pugh": "C", "bclc": "B", "ecog": 0}, by=BY)
    enrol(cohort, "ICI-0002", date(2023, 11, 20))
    return enrolled


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, enrolled: Enrolment) -> Iterator[Page]:
    user = people.person(Role.DATA_MANAGER, username="dora")
    with signed_in_context(chromium, live_server, user, base_url=live_server.url) as context:
        yield context.new_page()


def check(page: Page) -> None:
    """At each width nothing is wider than the screen, axe finds nothing and the content policy refused nothing."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), (page.url, width)
        assert unreadable(page) == []
    assert page.evaluate("window.violations") == []


def test_a_contact_is_recorded_from_the_work_list(page: Page) -> None:
    page.goto("/follow-up/?state=all")
    check(page)
    row = page.locator("tr", has_text="ICI-0001")
    row.get_by_label("Date of the contact with ICI-0001").fill("2024-01-20")
    row.get_by_label("Mode of the contact with ICI-0001").select_option("telephone")
    row.get_by_role("button", name="Record ICI-0001").press("Enter")
    page.get_by_text("The contact of ICI-0001 was recorded.").wait_for()
    assert FollowUp.objects.get().mode == "telephone"
    check(page)


def test_a_file_is_read_looked_at_confirmed_and_stored(page: Page) -> None:
    page.goto("/blood/upload/")
    check(page)
    content = "draw,HGB (g/L),ALB (g/dL),IL6 (pg/mL)\nB-0002,60,4.0,<1.5\nB-0001,,4.4,\nB-9,,4.0,\n"
    page.get_by_label("File (CSV or XLSX)").set_input_files(
        {"name": "panel.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("heading", name="Look before storing").wait_for()
    page.locator("summary", has_text="Columns").click()
    check(page)
    page.get_by_label("Haemoglobin went from 140").check()
    page.get_by_label("Take the valid rows only").check()
    page.get_by_label("Reason of the corrections").fill("second reading")
    page.get_by_role("button", name="Store").click()
    page.get_by_text("4 results stored, 1 of them corrected.").wait_for()
    assert BloodResult.objects.current().get(specimen__code="B-0002", analyte__code="HGB").unusual_by == "change"


def test_child_pugh_is_computed_and_stored_over_a_typed_class(page: Page) -> None:
    page.goto("/liver/")
    check(page)
    page.get_by_role("link", name="Compute anew ICI-0001").click()
    page.get_by_label("Ascites").select_option("none")
    page.get_by_label("Encephalopathy").select_option("none")
    page.get_by_role("button", name="Compute").click()
    page.get_by_text("Child–Pugh A, 5 points").wait_for()
    check(page)
    page.get_by_label("Number of tumours").fill("1")
    page.get_by_label("Largest tumour (cm)").fill("1.8")
    page.get_by_label("Macrovascular invasion").select_option("no")
    page.get_by_label("Extrahepatic spread").select_option("no")
    page.get_by_label("Replace the recorded classes that differ").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("BCLC 0: a single tumour").first.wait_for()
    check(page)
    assert LiverAssessment.objects.get().decided_bclc == "0"
