"""A whole round in the browser: two readers by keyboard, agreement, a third read among decoys, the signed close."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from labs.ihc.models import Read
from labs.rounds.adjudicating import third_reader_of
from labs.rounds.models import Consensus, RoundStatus
from registry.people.models import User
from registry.people.roles import Role
from registry.signing.models import Signature
from tests.browser.pages import signed_in_context
from tests.browser.reading import keyboard_reader
from tests.labs.rounds.fixtures import Reading, reading
from tests.registry import people
from tests.registry.fixtures import make_cohort
from tests.registry.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COUNTS = [12, 8, 15, 9, 12]
Scores = Mapping[str, tuple[int, int]]


@pytest.fixture
def made(transactional_db: None) -> Reading:
    return reading(make_cohort(people.site("HEB")), patients=3)


def read_all(chromium: Browser, live_server: LiveServer, user: User, scores: Scores) -> list[str]:
    """Every slide of the queue by the keyboard alone; in which order they came."""
    seen = []
    with keyboard_reader(chromium, live_server, user) as me:
        slide = me.open_next()
        while slide:
            seen.append(slide)
            before = me.presses
            if me.is_counting:
                me.count(COUNTS)
            else:
                me.score(*scores[slide])
            slide = me.save()
            digits = sum(len(str(count)) for count in COUNTS) if seen[-1] not in scores else 0
            assert me.presses - before <= 6 + digits
    return seen


def shown(page: Page) -> str:
    return page.locator("main").inner_text()


def test_a_round_is_read_settled_signed_and_opened_again(
    chromium: Browser, live_server: LiveServer, made: Reading
) -> None:
    apart, *alike = [slide.code for slide in made.slides("FAP")]
    same = dict.fromkeys(alike, (2, 60))
    first = read_all(chromium, live_server, made.first, same | {apart: (3, 90)})
    second = read_all(chromium, live_server, made.second, same | {apart: (1, 30)})
    assert set(first) == set(second) and len(first) == 6

    manager = people.person(Role.DATA_MANAGER, username="dora", password=PASSWORD)
    third = people.person(Role.PATHOLOGIST, username="cat")
    with signed_in_context(chromium, live_server, manager) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/rounds/R2/")
        page.click("main >> text=Agreement")
        assert "ann and ben" in shown(page) and "high against low 1" in shown(page)

        page.goto(f"{live_server.url}/rounds/R2/adjudication/")
        page.click("text=Start the adjudication")
        assert "1 of 1 discordant slides is to be settled" in shown(page)
        page.select_option("[name=reader]", str(third.pk))
        page.click("text=Ask for a third read")
        assert "asked" in shown(page)

    duty = third_reader_of(made.round)
    assert duty is not None and duty.assignments.count() == 2
    queue = {assignment.slide.code: (3, 60) for assignment in duty.assignments.select_related("slide")}
    assert apart in read_all(chromium, live_server, third, queue)

    with signed_in_context(chromium, live_server, manager) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/rounds/R2/close/")
        assert "A joint session decides." in shown(page)
        page.click(f"main >> text={apart}")
        page.check("[name=outcome][value=third]")
        page.fill("[name=reason]", "third read is clear")
        page.click("text=Settle and next")
        page.click("main >> text=Close the round")
        page.fill("[name=password]", "a guess")
        page.click("text=Sign and close")
        assert "nothing was signed" in shown(page)
        page.fill("[name=password]", PASSWORD)
        page.click("text=Sign and close")
        assert Signature.objects.get().digest in shown(page) and "as signed" in shown(page)
        assert page.evaluate("violations") == []
    made.round.refresh_from_db()
    assert made.round.status == RoundStatus.CLOSED
    assert Consensus.objects.get(slide__code=apart).value == 9
    assert Read.objects.filter(version__gt=1).count() == 0

    with signed_in_context(chromium, live_server, made.second) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/rounds/")
        page.click("text=How I compare")
        assert "2 of 3 slides as the consensus" in shown(page)

    with signed_in_context(chromium, live_server, people.person(Role.ADMINISTRATOR, username="ada")) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/rounds/R2/")
        page.click("text=Open again")
        page.fill("[name=reason]", "a slide was swapped")
        page.click("main button:has-text('Open again')")
        page.goto(f"{live_server.url}/rounds/R2/")
        assert "void" in shown(page) and "a slide was swapped" in shown(page)
