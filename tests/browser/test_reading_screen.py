"""The scoring screen of a round in a real browser, by the keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from labs.ihc.models import Read
from labs.rounds.models import Assignment, Round
from tests.browser.pages import fits, signed_in_context, unreadable, wait_until
from tests.browser.reading import KeyboardReader, keyboard_reader
from tests.labs.rounds.fixtures import Reading, reading
from tests.registry import people
from tests.registry.fixtures import make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db: None) -> Reading:
    return reading(make_cohort(people.site("HEB")), patients=3)


def address(made: Reading, place: int = 0, marker: str = "FAP") -> str:
    return f"/rounds/R2/read/{made.slides(marker)[place].code}/"


def test_a_reader_scores_a_round_without_a_mouse(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    scores = iter([(2, 60), (3, 100), (0, 0)])
    counts = [12, 8, 15, 9, 12]
    digits = sum(len(str(count)) for count in counts)
    per_slide = []
    with keyboard_reader(chromium, live_server, made.first) as me:
        slide = me.open_next()
        assert me.page.title() == f"{slide} · Hepatica"
        while slide:
            before = me.presses
            if me.is_counting:
                me.count(counts)
                limit = digits + 6
            else:
                me.score(*next(scores))
                limit = 6
            slide = me.save()
            per_slide.append((me.presses - before, limit))
        assert "All your slides of round R2 are read." in me.page.locator("#messages").inner_text()
    assert all(presses <= limit for presses, limit in per_slide)
    assert len(per_slide) == 6
    assert list(Read.objects.order_by("value").values_list("value", flat=True)) == [0, 6, 11.2, 11.2, 11.2, 12]
    assert all(read.seconds is not None for read in Read.objects.all())


def test_the_preview_lights_up_and_a_contradiction_blocks(
    chromium: Browser, live_server: LiveServer, made: Reading
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(made.slides()[0].code)
        me.score(2, 60)
        assert (me.lit(), me.preview()) == ("51–75 %", "2 × 3 = 6 of 12")
        me.press("Escape", "0", "3", "0")
        assert "contradiction" in me.preview()
        me.press("Enter")
        assert "contradiction" in me.page.locator("[data-status]").inner_text()
        assert me.page.input_value("[name=percent]") == "30"
        assert me.page.evaluate("document.activeElement.name") == "percent"
        me.press("Shift+Digit0")
        assert (me.lit(), me.preview()) == ("0 %", "0 × 0 = 0 of 12")
        me.save()
    read = Read.objects.get()
    assert (read.intensity, read.percent, read.extent, read.value) == (0, None, 0, 0)


def test_counts_show_mean_and_spread_and_fewer_need_a_reason(
    chromium: Browser, live_server: LiveServer, made: Reading
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(made.slides("CD206")[0].code)
        me.count([4, 8])
        assert me.preview() == "Mean 6 ± 2.83 SD 2 / 5 fields"
        me.press("Enter", "Enter", "Enter", "Enter")
        assert "need a reason" in me.page.locator("[data-status]").inner_text()
        assert me.page.evaluate("document.activeElement.name") == "fewer_fields_reason"
        me.type("small")
        me.save()
    assert Read.objects.get().field_counts == [4, 8]


def test_flag_comment_not_assessable_and_undo(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        slide = made.slides()[0].code
        me.open_slide(slide)
        me.press("2", "f")
        me.not_assessable(3)
        assert me.page.locator("[name=intensity]:checked").count() == 0
        me.save()
        read = Read.objects.get()
        assert (read.not_assessable, read.is_flagged, read.value) == ("necrosis", True, None)

        assert me.undo() == slide
        assert not Read.objects.current().exists()
        assert me.page.locator("[name=not_assessable]:checked").input_value() == "necrosis"
        me.press("Escape", "1", "8", "0")
        assert me.page.locator("[name=not_assessable]:checked").input_value() == ""
        me.press("c")
        me.type("jk nfu? 012")
        me.save()
    read = Read.objects.current().get()
    assert (read.value, read.comment, read.not_assessable, read.is_flagged) == (4, "jk nfu? 012", "", True)


def test_arrows_and_letters_move_without_saving_and_keep_a_draft(
    chromium: Browser, live_server: LiveServer, made: Reading
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        first = me.open_next()
        me.press("2" if not me.is_counting else "5")
        me.press("j")
        me.page.wait_for_url(lambda url: first not in url)
        second = me.wait()
        me.press("ArrowLeft")
        me.page.wait_for_url(f"**/{first}/")
        me.wait()
        assert "not saved yet" in me.page.locator(".banner").first.inner_text()
        me.press("j" if me.is_counting else "ArrowRight")  # in a box with digits an arrow moves the cursor
        me.page.wait_for_url(f"**/{second}/")
        me.wait()
    assert not Read.objects.exists()


def test_a_draft_outlives_signing_out(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    slide = made.slides()[0].code
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(slide)
        me.score(3, 77)
        me.wait_for_draft()
        me.page.context.clear_cookies()
        me.press("Enter")
        me.page.wait_for_selector("[data-status]:has-text('signed out')")
        assert me.page.input_value("[name=percent]") == "77"
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(slide)
        assert (me.page.input_value("[name=percent]"), me.preview()) == ("77", "3 × 4 = 12 of 12")
        me.save()
    assert Read.objects.get().percent == 77
    assert Assignment.objects.get(slide__code=slide, round_reader__reader=made.first).draft == {}


def test_a_lost_connection_loses_nothing(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(made.slides()[0].code)
        me.page.context.set_offline(True)
        me.score(2, 60)
        me.press("Enter")
        me.page.wait_for_selector("[data-status]:has-text('did not answer')")
        me.page.context.set_offline(False)
        me.save()
    assert Read.objects.get().value == 6


def test_two_windows_on_one_slide_meet_in_a_dialog(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    slide = made.slides()[0].code
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(slide)
        other = KeyboardReader(me.page.context.new_page(), live_server.url, "R2")
        other.open_slide(slide)
        me.score(3, 90)
        me.wait_for_draft()
        other.score(1, 10)
        other.page.wait_for_selector("[data-conflict][open]")
        assert "another window" in other.page.locator("[data-conflict]").inner_text()
        other.press("3", "Enter")
        other.wait_for_draft()
        assert other.page.input_value("[name=percent]") == "10"
        other.save()
        assert Read.objects.get().value == 1

        me.press("Enter")
        me.page.wait_for_selector("[data-conflict][open]")
        assert "intensity (0–3): — → 1" in me.page.locator("[data-conflict]").inner_text()
        assert me.page.input_value("[name=percent]") == "90"
        me.press("Tab", "Enter")
        me.wait()
        assert me.page.input_value("[name=percent]") == "10"
    assert Read.objects.get().value == 1


@pytest.mark.parametrize(
    ("key", "code", "shift", "expected"),
    [
        ("é", "Digit2", False, ("", "26–50 %")),  # French: the digit needs Shift, what is without it is the extent
        ("2", "Digit2", True, ("2", "")),
        ("@", "Digit2", True, ("", "26–50 %")),
        ("2", "Numpad2", False, ("2", "")),
        ("т", "KeyN", False, ("", "")),
    ],
)
def test_keys_of_other_keyboards(
    chromium: Browser,
    live_server: LiveServer,
    made: Reading,
    key: str,
    code: str,
    shift: bool,
    expected: tuple[str, str],
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        me.open_slide(made.slides()[0].code)
        send = """(init) => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }))"""
        me.page.evaluate(send, {"key": key, "code": code, "shiftKey": shift})
        chosen = "".join(
            me.page.locator("[name=intensity]:checked").evaluate_all("(all) => all.map(({value}) => value)")
        )
        assert (chosen, me.lit()) == expected
        assert (me.page.locator("[data-not-assessable]").get_attribute("open") is not None) == (code == "KeyN")
        for ignored in ({"ctrlKey": True}, {"altKey": True}, {"metaKey": True}, {"isComposing": True}):
            me.page.evaluate(send, {"key": "3", "code": "Digit3"} | ignored)
        assert me.page.locator("[name=intensity][value='3']").is_checked() is False


def test_the_screen_works_without_javascript(chromium: Browser, live_server: LiveServer, made: Reading) -> None:
    with signed_in_context(chromium, live_server, made.first, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url + address(made))
        page.check("[name=intensity][value='2']", force=True)
        page.fill("[name=percent]", "0")
        page.click("[data-save]")
        assert "go together" in page.locator(".error-summary").inner_text()
        page.fill("[name=percent]", "60")
        page.click("[data-save]")
        assert "saved." in page.locator("#messages").inner_text()
        page.click("[data-undo]")
        assert page.input_value("[name=percent]") == "60"
        page.click("text=Discard the draft")
        assert page.input_value("[name=percent]") == ""
        page.click("summary:has-text('Not assessable')")
        page.click("label:has-text('necrosis only')")
        page.click("[data-save]")
    assert Read.objects.current().get().not_assessable == "necrosis"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_screen_fits_and_passes_axe(
    chromium: Browser, live_server: LiveServer, made: Reading, width: int, scheme: Any
) -> None:
    made.read(made.first, made.slides()[1], intensity=2, percent=60, is_flagged=True)
    pages = ["/rounds/", address(made), address(made, 1), address(made, 0, "CD206")]
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with signed_in_context(chromium, live_server, made.first, **options) as context:
        page = context.new_page()
        for path in pages:
            page.goto(live_server.url + path)
            if "/read/" in path:
                page.wait_for_selector("[data-reading-form] :focus", state="attached")
                page.keyboard.press("2")
                page.keyboard.press("n")
            assert fits(page), path
            assert unreadable(page) == [], path
            assert page.evaluate("violations") == [], path
        Round.objects.update(status="adjudication")
        page.goto(live_server.url + address(made))
        assert unreadable(page) == []


def test_what_is_typed_before_the_next_slide_is_shown_is_no_score(
    chromium: Browser, live_server: LiveServer, made: Reading
) -> None:
    with keyboard_reader(chromium, live_server, made.first) as me:
        # A machine that is busy must not miss the pause: it lasts longer here.
        me.page.add_init_script(
            "const later = setTimeout; setTimeout = (call, ms, ...more) => later(call, ms === 400 ? 4000 : ms, ...more)"
        )
        slide = me.open_next()
        held: list[Any] = []

        def hold(route: Any) -> None:
            held.append(route)

        me.page.route(f"**/read/{slide}/", hold)
        (me.count([1, 2, 3, 4, 5]) if me.is_counting else me.score(2, 60))
        with me.page.expect_request(lambda request: request.method == "POST" and request.url.endswith(f"{slide}/")):
            me.press("Enter")
        me.press("3", "3")
        wait_until(me.page, "sessionStorage.getItem('typed-ahead') === '1'")
        held[0].continue_()
        me.page.wait_for_selector("[data-reading-form][data-pausing]")
        me.press("5")
        assert "nothing of that was taken" in me.page.locator("[data-status]").inner_text()
        assert me.page.locator("[name=intensity]:checked").count() == 0
        me.page.wait_for_selector("[data-reading-form]:not([data-pausing])")
        assert me.page.locator("[name=percent], [name=field_1]").first.input_value() == ""
        me.press("3")
        assert me.slide != slide
    assert Read.objects.count() == 1
