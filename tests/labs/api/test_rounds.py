"""Rounds through the interface: what their readers see of them, and how a coordinator takes them to the settling."""

from typing import Any

import pytest

from labs.rounds.models import Consensus, Round
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from tests.labs.rounds.fixtures import Reading, read_everything, reading
from tests.registry.api.asking import Program, messages, program_of
from tests.registry.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(a_cohort: Cohort) -> Reading:
    return reading(a_cohort, patients=2)


@pytest.fixture
def dana(found: Reading) -> User:
    return person(Role.DATA_MANAGER, username="dana")


@pytest.fixture
def coordinator(dana: User) -> Program:
    return program_of(dana)


def written(name: str) -> set[tuple[str, str]]:
    return set(Change.objects.filter(actor_name=name).values_list("subject_type", "source"))


def test_a_reader_follows_the_own_progress_and_undoes_a_save(found: Reading) -> None:
    slide = found.slides("FAP")[0]
    found.read(found.second, slide, intensity=3, percent=90)
    mine, base = program_of(found.first), f"my-rounds/{found.round.code}/"
    assert (mine.get(base)["done"], mine.get(base)["total"]) == (0, 4)
    assert [row["extent"] for row in mine.get(base)["extents"]] == [0, 1, 2, 3, 4]
    mine.put(f"{base}slides/{slide.code}/", version=0, intensity=2, percent=60, is_flagged=True)
    progress = mine.get(base)
    assert (progress["done"], progress["flagged"]) == (1, [slide.code])
    assert {"marker": "FAP", "done": 1, "total": 2} in progress["markers"]
    assert mine.post(f"{base}undo/", status=200) == {"slide": slide.code}
    assert mine.get(base)["done"] == 0
    assert mine.get(f"{base}slides/{slide.code}/draft/")["entries"]["percent"] == "60"
    assert mine.post(f"{base}undo/", status=200) == {"slide": None}
    assert written("ann") == {("read", "api")}


def test_a_draft_is_kept_by_version(found: Reading) -> None:
    path = f"my-rounds/{found.round.code}/slides/{found.slides('FAP')[0].code}/draft/"
    mine = program_of(found.first)
    kept = mine.put(path, version=0, entries={"comment": "look again"})
    assert (kept["version"], kept["entries"]) == (1, {"comment": "look again"})
    assert mine.refusal("PUT", path, 409, version=0, entries={})["code"] == "changed_meanwhile"
    assert messages(mine.refusal("PUT", path, 400, version=1, entries={"value": "9"}), "value")
    assert program_of(found.second).get(path)["entries"] == {}


def test_what_a_reader_is_told_names_no_tissue_no_patient_and_no_other_reader(found: Reading) -> None:
    slide = found.slides("FAP")[0]
    found.read(found.second, slide, intensity=3, percent=90, comment="ben was here")
    mine, base = program_of(found.first), f"my-rounds/{found.round.code}/"
    for path in (
        "my-rounds/",
        base,
        f"{base}next/",
        f"{base}slides/{slide.code}/",
        f"{base}slides/{slide.code}/draft/",
    ):
        answer = mine.ask("GET", path)
        assert answer.status_code == 200
        for secret in ("R2T", "R2-P", "ben", found.round.seed):
            assert secret not in answer.content.decode()


def test_a_reader_finds_no_page_of_the_coordinator(found: Reading) -> None:
    both = person(Role.PATHOLOGIST, Role.DATA_MANAGER, username="both")
    for user, status in ((found.first, 403), (both, 200)):
        answer = program_of(user).ask("GET", f"rounds/{found.round.code}/adjudication/")
        assert answer.status_code == status
    found.first.grants.create(role=Role.DATA_MANAGER)
    mine = program_of(User.objects.get(pk=found.first.pk))
    for path in ("", "adjudication/", f"slides/{found.slides()[0].code}/"):
        mine.refusal("GET", f"rounds/{found.round.code}/{path}", 404)
    assert mine.get("rounds/")["count"] == 0


