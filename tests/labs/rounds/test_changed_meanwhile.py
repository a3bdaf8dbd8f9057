"""What somebody saved in between is said in labels and values, on every form of a round."""

from collections.abc import Mapping
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

from labs.ihc.models import Read
from labs.rounds.models import Consensus
from labs.rounds.settling import Settlement, slide_settle
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.rounds.fixtures import reading
from tests.labs.rounds.test_settling import adjudicated, close, joint
from tests.registry.fixtures import BY
from tests.registry.people import PASSWORD, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(db: None) -> User:
    return person(Role.DATA_MANAGER, Role.ADMINISTRATOR, username="dora", password=PASSWORD)


def text_of(client: Client, url: str, data: Mapping[str, object]) -> str:
    """What the page says, without its marks, after the post."""
    return " ".join(unescape(strip_tags(client.post(url, data, follow=True).content.decode())).split())


def test_a_settled_slide(a_cohort: Cohort, dora: User) -> None:
    made = adjudicated(a_cohort)
    slide = made.slides()[0]
    joint(slide, intensity=2, percent=60)
    url, typed = f"/rounds/R2/slides/{slide.code}/", {"outcome": "mean", "reason": "halfway"}
    page = text_of(client_of(dora), url, typed | {"seen": 0})
    assert "extent: — → 3; intensity: — → 2; positive cells (%): — → 60; reason: — → looked together" in page
    assert "reads: — → ann (revision 1), ben (revision 1)" in page
    assert "rule: — → joint session decides; value: — → 6. Your entries were not saved." in page
    assert not any(name in page for name in ("cites:", "slide:", "not_assessable", "field_counts"))
    slide_settle(slide=slide, settlement=Settlement("joint", {}, "necrosis"), seen=1, by=BY, reason="necrosis only")
    page = text_of(client_of(dora), url, typed | {"seen": 1})
    assert "not assessable because: — → necrosis" in page and "value: 6 → —" in page
    assert Consensus.objects.count() == 2


def test_a_read_of_the_own_queue(a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    score, fields = made.slides("FAP")[0], made.slides("CD206")[0]
    made.read(made.first, score, intensity=1, percent=10)
    made.read(made.first, score, seen=1, intensity=0, percent=0, is_flagged=True)
    ann = client_of(made.first)
    page = text_of(ann, f"/rounds/R2/read/{score.code}/", {"seen": 1, "intensity": 3, "percent": 90})
    assert "intensity (0–3): 1 → 0; flagged to discuss: no → yes; positive cells (%): 10 → 0; value: 1 → 0." in page
    made.read(made.first, fields, field_counts=[1, 2, 3, 4, 5])
    page = text_of(ann, f"/rounds/R2/read/{fields.code}/", {"seen": 0} | {f"field_{n}": 9 for n in range(1, 6)})
    assert "positive cells per field: — → 1, 2, 3, 4, 5; value: — → 3." in page


def test_an_amended_read_and_the_second_save_is_a_decision(a_cohort: Cohort, dora: User) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    close(made.round, dora)
    slide, client = made.slides()[0], client_of(dora)
    url = f"/rounds/R2/slides/{slide.code}/amend/?reader=ben"
    assert 'name="seen" value="1"' in client.get(url).content.decode()
    data = {"seen": 1, "intensity": 3, "percent": 90, "reason": "wrong line"}
    client.post(url, data)
    other = data | {"intensity": 2}
    assert "intensity (0–3): 1 → 3; value: 4 → 12." in text_of(client, url, other)
    assert 'name="seen" value="2"' in client.post(url, other).content.decode()
    assert "Revision: The read has no revision 9: load the page anew." in text_of(client, url, other | {"seen": 9})
    assert Read.objects.current().get(slide=slide, reader="ben").intensity == 3
    client.post(url, other | {"seen": 2})
    assert Read.objects.current().get(slide=slide, reader="ben").intensity == 2


def test_the_round_itself(a_cohort: Cohort, dora: User) -> None:
    client = client_of(dora)
    reading(a_cohort, is_open=False)
    page = text_of(client, "/rounds/R2/open/", {"version": 0})
    assert "protocol: — → ihc v1; status: — → in preparation" in page and "seed" not in page
    closed = close(adjudicated(a_cohort, code="R3", consensus_rule="mean").round, dora)
    typed = {"reason": "a slide was swapped"}
    page = text_of(client, "/rounds/R3/reopen/", typed | {"version": closed.version - 1})
    when = f"{closed.closed_at:%Y-%m-%d %H:%M}"
    assert f"closed: — → {when} UTC; status: in adjudication → closed. Your entries were not saved." in page
    assert client.post("/rounds/R3/reopen/", typed | {"version": closed.version}).status_code == 302
