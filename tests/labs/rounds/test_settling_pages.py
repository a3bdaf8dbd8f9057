"""The coordinator's pages from the last primary read to the signed close, and after it."""

import pytest
from django.test import Client

from labs.ihc.models import Read
from labs.rounds.adjudicating import third_reader_of
from labs.rounds.amending import amendments_of, read_amend
from labs.rounds.closing import round_reopen, valid_signatures
from labs.rounds.models import Consensus, RoundStatus
from labs.rounds.reading import Judgement
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.people.models import User
from registry.people.roles import Role
from registry.people.services import role_grant
from registry.signing.models import Signature
from tests.labs.rounds.fixtures import Reading, read_everything, reading
from tests.labs.rounds.test_settling import adjudicated, close, joint
from tests.registry.fixtures import BY
from tests.registry.people import PASSWORD, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(db: None) -> User:
    return person(Role.DATA_MANAGER, username="dora", password=PASSWORD)


@pytest.fixture
def coordinator(dora: User) -> Client:
    return client_of(dora)


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def version(made: Reading) -> int:
    made.round.refresh_from_db()
    return made.round.version


def test_the_adjudication_begins_when_what_is_missing_is_given_up(a_cohort: Cohort, coordinator: Client) -> None:
    made = reading(a_cohort, repeat_percent=25)
    read_everything(made)
    url = "/rounds/R2/adjudication/"
    assert "2 hidden repeats to read" in text_of(coordinator, url)
    answer = coordinator.post(url, {"version": version(made)})
    assert "ann has 2 hidden repeats to read" in answer.content.decode()
    assert coordinator.post(url, {"version": version(made), "without_repeats": "on"}).status_code == 302
    made.round.refresh_from_db()
    assert made.round.status == RoundStatus.ADJUDICATION


def test_the_table_has_the_worst_first(a_cohort: Cohort, coordinator: Client) -> None:
    made = reading(a_cohort)
    pairs = [(3, 3, False), (1, 3, False), (3, 3, True), (2, 2, False)]
    for slide, (mine, others, flag) in zip(made.slides(), pairs, strict=True):
        made.read(made.first, slide, intensity=mine, percent=90, is_flagged=flag)
        made.read(made.second, slide, intensity=others, percent=90)
    for place, slide in enumerate(made.slides("CD206")):
        made.read(made.first, slide, field_counts=[10] * 5)
        made.read(made.second, slide, field_counts=[20 if place == 0 else 10] * 5)
    coordinator.post("/rounds/R2/adjudication/", {"version": version(made)})
    page = text_of(coordinator, "/rounds/R2/adjudication/")
    shown = [made.slides()[1], made.slides("CD206")[0], made.slides()[2]]
    places = [page.index(f"/slides/{slide.code}/") for slide in shown]
    assert places == sorted(places)
    assert made.slides()[0].code not in page
    assert "2 of 2 discordant slides are to be settled" in page


def test_a_slide_is_settled_beside_its_reads_and_the_next_one_follows(a_cohort: Cohort, coordinator: Client) -> None:
    made = adjudicated(a_cohort, discordant=2)
    one, two = sorted(made.slides()[:2], key=lambda slide: slide.code)
    url = f"/rounds/R2/slides/{one.code}/"
    page = text_of(coordinator, url)
    assert "R1" in page and "R2" in page and "mean of the two reads: 8" in page and "third read decides" not in page
    answer = coordinator.post(url, {"seen": 0, "outcome": "joint", "intensity": 2, "percent": 60})
    assert "Reason" in answer.content.decode() and not Consensus.objects.exists()
    answer = coordinator.post(
        url, {"seen": 0, "outcome": "joint", "intensity": 2, "percent": 60, "reason": "weak edge"}
    )
    assert answer["Location"] == f"/rounds/R2/slides/{two.code}/"
    assert Consensus.objects.get().value == 6
    answer = coordinator.post(url, {"seen": 0, "outcome": "mean", "reason": "another tab"})
    assert "changed this" in answer.content.decode() and Consensus.objects.count() == 1
    answer = coordinator.post(url, {"seen": 1, "outcome": "mean", "intensity": 2, "reason": "both"})
    assert "Values belong to the joint session" in answer.content.decode()


def test_a_third_reader_is_asked_for_from_the_table(a_cohort: Cohort, coordinator: Client) -> None:
    made = adjudicated(a_cohort)
    cat = person(Role.PATHOLOGIST, username="cat")
    assert "Ask for a third read" in text_of(coordinator, "/rounds/R2/adjudication/")
    coordinator.post("/rounds/R2/third-reader/", {"reader": made.first.pk})
    assert third_reader_of(made.round) is None
    coordinator.post("/rounds/R2/third-reader/", {"reader": cat.pk})
    assert "asked" in text_of(coordinator, "/rounds/R2/adjudication/")
    calm = made.slides()[3]
    third = third_reader_of(made.round)
    assert third is not None
    if third.assignments.filter(slide=calm).exists():
        calm = made.slides()[2]
    coordinator.post(f"/rounds/R2/slides/{calm.code}/third-read/")
    assert third.assignments.filter(slide=calm).exists()


