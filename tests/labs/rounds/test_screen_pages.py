"""The reader's pages without a browser: what they show, keep, refuse and never tell."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from labs.ihc.models import Read
from labs.rounds.models import Assignment, Duty, Round
from labs.rounds.pace import seconds_since, shown_now
from labs.rounds.services import reader_add
from registry.cohorts.models import Cohort
from registry.people.roles import Role
from tests.labs.rounds.fixtures import Reading, reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(a_cohort: Cohort) -> Reading:
    return reading(a_cohort)


@pytest.fixture
def ann(made: Reading) -> Client:
    return client_of(made.first)


def url(made: Reading, place: int = 0, marker: str = "FAP", tail: str = "") -> str:
    return f"/rounds/R2/read/{made.slides(marker)[place].code}/{tail}"


def saved(client: Client, address: str, **entries: Any) -> Any:
    form = client.get(address).context["form"]
    given = {"seen": form.initial["seen"], "shown": form.initial["shown"]} | entries
    return client.post(address, given)


def test_the_bookmark_leads_to_the_next_slide_and_a_save_to_the_one_after(made: Reading, ann: Client) -> None:
    first = ann.get("/rounds/R2/next/").headers["Location"]
    page = ann.get(first)
    assert page.context["progress"].done == 0
    judged = {"intensity": 2, "percent": 60} if page.context["scale"] == "score" else {"field_1": 3}
    reason = {} if page.context["scale"] == "score" else {"fewer_fields_reason": "small"}
    answer = saved(ann, first, **judged, **reason)
    assert answer.status_code == 302
    assert answer.headers["Location"] == ann.get("/rounds/R2/next/").headers["Location"] != first
    assert Read.objects.get().reader == "ann"


def test_title_and_address_hold_nothing_but_the_code(made: Reading, ann: Client) -> None:
    made.read(made.second, made.slides()[0], intensity=3, percent=90, comment="peculiar")
    page = ann.get(url(made)).content.decode()
    code = made.slides()[0].code
    assert f"<title>{code} · Hepatica</title>" in page
    for secret in ("R2T00", "R2-P00", "ben", "peculiar", "P00", str(made.round.cohort), made.round.seed):
        assert secret not in page


def test_the_preview_is_no_truth(made: Reading, ann: Client) -> None:
    page = saved(ann, url(made), intensity=2, percent=60, previewed="8")
    assert "The form showed 8, the server computes 6" in page.content.decode()
    assert not Read.objects.exists()
    assert saved(ann, url(made), intensity=2, percent=60, previewed="6").status_code == 302


def test_the_mean_of_the_fields_is_compared_too(made: Reading, ann: Client) -> None:
    counts = {f"field_{number}": number for number in (1, 2, 3)} | {"fewer_fields_reason": "small biopsy"}
    assert saved(ann, url(made, 0, "CD206"), **counts, previewed="2.5").status_code == 200
    assert saved(ann, url(made, 0, "CD206"), **counts, previewed="2").status_code == 302
    assert Read.objects.get().value == 2


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"intensity": "0", "percent": "5"}, "go together"),
        ({"intensity": "2", "percent": "12.5"}, "whole number"),
        ({"intensity": "2", "percent": "６０"}, "whole number"),
        ({"intensity": "2"}, "Give the percentage"),
        ({"percent": "60", "comment": "typed once"}, "Give the intensity"),
        ({"not_assessable": "necrosis", "intensity": "2", "percent": "60"}, "give one or the other"),
        ({"not_assessable": "other"}, "Say in the comment"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(
    made: Reading, ann: Client, entries: dict[str, str], said: str
) -> None:
    page = saved(ann, url(made), **entries)
    assert said in page.content.decode()
    assert {name: page.context["form"][name].value() for name in entries} == entries
    assert not Read.objects.exists()


def test_not_assessable_and_flag_are_saved(made: Reading, ann: Client) -> None:
    saved(ann, url(made), not_assessable="necrosis", is_flagged="on")
    saved(ann, url(made, 0, "CD206"), not_assessable="other", comment="broken glass")
    reads = Read.objects.order_by("pk")
    assert [(read.value, read.not_assessable, read.is_flagged) for read in reads] == [
        (None, "necrosis", True),
        (None, "other", False),
    ]


def test_a_save_on_top_of_another_windows_save_is_a_decision(made: Reading, ann: Client) -> None:
    address = url(made)
    form = ann.get(address).context["form"]
    first = {"seen": form.initial["seen"], "intensity": 1, "percent": 10}
    ann.post(address, first)
    page = ann.post(address, first | {"intensity": 3})
    assert page.context["form"].is_stale
    assert "data-stale" in page.content.decode()
    assert Read.objects.current().get().intensity == 1
    again = {"seen": page.context["form"]["seen"].value(), "intensity": 3, "percent": 10}
    assert ann.post(address, again).status_code == 302
    assert Read.objects.current().get().intensity == 3


def test_a_window_of_another_reader_saves_nothing_in_my_name(made: Reading, ann: Client) -> None:
    left_open = ann.get(url(made)).context["form"].initial["shown"]
    ben = client_of(made.second)
    page = saved(ben, url(made), intensity=2, percent=60, shown=left_open).content.decode()
    assert "Another reader signed in" in page
    draft = ben.post(url(made, tail="draft/"), {"intensity": 2, "draft_version": 0, "shown": left_open})
    assert draft.status_code == 409 and "Another reader signed in" in draft.json()["text"]
    assert not Read.objects.exists() and not Assignment.objects.exclude(draft={}).exists()


def test_drafts_are_kept_by_version_and_come_back(made: Reading, ann: Client) -> None:
    draft = url(made, tail="draft/")
    answer = ann.post(draft, {"intensity": "2", "percent": "6", "draft_version": "0", "seen": "0"})
    assert json.loads(answer.content) == {"draft_version": 1}
    other = ann.post(draft, {"intensity": "3", "draft_version": "0"})
    assert (other.status_code, json.loads(other.content)["draft_version"]) == (409, 1)
    page = ann.get(url(made))
    assert (page.context["form"]["intensity"].value(), page.context["form"]["percent"].value()) == ("2", "6")
    assert "not saved yet" in page.content.decode()
    ann.post(draft, {"discard": "1"})
    assert ann.get(url(made)).context["form"]["percent"].value() is None


def test_undo_leads_back_to_the_slide_with_its_values(made: Reading, ann: Client) -> None:
    saved(ann, url(made, 1), intensity=3, percent=90)
    answer = ann.post("/rounds/R2/undo/")
    assert answer.headers["Location"] == url(made, 1)
    assert not Read.objects.current().exists()
    assert ann.get(url(made, 1)).context["form"]["percent"].value() == "90"
    assert "no save of yours" in ann.post("/rounds/R2/undo/", follow=True).content.decode()


def test_time_and_pace_are_the_servers_and_the_readers_own(made: Reading, ann: Client) -> None:
    assignment = made.assignment(made.first, made.slides()[0])
    note = shown_now(assignment)
    assert seconds_since(note, assignment, timezone.now() + timedelta(seconds=9)) == 9
    assert seconds_since(note, assignment, timezone.now() + timedelta(hours=3)) == 3600
    assert seconds_since(note, made.assignment(made.first, made.slides()[1])) is None
    assert seconds_since("forged", assignment) is None
    assert "my pace" not in ann.get(url(made)).content.decode()
    saved(ann, url(made), intensity=1, percent=10)
    assert re.search(r"my pace \d+ s", ann.get(url(made, 1)).content.decode())
    assert "my pace" not in client_of(made.second).get(url(made)).content.decode()


def test_progress_is_of_the_marker_or_of_all_as_the_protocol_orders(made: Reading, ann: Client) -> None:
    saved(ann, url(made), intensity=1, percent=10)
    assert ">1 / 4<" in ann.get(url(made, 1)).content.decode()
    assert ">0 / 4<" in ann.get(url(made, 1, "CD206")).content.decode()
    Round.objects.get().protocol.__class__.objects.update(order="mixed")
    assert ">1 / 8<" in ann.get(url(made, 1)).content.decode()


@pytest.mark.parametrize(("status", "said"), [("adjudication", "in adjudication"), ("closed", "is closed")])
def test_a_round_that_takes_no_reads_says_so(made: Reading, ann: Client, status: str, said: str) -> None:
    made.read(made.first, made.slides()[0], intensity=2, percent=60)
    Round.objects.update(status=status, closed_at=timezone.now())
    for address in ("/rounds/R2/next/", url(made), "/rounds/"):
        assert said in ann.get(address).content.decode()
    assert "Your read: 6" in ann.get(url(made)).content.decode()
    ann.post(url(made), {"seen": "0", "intensity": 1, "percent": 10})
    assert Read.objects.count() == 1
    assert ann.post(url(made, tail="draft/"), {"percent": "1", "draft_version": "0"}).status_code == 409
    assert "nothing was saved" in ann.post("/rounds/R2/undo/", follow=True).content.decode()


def test_a_third_reader_waits_while_the_others_read(made: Reading) -> None:
    cleo = person(Role.PATHOLOGIST, username="cleo")
    reader_add(made.round, cleo, Duty.THIRD, BY)
    assert made.round.readers.get(reader=cleo).duty == Duty.THIRD
    assert "when the others have finished" in client_of(cleo).get("/rounds/R2/next/").content.decode()


def test_who_does_not_read_in_the_round_finds_nothing(made: Reading) -> None:
    stranger = client_of(person(Role.PATHOLOGIST, username="eve"))
    addresses = ["/rounds/R2/next/", url(made)]
    assert [stranger.get(address).status_code for address in addresses] == [404, 404]
    assert "No round waits for you" in stranger.get("/rounds/").content.decode()
    posts = ["/rounds/R2/undo/", url(made, tail="draft/")]
    assert [stranger.post(address).status_code for address in posts] == [404, 404]


def test_a_repeat_is_not_there_before_its_washout_is_over(a_cohort: Cohort) -> None:
    made = reading(a_cohort, repeat_percent=25)
    repeat = made.round.slides.filter(repeats__isnull=False).first()
    assert repeat is not None
    assert Assignment.objects.filter(slide=repeat, round_reader__reader=made.first).exists()
    assert client_of(made.first).get(f"/rounds/R2/read/{repeat.code}/").status_code == 404


def test_my_rounds_lists_what_is_to_do_and_what_was_read(made: Reading, ann: Client) -> None:
    made.read(made.first, made.slides()[0], intensity=2, percent=60, is_flagged=True)
    made.read(made.second, made.slides()[1], intensity=3, percent=90)
    page = ann.get("/rounds/").content.decode()
    assert "1 / 8" in page
    assert "/rounds/R2/next/" in page
    assert made.slides()[0].code in page
    assert made.slides()[1].code not in page
    assert "1 flagged" in page


def test_a_save_takes_one_answer_and_a_page_few_queries(
    made: Reading, ann: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        ann.get(url(made))
