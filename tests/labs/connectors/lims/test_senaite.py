"""SENAITE as a client sees it: against a stand-in that replays the shapes of recorded answers."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from labs.blood.models import Analyte, BloodResult
from labs.connectors.models import ConnectorState
from labs.connectors.services import connector_pull, pull_all, scores_post
from labs.inbox.mapping.services import code_map
from labs.inbox.models import MessageRow, RawMessage
from labs.outbox.models import Outbox
from labs.outbox.services import outbox_deliver
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_create
from registry.models import Patient
from tests.labs.connectors.lims.stand_ins import API, BASIC, SenaiteStandIn, running
from tests.labs.inbox.conftest import BY

WBC = {"Keyword": "LAB-WBC", "Result": "5.20", "Unit": "10^9/L"}


@pytest.fixture
def draw(known: Patient) -> Specimen:
    for keyword, analyte in (("LAB-WBC", "WBC"), ("LAB-AFP", "AFP"), ("ALB", "ALB"), ("LYM", "LYM")):
        code_map(sender="SENAITE|*", code=keyword, analyte=Analyte.objects.get(code=analyte), by=BY)
    return specimen_create(patient=known, code="B-1", kind=SpecimenKind.BLOOD, collected=date(2024, 3, 8), by=BY)


@pytest.fixture
def lab(settings: Settings) -> Iterator[SenaiteStandIn]:
    server = SenaiteStandIn()
    with running(server):
        settings.SENAITE = {"site": f"{server.address}/senaite", "user": "lims", "password": "secret"}
        yield server


def now() -> list[tuple[str, str, float | None]]:
    rows = BloodResult.objects.current().order_by("analyte__code")
    return [(row.analyte.code, row.comparator, row.value) for row in rows]


def last_pulled(at: str) -> None:
    ConnectorState.objects.update(seen_until=at)


def due() -> int:
    Outbox.objects.update(next_attempt=timezone.now())
    return outbox_deliver()


def test_published_results_of_our_samples_come_in_page_by_page_and_once(lab: SenaiteStandIn, draw: Specimen) -> None:
    afp = {"Keyword": "LAB-AFP", "Result": "1.5", "Unit": "ng/mL", "DetectionLimitOperand": "<"}
    lab.add("B-1", "2024-03-08T10:00:00+00:00", WBC, afp, {"Keyword": "RBC", "Result": "4.5"})
    for number in range(4):
        lab.add(f"other-{number}", f"2024-03-08T1{number + 1}:00:00+00:00", WBC)
    lab.add("B-1", "2024-03-08T16:00:00+00:00", {**WBC, "Result": "99"}, state="to_be_verified")
    call_command("pull_results")
    assert now() == [("AFP", "<", 1.5), ("WBC", "", 5.2)]
    rows = {row.code: (row.outcome, row.reason, row.raw) for row in MessageRow.objects.all()}
    assert rows["RBC"] == ("quarantined", "unmapped_code", "4.5")
    assert BloodResult.objects.filter(specimen=draw).count() == 2
    # Where to go is what was set up, whatever addresses the answers name; and nobody else's results were asked for.
    assert sum("/analysis/" in path for _method, path, _body in lab.asked) == 3
    assert {sent["Authorization"] for sent in lab.headers} == {BASIC}
    asked = len(lab.asked)
    assert pull_all() == 0
    assert RawMessage.objects.count() == 1
    # The second time it stops at the first page that is older: one for each state.
    assert len(lab.asked) - asked == 2


def test_a_corrected_and_an_invalidated_sample_follow(lab: SenaiteStandIn, draw: Specimen) -> None:
    sample = lab.add("B-1", "2024-03-08T10:00:00+00:00", WBC)
    pull_all()
    (analysis,) = lab.analyses.values()
    analysis |= {"Result": "6.1", "ResultCaptureDate": "2024-03-08T11:00:00+00:00"}
    sample["modified"] = "2024-03-08T11:00:00+00:00"
    last_pulled("2024-03-08T10:30:00Z")
    assert pull_all() == 1
    assert now() == [("WBC", "", 6.1)]
    sample |= {"modified": "2024-03-08T12:00:00+00:00", "review_state": "invalid"}
    last_pulled("2024-03-08T11:30:00Z")
    assert pull_all() == 1
    assert now() == []


def test_a_specimen_that_is_entered_later_is_asked_for(lab: SenaiteStandIn, draw: Specimen, known: Patient) -> None:
    lab.add("B-2", "2024-03-08T10:00:00+00:00", WBC)
    lab.add("B-1", "2024-03-09T10:00:00+00:00", WBC)
    pull_all()
    assert MessageRow.objects.count() == 1
    specimen_create(patient=known, code="B-2", kind=SpecimenKind.BLOOD, collected=date(2024, 3, 8), by=BY)
    assert pull_all() == 1
    assert set(BloodResult.objects.values_list("specimen__code", flat=True)) == {"B-1", "B-2"}


def test_a_cookie_is_as_good_and_refusals_are_told(lab: SenaiteStandIn, draw: Specimen, settings: Settings) -> None:
    lab.add("B-1", "2024-03-08T10:00:00+00:00", WBC)
    settings.SENAITE |= {"password": "wrong"}
    assert pull_all() == 0
    assert ConnectorState.objects.get().last_error == "Refused: 401 Unauthorized"
    settings.SENAITE |= {"password": "secret", "login": "cookie"}
    lab.failing = (500, "KeyError: 'senaite_sample_catalog'")
    assert pull_all() == 0
    state = ConnectorState.objects.get()
    assert "500 KeyError: 'senaite_sample_catalog'" in state.last_error
    assert state.failing_since is not None
    assert state.seen_until is None
    lab.failing = None
    assert pull_all() == 1
    assert ConnectorState.objects.filter(last_error="", failing_since=None, documents=1).exists()
    assert all("Authorization" not in sent for sent in lab.headers[-3:])


def test_two_pulls_at_once_are_one(lab: SenaiteStandIn, draw: Specimen, settings: Settings) -> None:
    from labs.connectors.directory import connector_named

    lab.add("B-1", "2024-03-08T10:00:00+00:00", WBC)
    connector = connector_named("senaite")
    assert connector is not None
    ConnectorState.objects.create(name="senaite", lease_until=timezone.now() + timedelta(minutes=1))
    assert connector_pull(connector=connector) == 0
    assert lab.asked == []


@pytest.fixture
def scored(lab: SenaiteStandIn, draw: Specimen, settings: Settings) -> SenaiteStandIn:
    """Albumin and lymphocytes of B-1 are known, PNI is wanted."""
    settings.SENAITE |= {"scores": {"PNI": "HEP-PNI"}, "client": "c1", "contact": "p1", "sample_type": "t1"}
    results = ({"Keyword": "ALB", "Result": "41", "Unit": "g/L"}, {"Keyword": "LYM", "Result": "1.5", "Unit": "10*9/L"})
    lab.add("B-1", "2024-03-08T10:00:00+00:00", *results)
    pull_all()
    assert scores_post() == 1
    return lab


def test_a_score_is_searched_for_before_it_is_made_and_pushed_once(scored: SenaiteStandIn) -> None:
    scored.refuses_update = True
    assert due() == 0
    message = Outbox.objects.get()
    assert (message.state, message.attempts) == (Outbox.State.WAITING, 1)
    assert "500 Database conflict error" in message.last_error
    scored.refuses_update = False
    assert due() == 1
    (pushed,) = (each for each in scored.analyses.values() if each["Keyword"] == "HEP-PNI")
    assert (pushed["Result"], pushed["review_state"]) == ("48.5", "to_be_verified")
    # Made before the first attempt broke off, and found by the second.
    assert sum("/create/" in path for _method, path, _body in scored.asked) == 1
    assert ("POST", f"{API}/AnalysisRequest/create/c1") in [(method, path) for method, path, _body in scored.asked]
    assert scores_post() == 0
    # Sent again all the same, it finds its own result; and what is ours does not come back as a result of theirs.
    Outbox.objects.update(state=Outbox.State.WAITING)
    updates = len(scored.asked)
    assert due() == 1
    assert not any(method == "POST" for method, _path, _body in scored.asked[updates:])
    for sample in scored.samples:
        sample |= {"review_state": "published", "modified": "2024-03-10T10:00:00+00:00"}
    last_pulled("2024-03-08T10:30:00Z")
    assert pull_all() == 1
    assert not MessageRow.objects.filter(code="HEP-PNI").exists()


def test_another_value_of_a_submitted_score_is_for_a_person_there(scored: SenaiteStandIn) -> None:
    due()
    first = scored.samples[0]
    next(each for each in scored.analyses.values() if each["Keyword"] == "ALB").update(
        Result="42", ResultCaptureDate="2024-03-09T10:00:00+00:00"
    )
    first["modified"] = "2024-03-09T11:00:00+00:00"
    last_pulled("2024-03-09T10:30:00Z")
    assert pull_all() == 1
    assert scores_post() == 1
    assert due() == 0
    dead = Outbox.objects.get(state=Outbox.State.DEAD)
    assert dead.last_error == "HEP-PNI is submitted there with another value: correct it in SENAITE."