def test_a_coordinator_draws_up_and_opens_a_round(coordinator: Program, found: Reading, a_cohort: Cohort) -> None:
    made = coordinator.post(
        "protocols/", code="short", title="Short", markers=[{"marker": "FAP", "cutoff": 6}], repeat_percent=0
    )
    assert (made["number"], made["markers"]) == (1, [{"marker": "FAP", "cutoff": 6.0}])
    assert messages(
        coordinator.refusal("POST", "protocols/", 400, code="x", title="x", markers=[{"marker": "FAP", "cutoff": 5}])
    )
    entry = {"cohort": a_cohort.code, "protocol": made["id"], "kinds": ["tumour"], "readers": ["ann", "ben"]}
    assert messages(coordinator.refusal("POST", "rounds/", 400, code="R3", **entry | {"readers": ["ann"]}), "readers")
    assert messages(coordinator.refusal("POST", "rounds/", 400, code="R3", **entry | {"readers": ["dana"]}), "readers")
    drawn = coordinator.post("rounds/", code="R3", **entry)
    assert (drawn["status"], drawn["protocol"]) == ("draft", "short v1")
    taken = coordinator.refusal("POST", "rounds/R3/open/", 400, version=drawn["version"])
    assert "R2" in messages(taken)
    coordinator.refusal("POST", "rounds/R3/discard/", 409, version=9, reason="drawn up twice")
    coordinator.post("rounds/R3/discard/", status=200, version=drawn["version"], reason="drawn up twice")
    assert [row["code"] for row in coordinator.get("rounds/")["results"]] == ["R2"]
    whole = coordinator.get("rounds/R2/")
    assert [(row["reader"], row["total"]) for row in whole["readers"]] == [("ann", 4), ("ben", 4)]
    assert ("round", "api") in written("dana")


def test_a_coordinator_opens_a_round_of_the_version_that_was_seen(a_cohort: Cohort) -> None:
    made = reading(a_cohort, patients=1, is_open=False).round
    program = program_of(person(Role.DATA_MANAGER, username="dana"))
    assert program.refusal("POST", "rounds/R2/open/", 409, version=made.version + 1)["code"] == "changed_meanwhile"
    assert program.post("rounds/R2/open/", status=200, version=made.version)["status"] == "open"


def test_a_coordinator_settles_what_disagrees(coordinator: Program, found: Reading) -> None:
    base = f"rounds/{found.round.code}/"
    assert coordinator.get(f"{base}adjudication/")["missing"][0]["slides"] == 4
    version = Round.objects.get().version
    assert messages(coordinator.refusal("POST", f"{base}adjudication/", 400, version=version))
    read_everything(found)
    assert coordinator.post(f"{base}adjudication/", status=200, version=version)["status"] == "adjudication"
    person(Role.PATHOLOGIST, username="third")
    coordinator.post(f"{base}third-reader/", status=200, reader="third")
    told = coordinator.get(f"{base}adjudication/")
    (row,) = told["slides"]
    assert (told["third_reader"], row["version"], row["is_discordant"]) == ("third", 0, True)
    slide = f"{base}slides/{row['slide']}/"
    assert [read["value"] for read in coordinator.get(slide)["reads"]] == [12.0, 4.0]
    joint: dict[str, Any] = {"outcome": "joint", "intensity": 2, "percent": 90, "reason": "looked together"}
    assert coordinator.refusal("POST", slide, 400, version=0, **joint | {"outcome": "mean"})
    assert coordinator.refusal("POST", slide, 400, version=0, **joint | {"reason": ""})
    settled = coordinator.post(slide, status=200, version=0, **joint)
    assert (settled["version"], settled["consensus"]["value"]) == (1, 8.0)
    assert coordinator.refusal("POST", slide, 409, version=0, **joint)["code"] == "changed_meanwhile"
    assert coordinator.post(f"{slide}third-read/", status=200)["slide"] == row["slide"]
    assert Consensus.objects.count() == 1
    assert ("consensus", "api") in written("dana")


def test_other_roles_are_refused_in_the_one_shape(found: Reading) -> None:
    nobody = program_of(person(Role.TECHNICIAN, username="tech"))
    for path in ("rounds/", "protocols/", f"rounds/{found.round.code}/", f"my-rounds/{found.round.code}/"):
        assert nobody.refusal("GET", path, 403)["code"] == "not_allowed"
    assert nobody.refusal("POST", f"rounds/{found.round.code}/open/", 403, version=1)["code"] == "not_allowed"
