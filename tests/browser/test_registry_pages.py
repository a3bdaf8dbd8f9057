"""The registry's pages in a real browser: signing in, a patient, a stale save, and how all of them fit and read."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from registry.clinical.models import Treatment
from registry.clinical.services import (
    assessment_add,
    baseline_save,
    fact_update,
    follow_up_add,
    outcome_event_add,
    treatment_add,
)
from registry.log.actors import Actor
from registry.patients.models import Enrolment
from registry.people.models import User
from registry.people.roles import Role
from tests.browser.pages import VIOLATIONS, fits, signed_in_context, unreadable
from tests.registry import people
from tests.registry.fixtures import BY, enrol, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(transactional_db: None) -> Enrolment:
    enrolment = enrol(make_cohort(people.site("HEB")), "P-001")
    patient = enrolment.patient
    treatment_add(patient=patient, kind="resection", start=date(2022, 3, 5), by=BY)
    treatment_add(patient=patient, kind="targeted", agent="lenvatinib", start=date(2023, 6, 1), by=BY)
    assessment_add(patient=patient, day=date(2023, 7, 15), mrecist="PR", method="MRI", by=BY)
    follow_up_add(patient=patient, day=date(2022, 6, 5), by=BY)
    outcome_event_add(patient=patient, kind="recurrence", day=date(2023, 5, 1), precision="month", by=BY)
    baseline_save(enrolment=enrolment, values={"age": 61.0, "afp": 412.5}, by=BY)
    return enrolment


@pytest.fixture
def manager(transactional_db: None) -> User:
    return people.person(Role.DATA_MANAGER, Role.ADMINISTRATOR, username="dora")


def test_a_person_signs_in_by_keyboard_and_out_again(
    chromium: Browser, live_server: LiveServer, told: Enrolment
) -> None:
    people.person(Role.INVESTIGATOR, username="alice", password=people.PASSWORD)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{live_server.url}/patients/")
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/patients/")
    assert page.get_by_role("link", name="P-001").is_visible()
    page.get_by_text("alice").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    page.goto(f"{live_server.url}/patients/P-001/")
    assert "/sign-in/" in page.url
    context.close()


def test_a_fact_is_entered_without_a_script(
    chromium: Browser, live_server: LiveServer, told: Enrolment, manager: User
) -> None:
    with signed_in_context(chromium, live_server, manager, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/patients/P-001/")
        page.get_by_role("link", name="+ Contact").click()
        page.get_by_label("Date").fill("2023-11-02")
        page.get_by_label("Mode").select_option("telephone")
        page.get_by_role("button", name="Save").click()
        assert page.get_by_role("row", name="2023-11-02").get_by_role("cell", name="Telephone", exact=True).is_visible()


def test_the_second_of_two_saves_is_told_what_the_first_changed(
    chromium: Browser, live_server: LiveServer, told: Enrolment, manager: User
) -> None:
    treatment = Treatment.objects.get(kind="targeted")
    with signed_in_context(chromium, live_server, manager) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/patients/P-001/treatment/{treatment.pk}/")
        fact_update(fact=treatment, changes={"agent": "sorafenib"}, expected_version=1, by=Actor.of(manager))
        page.get_by_label("Agent").fill("regorafenib")
        page.get_by_role("button", name="Save").click()
        summary = page.get_by_role("alert")
        assert "lenvatinib → sorafenib" in summary.inner_text()
        assert page.get_by_label("Agent").input_value() == "regorafenib"
        assert Treatment.objects.get(pk=treatment.pk).agent == "sorafenib"
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/patients/P-001/")
        assert Treatment.objects.get(pk=treatment.pk).agent == "regorafenib"


def paths(treatment: Treatment) -> list[str]:
    patient, member = "/patients/P-001/", "/patients/P-001/in/resection/"
    return [
        "/cohorts/",
        "/cohorts/resection/",
        "/cohorts/resection/edit/",
        "/cohorts/resection/history/",
        "/patients/",
        "/new-patient/",
        patient,
        *(f"{patient}{part}/" for part in ("correct", "enrol", "identity", "history")),
        *(f"{member}{part}/" for part in ("baseline", "response", "variables", "index-date", "withdraw")),
        *(f"{patient}treatment/{part}" for part in ("add/", f"{treatment.pk}/", f"{treatment.pk}/retire/")),
        f"{patient}treatment/{treatment.pk}/history/",
        "/export/",
        "/password/",
        "/no-such-page/",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_of_the_registry_fit_and_pass_axe(
    chromium: Browser, live_server: LiveServer, told: Enrolment, manager: User, width: int, scheme: str
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, manager, **options) as context:
        page = context.new_page()
        for path in paths(Treatment.objects.get(kind="targeted")):
            page.goto(live_server.url + path)
            _fits_and_reads(page, path)


def test_the_sign_in_page_fits_and_passes_axe(chromium: Browser, live_server: LiveServer, db: None) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/")
    _fits_and_reads(page, "/sign-in/")
    context.close()


def _fits_and_reads(page: Page, path: str) -> None:
    assert unreadable(page) == [], path
    assert fits(page), path
    assert page.evaluate("violations") == [], path
