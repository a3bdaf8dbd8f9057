"""The reading form driven by the keyboard alone, in a real browser, under the product's own content security policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from labs.ihc.models import Read
from labs.ihc.scoring import field_mean
from labs.ihc.services import read_correct, read_record
from labs.markers.models import Marker, Stain
from labs.markers.services import stain_create
from labs.specimens.services import specimen_create
from registry.log.actors import Actor
from registry.models import Patient, Site
from registry.people.models import User
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.registry import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BY = Actor.system("tests", "test")


@pytest.fixture
def reader(transactional_db: None) -> User:
    return people.person(Role.PATHOLOGIST, username="li")


@pytest.fixture
def stains(transactional_db: None) -> list[Stain]:
    site = Site.objects.create(code="fourth", name="Fourth Hospital")
    patient = Patient.objects.create(study_number="RES-0001", site=site)
    marker = Marker.objects.get(code="S100A11")
    return [
        stain_create(
            specimen=specimen_create(
                patient=patient, code=f"S-{number}", kind="tumour", timing="baseline_declared", by=BY
            ),
            marker=marker,
            by=BY,
        )
        for number in (1, 2, 3)
    ]


@contextmanager
def form(chromium: Browser, live_server: LiveServer, reader: User, stain: Stain, **options: Any) -> Iterator[Page]:
    with signed_in_context(chromium, live_server, reader, **options) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/ihc/{stain.pk}/")
        page.wait_for_selector("[data-ihc-form] :focus")
        yield page
        assert page.evaluate("violations") == []


def lit(page: Page) -> str:
    return "".join(page.locator("#id_extent input:checked + span").all_inner_texts()).split(":")[-1].strip()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_read_takes_four_keys_and_the_next_stain_comes(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "2", "6", "0")
        assert lit(page) == "51–75 %"
        assert page.locator("[data-preview]").inner_text().split() == ["2", "×", "3", "=", "6", "of", "12"]
        press(page, "Enter")
        page.wait_for_url(f"**/ihc/{stains[1].pk}/")
        assert "S-1 S100A11 saved." in page.locator("#messages").inner_text()
    read = Read.objects.get()
    assert (read.reader, read.intensity, read.percent, read.extent, read.value) == ("li", 2, 60, 3, 6)


def test_shift_and_a_digit_choose_the_extent_instead_of_a_percentage(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "3", "5", "Shift+Digit4")
        assert page.input_value("[name=percent]") == ""
        assert lit(page) == "76–100 %"
        press(page, "Enter")
        page.wait_for_url(f"**/ihc/{stains[1].pk}/")
    read = Read.objects.get()
    assert (read.percent, read.extent, read.value) == (None, 4, 12)


def test_arrows_move_and_never_score(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "ArrowRight")
        page.wait_for_url(f"**/ihc/{stains[1].pk}/")
        page.wait_for_selector("[data-ihc-form] :focus")
        press(page, "j")
        page.wait_for_url(f"**/ihc/{stains[2].pk}/")
        page.wait_for_selector("[data-ihc-form] :focus")
        press(page, "k")
        page.wait_for_url(f"**/ihc/{stains[1].pk}/")
    assert not Read.objects.exists()


def test_leaving_a_read_that_is_not_saved_is_asked_once(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "2", "j")
        assert "not saved" in page.locator("[data-status]").inner_text()
        assert page.url.endswith(f"/ihc/{stains[0].pk}/")
        press(page, "j")
        page.wait_for_url(f"**/ihc/{stains[1].pk}/")


def test_the_key_sheet_opens_and_closes_and_escape_leads_back(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "2", "?")
        assert page.locator("[data-key-sheet]").get_attribute("open") is not None
        press(page, "Escape")
        assert page.locator("[data-key-sheet]").get_attribute("open") is None
        press(page, "Escape", "3", "c")
        page.keyboard.type("0123 jk? faded")
        assert page.input_value("[name=comment]") == "0123 jk? faded"
        assert page.locator("[name=intensity]:checked").get_attribute("value") == "3"


def test_a_contradiction_is_shown_before_and_refused_after_saving(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    with form(chromium, live_server, reader, stains[0]) as page:
        press(page, "0", "3", "0")
        assert "go together" in page.locator("[data-preview]").inner_text()
        press(page, "Enter")
        page.wait_for_selector(".error-summary")
        assert page.evaluate("document.activeElement.className") == "error-summary"
        assert page.input_value("[name=percent]") == "30"
    assert not Read.objects.exists()


def test_a_stale_correction_is_told_what_the_other_changed_and_keeps_what_was_typed(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    first = read_record(stain=stains[0], reader="li", intensity=2, percent=30, by=BY)
    with form(chromium, live_server, reader, stains[0]) as page:
        assert lit(page) == "26–50 %"
        read_correct(read=first, intensity=3, percent=30, by=BY, reason="darker")
        press(page, "1", "4", "5")
        page.locator("[name=reason]").focus()
        page.keyboard.type("paler")
        press(page, "Enter")
        page.wait_for_selector(".error-summary")
        assert "intensity: 2 → 3" in page.locator(".error-summary").inner_text()
        assert page.input_value("[name=percent]") == "45"
        page.locator("[name=reason]").focus()
        press(page, "Enter")
        page.wait_for_selector("#messages .banner-good")
    assert Read.objects.current().get().value == 2


def test_five_fields_show_their_mean_and_enter_leads_from_box_to_box(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    stain = stain_create(specimen=stains[0].specimen, marker=Marker.objects.get(code="CD206"), by=BY)
    counts = [12, 8, 15, 9, 12]
    with form(chromium, live_server, reader, stain) as page:
        for count in counts:
            page.keyboard.type(str(count))
            if count is not counts[-1] or page.input_value("[name=field_5]") == "":
                press(page, "Enter")
        assert page.locator("[data-preview-value]").inner_text() == f"{field_mean(counts):g}"
        press(page, "Enter")
        page.wait_for_selector("#messages .banner-good")
    assert Read.objects.get().field_counts == counts


def test_the_form_works_without_javascript(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain]
) -> None:
    first = read_record(stain=stains[0], reader="li", intensity=2, percent=30, by=BY)
    with signed_in_context(chromium, live_server, reader, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/ihc/{stains[0].pk}/")
        page.check("[name=intensity][value='3']", force=True)
        page.fill("[name=percent]", "80")
        page.fill("[name=reason]", "darker")
        page.click("button:has-text('Save the correction')")
        assert "S-1 S100A11 saved." in page.locator("#messages").inner_text()
    read = Read.objects.current().get()
    assert (read.supersedes, read.value) == (first, 12)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_a_reader_fit_and_pass_axe(
    chromium: Browser, live_server: LiveServer, reader: User, stains: list[Stain], width: int, scheme: str
) -> None:
    read_record(stain=stains[0], reader="li", intensity=2, percent=30, by=BY)
    fields = stain_create(specimen=stains[0].specimen, marker=Marker.objects.get(code="CD206"), by=BY)
    paths = [
        "/ihc/",
        *(f"/ihc/{stain.pk}/" for stain in (stains[0], stains[1], fields)),
        f"/ihc/{stains[0].pk}/history/",
    ]
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, reader, **options) as context:
        page = context.new_page()
        for path in paths:
            page.goto(live_server.url + path)
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == []
