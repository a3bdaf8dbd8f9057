"""The coordinator's pages of a round in a real browser: they fit, pass axe and break no rule of the policy."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from labs.ihc.models import Read
from labs.rounds.adjudicating import adjudication_start, third_reader_add
from labs.rounds.amending import read_amend
from labs.rounds.closing import round_close
from labs.rounds.models import Round
from labs.rounds.reading import Judgement
from registry.people.models import User
from registry.people.roles import Role
from tests.browser.pages import fits, signed_in_context, unreadable
from tests.labs.rounds.fixtures import Reading, proof_of, reading
from tests.registry import people
from tests.registry.fixtures import BY, make_cohort

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCORES = [(3, 90), (3, 60), (2, 90), (2, 60), (1, 90), (1, 60), (1, 30), (1, 10), (2, 30), (3, 30), (3, 10), (2, 10)]


@pytest.fixture
def made(transactional_db: None) -> Reading:
    """Twelve tissues, of which every third is read otherwise by ben; settled by the third reader."""
    made = reading(make_cohort(people.site("HEB")), patients=12, consensus_rule="mean")
    for place, slide in enumerate(made.slides("FAP")):
        for user, (intensity, percent) in ((made.first, SCORES[place]), (made.second, SCORES[place - place % 3])):
            made.read(user, slide, intensity=intensity, percent=percent)
    for place, slide in enumerate(made.slides("CD206")):
        made.read(made.first, slide, field_counts=[10 + 3 * place] * 5)
        made.read(made.second, slide, field_counts=[12 + 3 * place + place % 2] * 5)
    return made


def adjudicated(made: Reading) -> Round:
    third_reader_add(round=made.round, reader=people.person(Role.PATHOLOGIST, username="cat"), by=BY)
    return adjudication_start(round=made.round, expected_version=made.round.version, by=BY)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_fit_and_pass_axe_before_and_after_the_close(
    chromium: Browser, live_server: LiveServer, made: Reading, width: int, scheme: str
) -> None:
    dora = people.person(Role.DATA_MANAGER, Role.ADMINISTRATOR, username="dora")
    slide = f"slides/{made.slides()[1].code}/"
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}

    def look(user: User, *paths: str) -> None:
        with signed_in_context(chromium, live_server, user, **options) as context:
            page = context.new_page()
            for path in paths:
                page.goto(f"{live_server.url}/rounds/R2/{path}")
                assert fits(page), path
                assert unreadable(page) == [], path
                assert page.evaluate("violations") == [], path

    look(dora, "adjudication/", "agreement/")
    started = adjudicated(made)
    look(dora, "adjudication/", slide, "close/", "recompute/?rule=median")
    closed = round_close(round=started, expected_version=started.version, proof=proof_of(dora))
    read = Read.objects.current().get(slide=made.slides()[1], reader="ben")
    read_amend(read=read, judgement=Judgement({"intensity": 1, "percent": 90}), by=BY, reason="wrong line")
    look(dora, "", slide, f"{slide}amend/?reader=ben", "reopen/", "agreement/")
    look(made.first, "comparison/")
    assert closed.is_closed
