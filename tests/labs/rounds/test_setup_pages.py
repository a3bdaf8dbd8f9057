"""The coordinator's pages: a protocol in versions, a round drawn up, looked over, opened; and who sees none of it."""

from typing import Any

import pytest
from django.test import Client

from labs.markers.models import Marker
from labs.rounds.models import ReadingProtocol, Round, RoundStatus
from registry.cohorts.models import Cohort
from registry.people.roles import Role
from tests.labs.rounds.fixtures import reading
from tests.registry.people import client_of, person, signed_in

pytestmark = pytest.mark.django_db

RULES: dict[str, Any] = {
    "readers": 2,
    "order": "blocks",
    "repeat_percent": 10,
    "washout_days": 14,
    "extent_1_upper": 25,
    "extent_2_upper": 50,
    "extent_3_upper": 75,
    "intensity_gap": 2,
    "score_gap": 3,
    "count_gap_percent": 30,
    "consensus_rule": "joint",
    "mean_rounding": "none",
    "decoy_percent": 100,
}


@pytest.fixture
def coordinator() -> Client:
    return signed_in(Role.DATA_MANAGER)


def marker_pk(code: str) -> int:
    return Marker.objects.get(code=code).pk


def test_a_changed_protocol_is_a_new_version(coordinator: Client) -> None:
    fap = marker_pk("FAP")
    data = RULES | {"code": "ihc", "title": "IHC", f"reads_{fap}": "on", f"cutoff_{fap}": "6"}
    assert coordinator.post("/rounds/protocols/new/", data).status_code == 302
    assert coordinator.post("/rounds/protocols/new/?from=ihc", data | {"score_gap": 2}).status_code == 302
    versions = ReadingProtocol.objects.order_by("number")
    assert [(str(row), row.score_gap, [m.cutoff for m in row.markers.all()]) for row in versions] == [
        ("ihc v1", 3, [6.0]),
        ("ihc v2", 2, [6.0]),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"extent_2_upper": 20}, "must ascend"),
        ({"extent_3_upper": 100}, "must ascend"),
        ({"readers": 1}, "greater than or equal to 2"),
        ({"CUTOFF": "5"}, "no attainable score"),
        ({"CUTOFF": "6,0"}, "decimal"),
        ({"NONE": "on"}, "at least one marker"),
    ],
)
def test_a_protocol_that_makes_no_sense_is_refused(coordinator: Client, wrong: dict[str, Any], said: str) -> None:
    fap = marker_pk("FAP")
    data = RULES | {"code": "ihc", "title": "IHC", f"reads_{fap}": "on"} | wrong
    data[f"cutoff_{fap}"] = data.pop("CUTOFF", "")
    if data.pop("NONE", ""):
        del data[f"reads_{fap}"]
    answer = coordinator.post("/rounds/protocols/new/", data)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not ReadingProtocol.objects.exists()


def test_a_round_is_drawn_up_looked_over_and_opened(coordinator: Client, a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    data = {
        "code": "R3",
        "cohort": a_cohort.pk,
        "protocol": made.round.protocol.pk,
        "kinds": ["tumour"],
        "readers": [made.first.pk, made.second.pk],
    }
    assert coordinator.post("/rounds/new/", data).status_code == 302
    page = coordinator.get("/rounds/R3/").content.decode()
    assert "in preparation" in page and "Open the round" in page
    refused = coordinator.post("/rounds/R3/open/", {"version": 1}, follow=True).content.decode()
    assert "is being read in round R2" in refused
    assert Round.objects.get(code="R3").status == RoundStatus.DRAFT
    labels = coordinator.get("/rounds/R3/labels/?format=csv").content.decode()
    assert labels.startswith("blind_code,specimen,marker,hidden_repeat") and "R2T00" in labels
    assert coordinator.post("/rounds/R3/discard/", {"version": 1, "reason": "drawn twice"}).status_code == 302
    assert coordinator.get("/rounds/R3/").status_code == 404


@pytest.mark.parametrize("missing", ["code", "cohort", "protocol", "kinds", "readers"])
def test_a_round_needs_all_of_it(coordinator: Client, a_cohort: Cohort, missing: str) -> None:
    made = reading(a_cohort)
    data: dict[str, Any] = {
        "code": "R3",
        "cohort": a_cohort.pk,
        "protocol": made.round.protocol.pk,
        "kinds": ["tumour"],
        "readers": [made.first.pk, made.second.pk],
    }
    del data[missing]
    answer = coordinator.post("/rounds/new/", data)
    assert answer.status_code == 200 and "Nothing was saved" in answer.content.decode()
    assert Round.objects.count() == 1


def test_the_protocol_says_how_many_readers(coordinator: Client, a_cohort: Cohort) -> None:
    made = reading(a_cohort)
    data = {
        "code": "R3",
        "cohort": a_cohort.pk,
        "protocol": made.round.protocol.pk,
        "kinds": ["tumour"],
        "readers": [made.first.pk],
    }
    assert "wants 2 readers" in coordinator.post("/rounds/new/", data).content.decode()


@pytest.mark.parametrize("page", ["/rounds/R2/", "/rounds/R2/labels/"])
def test_a_reader_sees_no_coordinators_page_whatever_other_role(a_cohort: Cohort, page: str) -> None:
    made = reading(a_cohort)
    both = person(Role.PATHOLOGIST, Role.DATA_MANAGER, username="both")
    made.round.readers.filter(reader=made.first).update(reader=both)
    assert client_of(both).get(page).status_code == 404
    assert "/rounds/R2/" not in client_of(both).get("/rounds/coordinate/").content.decode()
    assert signed_in(Role.DATA_MANAGER).get(page).status_code == 200
