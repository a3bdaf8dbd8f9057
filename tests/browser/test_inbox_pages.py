"""What laboratories send, in a real browser: a code is mapped, a number gets its owner, and a conflict is decided."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_correct
from labs.inbox.mapping.services import authority_set, code_map, sender_set
from labs.inbox.services import receive
from registry.patients.models import Patient
from registry.patients.services import identity_save, patient_create
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.labs.inbox.messages import oru
from tests.registry import people
from tests.registry.fixtures import BY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 390)


@pytest.fixture
def known(transactional_db: None) -> Patient:
    """Record number 4711 of a hospital whose laboratory sends WBC; CRP, which nobody mapped, and a number of MRN."""
    site = people.site("HEB")
    patient = patient_create(study_number="ICI-0001", site=site, sex="F", by=BY)
    identity_save(patient=patient, values={"record_number": "4711", "birth_date": date(1950, 5, 17)}, by=BY)
    authority_set(name="HOSP", site=site, by=BY)
    sender_set(pattern="LAB|EAST", site=site, by=BY)
    code_map(sender="LAB|EAST", code="WBC", analyte=analytes()["WBC"], by=BY)
    receive(data=oru(("WBC", "5.2", "G/l"), ("CRP", "4", "mg/L"), ("CRP", "12", "mg/L"), control="1"), by=BY)
    receive(data=oru(("WBC", "6.6", "G/l"), control="2", pid="4711^^^MRN", drawn="202403090800"), by=BY)
    return patient


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, known: Patient) -> Iterator[Page]:
    dora = people.person(Role.DATA_MANAGER, username="dora")
    with signed_in_context(chromium, live_server, dora, base_url=live_server.url) as context:
        yield context.new_page()


def check(page: Page) -> None:
    """Axe looks once: what it minds here does not hang on the width, and its looking is what takes time."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), (page.url, width)
    assert unreadable(page) == [], page.url
    assert page.evaluate("window.violations") == []


def current(analyte: str) -> list[float | None]:
    found = BloodResult.objects.current().filter(analyte__code=analyte).order_by("value")
    return list(found.values_list("value", flat=True))


def test_what_waits_is_mapped_read_again_and_decided(page: Page, known: Patient) -> None:
    page.goto("/inbox/")
    check(page)
    # A code that nobody has mapped: looked at, then saved; both of its rows are read again.
    page.get_by_role("region", name="Groups of waiting rows").get_by_role("link", name="CRP").click()
    waiting = page.get_by_role("region", name="Waiting rows", exact=True)
    waiting.get_by_role("link", name="CRP").first.click()
    expect(page.get_by_label("Analyte")).to_have_value(str(analytes()["CRP"].pk))
    check(page)
    assert not page.get_by_role("button", name="Save and read again").is_visible(), "it is looked at first"
    page.get_by_role("button", name="See what it would place").click()
    expect(page.get_by_role("region", name="Rows as they would be")).to_contain_text("12 mg/L")
    check(page)
    assert current("CRP") == []
    page.get_by_role("button", name="Save and read again").click()
    expect(page.get_by_text("Of the rows that waited 2 are placed now.")).to_be_visible()
    expect(page.locator(".page-header")).to_contain_text("placed")
    check(page)
    assert current("CRP") == [12]

    # A number finds its patient once it is known whose number it is.
    page.goto("/inbox/authorities/new/")
    check(page)
    page.get_by_label("Authority").fill("MRN")
    page.get_by_label("Site").select_option(label=known.site.name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Table of authorities")).to_contain_text("MRN")
    check(page)
    page.goto("/inbox/")
    page.get_by_label("the 1 row that the filter shows").check()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("Read again: 1 placed, 1 changed in all.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing waits here")).to_be_visible()
    check(page)
    assert current("WBC") == [5.2, 6.6]

    # What a person entered is not written over before a person has said who is right.
    entered = BloodResult.objects.current().get(analyte__code="WBC", value=5.2)
    blood_result_correct(result=entered, value="5.0", unit="G/l", by=BY, reason="counted by hand")
    receive(data=oru(("WBC", "5.6", "G/l"), control="3", issued="20240308130000"), by=BY)
    page.goto("/inbox/?reason=conflict")
    waiting.get_by_role("link", name="WBC").click()
    decide = page.locator("form", has=page.get_by_role("heading", name="Which value is right?"))
    expect(decide).to_contain_text(re.compile(r"5\b.*5\.6", re.DOTALL))
    check(page)
    decide.get_by_role("button", name="Take theirs").click()
    expect(decide.get_by_text("This field is required.").first).to_be_visible()
    check(page)
    decide.get_by_label("Reason").fill("the laboratory was asked")
    decide.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("dora, ").first).to_contain_text("the laboratory was asked")
    check(page)
    assert current("WBC") == [5.6, 6.6]
    page.get_by_role("link", name=re.compile(r"Message \d")).click()
    check(page)