def test_whoever_cannot_be_the_third_reader_is_named_with_the_reason(
    a_cohort: Cohort, dora: User, coordinator: Client
) -> None:
    made = adjudicated(a_cohort)
    role_grant(user=dora, role=Role.PATHOLOGIST, by=BY)
    gone = person(Role.PATHOLOGIST, username="gus")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    refused = {
        made.first.pk: "ann reads this round already: name somebody else for the third read.",
        dora.pk: "dora has seen the reads: whoever settles the slides is no third reader.",
        gone.pk: "gus is no active pathologist.",
        person(Role.TECHNICIAN, username="tim").pk: "tim is no active pathologist.",
        10**6: "There is no such person to choose.",
        "ann": "There is no such person to choose.",
    }
    for reader, why in refused.items():
        page = coordinator.post("/rounds/R2/third-reader/", {"reader": reader}, follow=True).content.decode()
        assert f"Third reader: {why}" in page
        assert third_reader_of(made.round) is None


def test_closing_asks_for_the_password_again(a_cohort: Cohort, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    url = "/rounds/R2/close/"
    assert "What you sign" in text_of(coordinator, url)
    answer = coordinator.post(url, {"version": version(made), "password": "guess"})
    assert "nothing was signed" in answer.content.decode()
    assert not Signature.objects.exists()
    assert coordinator.post(url, {"version": version(made), "password": PASSWORD}).status_code == 302
    page = text_of(coordinator, "/rounds/R2/")
    assert Signature.objects.get().digest in page and "as signed" in page


def test_wrong_passwords_at_the_close_lock_the_login(a_cohort: Cohort, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    for _ in range(5):
        coordinator.post("/rounds/R2/close/", {"version": version(made), "password": "guess"})
    coordinator.post("/rounds/R2/close/", {"version": version(made), "password": PASSWORD})
    assert not Signature.objects.exists()


def test_what_stands_in_the_way_of_the_close_is_listed(a_cohort: Cohort, coordinator: Client) -> None:
    made = adjudicated(a_cohort)
    page = text_of(coordinator, "/rounds/R2/close/")
    assert made.slides()[0].code in page and "A joint session decides." in page and "Sign and close" not in page


def test_an_administrator_opens_a_closed_round_again(a_cohort: Cohort, dora: User, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    close(made.round, dora)
    assert coordinator.get("/rounds/R2/reopen/").status_code == 403
    ada = client_of(person(Role.ADMINISTRATOR, username="ada"))
    answer = ada.post("/rounds/R2/reopen/", {"version": version(made), "reason": "a slide was swapped"})
    assert answer.status_code == 302
    page = text_of(coordinator, "/rounds/R2/")
    assert "void" in page and "a slide was swapped" in page
    assert not valid_signatures(made.round).exists()


def test_an_amendment_is_listed_and_marks_the_signature(a_cohort: Cohort, dora: User, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    close(made.round, dora)
    slide = made.slides()[0]
    url = f"/rounds/R2/slides/{slide.code}/amend/?reader=ben"
    assert "Amend the read of ben" in text_of(coordinator, url)
    data = {"seen": 1, "intensity": 3, "percent": 90, "reason": "wrong line"}
    assert coordinator.post(url, data).status_code == 302
    page = text_of(coordinator, "/rounds/R2/")
    assert "amended since" in page and "wrong line" in page
    assert Consensus.objects.current().get(slide=slide).value == 12
    assert "changed this" in coordinator.post(url, data | {"intensity": 2}).content.decode()


def test_full_width_digits_are_refused_by_name(a_cohort: Cohort, dora: User, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean")
    score, fields = (f"/rounds/R2/slides/{made.slides(marker)[0].code}/" for marker in ("FAP", "CD206"))
    percent, counts = {"intensity": 2, "percent": "５０"}, {f"field_{n}": "５０" for n in range(1, 6)}
    settled = {"seen": 0, "outcome": "joint", "reason": "weak edge"}

    def refused(url: str, data: dict[str, object]) -> set[str]:
        answer = coordinator.post(url, data)
        assert answer.status_code == 200
        return set(answer.context["form"].errors)

    assert refused(score, settled | percent) == {"percent"}
    assert refused(fields, settled | counts) == set(counts)
    page = coordinator.post(score, settled | percent).content.decode()
    assert "Positive cells (%)</a>: Give a whole number from 0 to 100." in page
    assert not Consensus.objects.exists()
    close(made.round, dora)
    amended = {"seen": 1, "reason": "wrong line"}
    assert refused(f"{score}amend/?reader=ben", amended | percent) == {"percent"}
    assert refused(f"{fields}amend/?reader=ben", amended | counts) == set(counts)
    assert not Read.objects.filter(version=2).exists()


def test_another_rule_is_seen_before_it_is_made(a_cohort: Cohort, dora: User, coordinator: Client) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean", third=True)
    made.read(User.objects.get(username="cat"), made.slides()[0], intensity=3, percent=60)
    close(made.round, dora)
    page = text_of(coordinator, "/rounds/R2/recompute/?rule=median")
    assert made.slides()[0].code in page and "moves" in page
    answer = coordinator.post("/rounds/R2/recompute/", {"rule": "median", "reason": "as published"})
    assert answer.status_code == 302
    assert Consensus.objects.current().get(slide=made.slides()[0]).value == 9


def test_an_amendment_stays_listed_when_the_round_is_opened_again_and_closed_anew(
    a_cohort: Cohort, dora: User, coordinator: Client
) -> None:
    made = adjudicated(a_cohort, consensus_rule="mean", discordant=2)
    closed = close(made.round, dora)
    amended, settled = made.slides()[:2]
    read = Read.objects.get(slide=amended, reader="ben")
    read_amend(read=read, judgement=Judgement({"intensity": 3, "percent": 90}), by=Actor.of(dora), reason="wrong line")
    opened = round_reopen(round=closed, expected_version=closed.version, by=BY, reason="a slide was swapped")
    assert "wrong line" in text_of(coordinator, "/rounds/R2/")
    joint(settled, seen=1, intensity=2, percent=60)
    again = close(opened, dora)
    page = text_of(coordinator, "/rounds/R2/")
    when = Read.objects.get(slide=amended, version=2).recorded_at
    assert f"dora, {when:%Y-%m-%d %H:%M} UTC: wrong line" in page
    # What was settled anew while the round was open is no amendment.
    assert [(item.row.slide, item.is_read) for item in amendments_of(again)] == [(amended, False), (amended, True)]
    joint(settled, seen=2, intensity=1, percent=60)
    assert [item.row.slide for item in amendments_of(again)] == [settled, amended, amended]


def test_the_form_of_another_rule_counts_what_a_joint_session_settled_and_keeps_it(
    a_cohort: Cohort, dora: User, coordinator: Client
) -> None:
    made = adjudicated(a_cohort, discordant=3, consensus_rule="mean")
    for slide in made.slides()[:2]:
        joint(slide, intensity=2, percent=60)
    close(made.round, dora)
    url = "/rounds/R2/recompute/"
    page = text_of(coordinator, f"{url}?rule=mean")
    assert "Supersede the 2 slides that a joint session settled, too" in page
    assert "Unless you tick this, they stay as they were settled." in page and "checked" not in page
    assert page.count("stays: settled in a joint session; the rule comes to 8") == 2

    def rules() -> list[str]:
        found = Consensus.objects.current().filter(slide__in=made.slides()[:3])
        return sorted(found.values_list("rule", flat=True))

    data = {"rule": "mean", "joint_shown": 2, "reason": "as published"}
    told = coordinator.post(url, data, follow=True).content.decode()
    assert rules() == ["joint", "joint", "mean"] and "2 discordant slides stay as they were." in told
    ticked = data | {"superseding_joint": "on"}
    page = coordinator.post(url, ticked | {"joint_shown": 1}).content.decode()
    assert "2 slides are settled in a joint session now, not 1 as was shown." in page
    assert 'name="joint_shown" value="2"' in page
    assert rules() == ["joint", "joint", "mean"]
    coordinator.post(url, ticked)
    assert rules() == ["mean", "mean", "mean"]


@pytest.mark.parametrize("discordant", [0, 1])
def test_a_rule_that_there_is_not_is_refused_by_name(a_cohort: Cohort, coordinator: Client, discordant: int) -> None:
    made = adjudicated(a_cohort, discordant=discordant)
    answer = coordinator.post("/rounds/R2/recompute/", {"rule": "dice", "reason": "why not"})
    page = answer.content.decode()
    assert answer.context["form"].errors["rule"] and "Rule for discordant slides</a>: Select a valid choice" in page
    assert "No slide is discordant" not in page and (made.slides()[0].code in page) == bool(discordant)
    page = text_of(coordinator, "/rounds/R2/recompute/?rule=dice")
    assert "Rule for discordant slides: “dice” cannot be computed." in page
    assert not Consensus.objects.exists()


@pytest.mark.parametrize("page", ["adjudication/", "close/", "recompute/", "slides/{slide}/", "slides/{slide}/amend/"])
def test_a_reader_of_the_round_has_none_of_these_pages_whatever_else_the_login_may(a_cohort: Cohort, page: str) -> None:
    made = adjudicated(a_cohort)
    role_grant(user=made.first, role=Role.ADMINISTRATOR, by=BY)
    url = f"/rounds/R2/{page.format(slide=made.slides()[0].code)}"
    assert client_of(made.first).get(url).status_code == 404
