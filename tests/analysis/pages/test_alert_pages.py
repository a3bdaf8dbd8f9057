"""Alerts where they are looked for, the two results side by side, and who sees neither."""

import pytest

from analysis.alerts.models import Alert
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.alerts.turning import turn
from tests.analysis.fixtures import Scored
from tests.labs.rounds.fixtures import reading
from tests.registry.api.asking import program_of
from tests.registry.fixtures import enrol
from tests.registry.people import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]
SAID = "FAP no longer splits PFS"
PAGE = "/cohorts/resection/analyses/pfs-fap/"
WHERE = ["/", "/alerts/", "/cohorts/resection/", PAGE]


@pytest.fixture
def turned(scored: Scored, pfs_by_fap: Analysis) -> Alert:
    run_stale("test")
    turn(scored)
    enrol(scored.cohort, "S-900")
    run_stale("test")
    return Alert.objects.get()


@pytest.fixture
def blind(a_cohort: Cohort) -> User:
    """An investigator who also reads FAP in an open round."""
    made = reading(a_cohort)
    both = person(Role.PATHOLOGIST, Role.INVESTIGATOR, username="both")
    made.round.readers.filter(reader=made.first).update(reader=both)
    return both


def test_an_alert_stands_where_it_is_looked_for_until_somebody_takes_note(turned: Alert, alice: User) -> None:
    client = client_of(alice)
    for page in WHERE:
        content = client.get(page).content.decode()
        assert SAID in content and '<span class="badge badge-bad number">1<' in content, page
    refused = client.post(f"/alerts/{turned.pk}/acknowledge/", {"comment": ""})
    assert "This field is required." in refused.content.decode()
    client.post(f"/alerts/{turned.pk}/acknowledge/", {"comment": "restained"})
    assert all(SAID not in client.get(page).content.decode() for page in WHERE[:3])
    assert "alice: restained" in client.get(PAGE).content.decode()
    assert "restained" in client.get("/alerts/?state=acknowledged&cohort=resection").content.decode()
    assert SAID not in client.get("/alerts/?state=all&cohort=elsewhere").content.decode()


def test_two_results_side_by_side_tell_what_lies_between(turned: Alert, alice: User) -> None:
    client = client_of(alice)
    assert turned.get_absolute_url() == f"{PAGE}diff/?from=1&to=2"
    page = client.get(turned.get_absolute_url()).content.decode()
    assert "FAP splits PFS → <strong>FAP does not split PFS</strong>" in page
    assert page.count("restained") == 12 and 'id="km-before"' in page and 'id="km-after"' in page
    assert "Fresh" in page
    assert client.get(f"{PAGE}diff/").content.decode().count("Result 1 beside result 2") == 1
    for wrong in ("?from=1&to=9", "?from=x&to=2", "?from=1"):
        assert client.get(f"{PAGE}diff/{wrong}").status_code == 404
    told = client.get(f"{PAGE}diff.json?from=1&to=2").json()
    for end in (told["before"], told["after"]):
        assert f"run {end['run']}; data {end['fingerprint'][:12]}." in page
    assert told["flipped"] and told["changes"]["total"] >= 12
    assert [row["patient"] for row in told["patients"]["regrouped"]] == [
        f"S-{number:03d}" for number in range(24) if number % 4 < 2
    ]
    values = {(row["patient"], row["before"], row["after"]) for row in told["patients"]["values"]}
    assert ("S-000", 12, 1) in values and len(values) == 12
    assert {row["patient"] for row in told["patients"]["came"] + told["patients"]["went"]} == set()
    assert told["before"]["run"] != told["after"]["run"] and told["freshness"] == "fresh"
    back = client.get(f"{PAGE}diff.json?from=2&to=1").json()
    assert back["claims"][2]["before"]["verdict"] == "FAP does not split PFS"


def test_who_reads_the_marker_blind_sees_no_alert_of_it(turned: Alert, blind: User) -> None:
    client = client_of(blind)
    for page in WHERE[:3]:
        content = client.get(page).content.decode()
        assert SAID not in content and "badge-bad number" not in content, page
    for hidden in (f"/alerts/{turned.pk}/acknowledge/", f"{PAGE}diff/", f"{PAGE}diff.json", f"{PAGE}spending/"):
        assert client.get(hidden).status_code == 404
    program = program_of(blind)
    assert program.get("alerts/")["results"] == []
    assert program.ask("POST", f"alerts/{turned.pk}/acknowledge/", comment="x").status_code == 404


def test_alerts_through_the_interface(turned: Alert, alice: User) -> None:
    program = program_of(alice)
    [row] = program.get("alerts/", cohort="resection", state="open")["results"]
    assert (row["analysis"], row["before"], row["after"], row["freshness"]["state"]) == ("pfs-fap", 1, 2, "fresh")
    between = program.get("cohorts/resection/analyses/pfs-fap/diff/", before=1, after=2)
    assert between["flipped"]
    done = program.post(f"alerts/{turned.pk}/acknowledge/", status=200, comment="seen")
    assert (done["state"], done["acknowledged_by"]) == ("acknowledged", "alice")
    assert program.ask("POST", f"alerts/{turned.pk}/acknowledge/", comment="again").status_code == 400
    assert program.get("cohorts/resection/analyses/pfs-fap/result/")["threshold"] == 0.05


def test_a_plan_is_declared_on_the_page_of_a_registered_analysis(pfs_by_fap: Analysis, alice: User) -> None:
    Analysis.objects.filter(pk=pfs_by_fap.pk).update(is_registered=True)
    client = client_of(alice)
    assert "Declare a spending plan" in client.get(PAGE).content.decode()
    given = {"method": "pocock", "alpha": "0.05", "information": "190", "max_looks": "9", "reason": "protocol 4.2"}
    refused = client.post(f"{PAGE}spending/", given | {"information": "-3"}).content.decode()
    assert "Nothing was saved" in refused and 'value="protocol 4.2"' in refused
    assert client.post(f"{PAGE}spending/", given).status_code == 302
    run_stale("test")
    page = client.get(PAGE).content.decode()
    assert "look 1, 19 of 190 planned events" in page and "protocol 4.2" in page
    assert client.get(f"{PAGE}result.json").json()["spending"]["max_looks"] == 9


def test_the_two_ticks_of_a_subscription(scored: Scored, alice: User) -> None:
    client = client_of(alice)
    client.post("/cohorts/resection/subscription/", {"conclusion_alerts": "1"})
    [kept] = alice.subscriptions.all()
    assert (kept.weekly_report, kept.conclusion_alerts) == (False, True)
    client.post("/cohorts/resection/subscription/", {})
    assert not alice.subscriptions.exists()
