"""The viewer of slide pictures in a real browser: keys, buttons, the form beside it, and the page without a script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from labs.rounds.images.services import slide_image_add
from labs.rounds.models import Slide
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.browser.reading import keyboard_reader
from tests.labs.rounds.fixtures import Reading, reading
from tests.labs.rounds.pictures import a_picture
from tests.registry import people
from tests.registry.fixtures import BY, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLOUR = """([x, y]) => {
  const canvas = document.querySelector(".viewer-canvas");
  const ratio = canvas.width / canvas.getBoundingClientRect().width;
  return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data];
}"""
CENTRE = """() => {
  const { width, height } = document.querySelector(".viewer-canvas").getBoundingClientRect();
  return [width / 2, height / 2];
}"""


@pytest.fixture
def made(transactional_db: None) -> Reading:
    return reading(make_cohort(people.site("HEB")), patients=2)


@pytest.fixture
def slide(made: Reading) -> Slide:
    found = made.slides()[0]
    slide_image_add(stain=found.stain, upload=a_picture(3000, 2000), um_per_pixel=0.25, by=BY)
    return found


def colour(page: Page) -> Any:
    """What stands in the middle of the picture, once it is painted."""
    wait_until(page, f"({COLOUR})(({CENTRE})())[3] === 255")
    return page.evaluate(f"({COLOUR})(({CENTRE})())")


def test_the_picture_moves_by_keys_and_the_form_scores_all_the_same(
    chromium: Browser, live_server: LiveServer, made: Reading, slide: Slide
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(slide.code)
        before = colour(me.page)
        me.page.locator(".viewer-canvas").focus()
        me.press("+", "+", "+", *["ArrowRight"] * 8)
        wait_until(me.page, f"({COLOUR})(({CENTRE})())[0] !== {before[0]}")
        assert slide.code in me.page.url
        me.press("Home")
        wait_until(me.page, f"({COLOUR})(({CENTRE})())[0] === {before[0]}")
        me.page.click("[data-times-20]")
        me.page.locator(".viewer-canvas").focus()
        me.press("2")
        assert me.page.evaluate("document.activeElement.name") == "percent"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_screen_with_a_picture_fits_and_passes_axe(
    chromium: Browser, live_server: LiveServer, made: Reading, slide: Slide, width: int, scheme: Any
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with keyboard_reader(chromium, live_server, made.first, **options) as me:
        me.open_slide(slide.code)
        colour(me.page)
        assert fits(me.page)
        assert unreadable(me.page) == []


def test_without_a_script_the_whole_picture_is_shown(
    chromium: Browser, live_server: LiveServer, made: Reading, slide: Slide
) -> None:
    with signed_in_context(chromium, live_server, made.first, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/rounds/R2/read/{slide.code}/")
        assert page.locator(".viewer-fitted").is_visible()
        assert page.locator(".viewer-canvas").is_hidden()
