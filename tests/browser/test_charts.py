"""Charts in a real browser, under the product's own content security policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.pages import fits, unreadable, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.browser.chart_urls"),
    pytest.mark.django_db(transaction=True),
]

VIOLATIONS = """window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  violations.push([event.effectiveDirective, event.blockedURI]);
});"""


@pytest.fixture(autouse=True)
def the_drawing_library_is_built() -> None:
    if finders.find("vega.js") is None:
        pytest.fail("The drawing library is missing: run make static first.")


@contextmanager
def _page(chromium: Browser, live_server: LiveServer, width: int = 1000, **options: Any) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce", **options)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    page.goto(f"{live_server.url}/charts/")
    page.wait_for_selector("[data-chart=km] svg")
    page.wait_for_selector("[data-chart=roc] svg")
    wait_until(page, "document.querySelectorAll('.chart-canvas svg[aria-hidden]').length === 3")
    yield page
    assert page.evaluate("violations") == []
    context.close()


def _texts(page: Page, chart: str) -> list[str]:
    return page.locator(f"[data-chart={chart}] svg text").all_text_contents()


def _widths(page: Page) -> list[list[float]]:
    measure = "all => all.map(e => [e.clientWidth, Number(e.querySelector('svg').getAttribute('width'))])"
    widths: list[list[float]] = page.locator(".chart-canvas").evaluate_all(measure)
    return widths


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (390, "dark"), (330, "light")])
def test_charts_fit_their_place_and_pass_axe(
    chromium: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    with _page(chromium, live_server, width, color_scheme=scheme) as page:
        wait_until(
            page,
            "[...document.querySelectorAll('.chart-canvas')]"
            ".every(e => Number(e.querySelector('svg')?.getAttribute('width')) <= e.clientWidth + 1)",
        )
        assert all(drawn <= room + 1 for room, drawn in _widths(page))
        assert fits(page)
        assert unreadable(page) == []


def test_a_phone_shows_every_second_tick_with_its_own_number_at_risk(
    chromium: Browser, live_server: LiveServer
) -> None:
    with _page(chromium, live_server, 390) as page:
        wait_until(page, "[...document.querySelectorAll('[data-chart=km] text')].every(e => e.textContent !== '101')")
        drawn = _texts(page, "km")
        assert {"100", "102", "110"} <= set(drawn)
        assert {"0", "12", "60"} <= set(drawn)
        assert not {"101", "6", "54"} & set(drawn)


def test_panels_stand_side_by_side_where_there_is_room_and_below_each_other_on_a_phone(
    chromium: Browser, live_server: LiveServer
) -> None:
    def tops(page: Page) -> list[float]:
        names = [page.get_by_text(name, exact=True) for name in ("Variant class", "Variant type", "SNV class")]
        return [box["y"] for box in (name.bounding_box() for name in names) if box]

    with _page(chromium, live_server, 1100) as page:
        first, second, third = tops(page)
        assert first == second == third
    with _page(chromium, live_server, 390) as page:
        first, second, third = tops(page)
        assert first < second < third


def test_a_wide_page_shows_every_tick(chromium: Browser, live_server: LiveServer) -> None:
    with _page(chromium, live_server) as page:
        assert {"100", "101", "110", "0", "6", "60"} <= set(_texts(page, "km"))


def test_a_chart_takes_its_colours_from_the_page_when_the_theme_changes(
    chromium: Browser, live_server: LiveServer
) -> None:
    colour = "getComputedStyle(document.querySelector('[data-chart=km] .mark-text text')).fill"
    with _page(chromium, live_server, color_scheme="light") as page:
        light = page.evaluate(colour)
        page.click("[data-theme-toggle]")
        dark = page.evaluate(colour)
        page.reload()
        page.wait_for_selector("[data-chart=km] svg")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert light != dark == page.evaluate(colour)


def test_a_chart_that_arrives_later_is_drawn(chromium: Browser, live_server: LiveServer) -> None:
    with _page(chromium, live_server) as page:
        page.click("#later button")
        page.wait_for_selector("#later [data-chart=swapped] svg")
        assert "AUC 0.71 (95 % CI 0.58–0.84)" in " ".join(_texts(page, "swapped"))


def test_without_scripts_the_page_still_reads_and_the_theme_button_stays_away(
    chromium: Browser, live_server: LiveServer
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/charts/")
    assert page.is_visible("h1")
    assert not page.is_visible("[data-theme-toggle]")
    context.close()
